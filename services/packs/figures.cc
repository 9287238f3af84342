// The figures that policy may name.
#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"

#include "libs/clock/proto_time.h"
#include "services/packs/inspection.h"

namespace fosterwatch::packs {
namespace {

using notifiable_events::v1::Notice;
using notifiable_events::v1::NotifiableEvent;

// Every figure is there from the beginning, so that nothing counted is 0 and not absent.
constexpr const char* kNames[] = {"register_entries",
                                  "register_incomplete",
                                  "carers_approved",
                                  "events",
                                  "events_serious_illness_accident",
                                  "events_infectious_disease",
                                  "events_child_missing",
                                  "notices_given",
                                  "notices_late",
                                  "notices_overdue",
                                  "complaints",
                                  "complaints_upheld",
                                  "complaints_closed_incomplete",
                                  "allegations",
                                  "allegations_concluded",
                                  "allegations_open",
                                  "checklist_open",
                                  "duties_open",
                                  "duties_overdue",
                                  "duties_overdue_agreement",
                                  "duties_overdue_assessment",
                                  "duties_overdue_review",
                                  "duties_overdue_visit"};

using Counts = std::map<std::string, int64_t>;

bool Has(const NotifiableEvent& event, notifiable_events::v1::EventKind kind) {
  for (const int one : event.kinds()) {
    if (one == kind) return true;
  }
  return false;
}

void CountCarers(const Registers& registers, Counts& counts) {
  for (const carers::v1::RegisterEntry& entry : registers.carers) {
    ++counts["register_entries"];
    absl::CivilDay approved;
    if (absl::ParseCivilTime(entry.approved_date(), &approved) &&
        registers.InTheYear(
            clock::ToProto(absl::FromCivil(approved, absl::UTCTimeZone()) + absl::Hours(12)))) {
      ++counts["carers_approved"];
    }
    // Regulation 31: name, address, date of birth and sex of each, and the date of approval.
    bool incomplete = entry.approved_date().empty() || entry.particulars().foster_parents().empty();
    for (const auto& parent : entry.particulars().foster_parents()) {
      incomplete = incomplete || parent.name().empty() || parent.birth_date().empty() ||
                   parent.sex() == carers::v1::FosterParent::SEX_UNSPECIFIED ||
                   (parent.address().empty() && entry.particulars().address().empty());
    }
    if (incomplete) ++counts["register_incomplete"];
  }
}

void CountEvents(const Registers& registers, Counts& counts) {
  for (const NotifiableEvent& event : registers.events) {
    for (const Notice& notice : event.notices()) {
      if (!registers.Happened(notice.has_owed_time(), notice.owed_time())) continue;
      const absl::Time until = clock::FromProto(notice.in_time_until());
      if (registers.Happened(notice.has_given_time(), notice.given_time())) {
        if (!registers.InTheYear(notice.given_time())) continue;
        ++counts["notices_given"];
        if (clock::FromProto(notice.given_time()) > until) ++counts["notices_late"];
      } else if (notice.state() != Notice::STATE_FALLEN_AWAY && until < registers.as_at) {
        ++counts["notices_overdue"];
      }
    }
    const bool withdrawn = registers.Happened(event.withdrawal().has_withdrawn_time(),
                                              event.withdrawal().withdrawn_time());
    if (withdrawn || !registers.InTheYear(event.recorded_time())) continue;
    ++counts["events"];
    counts["events_serious_illness_accident"] +=
        Has(event, notifiable_events::v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
    counts["events_infectious_disease"] +=
        Has(event, notifiable_events::v1::EVENT_KIND_INFECTIOUS_DISEASE);
    counts["events_child_missing"] += Has(event, notifiable_events::v1::EVENT_KIND_CHILD_MISSING);
  }
}

void CountComplaints(const Registers& registers, Counts& counts) {
  counts["complaints"] = registers.statement.complaints() + registers.statement.representations();
  for (const auto& row : registers.statement.point_outcomes()) {
    if (absl::EndsWith(row.key(), "NOT_UPHELD")) continue;
    if (absl::EndsWith(row.key(), "UPHELD")) counts["complaints_upheld"] += row.count();
  }
  for (const auto& complaint : registers.complaints) {
    if (!registers.Happened(complaint.closure().has_closed_time(),
                            complaint.closure().closed_time())) {
      continue;
    }
    if (complaint.actions_taken().empty() || complaint.closure().outcome().empty()) {
      ++counts["complaints_closed_incomplete"];
    }
  }
}

void CountAllegations(const Registers& registers, Counts& counts) {
  for (const auto& allegation : registers.allegations) {
    const bool concluded = registers.Happened(allegation.conclusion().has_recorded_time(),
                                              allegation.conclusion().recorded_time());
    if (registers.InTheYear(allegation.received_time())) {
      ++counts["allegations"];
      counts["allegations_concluded"] += concluded;
    }
    if (!registers.Happened(allegation.closure().has_closed_time(),
                            allegation.closure().closed_time())) {
      ++counts["allegations_open"];
    }
    if (!concluded) continue;
    for (const auto& item : allegation.checklist()) {
      const bool dropped = item.action().state() == type::v1::Action::STATE_DROPPED;
      counts["checklist_open"] += !dropped && !registers.Happened(item.action().has_closed_time(),
                                                                  item.action().closed_time());
    }
  }
}

// Which kinds of a carer's duty a figure is of.
const char* FigureOf(absl::string_view duty) {
  if (absl::StartsWith(duty, "DUTY_KIND_AGREEMENT")) return "duties_overdue_agreement";
  if (duty == "DUTY_KIND_FIRST_REVIEW" || duty == "DUTY_KIND_ANNUAL_REVIEW") {
    return "duties_overdue_review";
  }
  if (duty == "DUTY_KIND_UNANNOUNCED_VISIT") return "duties_overdue_visit";
  if (duty == "DUTY_KIND_STAGE_ONE_OUTCOME" || duty == "DUTY_KIND_PANEL_RECOMMENDATION" ||
      duty == "DUTY_KIND_DECISION" || duty == "DUTY_KIND_TEMPORARY_APPROVAL") {
    return "duties_overdue_assessment";
  }
  return nullptr;
}

}  // namespace

const std::set<std::string>& InspectionFigureNames() {
  static const std::set<std::string>* const names =
      new std::set<std::string>(std::begin(kNames), std::end(kNames));
  return *names;
}

std::map<std::string, int64_t> InspectionFigures(const Registers& registers,
                                                 const std::vector<DutyRow>& duties) {
  Counts counts;
  for (const char* name : kNames) counts[name] = 0;
  CountCarers(registers, counts);
  CountEvents(registers, counts);
  CountComplaints(registers, counts);
  CountAllegations(registers, counts);
  for (const DutyRow& duty : duties) {
    if (duty.done) continue;
    ++counts["duties_open"];
    if (duty.due >= registers.as_at) continue;
    ++counts["duties_overdue"];
    if (const char* const figure = FigureOf(duty.code); figure != nullptr) ++counts[figure];
  }
  return counts;
}

}  // namespace fosterwatch::packs
