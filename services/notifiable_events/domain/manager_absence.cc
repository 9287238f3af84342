#include "services/notifiable_events/domain/manager_absence.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/sign_off.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

std::string InLondon(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%-d %B %Y", clock::FromProto(time), clock::London());
}

std::string SummaryOf(const v1::ManagerAbsence& absence) {
  return absl::StrCat("The registered manager is away from ", InLondon(absence.from_time()),
                      absence.has_until_time()
                          ? absl::StrCat(" until ", InLondon(absence.until_time()))
                          : ", and nobody knows until when",
                      absence.emergency() ? ", because of an emergency." : ".");
}

}  // namespace

absl::StatusOr<Facts> OpenManagerAbsence(const v1::NotifiableEvent& event,
                                         const v1::ManagerAbsence& absence, absl::Time recorded,
                                         absl::string_view event_id, const Actor& actor,
                                         const Law& law, const clock::WorkingCalendar& calendar,
                                         const Circumstances& circumstances, absl::Time now,
                                         NewId new_id) {
  if (event.version() != 0 || !law.IsNotifiableAbsence(absence, recorded)) return Facts{};
  const absl::Time from = clock::FromProto(absence.from_time());
  const absl::Time start =
      absence.has_emergency_time() ? clock::FromProto(absence.emergency_time()) : from;
  Facts facts(2);
  auto* reported = facts[0].mutable_event_reported();
  reported->set_event_id(std::string(event_id));
  reported->set_reporter_id(actor.id);
  *reported->mutable_manager_absence() = absence;
  auto* report = reported->mutable_report();
  report->add_kinds(v1::EVENT_KIND_MANAGER_ABSENCE);
  *report->mutable_occurred_time() = clock::ToProto(std::min(from, recorded));
  *report->mutable_became_aware_time() = clock::ToProto(recorded);
  report->set_summary(SummaryOf(absence));
  ASSIGN_OR_RETURN(const auto sign_offs, SignOffsFor(law, calendar, now, new_id));
  for (const auto& sign_off : sign_offs) *reported->add_sign_offs() = sign_off;

  auto* owed = facts[1].mutable_notices_owed();
  owed->set_event_id(std::string(event_id));
  owed->set_matrix_version(law.VersionOn(recorded));
  ASSIGN_OR_RETURN(auto notices,
                   NoticesFor({{v1::EVENT_KIND_MANAGER_ABSENCE, v1::MOMENT_EVENT,
                                absence.has_emergency_time() ? "manager_absence.emergency_time"
                                                             : "manager_absence.from_time",
                                recorded, Start{start, absence.emergency()}}},
                              event, law, circumstances, now, new_id));
  for (v1::Notice& notice : notices) *owed->add_notices() = std::move(notice);
  return facts;
}

bool IsOfManagerAbsence(const v1::NotifiableEvent& event) {
  return event.has_manager_absence() && event.state() != v1::NotifiableEvent::STATE_WITHDRAWN;
}

Facts ProlongManagerAbsence(const v1::NotifiableEvent& event, const v1::ManagerAbsence& whole) {
  v1::ManagerAbsence absence = event.manager_absence();
  *absence.mutable_from_time() = whole.from_time();
  absence.clear_until_time();
  if (whole.has_until_time()) *absence.mutable_until_time() = whole.until_time();
  absence.clear_ended_time();
  if (absence.SerializeAsString() == event.manager_absence().SerializeAsString()) return {};
  Facts facts(1);
  auto* changed = facts[0].mutable_manager_absence_changed();
  changed->set_event_id(event.event_id());
  *changed->mutable_absence() = std::move(absence);
  return facts;
}

Facts ChangeManagerAbsence(const v1::NotifiableEvent& event, absl::Time ended) {
  if (!event.has_manager_absence()) return {};
  const v1::ManagerAbsence& before = event.manager_absence();
  if (before.has_ended_time() && clock::FromProto(before.ended_time()) == ended) return {};
  Facts facts(1);
  auto* changed = facts[0].mutable_manager_absence_changed();
  changed->set_event_id(event.event_id());
  *changed->mutable_absence() = before;
  *changed->mutable_absence()->mutable_ended_time() = clock::ToProto(ended);
  return facts;
}

}  // namespace fosterwatch::notifiable_events::domain
