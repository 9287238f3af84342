#include "services/notifications/domain/addressees.h"

namespace fosterwatch::notifications::domain {

std::vector<Person> Reachable(const std::vector<Holder>& holders) {
  std::vector<Person> reachable;
  for (const Holder& holder : holders) {
    if (!holder.away) {
      reachable.push_back(holder.person);
    } else if (holder.covered_by) {
      reachable.push_back(*holder.covered_by);
    }
  }
  return reachable;
}

}  // namespace fosterwatch::notifications::domain
