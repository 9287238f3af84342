// Figures of one agency over a run of periods, as at a moment and as known at one: read once, asked
// often. Everything that shows a figure (pages, explanations, editions, plans, packs) takes it from
// here, so that there is one answer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "libs/ledger/ledger.h"
#include "services/kpis/domain/period.h"
#include "services/kpis/domain/reported_figure.h"
#include "services/kpis/domain/span.h"
#include "services/kpis/observations.h"
#include "services/kpis/tallies.h"

namespace fosterwatch::kpis {

// A status looks back at so many periods.
inline constexpr int kPeriodsBefore = 2;

struct When {
  // What was so by then.
  absl::Time as_at;
  // What had been learnt by then; absent: all that is known now.
  std::optional<absl::Time> known_at;
};

// Not for several threads. Ledger and catalogue outlive it.
class Figures {
 public:
  // Of periods from `first` to `last`, which are of one cadence.
  Figures(ledger::Ledger* ledger, const v1::Catalogue* catalogue, std::string agency_id, When when,
          const domain::Period& first, const domain::Period& last);

  // The figure with target, benchmark and status. An error of the database alone.
  absl::StatusOr<v1::Figure> FigureOf(const v1::KpiDefinition& kpi, const domain::Period& period);

  // All that was counted for it, without the explanations of due times. The figure that is asked
  // for afterwards is what this adds up to.
  absl::StatusOr<std::vector<v1::Evidence>> EvidenceOf(const v1::KpiDefinition& kpi,
                                                       const domain::Period& period);

 private:
  // At least those that count from then on.
  absl::StatusOr<const std::vector<domain::Span>*> SpansOf(const v1::Stream& stream,
                                                           absl::Time from);
  absl::StatusOr<std::vector<v1::Evidence>> EvidenceSince(absl::Time from,
                                                          const v1::KpiDefinition& kpi,
                                                          const domain::Period& period);
  // Of the month, what was counted when it came; null where that is not known.
  absl::StatusOr<const Tallies*> TalliesFor(const v1::KpiDefinition& kpi,
                                            const domain::Period& period);
  absl::StatusOr<const std::vector<domain::ReportedMonth>*> ReportedOf(
      const v1::KpiDefinition& kpi);
  // Of a count, from when on it is known (Figure.known_from_time).
  absl::StatusOr<std::optional<absl::Time>> KnownFromOf(const v1::KpiDefinition& kpi);
  const v1::Figure* Keep(v1::Figure figure, const domain::Period& period);
  // Without status.
  absl::StatusOr<const v1::Figure*> Bare(const v1::KpiDefinition& kpi,
                                         const domain::Period& period);

  ledger::Ledger* const ledger_;
  const v1::Catalogue* const catalogue_;
  const std::string agency_id_;
  const When when_;
  const domain::Period first_;
  const domain::Period last_;
  struct Spans {
    absl::Time from;
    std::vector<domain::Span> spans;
  };
  std::map<std::string, Spans> spans_;
  bool has_tallies_read_ = false;
  std::optional<Tallies> tallies_;
  std::optional<Reports> reported_;
  std::optional<OnRecord> on_record_;
  std::map<std::pair<std::string, std::string>, v1::Figure> figures_;
};

}  // namespace fosterwatch::kpis
