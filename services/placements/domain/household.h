// Who lives with a carer, and whether that is inside what the carer is approved for (regulation
// 27(5)(a): the terms of approval; Children Act 1989, Schedule 7: the usual fostering limit).
//
// Whatever changes in a household is followed by its judgement, in the same facts: each way in
// which it is outside its terms needs attention from then on, once, until it is inside again.
// What time alone changes (a birthday, terms of a later day) is judged on its day by a timer.
//
// Nothing is said of a carer of whom the register of carers has told nothing; of one without terms
// on record only that the approval is there. A child's age is judged where the day of birth is
// known, a kind of placement where it is said.
//
// All functions are pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "services/placements/domain/placement.h"

namespace fosterwatch::placements::domain {

struct Moment {
  absl::Time now;
  std::function<std::string()> new_id;  // of attentions
};

// Total.
void EvolveHousehold(v1::Household& household, const v1::PlacementsFact& fact,
                     const std::string& carer_id);

// The child lives there as `resident` says, or not at all.
Facts SetResident(const v1::Household& household, const std::string& child_id,
                  const std::optional<v1::Resident>& resident, const Moment& moment);
Facts NoteTerms(const v1::Household& household, const v1::HouseholdTerms& terms,
                const Moment& moment);
// Judges it as of today.
Facts Look(const v1::Household& household, const Moment& moment);

// The resident that the child is of the household, by the child's placements; nullopt where the
// child lives elsewhere.
std::optional<v1::Resident> ResidentOf(const v1::ChildFile& file, const std::string& carer_id);

// Every way in which the household is outside its terms on a day ("2026-11-22"); code and child_id
// only, in a fixed order.
std::vector<v1::TermsBreach> Breaches(const v1::Household& household, const std::string& day);
int Vacancies(const v1::Household& household, const std::string& day);
// The first day after it on which time alone may change either; empty where none may.
std::string NextLook(const v1::Household& household, const std::string& day);

}  // namespace fosterwatch::placements::domain
