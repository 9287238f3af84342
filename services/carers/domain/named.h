// Whom and what a record names that other registers hold. Pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/carers/v1/carer.pb.h"
#include "libs/status/field_check.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// What the directory has said of the agency, as far as it was heard here.
struct Directory {
  struct Holder {
    std::string person_id;
    absl::Time from;
    absl::Time until;  // exclusive
  };
  std::vector<Holder> holders;
  std::map<std::string, bool> bodies;  // whether it is a local authority

  bool HoldsRole(absl::string_view person_id, absl::Time at) const;
};

// NO_ROLE_HOLDER unless the person held a role in the agency at `at` or holds one now. Where nobody
// is known to hold any, or nobody has asked, there is nothing to judge by.
void CheckHolder(FieldCheck& check, absl::string_view field, const std::string& person_id,
                 absl::Time at, const Context& context);
// NOT_AN_AUTHORITY where the directory has the body as another kind. One that it does not know is
// let through, and shown as unknown.
void CheckAuthority(FieldCheck& check, absl::string_view field, const std::string& body_id,
                    const Context& context);

struct NamedId {
  v1::UnknownReference::Kind kind;
  std::string id;
  v1::UnknownReference::Place place;
};

// The children and bodies that the record names, in the order of UnknownReference.Place; each may
// be there more than once.
std::vector<NamedId> NamedBy(const v1::Carer& carer);

}  // namespace fosterwatch::carers::domain
