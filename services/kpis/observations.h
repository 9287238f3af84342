// The observations that facts leave, append-only, and the elements that follow from them: the views
// of the figures that are counted.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "libs/pg/migrate.h"
#include "services/kpis/domain/reported_figure.h"
#include "services/kpis/domain/span.h"

namespace fosterwatch::kpis {

// Of these views, in the order of their names. `role` is that of the service.
std::vector<pg::Migration> ObservationMigrations(const std::string& role);

// What a fact leaves in view.observation and view.span, and the streams it touches; nullopt where
// the fact says nothing to any stream.
struct Observed {
  std::string agency_id;
  std::string fact_id;
  std::vector<std::string> streams;
  ledger::Statements statements;
};
// kTallied keeps the tallies (tallies.h) with them; kAlone is for whoever makes all of them anew
// and the tallies afterwards.
enum class Taking { kTallied, kAlone };
absl::StatusOr<std::optional<Observed>> ObserveRecord(const v1::Catalogue& catalogue,
                                                      const bus::Record& record,
                                                      Taking taking = Taking::kTallied);

// At least the elements of a stream that began before `until` and were open, began or fell due at
// `from` or later, by begin, record and key; as was known at `known_at`, or is known now where that
// is absent.
absl::StatusOr<std::vector<domain::Span>> ReadSpans(ledger::Ledger& ledger,
                                                    const std::string& agency_id,
                                                    const v1::Stream& stream, absl::Time from,
                                                    absl::Time until,
                                                    std::optional<absl::Time> known_at);
// What it reads of what is known now.
pg::Statement SpansStatement(const std::string& agency_id, const std::string& stream,
                             absl::Time from, absl::Time until);

// When this agency was heard of first, and when the first element of each stream began that has
// one; the latter only of what is known now, as all that was known before is read anyway.
struct OnRecord {
  std::optional<absl::Time> heard;
  std::map<std::string, absl::Time> begun;
};
absl::StatusOr<OnRecord> ReadOnRecord(ledger::Ledger& ledger, const std::string& agency_id,
                                      const v1::Catalogue& catalogue,
                                      std::optional<absl::Time> known_at);

// What was reported from one month to another, both included, by the KPI's code.
using Reports = std::map<std::string, std::vector<domain::ReportedMonth>>;
absl::StatusOr<Reports> ReadReported(ledger::Ledger& ledger, const std::string& agency_id,
                                     absl::CivilMonth first, absl::CivilMonth last,
                                     std::optional<absl::Time> known_at);

// The explanations of the due times of elements of a stream, by record and key; without those that
// the facts do not explain.
using Element = std::pair<std::string, std::string>;
absl::StatusOr<std::map<Element, type::v1::Explanation>> ReadExplanations(
    ledger::Ledger& ledger, const std::string& agency_id, const std::string& stream,
    std::optional<absl::Time> known_at, const std::vector<Element>& elements);

// What a rebuild empties.
ledger::Statements Emptied();

}  // namespace fosterwatch::kpis
