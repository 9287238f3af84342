// How a fact changes a carer. Total: every recorded fact applies to the state it was recorded on.
#pragma once

#include <string>

#include "absl/time/time.h"

#include "fosterwatch/carers/v1/carer_facts.pb.h"

namespace fosterwatch::carers::domain {

// What the ledger says of the fact.
struct Stamp {
  std::string fact_id;
  absl::Time recorded;
  std::string actor;
};

void Evolve(v1::Carer& carer, const v1::CarersFact& fact, const Stamp& stamp);

}  // namespace fosterwatch::carers::domain
