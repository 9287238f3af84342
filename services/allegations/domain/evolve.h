// How the facts of an allegation make its state.
#pragma once

#include <string>

#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/allegation.pb.h"
#include "fosterwatch/allegations/v1/allegation_facts.pb.h"

namespace fosterwatch::allegations::domain {

// What the ledger knows of a fact beside the fact.
struct FactStamp {
  std::string fact_id;
  absl::Time recorded_time;
  std::string actor;
};

// Tells alerts of before apart from those of after whom it is about became another: "" at first,
// then
// "-s1", "-s2".
std::string SubjectEpisode(const v1::Allegation& allegation);

// Applies one fact: version grows by one and the timeline by one entry. Total: also a fact that no
// decision would give on this state is applied.
void Evolve(v1::Allegation& allegation, const v1::AllegationFact& fact, const FactStamp& stamp);

}  // namespace fosterwatch::allegations::domain
