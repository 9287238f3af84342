#include "services/notifiable_events/domain/report.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/check.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/sign_off.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

bool IsKind(int kind) { return v1::EventKind_IsValid(kind) && kind != v1::EVENT_KIND_UNSPECIFIED; }

// Schedule 7 speaks of a placed child in every row but these two.
bool NeedsChild(int kind) {
  return kind != v1::EVENT_KIND_DBS_REFERRAL && kind != v1::EVENT_KIND_SERIOUS_COMPLAINT;
}

void CheckKinds(FieldCheck& check, const v1::EventReport& report) {
  std::set<int> seen;
  for (const int kind : report.kinds()) {
    if (!IsKind(kind)) {
      check.Refuse("report.kinds", "UNKNOWN_KIND", "has a kind that Schedule 7 does not know");
      return;
    }
    if (!seen.insert(kind).second) {
      check.Refuse("report.kinds", "DUPLICATE_KIND", "has a kind twice");
      return;
    }
  }
}

// That the report as a whole names those whom its kinds are about, and names known ones. `named` is
// what the request itself says.
void CheckPeople(FieldCheck& check, const v1::EventReport& named, const v1::EventReport& whole,
                 const Circumstances& circumstances) {
  bool needs_child = false;
  bool needs_carer = false;
  for (const int kind : whole.kinds()) {
    needs_child |= IsKind(kind) && NeedsChild(kind);
    needs_carer |= kind == v1::EVENT_KIND_SERIOUS_COMPLAINT;
  }
  if (whole.child_id().empty()) {
    if (needs_child) {
      check.Refuse("report.child_id", "REQUIRED", "is required for an event of this kind");
    }
  } else if (!named.child_id().empty() && !circumstances.child) {
    check.Refuse("report.child_id", "UNKNOWN_CHILD", "is not known to this agency");
  }
  if (whole.carer_id().empty()) {
    if (needs_carer) {
      check.Refuse("report.carer_id", "REQUIRED", "is required for an event of this kind");
    }
  } else if (!named.carer_id().empty() && !circumstances.carer_known) {
    check.Refuse("report.carer_id", "UNKNOWN_CARER", "is not known to this agency");
  }
}

// The awareness, where both moments are right.
std::optional<absl::Time> CheckMoments(FieldCheck& check, const v1::EventReport& report,
                                       const Law& law, absl::Time now) {
  const auto occurred = CheckTime(check, "report.occurred_time", report.has_occurred_time(),
                                  report.occurred_time(), now);
  const auto aware = CheckTime(check, "report.became_aware_time", report.has_became_aware_time(),
                               report.became_aware_time(), now);
  if (occurred && aware && *aware < *occurred) {
    check.Refuse("report.became_aware_time", "BEFORE_OCCURRED", "is before it happened");
    return std::nullopt;
  }
  if (!aware) return std::nullopt;
  for (const int kind : report.kinds()) {
    if (!IsKind(kind)) continue;
    if (law.RecipientsOf(static_cast<v1::EventKind>(kind), *aware).empty()) {
      check.Refuse("report.became_aware_time", "BEFORE_THE_LAW",
                   "is before the regulations came into force");
      return std::nullopt;
    }
  }
  return aware;
}

void CheckLengths(FieldCheck& check, const v1::EventReport& report) {
  check.AtMost("report.place", report.place(), kMaxPlace);
  check.AtMost("report.immediate_actions", report.immediate_actions(), kMaxNarrative);
}

std::vector<Cause> CausesOf(const std::vector<int>& kinds, absl::Time became_aware) {
  std::vector<Cause> causes;
  for (const int kind : kinds) {
    causes.push_back(
        {static_cast<v1::EventKind>(kind), v1::MOMENT_EVENT, "became_aware_time", became_aware});
  }
  return causes;
}

v1::NotifiableEventFact NoticesOwed(absl::string_view event_id, std::vector<v1::Notice> notices,
                                    const Law& law) {
  v1::NotifiableEventFact fact;
  auto* owed = fact.mutable_notices_owed();
  owed->set_event_id(std::string(event_id));
  owed->set_matrix_version(law.version());
  for (v1::Notice& notice : notices) *owed->add_notices() = std::move(notice);
  return fact;
}

}  // namespace

