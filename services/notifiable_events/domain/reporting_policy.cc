#include "services/notifiable_events/domain/reporting_policy.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/util/json_util.h"

#include "libs/clock/deadline.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

constexpr int kMost = 1000;

absl::Status Invalid(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "POLICY_INVALID",
               absl::StrCat("the policy of reporting ", what));
}

absl::Status CheckCount(absl::string_view name, int count) {
  if (count >= 1 && count <= kMost) return absl::OkStatus();
  return Invalid(absl::StrCat("needs 1 to 1000 for ", name));
}

absl::Status CheckOrigin(absl::string_view name, const v1::ReportingPolicy::Origin& origin) {
  if (origin.source().empty()) return Invalid(absl::StrCat("names no source for ", name));
  if (origin.grade() != "H" && origin.grade() != "M" && origin.grade() != "L") {
    return Invalid(absl::StrCat("has no grade H, M or L for ", name));
  }
  return absl::OkStatus();
}

absl::Status CheckSimilar(const v1::ReportingPolicy::Similar& similar) {
  RETURN_IF_ERROR(CheckCount("similar.hours", similar.hours()));
  RETURN_IF_ERROR(CheckCount("similar.decide_within_hours", similar.decide_within_hours()));
  RETURN_IF_ERROR(CheckOrigin("similar", similar.origin()));
  for (const auto& group : similar.groups()) {
    if (group.kinds_size() < 2) return Invalid("has a group of fewer than two kinds");
    for (const int kind : group.kinds()) {
      if (kind == v1::EVENT_KIND_UNSPECIFIED) return Invalid("has a group with no kind in it");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Time> Beginning(const v1::ReportingPolicy& policy) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(policy.effective_from(), &day)) {
    return Invalid("has an edition that does not say from which day it holds");
  }
  return absl::FromCivil(day, clock::London());
}

clock::RuleReference Reference(absl::string_view trigger, absl::string_view rule,
                               const v1::ReportingPolicy& policy,
                               const v1::ReportingPolicy::Origin& origin) {
  const std::string& grade = origin.grade();
  return {std::string(trigger), std::string(rule), absl::StrCat("reporting ", policy.version()),
          origin.source(),
          grade == "H"   ? "high"
          : grade == "M" ? "medium"
                         : "low"};
}

absl::StatusOr<PolicyTime> WorkingDaysAfter(absl::Time start, absl::string_view trigger,
                                            absl::string_view rule,
                                            const v1::ReportingPolicy& policy,
                                            const v1::ReportingPolicy::WorkingDays& days,
                                            const clock::WorkingCalendar& calendar) {
  ASSIGN_OR_RETURN(const auto due, clock::AddWorkingDays(start, days.working_days(), calendar));
  return PolicyTime{due.due(),
                    clock::Explain(Reference(trigger, rule, policy, days.origin()), start, due)};
}

}  // namespace

absl::StatusOr<v1::ReportingPolicies> ParseReportingPolicies(absl::string_view json) {
  v1::ReportingPolicies policies;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &policies);
  if (!parsed.ok()) return Invalid(absl::StrCat("cannot be read: ", std::string(parsed.message())));
  if (policies.editions().empty()) return Invalid("has no edition");
  absl::Time before = absl::InfinitePast();
  for (const v1::ReportingPolicy& edition : policies.editions()) {
    if (edition.version().empty()) return Invalid("has an edition without a version");
    ASSIGN_OR_RETURN(const absl::Time beginning, Beginning(edition));
    if (beginning <= before) return Invalid("has editions that are not in the order of their days");
    before = beginning;
    RETURN_IF_ERROR(CheckCount("completion", edition.completion().working_days()));
    RETURN_IF_ERROR(CheckOrigin("completion", edition.completion().origin()));
    RETURN_IF_ERROR(CheckCount("agreement", edition.agreement().working_days()));
    RETURN_IF_ERROR(CheckOrigin("agreement", edition.agreement().origin()));
    RETURN_IF_ERROR(CheckSimilar(edition.similar()));
  }
  return policies;
}

const v1::ReportingPolicy& InForce(const v1::ReportingPolicies& policies, absl::Time moment) {
  int last = 0;
  for (int i = 1; i < policies.editions_size(); ++i) {
    const auto beginning = Beginning(policies.editions(i));
    if (beginning.ok() && *beginning <= moment) last = i;
  }
  return policies.editions(last);
}

absl::StatusOr<PolicyTime> CompletionDue(const v1::ReportingPolicy& policy, absl::Time recorded,
                                         const clock::WorkingCalendar& calendar) {
  return WorkingDaysAfter(recorded, "recorded_time", "COMPLETION_DUE", policy, policy.completion(),
                          calendar);
}

absl::StatusOr<PolicyTime> AgreementDue(const v1::ReportingPolicy& policy, absl::Time decided,
                                        const clock::WorkingCalendar& calendar) {
  return WorkingDaysAfter(decided, "decided_time", "AGREEMENT_DUE", policy, policy.agreement(),
                          calendar);
}

absl::StatusOr<PolicyTime> RepeatDecisionDue(const v1::ReportingPolicy& policy,
                                             absl::Time recorded) {
  const auto& similar = policy.similar();
  ASSIGN_OR_RETURN(const auto due,
                   clock::AddElapsed(recorded, absl::Hours(similar.decide_within_hours())));
  return PolicyTime{due.due(), clock::Explain(Reference("recorded_time", "REPEAT_DECISION_DUE",
                                                        policy, similar.origin()),
                                              recorded, due)};
}

}  // namespace fosterwatch::notifiable_events::domain
