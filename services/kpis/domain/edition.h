// Editions: the figures of a set in a month, as they were stated, and the restatements of what has
// become known since. Pure functions over all editions of one set and month.
//
// An edition never changes. A figure of the last edition that is no longer what was last stated
// waits as a restatement until a person accepts it, with a reason; where it becomes what was stated
// again, or another figure, what waited falls away.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/edition.pb.h"
#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "services/kpis/domain/reported.h"

namespace fosterwatch::kpis::domain {

v1::StatedFigure StatedFigureOf(const v1::Figure& figure);
// With `history` oldest first.
v1::StatedKpi StatedKpiOf(const v1::KpiDefinition& kpi, const v1::Figure& figure,
                          const std::vector<v1::Figure>& history);

// The text whose hash an edition carries: "edition board 2026-10 1 2026-11-22T14:03:07.123456Z",
// then for each KPI "SC5 version=1" and a line for each figure, its own first:
// "2026-10 value=36.7 of=11/30 target=27.3 status=3"; an absent value is "-". Numbers are written
// with 17 digits at most, so that they read back the same.
std::string ContentOf(const v1::Edition& edition);

struct Freezing {
  std::string set;
  std::string period;
  std::vector<v1::StatedKpi> kpis;
  std::string person_id;
  absl::Time now;
};

// The next edition. FAILED_PRECONDITION: MONTH_NOT_OVER, RESTATEMENTS_WAITING, UNCHANGED (the last
// edition states the same), NOTHING_TO_STATE (no figure of the set has a value).
absl::StatusOr<Facts> Freeze(const v1::EditionFile& file, const Freezing& freezing,
                             absl::FunctionRef<std::string(absl::string_view)> sha256);

// What follows for the last edition from its figures as they are now, by code; a KPI that is no
// longer there says nothing. `causes` names the fact after which a figure was another one, where it
// is known. Asked again with the same figures it gives nothing.
Facts Compare(const v1::EditionFile& file, const std::map<std::string, v1::StatedFigure>& figures,
              const std::map<std::string, std::string>& causes, absl::Time now);

// INVALID_ARGUMENT (reason); NOT_FOUND; FAILED_PRECONDITION (NOT_WAITING).
absl::StatusOr<Facts> Accept(const v1::EditionFile& file, absl::string_view restatement_id,
                             absl::string_view reason, absl::string_view person_id, absl::Time now);

// Null where there is none of that id.
const v1::Edition* FindEdition(const v1::EditionFile& file, absl::string_view edition_id);
const v1::Restatement* FindRestatement(const v1::EditionFile& file,
                                       absl::string_view restatement_id);

// Applies one fact, which was recorded then; total.
void Evolve(v1::EditionFile& file, const v1::KpiFact& fact, absl::Time recorded);

}  // namespace fosterwatch::kpis::domain
