// How many events there were, month by month: from a view that keeps of each event what it takes to
// count it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/oversight.pb.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::notifiable_events {

inline constexpr char kPlacedTable[] = "view.placed";
// The table of whom a child was placed with when its event was reported.
std::string PlacedSql(const std::string& role);
// Keeps it up to date with the event.
void ProjectPlaced(const v1::NotifiableEvent& event, const ledger::FactStamp& last,
                   ledger::Statements& statements);

// Twelve months of London that end with `until_month` ("2026-11"), or the present one.
// INVALID_ARGUMENT: INVALID_MONTH, IN_THE_FUTURE, REQUIRED for `group_by`.
absl::StatusOr<v1::Trend> GetTrend(ledger::Ledger& ledger, const std::string& agency_id,
                                   const v1::GetTrendRequest& request, absl::Time now);

}  // namespace fosterwatch::notifiable_events
