// Keeps each household as the facts have it: who lives there, from this service's own facts of
// children, and what the carer is approved for, from the register of carers. Both arrive over the
// bus, so that placing a child waits for no household, and an installation from before there were
// households finds theirs by reading the topics from the beginning.
#pragma once

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/carers/v1/carer.pb.h"
#include "libs/bus/bus.h"
#include "libs/duty/loop.h"
#include "libs/ledger/ledger.h"
#include "services/placements/domain/household.h"

namespace fosterwatch::placements {

inline constexpr char kPlacementsTopic[] = "fosterwatch.placements.v1";

class Households {
 public:
  // The ledger outlives it.
  Households(ledger::Ledger* ledger, std::function<absl::Time()> now)
      : ledger_(ledger), now_(std::move(now)) {}

  // What a fact of a child or of a carer changes in households; nullopt where it is of no interest.
  // Reads the child as it is now, so that facts may come in any order of children. Any thread.
  absl::StatusOr<std::optional<ledger::Unit>> Handle(const bus::Record& record) const;

  // Judges a household on the day on which time alone may have changed something.
  ledger::Unit Fire(const duty::Due& due) const;

  // By carer_id, as it is known here; NOT_FOUND where nothing is.
  absl::StatusOr<v1::Household> Get(const std::string& agency_id,
                                    const std::string& carer_id) const;

 private:
  using Decide = std::function<domain::Facts(const v1::Household&, const domain::Moment&)>;
  ledger::Change Change(const std::string& carer_id, Decide decide) const;
  absl::StatusOr<std::optional<ledger::Unit>> OfChild(const std::string& agency_id,
                                                      const v1::PlacementsFact& fact) const;

  ledger::Ledger* const ledger_;
  const std::function<absl::Time()> now_;
};

// What the register of carers says, as far as it bears on who may live with the carer.
v1::HouseholdTerms TermsOf(const carers::v1::Standing& standing);

}  // namespace fosterwatch::placements
