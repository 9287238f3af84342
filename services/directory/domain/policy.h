// What the agency asks of its own directory, read from data: how long a delegation may last, who
// may cover for whom, and what the check of the directory looks for. Pure.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/policy.pb.h"

namespace fosterwatch::directory::domain {

// Reads policy/directory.json (fosterwatch.directory.v1.DirectoryPolicies). INVALID_ARGUMENT
// (POLICY_INVALID) for unknown fields; no edition, or editions not in the order of their days; and
// in an edition no version or day, a number outside its bounds, roles that no person holds, a role
// without cover roles, a part without source or with a grade that is not H, M or L.
absl::StatusOr<v1::DirectoryPolicies> ParseDirectoryPolicies(absl::string_view json);

// The edition that holds at a moment: the last whose day has begun in London; before the first
// one's day, the first.
const v1::DirectoryPolicy& InForce(const v1::DirectoryPolicies& policies, absl::Time moment);

// The first moment after `moment` at which it is `hour` o'clock in London on another day: a check
// is never twice on one day, also on those on which clocks change.
absl::Time NextDaysHour(absl::Time moment, int hour);

}  // namespace fosterwatch::directory::domain
