#include "services/carers/domain/policy.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"

#include "libs/clock/deadline.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/check.h"

namespace fosterwatch::carers::domain {
namespace {

using Origin = v1::CarerPolicy::Origin;
using Limit = v1::CarerPolicy::Limit;

absl::Status Invalid(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "POLICY_INVALID",
               absl::StrCat("the policy of carers ", what));
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

absl::Status CheckWarning(absl::string_view name, const v1::CarerPolicy::DutyRule& rule) {
  int before = 367;
  for (const int days : rule.warning().days_before()) {
    if (days < 1 || days >= before) {
      return Invalid(absl::StrCat("needs days from 366 to 1, falling, to warn of ", name));
    }
    before = days;
  }
  if (!rule.has_warning()) return absl::OkStatus();
  if (before == 367) return Invalid(absl::StrCat("names no day to warn of ", name));
  return CheckOrigin(absl::StrCat("warnings of ", name), rule.warning().origin());
}

// Law and standards ask for theirs whether a child is placed or not.
bool MayRestWhileEmpty(const v1::CarerPolicy::DutyRule& rule) {
  switch (rule.kind()) {
    case v1::DUTY_KIND_UNANNOUNCED_VISIT:
    case v1::DUTY_KIND_SUPERVISION_VISIT:
    case v1::DUTY_KIND_HOME_SAFETY:
    case v1::DUTY_KIND_DBS_RENEWAL:
    case v1::DUTY_KIND_MEDICAL_RENEWAL:
      return rule.basis() == v1::DUTY_BASIS_AGENCY;
    default:
      return false;
  }
}

absl::Status CheckDuties(const v1::CarerPolicy& edition) {
  std::set<std::pair<int, int>> rules;
  for (const auto& rule : edition.duties()) {
    const std::string name = Name(rule.kind());
    RETURN_IF_ERROR(CheckLimit(name, rule.limit()));
    RETURN_IF_ERROR(CheckWarning(name, rule));
    if (rule.while_placed() && !MayRestWhileEmpty(rule)) {
      return Invalid(absl::StrCat("cannot let ", name, " rest while no child is placed"));
    }
    if (rule.has_visit()) RETURN_IF_ERROR(CheckOrigin(name, rule.visit().origin()));
    if (!rule.from_date().empty() && !ParseDay(rule.from_date())) {
      return Invalid(absl::StrCat("does not name the day from which it asks for ", name));
    }
    if (rule.has_on_joining()) RETURN_IF_ERROR(CheckLimit(name, rule.on_joining()));
    if (rule.basis() == v1::DUTY_BASIS_UNSPECIFIED) {
      return Invalid(absl::StrCat("does not say who asks for ", name));
    }
    if (!rules.insert({rule.kind(), rule.carer_kind()}).second) {
      return Invalid(absl::StrCat("has two rules for ", name));
    }
  }
  for (int kind = v1::DutyKind_MIN + 1; kind <= v1::DutyKind_MAX; ++kind) {
    if (!v1::DutyKind_IsValid(kind)) continue;
    if (!rules.contains({kind, v1::Carer::KIND_UNSPECIFIED})) {
      return Invalid(absl::StrCat("has no rule for ", Name(static_cast<v1::DutyKind>(kind))));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLists(const v1::CarerPolicy& edition) {
  std::set<std::string> codes;
  std::set<int> stages;
  for (const auto& rule : edition.information()) {
    if (rule.code().empty() || rule.text().empty() || !codes.insert(rule.code()).second) {
      return Invalid("has an item of information without code or text, or twice");
    }
    if (rule.stage() != 1 && rule.stage() != 2) return Invalid("has information of no stage");
    stages.insert(rule.stage());
  }
  if (stages.size() != 2) return Invalid("has no information for one of the stages");
  RETURN_IF_ERROR(CheckOrigin("information", edition.information_origin()));
  codes.clear();
  for (const auto& rule : edition.agreement()) {
    if (rule.code().empty() || rule.text().empty() || !codes.insert(rule.code()).second) {
      return Invalid("has a matter of the agreement without code or text, or twice");
    }
  }
  if (codes.empty() || edition.agreement_version().empty()) return Invalid("has no agreement");
  return CheckOrigin("agreement", edition.agreement_origin());
}

absl::Status CheckEdition(const v1::CarerPolicy& edition) {
  RETURN_IF_ERROR(CheckDuties(edition));
  RETURN_IF_ERROR(CheckLists(edition));
  if (edition.usual_limit() < 1 || edition.usual_limit() > 20) {
    return Invalid("needs 1 to 20 for usual_limit");
  }
  RETURN_IF_ERROR(CheckOrigin("usual_limit", edition.usual_limit_origin()));
  RETURN_IF_ERROR(CheckLimit("answer", edition.answer()));
  RETURN_IF_ERROR(CheckLimit("resignation", edition.resignation()));
  RETURN_IF_ERROR(CheckLimit("temporary_approval", edition.temporary_approval()));
  RETURN_IF_ERROR(CheckLimit("temporary_extension", edition.temporary_extension()));
  RETURN_IF_ERROR(CheckLimit("take_over", edition.take_over()));
  RETURN_IF_ERROR(CheckLimit("keep_after_approval", edition.keep_after_approval()));
  RETURN_IF_ERROR(CheckLimit("keep_after_application", edition.keep_after_application()));
  if (edition.emergency().hours() < 1 || edition.emergency().hours() > 168) {
    return Invalid("needs 1 to 168 hours for emergency");
  }
  return CheckOrigin("emergency", edition.emergency().origin());
}

template <typename Deadline>
DueTime Explained(absl::Time start, const clock::RuleReference& rule, const Deadline& deadline) {
  return {deadline.due(), clock::Explain(rule, start, deadline)};
}

}  // namespace

std::string Name(v1::DutyKind kind) {
  return std::string(absl::StripPrefix(v1::DutyKind_Name(kind), "DUTY_KIND_"));
}

absl::StatusOr<v1::CarerPolicies> ParseCarerPolicies(absl::string_view json) {
  v1::CarerPolicies policies;
  const auto read =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &policies);
  if (!read.ok()) return Invalid(absl::StrCat("cannot be read: ", std::string(read.message())));
  if (policies.editions().empty()) return Invalid("has no edition");
  absl::CivilDay before = absl::CivilDay::min();
  for (const v1::CarerPolicy& edition : policies.editions()) {
    if (edition.version().empty()) return Invalid("has an edition without a version");
    const auto day = ParseDay(edition.effective_from());
    if (!day) return Invalid("has an edition that does not say from which day it holds");
    if (*day <= before) return Invalid("has editions that are not in the order of their days");
    before = *day;
    RETURN_IF_ERROR(CheckEdition(edition));
  }
  return policies;
}

const v1::CarerPolicy& InForce(const v1::CarerPolicies& policies, absl::Time moment) {
  int last = 0;
  for (int i = 1; i < policies.editions_size(); ++i) {
    const auto day = ParseDay(policies.editions(i).effective_from());
    if (day && StartOf(*day) <= moment) last = i;
  }
  return policies.editions(last);
}

const v1::CarerPolicy::DutyRule& RuleOf(const v1::CarerPolicy& policy, v1::DutyKind kind,
                                        v1::Carer::Kind carer_kind) {
  const v1::CarerPolicy::DutyRule* found = &v1::CarerPolicy::DutyRule::default_instance();
  for (const auto& rule : policy.duties()) {
    if (rule.kind() != kind) continue;
    if (rule.carer_kind() == carer_kind) return rule;
    if (rule.carer_kind() == v1::Carer::KIND_UNSPECIFIED) found = &rule;
  }
  return *found;
}

DueTime DueAfter(absl::Time start, absl::string_view trigger, absl::string_view rule,
                 const v1::CarerPolicy& policy, const v1::CarerPolicy::Limit& limit,
                 const clock::WorkingCalendar& calendar) {
  const std::string& grade = limit.origin().grade();
  const clock::RuleReference reference = {std::string(trigger), std::string(rule),
                                          absl::StrCat("carers ", policy.version()),
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

}  // namespace fosterwatch::carers::domain
