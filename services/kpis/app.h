// What the KPIs service does: takes observations from facts, and answers with figures and with
// what is behind them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "services/kpis/figures.h"

namespace fosterwatch::kpis {

class App {
 public:
  App(ledger::Ledger* ledger, v1::Catalogue catalogue, std::function<absl::Time()> now);

  // The unit that takes a fact's observations and says which KPIs have changed.
  absl::StatusOr<std::optional<ledger::Unit>> Observe(const bus::Record& record);

  absl::StatusOr<v1::ListKpisResponse> ListKpis(const std::string& agency_id,
                                                const v1::ListKpisRequest& request);
  absl::StatusOr<v1::ExplainKpiResponse> ExplainKpi(const std::string& agency_id,
                                                    const v1::ExplainKpiRequest& request);
  v1::ListKpiSetsResponse ListKpiSets() const;
  absl::StatusOr<v1::GetSeriesResponse> GetSeries(const std::string& agency_id,
                                                  const v1::GetSeriesRequest& request);
  absl::StatusOr<v1::GetServiceDataResponse> GetServiceData(
      const std::string& agency_id, const v1::GetServiceDataRequest& request);
  // Of these agencies, at least one, in this order; each is read by itself.
  absl::StatusOr<v1::CompareAgenciesResponse> CompareAgencies(
      const std::vector<std::string>& agency_ids, const v1::CompareAgenciesRequest& request);

  const v1::Catalogue& catalogue() const { return catalogue_; }

 private:
  // Those of a set, or all where it is empty. NOT_FOUND (UNKNOWN_SET) where there is none.
  absl::StatusOr<std::vector<const v1::KpiDefinition*>> DefinitionsOf(const std::string& set) const;

  absl::Status AddExplanations(const std::string& agency_id, const v1::KpiDefinition& kpi,
                               std::optional<absl::Time> known_at,
                               google::protobuf::RepeatedPtrField<v1::Evidence>& evidence);

  ledger::Ledger* const ledger_;
  const v1::Catalogue catalogue_;
  const std::function<absl::Time()> now_;
};

std::vector<ledger::Aggregate> Aggregates();

}  // namespace fosterwatch::kpis
