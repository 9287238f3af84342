// Who holds which role, and who may sign for whom, as the directory's facts have said. Persons are
// compared by id, never by role: whoever wears two hats is one person.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/options/v1/options.pb.h"

namespace fosterwatch::notifiable_events::domain {

struct Holder {
  std::string person_id;
  options::v1::Role role;
  absl::Time from;
  absl::Time until = absl::InfiniteFuture();  // exclusive
};

// A registered manager's sign-off, given to another person for a time.
struct Delegation {
  std::string delegation_id;
  std::string from_person_id;
  std::string to_person_id;
  absl::Time from;
  absl::Time until;  // exclusive; that of its end where it was ended earlier

  bool HoldsAt(absl::Time at) const { return from <= at && at < until; }
};

struct People {
  std::vector<Holder> holders;
  std::vector<Delegation> delegations;

  bool HoldsAnyRole(absl::string_view person_id, absl::Time at) const;
  bool Holds(absl::string_view person_id, options::v1::Role role, absl::Time at) const;

  // The delegation under which the person signs for a registered manager then; null where there is
  // none: whoever gave it must hold that role still.
  const Delegation* DelegationTo(absl::string_view person_id, absl::Time at) const;
};

}  // namespace fosterwatch::notifiable_events::domain
