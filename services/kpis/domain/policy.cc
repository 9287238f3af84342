#include "services/kpis/domain/policy.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

#include "libs/clock/deadline.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::kpis::domain {
namespace {

using Limit = v1::KpiPolicy::Limit;
using Origin = v1::KpiPolicy::Origin;

absl::Status Invalid(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "POLICY_INVALID",
               absl::StrCat("the policy of KPIs ", what));
}

absl::Status CheckOrigin(absl::string_view name, const Origin& origin) {
  if (origin.source().empty()) return Invalid(absl::StrCat("names no source for ", name));
  if (origin.grade() != "P" && origin.grade() != "S" && origin.grade() != "M") {
    return Invalid(absl::StrCat("has no grade P, S or M for ", name));
  }
  return absl::OkStatus();
}

absl::Status CheckLimit(absl::string_view name, const Limit& limit) {
  const std::pair<int, int> limits[] = {
      {limit.working_days(), 1000}, {limit.calendar_days(), 1000}, {limit.calendar_months(), 120}};
  int set = 0;
  for (const auto& [value, most] : limits) {
    if (value < 0 || value > most) return Invalid(absl::StrCat("is out of range for ", name));
    if (value > 0) ++set;
  }
  if (set != 1) return Invalid(absl::StrCat("does not say one length of time for ", name));
  return CheckOrigin(name, limit.origin());
}

std::optional<absl::CivilDay> DayOf(const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) return std::nullopt;
  return day;
}

template <typename Deadline>
DueTime Explained(absl::Time start, const clock::RuleReference& rule, const Deadline& deadline) {
  return {deadline.due(), clock::Explain(rule, start, deadline)};
}

}  // namespace

absl::StatusOr<v1::KpiPolicies> ParseKpiPolicies(absl::string_view json) {
  v1::KpiPolicies policies;
  const auto read =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &policies);
  if (!read.ok()) return Invalid(absl::StrCat("cannot be read: ", std::string(read.message())));
  if (policies.editions().empty()) return Invalid("has no edition");
  absl::CivilDay before = absl::CivilDay::min();
  for (const v1::KpiPolicy& edition : policies.editions()) {
    if (edition.version().empty()) return Invalid("has an edition without a version");
    const auto day = DayOf(edition.effective_from());
    if (!day) return Invalid("has an edition that does not say from which day it holds");
    if (*day <= before) return Invalid("has editions that are not in the order of their days");
    before = *day;
    RETURN_IF_ERROR(CheckLimit("set_out", edition.set_out()));
    RETURN_IF_ERROR(CheckLimit("review", edition.review()));
    RETURN_IF_ERROR(CheckLimit("figure_due", edition.figure_due()));
    RETURN_IF_ERROR(CheckLimit("safer_caring", edition.safer_caring()));
    if (edition.repeated_month_from() < 1) return Invalid("needs repeated_month_from");
    RETURN_IF_ERROR(CheckOrigin("repeated_month_from", edition.repeated_month_origin()));
  }
  return policies;
}

const v1::KpiPolicy& InForce(const v1::KpiPolicies& policies, absl::Time moment) {
  int last = 0;
  for (int i = 1; i < policies.editions_size(); ++i) {
    const auto day = DayOf(policies.editions(i).effective_from());
    if (day && *day <= clock::LondonDay(moment)) last = i;
  }
  return policies.editions(last);
}

DueTime DueAfter(absl::Time start, absl::string_view trigger, absl::string_view rule,
                 const v1::KpiPolicy& policy, const Limit& limit,
                 const clock::WorkingCalendar& calendar) {
  const std::string& grade = limit.origin().grade();
  const clock::RuleReference reference = {std::string(trigger), std::string(rule),
                                          absl::StrCat("kpis ", policy.version()),
                                          limit.origin().source(),
                                          grade == "P"   ? "high"
                                          : grade == "S" ? "medium"
                                                         : "low"};
  // Within the ranges that the policy was checked for, none of these refuses.
  if (limit.working_days() > 0) {
    return Explained(start, reference,
                     *clock::AddWorkingDays(start, limit.working_days(), calendar));
  }
  if (limit.calendar_months() > 0) {
    return Explained(start, reference, *clock::AddCalendarMonths(start, limit.calendar_months()));
  }
  return Explained(start, reference, *clock::AddCalendarDays(start, limit.calendar_days()));
}

}  // namespace fosterwatch::kpis::domain
