// What the register's views hold, for lists: no personal data, and nothing that the facts do not
// say.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "fosterwatch/carers/v1/carer_policy.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/caseload/caseload.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::carers {

inline constexpr char kCarerAggregate[] = "carer";
// When time alone brings something about a carer (domain::NextMoment).
inline constexpr char kTimer[] = "carers";

// The aggregate of the register's ledger: "carer".
std::vector<ledger::Aggregate> Aggregates();

// The register in its thin beginning.
std::string ViewsSql(const std::string& role);
// Status, duties, visits and timers; carers recorded before get their duties by a timer each.
std::string DutiesSql(const std::string& role);
// Which children were seen at which visit; later than the rest.
std::string VisitedChildrenSql(const std::string& role);
// Who may see which household, and who opened one in an emergency.
std::string CaseloadSql(const std::string& role);

// Who may see which household of those who do not see all: here as the register itself decides it,
// at once.
const caseload::Tables& CaseloadTables();

// One page of a list: ids in its order, and what the page token is made of.
struct Page {
  struct Row {
    std::string carer_id;
    std::string item_id;  // of a duty, a visit or an emergency
    std::string place;    // for the page token
  };
  std::vector<Row> rows;
  bool more = false;
  int64_t total = 0;
};

// What the lists ask the database: a page, and how many there are.
absl::StatusOr<std::vector<pg::Statement>> CarerStatements(const caseload::Asker& asker,
                                                           const v1::ListCarersRequest& request,
                                                           const v1::CarerPolicy& policy);
absl::StatusOr<std::vector<pg::Statement>> DutyStatements(const caseload::Asker& asker,
                                                          const v1::ListDutiesRequest& request);
absl::StatusOr<std::vector<pg::Statement>> VisitStatements(const caseload::Asker& asker,
                                                           const v1::ListVisitsRequest& request);
absl::StatusOr<std::vector<pg::Statement>> EmergencyStatements(
    const caseload::Asker& asker, const v1::ListEmergenciesRequest& request);

absl::StatusOr<Page> ListCarers(ledger::Ledger& ledger, const caseload::Asker& asker,
                                const v1::ListCarersRequest& request,
                                const v1::CarerPolicy& policy);
absl::StatusOr<Page> ListDuties(ledger::Ledger& ledger, const caseload::Asker& asker,
                                const v1::ListDutiesRequest& request);
absl::StatusOr<Page> ListVisits(ledger::Ledger& ledger, const caseload::Asker& asker,
                                const v1::ListVisitsRequest& request);
absl::StatusOr<Page> ListEmergencies(ledger::Ledger& ledger, const caseload::Asker& asker,
                                     const v1::ListEmergenciesRequest& request);
// All carers by id, after one.
absl::StatusOr<std::vector<std::string>> CarersAfter(ledger::Ledger& ledger,
                                                     const std::string& agency_id,
                                                     const std::string& after, int limit);
absl::StatusOr<v1::CarerCounts> CountCarers(ledger::Ledger& ledger, const std::string& agency_id,
                                            absl::Time now);

}  // namespace fosterwatch::carers
