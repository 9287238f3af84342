// Due times that were counted in working days, counted again when the bank holidays are known anew.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/timestamp.pb.h"

#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/deadline.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::clock {

// Whether it was counted in working days, and by another calendar than this one.
bool IsCountedOtherwise(const type::v1::Explanation& explanation, const WorkingCalendar& calendar);

// From the same trigger the same number of working days by `calendar`, with these pauses. An
// explanation that counts no working days stays as it is, and its due time too.
absl::Status Recount(type::v1::Explanation& explanation, google::protobuf::Timestamp& due_time,
                     const std::vector<Pause>& pauses, const WorkingCalendar& calendar);

}  // namespace fosterwatch::clock
