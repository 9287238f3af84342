// What the register's views hold, for lists: no personal data, and nothing that the facts do not
// say.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::notifiable_events {

// The aggregates of the register's ledger: "event", and "intake" for records that were parked.
std::vector<ledger::Aggregate> Aggregates();

std::string ViewsSql(const std::string& role);

// One page of the list, newest first; overdue by the clock `now`.
absl::StatusOr<v1::ListEventsResponse> ListEvents(ledger::Ledger& ledger,
                                                  const std::string& agency_id,
                                                  const v1::ListEventsRequest& request,
                                                  absl::Time now);

}  // namespace fosterwatch::notifiable_events
