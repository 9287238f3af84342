// What the register's views hold, for lists: no personal data, and nothing that the facts do not
// say.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "libs/caseload/caseload.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::notifiable_events {

// The aggregates of the register's ledger: "event", and "intake" for records that were parked.
std::vector<ledger::Aggregate> Aggregates();

std::string ViewsSql(const std::string& role);

// The timers of the open events: when one of their duties is overdue next.
inline constexpr char kOverdueTimer[] = "overdue";
std::string TimersSql(const std::string& role);

// Finds the events of a child near a moment, among however many.
std::string NearSql();

// A column of view.event: the outcome is known, and nobody outside has heard of it since.
std::string SilentSql();

// Finds the events of a carer, the newest first.
std::string OfCarerSql();

// Who may see which household of those who do not see all, and how the door asks. Of events theirs
// are those which they reported themselves, about nobody outside of their caseload. The ledger
// outlives what it asks.
std::string CaseloadSql(const std::string& role);
const caseload::Tables& CaseloadTables();
std::unique_ptr<caseload::Reader> MakeCaseload(ledger::Ledger* ledger,
                                               std::function<absl::Time()> now);

// One page of the list, newest first; overdue by the asker's clock.
absl::StatusOr<v1::ListEventsResponse> ListEvents(ledger::Ledger& ledger,
                                                  const caseload::Asker& asker,
                                                  const v1::ListEventsRequest& request);

// Where a walk over all events has come to: first to those that are newer than any.
struct EventPlace {
  absl::Time recorded = absl::FromUnixSeconds(253'402'300'799);  // the year 9999
  std::string event_id;
};

// The next `limit` events behind `place`, newest first, which goes on by them; none at the end.
absl::StatusOr<std::vector<std::string>> NextEvents(ledger::Ledger& ledger,
                                                    const std::string& agency_id, int limit,
                                                    EventPlace& place);

}  // namespace fosterwatch::notifiable_events
