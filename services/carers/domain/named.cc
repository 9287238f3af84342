#include "services/carers/domain/named.h"

#include <algorithm>

#include "services/carers/domain/register.h"

namespace fosterwatch::carers::domain {

using Unknown = v1::UnknownReference;

bool Directory::HoldsRole(absl::string_view person_id, absl::Time at) const {
  return std::any_of(holders.begin(), holders.end(), [&](const Holder& holder) {
    return holder.person_id == person_id && holder.from <= at && at < holder.until;
  });
}

void CheckHolder(FieldCheck& check, absl::string_view field, const std::string& person_id,
                 absl::Time at, const Context& context) {
  const Directory* directory = context.directory;
  if (person_id.empty() || directory == nullptr || directory->holders.empty()) return;
  if (directory->HoldsRole(person_id, at) || directory->HoldsRole(person_id, context.now)) return;
  check.Refuse(field, "NO_ROLE_HOLDER", "holds no role in the agency, and held none then");
}

void CheckAuthority(FieldCheck& check, absl::string_view field, const std::string& body_id,
                    const Context& context) {
  if (context.directory == nullptr) return;
  const auto found = context.directory->bodies.find(body_id);
  if (found != context.directory->bodies.end() && !found->second) {
    check.Refuse(field, "NOT_AN_AUTHORITY", "is no local authority");
  }
}

std::vector<NamedId> NamedBy(const v1::Carer& carer) {
  std::vector<NamedId> named;
  const auto add = [&](Unknown::Kind kind, const std::string& id, Unknown::Place place) {
    if (!id.empty()) named.push_back({kind, id, place});
  };
  add(Unknown::KIND_CHILD, carer.temporary_approval().child_id(),
      Unknown::PLACE_TEMPORARY_APPROVAL);
  for (const v1::Exemption& exemption : ExemptionsOf(carer)) {
    for (const std::string& child : exemption.child_ids()) {
      add(Unknown::KIND_CHILD, child, Unknown::PLACE_EXEMPTION);
    }
    add(Unknown::KIND_BODY, exemption.body_id(), Unknown::PLACE_EXEMPTION);
  }
  for (const v1::Visit& visit : carer.visits()) {
    for (const auto& seen : visit.seen()) {
      add(Unknown::KIND_CHILD, seen.child_id(), Unknown::PLACE_VISIT);
    }
  }
  for (const v1::DatedTerms& terms : TermsOf(carer)) {
    for (const std::string& child : terms.terms().named_child_ids()) {
      add(Unknown::KIND_CHILD, child, Unknown::PLACE_TERMS);
    }
  }
  for (const v1::Review& review : carer.reviews()) {
    for (const std::string& child : review.child_ids_heard()) {
      add(Unknown::KIND_CHILD, child, Unknown::PLACE_REVIEW);
    }
    for (const std::string& body : review.authority_ids_heard()) {
      add(Unknown::KIND_BODY, body, Unknown::PLACE_REVIEW);
    }
  }
  return named;
}

}  // namespace fosterwatch::carers::domain
