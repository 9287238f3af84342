#include "services/complaints/domain/statement.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "services/complaints/domain/evolve.h"

namespace fosterwatch::complaints::domain {
namespace {

using v1::Complaint;
using v1::Statement;

std::string Iso(absl::CivilDay day) { return absl::FormatCivilTime(day); }

std::string Short(const std::string& name, absl::string_view prefix) {
  return std::string(absl::StripPrefix(name, prefix));
}

using Counts = std::map<std::string, int>;

void Put(const Counts& counts, google::protobuf::RepeatedPtrField<Statement::Row>& rows) {
  for (const auto& [key, count] : counts) {
    Statement::Row* row = rows.Add();
    row->set_key(key);
    row->set_count(count);
  }
}

// Of an acknowledgement or a step; empty for what the procedures say nothing of.
std::string TimelinessKey(const Complaint& complaint, const v1::Duty& duty) {
  if (duty.kind() == v1::DUTY_KIND_ACKNOWLEDGEMENT) return "acknowledgement";
  if (duty.kind() != v1::DUTY_KIND_STEP) return "";
  const v1::Stage* stage = FindStage(complaint, duty.stage_number());
  if (stage == nullptr) return "";
  return absl::StrCat(stage->procedure_id(), " ", stage->stage_id(), " ", duty.step_id());
}

void CountTimes(const Complaint& complaint, absl::Time as_at,
                std::map<std::string, Statement::Timeliness>& times) {
  for (const v1::Duty& duty : complaint.duties()) {
    const std::string key = TimelinessKey(complaint, duty);
    if (key.empty() || duty.fallen_away()) continue;
    Statement::Timeliness& row = times[key];
    row.set_key(key);
    const absl::Time due = clock::FromProto(duty.due_time());
    const absl::Time first =
        duty.has_first_due_time() ? clock::FromProto(duty.first_due_time()) : due;
    if (!duty.has_done_time()) {
      const bool overdue = !duty.suspended() && due <= as_at;
      overdue ? row.set_overdue(row.overdue() + 1) : row.set_open(row.open() + 1);
    } else if (const absl::Time done = clock::FromProto(duty.done_time()); done < first) {
      row.set_in_first_limit(row.in_first_limit() + 1);
    } else if (done < due) {
      row.set_in_extended_limit(row.in_extended_limit() + 1);
    } else {
      row.set_late(row.late() + 1);
    }
  }
}

int WorkingDaysBetween(absl::CivilDay first, absl::CivilDay last,
                       const clock::WorkingCalendar& calendar) {
  int days = 0;
  for (absl::CivilDay day = first + 1; day <= last; ++day) days += calendar.IsWorkingDay(day);
  return days;
}

void CountState(const Complaint& complaint, Statement& statement) {
  switch (complaint.state()) {
    case Complaint::STATE_OPEN:
      return statement.set_open(statement.open() + 1);
    case Complaint::STATE_CLOSED:
      return statement.set_closed(statement.closed() + 1);
    case Complaint::STATE_WITHDRAWN:
      return statement.set_withdrawn(statement.withdrawn() + 1);
    case Complaint::STATE_RECLASSIFIED:
      return statement.set_reclassified(statement.reclassified() + 1);
    default:
      return;
  }
}

void CountReviews(const Complaint& complaint, Statement& statement) {
  for (const v1::LearningReview& review : complaint.learning_reviews()) {
    statement.set_reviews_opened(statement.reviews_opened() + 1);
    if (!review.has_closed_time()) continue;
    statement.set_reviews_closed(statement.reviews_closed() + 1);
    if (!review.published_learning().empty()) {
      statement.add_learning(review.published_learning());
    }
  }
}

}  // namespace

absl::Time TwelveMonths::from() const { return absl::FromCivil(first, clock::London()); }

absl::Time TwelveMonths::until() const { return absl::FromCivil(last + 1, clock::London()); }

absl::StatusOr<TwelveMonths> MonthsUntil(absl::string_view until_date, absl::Time now) {
  absl::CivilDay last = clock::LondonDay(now);
  if (!until_date.empty() && (!absl::ParseCivilTime(until_date, &last) || Iso(last) != until_date ||
                              last.year() < 1990 || last.year() > 2200)) {
    return InvalidField("until_date", "INVALID_DATE", "is no day such as 2026-11-22");
  }
  const absl::CivilDay before(last.year() - 1, last.month(), last.day());
  // The year before 29 February has no such day, and its next one is the first of March.
  return TwelveMonths{before.month() == last.month() ? before + 1 : before, last};
}

Statement MakeStatement(const std::vector<Complaint>& complaints, const TwelveMonths& months,
                        absl::Time as_at, const clock::WorkingCalendar& calendar) {
  Statement statement;
  statement.set_from_date(Iso(months.first));
  statement.set_until_date(Iso(months.last));
  *statement.mutable_as_at_time() = clock::ToProto(as_at);
  Counts categories, givers, subjects, outcomes;
  std::map<std::string, Statement::Timeliness> times;
  std::vector<int> days;
  for (const Complaint& complaint : complaints) {
    const v1::ComplaintReport& report = complaint.report();
    if (report.kind() == v1::COMPLAINT_KIND_COMPLIMENT) {
      statement.set_compliments(statement.compliments() + 1);
      continue;
    }
    if (report.kind() == v1::COMPLAINT_KIND_REPRESENTATION) {
      statement.set_representations(statement.representations() + 1);
    } else {
      statement.set_complaints(statement.complaints() + 1);
    }
    CountState(complaint, statement);
    ++categories[report.category()];
    ++givers[Short(v1::GiverKind_Name(report.giver().kind()), "GIVER_KIND_")];
    ++subjects[Short(v1::SubjectKind_Name(report.subject().kind()), "SUBJECT_KIND_")];
    for (const v1::Point& point : complaint.points()) {
      const std::string outcome = Short(v1::PointOutcome_Name(point.outcome()), "POINT_OUTCOME_");
      ++outcomes[point.outcome() == v1::POINT_OUTCOME_UNSPECIFIED ? "NOT_DECIDED_YET" : outcome];
    }
    CountTimes(complaint, as_at, times);
    if (complaint.seriousness().serious()) statement.set_serious(statement.serious() + 1);
    for (const v1::EventProposal& proposal : complaint.event_proposals()) {
      if (proposal.state() == v1::EventProposal::STATE_ACCEPTED) {
        statement.set_events_reported(statement.events_reported() + 1);
      }
    }
    CountReviews(complaint, statement);
    if (complaint.has_closure()) {
      days.push_back(WorkingDaysBetween(
          clock::LondonDay(clock::FromProto(report.received_time())),
          clock::LondonDay(clock::FromProto(complaint.closure().closed_time())), calendar));
    }
  }
  Put(categories, *statement.mutable_by_category());
  Put(givers, *statement.mutable_by_giver());
  Put(subjects, *statement.mutable_by_subject());
  Put(outcomes, *statement.mutable_point_outcomes());
  for (const auto& [key, row] : times) *statement.add_timeliness() = row;
  // In an order of its own, so that a place in the list tells nothing.
  std::sort(statement.mutable_learning()->begin(), statement.mutable_learning()->end());
  if (!days.empty()) {
    const auto middle = days.begin() + static_cast<std::ptrdiff_t>((days.size() - 1) / 2);
    std::nth_element(days.begin(), middle, days.end());
    statement.set_median_days_to_close(*middle);
  }
  return statement;
}

v1::ListThemesResponse MakeThemes(const std::vector<Complaint>& complaints,
                                  const TwelveMonths& months) {
  using Count = v1::ListThemesResponse::Count;
  std::map<std::string, Count> categories, carers, placements;
  const auto add = [](std::map<std::string, Count>& counts, const std::string& key,
                      const Complaint& complaint) {
    Count& count = counts[key];
    count.set_key(key);
    if (complaint.report().kind() == v1::COMPLAINT_KIND_COMPLIMENT) {
      return count.set_compliments(count.compliments() + 1);
    }
    complaint.report().kind() == v1::COMPLAINT_KIND_REPRESENTATION
        ? count.set_representations(count.representations() + 1)
        : count.set_complaints(count.complaints() + 1);
    for (const v1::Point& point : complaint.points()) {
      if (point.outcome() == v1::POINT_OUTCOME_UNSPECIFIED) continue;
      count.set_points_decided(count.points_decided() + 1);
      if (point.outcome() == v1::POINT_OUTCOME_UPHELD ||
          point.outcome() == v1::POINT_OUTCOME_PARTLY_UPHELD) {
        count.set_points_upheld(count.points_upheld() + 1);
      }
    }
  };
  for (const Complaint& complaint : complaints) {
    add(categories, complaint.report().category(), complaint);
    const std::string& carer = complaint.report().subject().carer_id();
    if (!carer.empty()) add(carers, carer, complaint);
    if (!complaint.placement_type().empty()) {
      add(placements, complaint.placement_type(), complaint);
    }
  }
  v1::ListThemesResponse themes;
  themes.set_from_date(Iso(months.first));
  themes.set_until_date(Iso(months.last));
  for (const auto& [key, count] : categories) *themes.add_by_category() = count;
  for (const auto& [key, count] : carers) *themes.add_by_carer() = count;
  for (const auto& [key, count] : placements) *themes.add_by_placement_type() = count;
  return themes;
}

}  // namespace fosterwatch::complaints::domain
