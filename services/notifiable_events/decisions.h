// Decisions not to notify, as an aggregate of the register's ledger with a view of its own.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/decision_service.pb.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::notifiable_events {

inline constexpr char kDecisionAggregate[] = "decision";
// The timer of a decision that nobody has agreed to.
inline constexpr char kAgreementTimer[] = "agreement";

ledger::Aggregate DecisionAggregate();

std::string DecisionsSql(const std::string& role);

// One page of the list, newest first, with what was said; overdue by the clock `now`.
absl::StatusOr<v1::ListDecisionsResponse> ListDecisions(ledger::Ledger& ledger,
                                                        const std::string& agency_id,
                                                        const v1::ListDecisionsRequest& request,
                                                        absl::Time now);

}  // namespace fosterwatch::notifiable_events
