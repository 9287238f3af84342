// The register's aggregates and the tables derived from them, for lists.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/allegations/v1/audits_service.pb.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::allegations {

// The timers of what falls due: of an allegation, of an audit's findings.
inline constexpr char kAllegationTimer[] = "allegation";
inline constexpr char kAuditTimer[] = "audit";

std::vector<ledger::Aggregate> Aggregates();

std::string ViewsSql(const std::string& role);

// Of lists by state and member of staff, and of what is overdue, among however many.
std::string IndexesSql();

// What the list asks the database: its page, and how many there are.
absl::StatusOr<std::vector<pg::Statement>> ListStatements(const std::string& agency_id,
                                                          const std::string& reader,
                                                          const v1::ListAllegationsRequest& request,
                                                          absl::Time now);
// One page, newest first; overdue by the clock `now`. Leaves out what is about `reader`.
absl::StatusOr<v1::ListAllegationsResponse> ListAllegations(
    ledger::Ledger& ledger, const std::string& agency_id, const std::string& reader,
    const v1::ListAllegationsRequest& request, absl::Time now);

absl::StatusOr<v1::ListAuditsResponse> ListAudits(ledger::Ledger& ledger,
                                                  const std::string& agency_id,
                                                  const v1::ListAuditsRequest& request);

// What an audit of the scope, or of the part of it that the request asks for, is over: `most`
// records of each kind at most, by their ids; also what its reader may not see (withheld.h).
absl::StatusOr<std::vector<v1::AuditedRecord>> RecordsIn(ledger::Ledger& ledger,
                                                         const std::string& agency_id,
                                                         const v1::StartAuditRequest& request,
                                                         absl::Time since, int most);

}  // namespace fosterwatch::allegations