absl::StatusOr<Facts> Report(const v1::NotifiableEvent& event,
                             const v1::ReportEventRequest& request, absl::string_view event_id,
                             const Actor& actor, absl::string_view source, const Law& law,
                             const clock::WorkingCalendar& calendar,
                             const Circumstances& circumstances, absl::Time now, NewId new_id) {
  if (event.version() != 0) {
    return Error(absl::StatusCode::kAlreadyExists, "EVENT_EXISTS",
                 "the event has been reported before");
  }
  const v1::EventReport& report = request.report();
  FieldCheck check;
  if (report.kinds().empty()) check.Refuse("report.kinds", "REQUIRED", "is required");
  CheckKinds(check, report);
  CheckPeople(check, report, report, circumstances);
  const auto aware = CheckMoments(check, report, law, now);
  check.Require("report.summary", report.summary(), kMaxNarrative);
  CheckLengths(check, report);
  RETURN_IF_ERROR(check.ToStatus());

  Facts facts(1);
  auto* reported = facts[0].mutable_event_reported();
  reported->set_event_id(std::string(event_id));
  *reported->mutable_report() = report;
  reported->set_reporter_id(actor.id);
  reported->set_source(std::string(source));
  ASSIGN_OR_RETURN(const auto sign_offs, SignOffsFor(law, calendar, now, new_id));
  for (const auto& sign_off : sign_offs) *reported->add_sign_offs() = sign_off;

  const auto causes = CausesOf({report.kinds().begin(), report.kinds().end()}, *aware);
  ASSIGN_OR_RETURN(auto notices, NoticesFor(causes, event, law, circumstances, now, new_id));
  facts.push_back(NoticesOwed(event_id, std::move(notices), law));
  return facts;
}

absl::StatusOr<Facts> Correct(const v1::NotifiableEvent& event,
                              const v1::CorrectEventRequest& request, const Actor& actor,
                              const Law& law, const Circumstances& circumstances, absl::Time now,
                              NewId new_id) {
  const v1::EventReport& report = request.report();
  const v1::EventReport before = EffectiveReport(event);
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxNarrative);
  if (report.ByteSizeLong() == 0) {
    check.Refuse("report", "NOTHING_CORRECTED", "corrects nothing");
  }
  CheckKinds(check, report);
  if (!report.child_id().empty() && !before.child_id().empty() &&
      report.child_id() != before.child_id()) {
    check.Refuse("report.child_id", "CANNOT_CHANGE",
                 "is another child; report that child's event by itself");
  }
  if (!report.carer_id().empty() && !before.carer_id().empty() &&
      report.carer_id() != before.carer_id()) {
    check.Refuse("report.carer_id", "CANNOT_CHANGE",
                 "is another carer; report that carer's event by itself");
  }
  v1::NotifiableEvent corrected = event;
  v1::NotifiableEventFact fact;
  auto* correction = fact.mutable_event_corrected()->mutable_correction();
  *correction->mutable_report() = report;
  Evolve(corrected, fact, {});
  const v1::EventReport after = EffectiveReport(corrected);
  CheckPeople(check, report, after, circumstances);
  const auto aware = CheckMoments(check, after, law, now);
  if (!report.summary().empty()) {
    check.Require("report.summary", report.summary(), kMaxNarrative);
  }
  CheckLengths(check, report);
  RETURN_IF_ERROR(check.ToStatus());

  // Notices that exist stand, even where the child has moved since: only what the correction adds
  // brings about others.
  const bool names_someone =
      after.child_id() != before.child_id() || after.carer_id() != before.carer_id();
  std::vector<int> kinds;
  for (const int kind : after.kinds()) {
    if (names_someone || !HasKind(event, static_cast<v1::EventKind>(kind))) kinds.push_back(kind);
  }
  ASSIGN_OR_RETURN(auto notices,
                   NoticesFor(CausesOf(kinds, *aware), event, law, circumstances, now, new_id));
  if (!notices.empty()) RETURN_IF_ERROR(CheckOpen(event));

  fact.mutable_event_corrected()->set_event_id(event.event_id());
  correction->set_correction_id(new_id());
  correction->set_corrected_by(actor.id);
  *correction->mutable_corrected_time() = clock::ToProto(now);
  correction->set_reason(request.reason());
  Facts facts = {std::move(fact)};
  if (!notices.empty()) {
    facts.push_back(NoticesOwed(event.event_id(), std::move(notices), law));
  }
  return facts;
}

}  // namespace fosterwatch::notifiable_events::domain
