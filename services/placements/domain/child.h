// What may be recorded about a child and the authorities that answer for the child.
#pragma once

#include "absl/status/status.h"

#include "fosterwatch/placements/v1/child.pb.h"

namespace fosterwatch::placements::domain {

// What the directory and the carer register say about the ids that the child's record names.
struct Known {
  bool responsible_authority = false;
  bool area_authority = false;
  bool carer = false;
};

// A child needs an id (1 to 64 visible characters), a name, an ISO day of birth, both authorities,
// and, where placed, a carer; all of them known. Errors name the field as in RecordChildRequest.
absl::Status CheckChild(const v1::Child& child, const Known& known);

}  // namespace fosterwatch::placements::domain
