// The use cases of the law itself: what is in force, trying and adopting another edition, switching
// a recipient of policy, and the absence of the registered manager that the directory records.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/ledger/id.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/app.h"
#include "services/notifiable_events/domain/agency_law.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/manager_absence.h"
#include "services/notifiable_events/domain/what_if.h"
#include "services/notifiable_events/views.h"

namespace fosterwatch::notifiable_events {
namespace {

using v1::NotifiableEvent;
using v1::NotifiableEventFact;

// Of the events that differ, so many are listed; all are counted.
constexpr int kListed = 200;
// How many are read at once.
constexpr int kSlice = 200;

// The same absence is the same event, however often its facts come.
std::string EventOfAbsence(const std::string& agency_id, const std::string& absence_id) {
  return ledger::DerivedId(absl::StrCat("manager absence\n", agency_id, "\n", absence_id));
}

void Count(const v1::EventDifference& difference, v1::TryLawResponse& response) {
  response.set_events_different(response.events_different() + 1);
  for (const auto& notice : difference.notices()) {
    switch (notice.change()) {
      case v1::NoticeDifference::CHANGE_ADDED:
        response.set_notices_added(response.notices_added() + 1);
        break;
      case v1::NoticeDifference::CHANGE_DROPPED:
        response.set_notices_dropped(response.notices_dropped() + 1);
        break;
      default:
        response.set_notices_changed(response.notices_changed() + 1);
    }
  }
}

}  // namespace

absl::StatusOr<v1::LawInForce> App::GetLaw(const std::string& agency_id,
                                           const v1::GetLawRequest& request) {
  FieldCheck check;
  const absl::CivilDay day = domain::ReadDay(check, "day", request.day(), now_());
  RETURN_IF_ERROR(check.ToStatus());
  ASSIGN_OR_RETURN(v1::AgencyLaw record, laws_.RecordOf(agency_id));
  ASSIGN_OR_RETURN(const domain::Law law, laws_.shipped().For(record));
  v1::LawInForce response;
  const auto edition = law.EditionOn(day);
  *response.mutable_law() = *edition.law;
  response.set_effective_from(absl::FormatCivilTime(edition.from));
  response.set_adopted(edition.adopted);
  for (auto& row : law.PolicyOn(day)) *response.add_policy() = std::move(row);
  for (auto& adoption : *record.mutable_adoptions()) adoption.clear_law_json();
  *response.mutable_agency() = std::move(record);
  return response;
}

absl::StatusOr<v1::ListFormsResponse> App::ListForms(const std::string&,
                                                     const v1::ListFormsRequest& request) {
  FieldCheck check;
  const absl::CivilDay day = domain::ReadDay(check, "day", request.day(), now_());
  RETURN_IF_ERROR(check.ToStatus());
  v1::ListFormsResponse response;
  for (auto& form : forms_.FormsOn(day, request.kind())) *response.add_forms() = std::move(form);
  return response;
}

ledger::Unit App::ChangeLaw(
    const Origin& origin,
    std::function<absl::StatusOr<domain::Facts>(const v1::AgencyLaw&)> decide) const {
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(ledger::MakeChange<v1::AgencyLaw, NotifiableEventFact>(
      kLawAggregate, kLawAggregate,
      [decide = std::move(decide)](const v1::AgencyLaw& agency, int64_t) {
        return decide(agency);
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::SwitchPolicyRecipient(
    const Origin& origin, const v1::SwitchPolicyRecipientRequest& request) {
  return ChangeLaw(origin,
                   [this, request, actor = origin.actor](
                       const v1::AgencyLaw& agency) -> absl::StatusOr<domain::Facts> {
                     ASSIGN_OR_RETURN(const domain::Law law, laws_.shipped().For(agency));
                     return domain::SwitchPolicyRecipient(law, request, actor, now_());
                   });
}

absl::StatusOr<ledger::Unit> App::AdoptLaw(const Origin& origin,
                                           const v1::AdoptLawRequest& request) {
  return ChangeLaw(origin, [this, request, actor = origin.actor](const v1::AgencyLaw& agency) {
    return domain::AdoptLaw(laws_.shipped(), agency, request, actor, now_());
  });
}

absl::StatusOr<v1::TryLawResponse> App::TryLaw(const std::string& agency_id,
                                               const v1::TryLawRequest& request) {
  FieldCheck check;
  const absl::CivilDay day =
      domain::ReadDay(check, "effective_from", request.effective_from(), now_());
  if (request.law_json().size() > domain::kMaxLawBytes) {
    check.Refuse("law_json", "TEXT_TOO_LONG", "is longer than 500,000 bytes");
  }
  RETURN_IF_ERROR(check.ToStatus());
  ASSIGN_OR_RETURN(const domain::Edition proposed, domain::Edition::Parse(request.law_json()));
  ASSIGN_OR_RETURN(const domain::Law today, laws_.Of(agency_id));
  const domain::Law law = today.AsIfInForce(proposed, day);

  v1::TryLawResponse response;
  response.set_version(proposed.data.version());
  EventPlace place;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                     NextEvents(*ledger_, agency_id, kSlice, place));
    if (ids.empty()) return response;
    ASSIGN_OR_RETURN(const auto events, ledger_->LoadMany(agency_id, kEventAggregate, ids));
    for (const std::string& id : ids) {
      const auto found = events.find(id);
      if (found == events.end()) continue;
      const auto& event = static_cast<const NotifiableEvent&>(*found->second);
      if (event.state() == NotifiableEvent::STATE_WITHDRAWN) continue;
      response.set_events_tried(response.events_tried() + 1);
      const v1::EventReport report = domain::EffectiveReport(event);
      ASSIGN_OR_RETURN(
          const domain::Circumstances circumstances,
          references_.CircumstancesOf(agency_id, report.child_id(), report.carer_id()));
      ASSIGN_OR_RETURN(v1::EventDifference difference,
                       domain::DifferenceUnder(event, law, circumstances));
      if (difference.notices().empty()) continue;
      Count(difference, response);
      if (response.differences_size() < kListed) {
        *response.add_differences() = std::move(difference);
      }
    }
  }
}

absl::StatusOr<ledger::Unit> App::RecordManagerAbsence(const Origin& origin,
                                                       const v1::ManagerAbsence& absence,
                                                       const std::vector<std::string>& joined,
                                                       absl::Time recorded) {
  ASSIGN_OR_RETURN(const domain::Law law, laws_.Of(origin.agency_id));
  ASSIGN_OR_RETURN(domain::Circumstances circumstances,
                   references_.CircumstancesOf(origin.agency_id, "", ""));
  const std::string event_id = EventOfAbsence(origin.agency_id, absence.absence_id());
  ledger::Unit unit = UnitOf(origin);
  // Whether the event of an earlier part says it already; decided anew with every try of the unit.
  auto is_event = std::make_shared<bool>(false);
  for (const std::string& joined_id : joined) {
    unit.changes.push_back(ledger::MakeChange<NotifiableEvent, NotifiableEventFact>(
        kEventAggregate, EventOfAbsence(origin.agency_id, joined_id),
        [absence, is_event, first = &joined_id == &joined.front()](
            const NotifiableEvent& event, int64_t) -> absl::StatusOr<domain::Facts> {
          if (first) *is_event = false;
          if (!domain::IsOfManagerAbsence(event)) return domain::Facts{};
          *is_event = true;
          return domain::ProlongManagerAbsence(event, absence);
        }));
  }
  unit.changes.push_back(ledger::MakeChange<NotifiableEvent, NotifiableEventFact>(
      kEventAggregate, event_id,
      [this, absence, recorded, event_id, actor = origin.actor, law, is_event,
       circumstances = std::move(circumstances)](const NotifiableEvent& event,
                                                 int64_t) -> absl::StatusOr<domain::Facts> {
        if (*is_event) return domain::Facts{};
        return domain::OpenManagerAbsence(event, absence, recorded, event_id, actor, law, calendar_,
                                          circumstances, now_(), ledger::NewId);
      }));
  return unit;
}

ledger::Unit App::RecordManagerBack(const Origin& origin,
                                    const std::vector<std::string>& absence_ids,
                                    absl::Time ended) const {
  ledger::Unit unit = UnitOf(origin);
  for (const std::string& absence_id : absence_ids) {
    unit.changes.push_back(ledger::MakeChange<NotifiableEvent, NotifiableEventFact>(
        kEventAggregate, EventOfAbsence(origin.agency_id, absence_id),
        [ended](const NotifiableEvent& event, int64_t) -> absl::StatusOr<domain::Facts> {
          return domain::ChangeManagerAbsence(event, ended);
        }));
  }
  return unit;
}

}  // namespace fosterwatch::notifiable_events
