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
#include "services/kpis/domain/catalogue.h"
#include "services/kpis/domain/figure.h"

namespace fosterwatch::kpis {

// The fact messages of every topic that a stream may read.
const domain::Topics& KnownTopics();

// The definitions of every *.json in a folder, together, checked. INVALID_ARGUMENT names the file.
absl::StatusOr<v1::Catalogue> ReadCatalogue(const std::string& folder);

// The topics that the catalogue's streams read.
std::vector<std::string> TopicsOf(const v1::Catalogue& catalogue);

// Of all topics, those whose facts are counted one by one for each key. Ids of the directory are
// chosen by people: a body and a person may share one.
std::vector<std::string> VersionedTopics();

// The statements that put a fact's observations into view.span, and the streams they touch;
// nullopt where the fact says nothing to any stream.
struct Observed {
  std::string agency_id;
  std::string fact_id;
  std::vector<std::string> streams;
  ledger::Statements statements;
};
absl::StatusOr<std::optional<Observed>> ObserveRecord(const v1::Catalogue& catalogue,
                                                      const bus::Record& record);

class App {
 public:
  App(ledger::Ledger* ledger, v1::Catalogue catalogue, std::function<absl::Time()> now);

  // The unit that takes a fact's observations and says which KPIs have changed.
  absl::StatusOr<std::optional<ledger::Unit>> Observe(const bus::Record& record);

  absl::StatusOr<v1::ListKpisResponse> ListKpis(const std::string& agency_id,
                                                const v1::ListKpisRequest& request);
  absl::StatusOr<v1::ExplainKpiResponse> ExplainKpi(const std::string& agency_id,
                                                    const v1::ExplainKpiRequest& request);

  const v1::Catalogue& catalogue() const { return catalogue_; }

 private:
  // The elements of a stream that were open at some time in [from, until).
  absl::StatusOr<std::vector<domain::Span>> ReadSpans(const std::string& agency_id,
                                                      const std::string& stream, absl::Time from,
                                                      absl::Time until);

  ledger::Ledger* const ledger_;
  const v1::Catalogue catalogue_;
  const std::function<absl::Time()> now_;
};

std::vector<ledger::Aggregate> Aggregates();
std::string ViewsSql(const std::string& role);

}  // namespace fosterwatch::kpis
