// One edition of the law as it is read from its file: checked, with the days of each line.
// Immutable after Parse.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

#include "fosterwatch/notifiable_events/v1/law.pb.h"

namespace fosterwatch::notifiable_events::domain {

// The Regulations came into force on this day (SI 2011/581, reg 1).
inline constexpr absl::CivilDay kInForce(2011, 4, 1);

// The days on which a line holds.
struct Period {
  absl::CivilDay from;
  absl::CivilDay until;  // exclusive
  bool Holds(absl::CivilDay day) const { return from <= day && day < until; }
};

struct Edition {
  v1::Law data;
  // Of each line, in their order.
  std::vector<Period> row_periods;
  std::vector<Period> policy_periods;
  std::vector<Period> rule_periods;

  // Reads law/schedule7.json (fosterwatch.notifiable_events.v1.Law). INVALID_ARGUMENT (LAW_INVALID)
  // names each line at fault: unknown fields and names, a missing source or confidence, days that
  // do not exist or end before they begin, two lines for the same thing on the same day, a day from
  // 2011-04-01 on without a line for some cell of Schedule 7, a kind that nobody is told of, a kind
  // without words, a time rule that is missing or has the wrong sort of limit. The first 20 of
  // them.
  static absl::StatusOr<Edition> Parse(absl::string_view json);
};

}  // namespace fosterwatch::notifiable_events::domain
