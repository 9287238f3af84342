// What the complaints of 12 months say together. The statement (regulation 18(6)) is of counts,
// times, outcomes and learning that was written to be published: no id, name or case number stands
// in it. Pure; the complaints come as they were at the moment that is asked for.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/complaints/v1/complaint.pb.h"
#include "fosterwatch/complaints/v1/oversight_service.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::complaints::domain {

// The 12 months that end with a day, both days inclusive, in London.
struct TwelveMonths {
  absl::CivilDay first;
  absl::CivilDay last;

  absl::Time from() const;
  absl::Time until() const;  // exclusive
};

// The months that end with the day `until_date` (ISO 8601), or with today where it is empty.
// INVALID_ARGUMENT (INVALID_DATE).
absl::StatusOr<TwelveMonths> MonthsUntil(absl::string_view until_date, absl::Time now);

v1::Statement MakeStatement(const std::vector<v1::Complaint>& complaints,
                            const TwelveMonths& months, absl::Time as_at,
                            const clock::WorkingCalendar& calendar);

v1::ListThemesResponse MakeThemes(const std::vector<v1::Complaint>& complaints,
                                  const TwelveMonths& months);

}  // namespace fosterwatch::complaints::domain
