#include "services/kpis/domain/safer_caring.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"

namespace fosterwatch::kpis::domain {
namespace {

constexpr absl::CivilDay kEarliest(2000, 1, 1);
constexpr size_t kMostIdBytes = 100;

std::optional<absl::CivilDay> DayOf(const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) return std::nullopt;
  return day;
}

bool IsId(const std::string& id) {
  return id.size() <= kMostIdBytes &&
         std::all_of(id.begin(), id.end(), [](char c) { return absl::ascii_isgraph(c); });
}

}  // namespace

absl::Status CheckReportedPlan(const v1::ReportedSaferCaringPlan& report, absl::Time now) {
  FieldCheck check;
  if (report.carer_id().empty()) {
    check.Refuse("carer_id", "REQUIRED", "is missing");
  } else if (!IsId(report.carer_id())) {
    check.Refuse("carer_id", "INVALID_ID", "is not 1 to 100 printable characters without a space");
  }
  const auto day = DayOf(report.reviewed_date());
  if (report.reviewed_date().empty()) {
    check.Refuse("reviewed_date", "REQUIRED", "is missing");
  } else if (!day) {
    check.Refuse("reviewed_date", "INVALID_DATE", "is not a day such as 2026-11-20");
  } else if (*day < kEarliest) {
    check.Refuse("reviewed_date", "TOO_LONG_AGO", "is before 2000");
  } else if (*day > clock::LondonDay(now)) {
    check.Refuse("reviewed_date", "IN_THE_FUTURE", "has not come");
  }
  return check.ToStatus();
}

absl::StatusOr<Facts> ReportPlan(const v1::SaferCaringPlan& known,
                                 const v1::ReportedSaferCaringPlan& report,
                                 const std::string& source, const Given& given) {
  const bool is_known = std::any_of(
      known.reviews().begin(), known.reviews().end(),
      [&](const auto& review) { return review.reviewed_date() == report.reviewed_date(); });
  if (report.withdrawn()) {
    if (!is_known) {
      return Error(absl::StatusCode::kFailedPrecondition, "NOTHING_REPORTED",
                   "nothing is known of that day",
                   {{"reviewed_date", "is a day of which nothing is known"}});
    }
    v1::KpiFact fact;
    auto& withdrawn = *fact.mutable_safer_caring_review_withdrawn();
    withdrawn.set_carer_id(report.carer_id());
    withdrawn.set_reviewed_date(report.reviewed_date());
    withdrawn.set_source(source);
    return Facts{fact};
  }
  if (is_known) return Facts{};
  v1::KpiFact fact;
  auto& reviewed = *fact.mutable_safer_caring_reviewed();
  reviewed.set_carer_id(report.carer_id());
  reviewed.set_reviewed_date(report.reviewed_date());
  reviewed.set_source(source);
  const absl::Time start =
      absl::FromCivil(absl::CivilSecond(*DayOf(report.reviewed_date())), clock::London());
  const v1::KpiPolicy& policy = InForce(given.policies, start);
  const DueTime until = DueAfter(start, "reviewed_date", "SAFER_CARING", policy,
                                 policy.safer_caring(), given.calendar);
  *reviewed.mutable_current_until_time() = clock::ToProto(until.due);
  *reviewed.mutable_explanation() = until.explanation;
  return Facts{fact};
}

void Evolve(v1::SaferCaringPlan& plan, const v1::KpiFact& fact) {
  auto& reviews = *plan.mutable_reviews();
  if (fact.has_safer_caring_reviewed()) {
    const v1::SaferCaringReviewed& reviewed = fact.safer_caring_reviewed();
    plan.set_carer_id(reviewed.carer_id());
    *reviews.Add() = reviewed;
    std::stable_sort(reviews.begin(), reviews.end(), [](const auto& a, const auto& b) {
      return a.reviewed_date() < b.reviewed_date();
    });
  } else if (fact.has_safer_caring_review_withdrawn()) {
    const std::string& day = fact.safer_caring_review_withdrawn().reviewed_date();
    reviews.erase(std::remove_if(reviews.begin(), reviews.end(),
                                 [&](const auto& each) { return each.reviewed_date() == day; }),
                  reviews.end());
  }
}

}  // namespace fosterwatch::kpis::domain
