#include "services/placements/domain/household.h"

#include <algorithm>
#include <utility>

#include "libs/clock/proto_time.h"
#include "services/placements/domain/day.h"

namespace fosterwatch::placements::domain {
namespace {

constexpr char kOutsideTerms[] = "PLACEMENT_OUTSIDE_TERMS";

bool SameBreach(const v1::TermsBreach& a, const v1::TermsBreach& b) {
  return a.code() == b.code() && a.child_id() == b.child_id();
}

template <typename Breaches>
const v1::TermsBreach* Find(const Breaches& breaches, const v1::TermsBreach& breach) {
  for (const v1::TermsBreach& one : breaches) {
    if (SameBreach(one, breach)) return &one;
  }
  return nullptr;
}

const v1::Resident* FindResident(const v1::Household& household, const std::string& child_id) {
  for (const v1::Resident& resident : household.residents()) {
    if (resident.child_id() == child_id) return &resident;
  }
  return nullptr;
}

void RemoveResident(v1::Household& household, const std::string& child_id) {
  auto& residents = *household.mutable_residents();
  residents.erase(
      std::remove_if(residents.begin(), residents.end(),
                     [&](const v1::Resident& resident) { return resident.child_id() == child_id; }),
      residents.end());
}

// The facts, and the judgement of the household that they leave.
Facts Judged(v1::Household household, Facts facts, const Moment& moment) {
  for (const v1::PlacementsFact& fact : facts) {
    EvolveHousehold(household, fact, household.carer_id());
  }
  const std::string today = LondonDayText(moment.now);
  v1::HouseholdJudged judged;
  for (v1::TermsBreach breach : Breaches(household, today)) {
    if (const v1::TermsBreach* known = Find(household.breaches(), breach)) {
      *judged.add_breaches() = *known;
      continue;
    }
    breach.set_attention_id(moment.new_id());
    *breach.mutable_found_time() = clock::ToProto(moment.now);
    *judged.add_breaches() = breach;
    v1::PlacementsFact fact;
    type::v1::AttentionNeeded& needed = *fact.mutable_attention_needed();
    needed.set_attention_id(breach.attention_id());
    needed.set_code(kOutsideTerms);
    needed.set_subject_id(household.carer_id());
    facts.push_back(std::move(fact));
  }
  for (const v1::TermsBreach& known : household.breaches()) {
    if (Find(judged.breaches(), known) != nullptr) continue;
    v1::PlacementsFact fact;
    type::v1::AttentionSettled& settled = *fact.mutable_attention_settled();
    settled.set_attention_id(known.attention_id());
    settled.set_subject_id(household.carer_id());
    facts.push_back(std::move(fact));
  }
  judged.set_vacancies(Vacancies(household, today));
  judged.set_next_look_date(NextLook(household, today));
  // How far it was judged is worth a fact only with something else.
  v1::HouseholdJudged before;
  *before.mutable_breaches() = household.breaches();
  before.set_vacancies(household.vacancies());
  before.set_next_look_date(household.next_look_date());
  if (before.SerializeAsString() == judged.SerializeAsString()) return facts;
  judged.set_judged_date(today);
  v1::PlacementsFact fact;
  *fact.mutable_household_judged() = std::move(judged);
  facts.push_back(std::move(fact));
  return facts;
}

}  // namespace

void EvolveHousehold(v1::Household& household, const v1::PlacementsFact& fact,
                     const std::string& carer_id) {
  household.set_carer_id(carer_id);
  if (fact.has_resident_joined()) {
    const v1::Resident& resident = fact.resident_joined().resident();
    RemoveResident(household, resident.child_id());
    *household.add_residents() = resident;
    std::sort(
        household.mutable_residents()->begin(), household.mutable_residents()->end(),
        [](const v1::Resident& a, const v1::Resident& b) { return a.child_id() < b.child_id(); });
  } else if (fact.has_resident_left()) {
    RemoveResident(household, fact.resident_left().child_id());
  } else if (fact.has_household_terms_noted()) {
    *household.mutable_terms() = fact.household_terms_noted().terms();
  } else if (fact.has_household_judged()) {
    const v1::HouseholdJudged& judged = fact.household_judged();
    *household.mutable_breaches() = judged.breaches();
    household.set_vacancies(judged.vacancies());
    household.set_judged_date(judged.judged_date());
    household.set_next_look_date(judged.next_look_date());
  }
}

Facts SetResident(const v1::Household& household, const std::string& child_id,
                  const std::optional<v1::Resident>& resident, const Moment& moment) {
  const v1::Resident* known = FindResident(household, child_id);
  v1::PlacementsFact fact;
  if (!resident) {
    if (known == nullptr) return {};
    fact.mutable_resident_left()->set_child_id(child_id);
  } else {
    if (known != nullptr && known->SerializeAsString() == resident->SerializeAsString()) return {};
    *fact.mutable_resident_joined()->mutable_resident() = *resident;
  }
  return Judged(household, {fact}, moment);
}

Facts NoteTerms(const v1::Household& household, const v1::HouseholdTerms& terms,
                const Moment& moment) {
  if (household.has_terms() && household.terms().SerializeAsString() == terms.SerializeAsString()) {
    return {};
  }
  v1::PlacementsFact fact;
  *fact.mutable_household_terms_noted()->mutable_terms() = terms;
  return Judged(household, {fact}, moment);
}

Facts Look(const v1::Household& household, const Moment& moment) {
  return Judged(household, {}, moment);
}

std::optional<v1::Resident> ResidentOf(const v1::ChildFile& file, const std::string& carer_id) {
  const v1::Placement* current = Current(file);
  if (current == nullptr || current->carer_id() != carer_id) return std::nullopt;
  v1::Resident resident;
  resident.set_child_id(file.child_id());
  resident.set_placement_id(current->placement_id());
  resident.set_start_date(current->start_date());
  resident.set_placement_code(current->placement_code());
  resident.set_kind(current->kind());
  resident.set_birth_date(file.birth_date());
  return resident;
}

}  // namespace fosterwatch::placements::domain
