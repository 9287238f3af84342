// The limits of law, standards and the agency's own policy on foster carers, read from data.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/carers/v1/carer_policy.pb.h"
#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::carers::domain {

// Reads policy/carers.json (fosterwatch.carers.v1.CarerPolicies). INVALID_ARGUMENT (POLICY_INVALID)
// for unknown fields; no edition, or editions not in the order of their days; and in an edition no
// version or day, a duty without a rule or with two for one kind of carer, a limit that has not
// exactly one of working days (1 to 1000), calendar days (1 to 1000) and calendar months (1 to
// 120), warnings on other than falling days from 366 to 1, a duty that rests while no child is
// placed though law or a standard asks for it or it does not come again, a source or a grade P, S
// or M missing, a list that is empty, or a code twice in one.
absl::StatusOr<v1::CarerPolicies> ParseCarerPolicies(absl::string_view json);

// The edition that holds at a moment: the last whose day has begun in London; before the first
// one's day, the first.
const v1::CarerPolicy& InForce(const v1::CarerPolicies& policies, absl::Time moment);

// The rule for a kind of carer; that of every kind where it has none of its own.
const v1::CarerPolicy::DutyRule& RuleOf(const v1::CarerPolicy& policy, v1::DutyKind kind,
                                        v1::Carer::Kind carer_kind);

struct DueTime {
  absl::Time due;
  type::v1::Explanation explanation;
};

// `trigger` names the moment that starts the clock, as Explanation has it.
DueTime DueAfter(absl::Time start, absl::string_view trigger, absl::string_view rule,
                 const v1::CarerPolicy& policy, const v1::CarerPolicy::Limit& limit,
                 const clock::WorkingCalendar& calendar);

// "FIRST_REVIEW".
std::string Name(v1::DutyKind kind);

}  // namespace fosterwatch::carers::domain
