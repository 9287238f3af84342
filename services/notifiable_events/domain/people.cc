#include "services/notifiable_events/domain/people.h"

#include <algorithm>

namespace fosterwatch::notifiable_events::domain {

bool People::HoldsAnyRole(absl::string_view person_id, absl::Time at) const {
  return std::any_of(holders.begin(), holders.end(), [&](const Holder& holder) {
    return holder.person_id == person_id && holder.from <= at && at < holder.until;
  });
}

bool People::Holds(absl::string_view person_id, options::v1::Role role, absl::Time at) const {
  return std::any_of(holders.begin(), holders.end(), [&](const Holder& holder) {
    return holder.person_id == person_id && holder.role == role && holder.from <= at &&
           at < holder.until;
  });
}

const Delegation* People::DelegationTo(absl::string_view person_id, absl::Time at) const {
  for (const Delegation& delegation : delegations) {
    if (delegation.to_person_id == person_id && delegation.from_person_id != person_id &&
        delegation.HoldsAt(at) &&
        Holds(delegation.from_person_id, options::v1::ROLE_REGISTERED_MANAGER, at)) {
      return &delegation;
    }
  }
  return nullptr;
}

}  // namespace fosterwatch::notifiable_events::domain
