// The part of the story that the registers of complaints and of allegations hold, each of their
// ways to an end, so that nothing is left that falls due after the recording; and who may see a
// household.
#pragma once

#include "absl/status/status.h"

#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::replay {

// On an installation that runs, whose registered manager holds the role.
absl::Status PlayRegisters(testing::Installation& installation, const testing::Agency& agency);

}  // namespace fosterwatch::replay
