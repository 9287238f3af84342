// The tables of what is kept besides figures: action plans, editions and restatements, findings.
// They hold no personal data. And the lists that read them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "fosterwatch/kpis/v1/action_plans_service.pb.h"
#include "fosterwatch/kpis/v1/data_quality_service.pb.h"
#include "fosterwatch/kpis/v1/editions_service.pb.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::kpis {

inline constexpr char kPlanAggregate[] = "kpi_plan";        // by KPI code
inline constexpr char kEditionAggregate[] = "kpi_edition";  // by EditionFileId
inline constexpr char kQualityAggregate[] = "kpi_quality";  // by KPI code
inline constexpr char kOverdueTimer[] = "plan_overdue";

// "board.2026-10".
std::string EditionFileId(const std::string& set, const std::string& period);

std::vector<ledger::Aggregate> KeptAggregates();
std::string KeptSql(const std::string& role);

// As the services' protos say.
absl::StatusOr<v1::ListPlansResponse> ListPlans(ledger::Ledger& ledger,
                                                const std::string& agency_id,
                                                const v1::ListPlansRequest& request);
absl::StatusOr<v1::ListEditionsResponse> ListEditions(ledger::Ledger& ledger,
                                                      const std::string& agency_id,
                                                      const v1::ListEditionsRequest& request);
absl::StatusOr<v1::ListRestatementsResponse> ListRestatements(
    ledger::Ledger& ledger, const std::string& agency_id,
    const v1::ListRestatementsRequest& request);
absl::StatusOr<v1::GetEditionResponse> GetEdition(ledger::Ledger& ledger,
                                                  const std::string& agency_id,
                                                  const v1::GetEditionRequest& request);
// Without coverage.
absl::StatusOr<v1::ListFindingsResponse> ListFindings(ledger::Ledger& ledger,
                                                      const std::string& agency_id,
                                                      const v1::ListFindingsRequest& request);

// The id of the EditionFile that holds an edition or a restatement; "" where there is none.
absl::StatusOr<std::string> FileOfEdition(ledger::Ledger& ledger, const std::string& agency_id,
                                          const std::string& edition_id);
absl::StatusOr<std::string> FileOfRestatement(ledger::Ledger& ledger, const std::string& agency_id,
                                              const std::string& restatement_id);

}  // namespace fosterwatch::kpis
