// Figures that other systems report: each use case asks the domain and records the facts. The RPCs
// and the intake topic both come through here.
//
// Threads: any, but not the ledger's own, as use cases read tables.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/figure_import.pb.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/references/publishers.h"
#include "libs/runtime/door.h"

namespace fosterwatch::kpis {

inline constexpr char kFigureAggregate[] = "imported_figure";

// The id of its aggregate: "SC5.2026-10".
std::string FigureId(const std::string& code, const std::string& period);

class Imports {
 public:
  // The catalogue outlives it.
  Imports(ledger::Ledger* ledger, const v1::Catalogue* catalogue, std::function<absl::Time()> now);

  // Each by itself, in their order, many in one transaction. Blocks.
  absl::StatusOr<v1::ImportFiguresResponse> Import(const runtime::Call& call,
                                                   const v1::ImportFiguresRequest& request);
  // The unit that one report asks for; `unit` says who asks, for which agency. Refuses what can
  // never be taken before there is a unit.
  absl::StatusOr<ledger::Unit> Report(ledger::Unit unit, const v1::ReportedFigure& figure) const;
  absl::StatusOr<v1::ImportedFigure> Withdraw(const runtime::Call& call,
                                              const v1::WithdrawFigureRequest& request);
  absl::StatusOr<v1::ListImportedFiguresResponse> List(
      const std::string& agency_id, const v1::ListImportedFiguresRequest& request);

  ledger::Ledger& ledger() { return *ledger_; }
  references::Publishers& publishers() { return publishers_; }

 private:
  absl::StatusOr<v1::ImportFiguresResponse> DryRun(const std::string& agency_id,
                                                   const v1::ImportFiguresRequest& request);

  ledger::Ledger* const ledger_;
  const v1::Catalogue* const catalogue_;
  const std::function<absl::Time()> now_;
  references::Publishers publishers_;
};

// How the facts of a reported figure make it, and its rows in view.imported_figure: one for each
// report, none of which ever changes.
ledger::Aggregate FigureAggregate();

}  // namespace fosterwatch::kpis
