// The aggregates of placements, and the tables that their facts make: which child lives with which
// carer, every placement with its days and codes, and each household with what is outside its
// terms. No personal data.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/caseload/caseload.h"
#include "libs/duty/timer.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::placements {

// v1::ChildFile by child_id, v1::Household by carer_id, and of each intake record that was parked
// its v1::PlacementsFact.
inline constexpr char kChildAggregate[] = "child";
inline constexpr char kHouseholdAggregate[] = "household";
inline constexpr char kIntakeAggregate[] = "intake";

// When time alone may change whether a household is inside its terms.
inline constexpr char kTermsTimer[] = "terms";
std::vector<duty::Timer> TimersOf(const v1::Household& household);

std::vector<ledger::Aggregate> Aggregates();

std::string ViewsSql(const std::string& role);
// Placements and households; later than the rest. Children from before it who were recorded once
// have their placement; of the others a rebuild finds it.
std::string PlacementsSql(const std::string& role);

// Who may see which household of those who do not see all, and how the door asks. The ledger
// outlives what it asks.
std::string CaseloadSql(const std::string& role);
const caseload::Tables& CaseloadTables();
std::unique_ptr<caseload::Reader> MakeCaseload(ledger::Ledger* ledger,
                                               std::function<absl::Time()> now);

absl::StatusOr<v1::ListChildrenResponse> ListChildren(ledger::Ledger& ledger,
                                                      const caseload::Asker& asker,
                                                      const v1::ListChildrenRequest& request);
absl::StatusOr<v1::Placement> GetPlacement(ledger::Ledger& ledger, const std::string& agency_id,
                                           const std::string& placement_id);
// What that list asks the database: its page, and how many there are.
absl::StatusOr<std::vector<pg::Statement>> PlacementStatements(
    const caseload::Asker& asker, const v1::ListPlacementsRequest& request);
absl::StatusOr<v1::ListPlacementsResponse> ListPlacements(ledger::Ledger& ledger,
                                                          const caseload::Asker& asker,
                                                          const v1::ListPlacementsRequest& request);
absl::StatusOr<v1::ListHouseholdsResponse> ListHouseholds(ledger::Ledger& ledger,
                                                          const caseload::Asker& asker,
                                                          const v1::ListHouseholdsRequest& request);

// The child whose placement it is; "" where there is none.
absl::StatusOr<std::string> ChildOfPlacement(ledger::Ledger& ledger, const std::string& agency_id,
                                             const std::string& placement_id);

}  // namespace fosterwatch::placements
