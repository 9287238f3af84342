// The demonstration agency: of the size of the one in the source inspection, every name invented,
// the same on every machine. No mail address in it leads anywhere (RFC 2606), and every telephone
// number is one of those that Ofcom keeps free for fiction.
#pragma once

#include <vector>

#include "fosterwatch/carers/v1/carer.pb.h"
#include "fosterwatch/directory/v1/directory.pb.h"
#include "fosterwatch/placements/v1/child.pb.h"

namespace fosterwatch::app {

struct DemonstrationAgency {
  std::vector<directory::v1::Body> bodies;
  std::vector<directory::v1::RoleHolder> holders;
  std::vector<directory::v1::Publisher> publishers;
  std::vector<carers::v1::Carer> carers;        // 121 mainstream, 136 connected
  std::vector<placements::v1::Child> children;  // 356, all placed with one of the carers
};

DemonstrationAgency MakeDemonstrationAgency();

}  // namespace fosterwatch::app
