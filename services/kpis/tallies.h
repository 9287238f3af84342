// Figures of a month from what was counted when the facts came, so that reading one takes as long
// whatever the register holds.
//
// view.tally has, for each measure that can be added up (Measure.tally), what the elements add
// to its numerator, denominator and sum on each day and in each month of Europe/London; it changes
// with the elements, in the same transaction (view.take_tallied). A figure of a month that is over
// is a sum of months. One of a month that goes on is a sum of months and of days to the one of the
// moment it is as at; only the elements of which something is still to come on that day are read,
// and counted as domain/figure.h says.
//
// What is counted follows from the definitions, as reference.tally_rule; where these are not those
// of this program, nothing is read here and figures come from all elements (observations.h), which
// gives the same, slower. history_test.cc holds the two together.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/pg/connection.h"
#include "services/kpis/domain/figure.h"
#include "services/kpis/domain/period.h"
#include "services/kpis/domain/span.h"

namespace fosterwatch::kpis {

// Advisory locks: of all tallies, and the space of those of an agency each.
inline constexpr int kTallyLock = 793145001;
inline constexpr int kTallySpace = 793145002;

// The tables and functions. `role` is that of the service.
std::string TallySql(const std::string& role);

// Makes the tallies of all agencies follow the catalogue: at the start of a program whose
// definitions count otherwise than those before, all are made anew, and nothing is taken meanwhile.
// `relay_conninfo` is of the role that sees all agencies.
absl::Status KeepTallies(const std::string& relay_conninfo, const v1::Catalogue& catalogue);

// For whoever makes the elements anew, in the same transaction: before and after.
absl::Status HoldTallies(pg::Connection& tx);
absl::Status RemakeTallies(pg::Connection& tx);

// Whether there are tallies of this figure: of a month, of a measure that is tallied.
bool IsTallied(const v1::KpiDefinition& kpi, const domain::Period& period);

// Of one agency, as is known now.
class Tallies {
 public:
  // For figures as at a moment of months from `first` to `last`. nullopt where the tallies are not
  // of this catalogue.
  static absl::StatusOr<std::optional<Tallies>> Read(ledger::Ledger& ledger,
                                                     const std::string& agency_id,
                                                     const v1::Catalogue& catalogue,
                                                     absl::Time as_at, absl::CivilMonth first,
                                                     absl::CivilMonth last);

  // What it reads.
  static pg::Statement StatementOf(const std::string& agency_id, const v1::Catalogue& catalogue,
                                   absl::Time as_at, absl::CivilMonth first, absl::CivilMonth last);

  // What is counted for a month of those, which has begun.
  domain::Counted Of(const v1::KpiDefinition& kpi, const domain::Period& month) const;

 private:
  struct Entry {
    std::string share;
    // Nothing: of all days before those that are asked for.
    std::optional<absl::CivilDay> first;
    int64_t numerator = 0;
    int64_t denominator = 0;
    int64_t sum = 0;
  };
  using Entries = std::map<std::string, std::vector<Entry>>;  // by code

  Tallies(const v1::Catalogue* catalogue, absl::Time as_at)
      : catalogue_(catalogue), as_at_(as_at) {}
  const std::vector<Entry>& Of(const Entries& entries, const std::string& code) const;

  const v1::Catalogue* catalogue_;
  absl::Time as_at_;
  Entries months_;
  // Of the month that goes on: its days, without what `touched_` adds to them and before.
  Entries days_;
  // By stream: what begins, ends or falls due after as_at, on that day.
  std::map<std::string, std::vector<domain::Span>> touched_;
};

}  // namespace fosterwatch::kpis
