// Which looks at records are unusual, by rules that are data (policy/access_rules.json). Pure: any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/operations/v1/access_rules.pb.h"
#include "fosterwatch/operations/v1/access_service.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::ledger {

// INVALID_ARGUMENT naming what is wrong with the file: no edition, editions out of order, a version
// that is missing, limits below 1, hours that are none.
absl::StatusOr<operations::v1::AccessRules> ParseAccessRules(absl::string_view json);

// What one person did within one hour of the clock.
struct AccessHour {
  std::string person_id;
  absl::Time hour;      // its begin
  int64_t records = 0;  // different ones that were opened
  int64_t refusals = 0;
};

// What is unusual of each hour, by the rules in force when it began; none before the first edition.
// The newest first, then by person and kind.
std::vector<operations::v1::UnusualAccess> UnusualOf(const operations::v1::AccessRules& rules,
                                                     const clock::WorkingCalendar& calendar,
                                                     const std::vector<AccessHour>& hours);

// When the days before are looked at next, by the rules in force now: later than now, once a day.
absl::Time NextLook(const operations::v1::AccessRules& rules, absl::Time now);

}  // namespace fosterwatch::ledger
