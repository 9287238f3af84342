// What may stand in the directory. Pure; errors name the field as in the request.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory.pb.h"

namespace fosterwatch::directory::domain {

// An id that people choose: 1 to 64 lower-case letters, digits, hyphens.
bool IsBodyId(const std::string& id);

// A body needs an id, a kind, a name and at least one contact with an address; a contact by
// telephone or form is always released by a person.
absl::Status CheckBody(const v1::Body& body);

// A holder needs a person, a role of people (not publisher or service), a name, a mail address
// and a beginning.
absl::Status CheckHolder(const v1::RoleHolder& holder);

// A CloudEvents source: a URI reference of 1 to 200 visible characters.
absl::Status CheckPublisher(const v1::Publisher& publisher);

// Holds the role at that moment: from inclusive, until exclusive.
bool HoldsAt(const v1::RoleHolder& holder, absl::Time moment);

}  // namespace fosterwatch::directory::domain
