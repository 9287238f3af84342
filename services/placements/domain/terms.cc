// The judgement of a household by its terms; what follows from it is in household.cc.
#include <algorithm>
#include <limits>
#include <set>

#include "absl/algorithm/container.h"

#include "services/placements/domain/day.h"
#include "services/placements/domain/household.h"

namespace fosterwatch::placements::domain {
namespace {

using Term = v1::HouseholdTerms::Term;
using Exemption = v1::HouseholdTerms::Exemption;

v1::TermsBreach Breach(v1::TermsBreach::Code code, const std::string& child_id = "") {
  v1::TermsBreach breach;
  breach.set_code(code);
  breach.set_child_id(child_id);
  return breach;
}

// The terms of a day; null where none had begun.
const Term* TermOf(const v1::HouseholdTerms& terms, const std::string& day) {
  const Term* last = nullptr;
  for (const Term& term : terms.terms()) {
    if (term.effective_date() <= day &&
        (last == nullptr || last->effective_date() <= term.effective_date())) {
      last = &term;
    }
  }
  return last;
}

bool InForce(const Exemption& exemption, const std::string& day) {
  return exemption.from_date() <= day &&
         (exemption.until_date().empty() || day <= exemption.until_date());
}

bool Names(const google::protobuf::RepeatedPtrField<std::string>& ids, const std::string& id) {
  return absl::c_find(ids, id) != ids.end();
}

// Against the usual limit, which is all that an exemption lifts (Children Act 1989, Schedule 7):
// those whom none covers; brothers and sisters of one exemption count as one child.
int Counted(const v1::Household& household, const std::string& day) {
  std::set<std::string> covered;
  int groups = 0;
  for (const Exemption& exemption : household.terms().exemptions()) {
    if (!InForce(exemption, day)) continue;
    bool lives_here = false;
    for (const v1::Resident& resident : household.residents()) {
      if (!Names(exemption.child_ids(), resident.child_id())) continue;
      covered.insert(resident.child_id());
      lives_here = true;
    }
    groups += exemption.siblings() && lives_here ? 1 : 0;
  }
  return household.residents_size() - static_cast<int>(covered.size()) + groups;
}

void JudgeResident(const v1::Resident& resident, const Term& term, const std::string& day,
                   std::vector<v1::TermsBreach>& breaches) {
  if (!resident.birth_date().empty() && (term.min_age() > 0 || term.max_age() > 0)) {
    const int age = AgeOn(DayOf(resident.birth_date()), DayOf(day));
    if (age < term.min_age()) {
      breaches.push_back(Breach(v1::TermsBreach::CODE_TOO_YOUNG, resident.child_id()));
    } else if (term.max_age() > 0 && age > term.max_age()) {
      breaches.push_back(Breach(v1::TermsBreach::CODE_TOO_OLD, resident.child_id()));
    }
  }
  if (!term.kinds().empty() && !resident.kind().empty() && !Names(term.kinds(), resident.kind())) {
    breaches.push_back(Breach(v1::TermsBreach::CODE_OTHER_KIND, resident.child_id()));
  }
  if (!term.named_child_ids().empty() && !Names(term.named_child_ids(), resident.child_id())) {
    breaches.push_back(Breach(v1::TermsBreach::CODE_NOT_THE_NAMED_CHILD, resident.child_id()));
  }
}

// What keeps every child away; CODE_UNSPECIFIED where nothing does.
v1::TermsBreach::Code StandingOn(const v1::HouseholdTerms& terms, const std::string& day) {
  if (!terms.ended_date().empty() && terms.ended_date() < day) {
    return v1::TermsBreach::CODE_APPROVAL_ENDED;
  }
  if (terms.approved_date().empty() || day < terms.approved_date()) {
    return v1::TermsBreach::CODE_NOT_APPROVED;
  }
  return terms.suspended() ? v1::TermsBreach::CODE_SUSPENDED : v1::TermsBreach::CODE_UNSPECIFIED;
}

}  // namespace

std::vector<v1::TermsBreach> Breaches(const v1::Household& household, const std::string& day) {
  std::vector<v1::TermsBreach> breaches;
  if (!household.has_terms() || household.residents().empty()) return breaches;
  const v1::HouseholdTerms& terms = household.terms();
  const v1::TermsBreach::Code standing = StandingOn(terms, day);
  if (standing != v1::TermsBreach::CODE_UNSPECIFIED) {
    breaches.push_back(Breach(standing));
    // Without an approval there are no terms.
    if (standing != v1::TermsBreach::CODE_SUSPENDED) return breaches;
  }
  const Term* term = TermOf(terms, day);
  if (term == nullptr) return breaches;
  if (term->max_children() > 0 && household.residents_size() > term->max_children()) {
    breaches.push_back(Breach(v1::TermsBreach::CODE_TOO_MANY_CHILDREN));
  } else if (terms.usual_limit() > 0 && Counted(household, day) > terms.usual_limit()) {
    breaches.push_back(Breach(v1::TermsBreach::CODE_OVER_USUAL_LIMIT));
  }
  for (const v1::Resident& resident : household.residents()) {
    JudgeResident(resident, *term, day, breaches);
  }
  return breaches;
}

int Vacancies(const v1::Household& household, const std::string& day) {
  if (!household.has_terms()) return 0;
  const v1::HouseholdTerms& terms = household.terms();
  const Term* term = TermOf(terms, day);
  if (term == nullptr || StandingOn(terms, day) != v1::TermsBreach::CODE_UNSPECIFIED) return 0;
  const bool in_numbers = term->max_children() > 0;
  if (!in_numbers && terms.usual_limit() <= 0) return 0;
  int free = std::numeric_limits<int>::max();
  if (in_numbers) free = term->max_children() - household.residents_size();
  if (terms.usual_limit() > 0) {
    free = std::min(free, terms.usual_limit() - Counted(household, day));
  }
  if (!term->named_child_ids().empty()) {
    int elsewhere = term->named_child_ids_size();
    for (const v1::Resident& resident : household.residents()) {
      elsewhere -= Names(term->named_child_ids(), resident.child_id()) ? 1 : 0;
    }
    free = std::min(free, elsewhere);
  }
  return std::max(free, 0);
}

std::string NextLook(const v1::Household& household, const std::string& day) {
  std::string next;
  const auto consider = [&](const std::string& candidate) {
    if (candidate > day && (next.empty() || candidate < next)) next = candidate;
  };
  const auto day_after = [](const std::string& last) {
    return last.empty() ? last : TextOf(DayOf(last) + 1);
  };
  if (!household.has_terms()) return next;
  const v1::HouseholdTerms& terms = household.terms();
  consider(terms.approved_date());
  consider(day_after(terms.ended_date()));
  bool by_age = false;
  for (const Term& term : terms.terms()) {
    consider(term.effective_date());
    by_age |= term.min_age() > 0 || term.max_age() > 0;
  }
  for (const Exemption& exemption : terms.exemptions()) {
    consider(exemption.from_date());
    consider(day_after(exemption.until_date()));
  }
  if (!by_age) return next;
  for (const v1::Resident& resident : household.residents()) {
    if (resident.birth_date().empty()) continue;
    const absl::CivilDay birth = DayOf(resident.birth_date());
    consider(TextOf(Birthday(birth, AgeOn(birth, DayOf(day)) + 1)));
  }
  return next;
}

}  // namespace fosterwatch::placements::domain
