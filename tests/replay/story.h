// What a recording is made of: two agencies, events of every kind, each a different way through its
// life, mails that left and one that was refused, an alert that climbed, a record that was parked;
// then complaints and an allegation, each from its record to its end, and an audit.
#pragma once

#include "absl/status/status.h"

#include "tests/support/installation.h"

namespace fosterwatch::replay {

// Plays it on an installation that is set up, by the binary of FOSTERWATCH_BIN_DIR, stops it, and
// leaves its databases behind. A few minutes, since an alert climbs every minute at most.
absl::Status PlayStory(testing::Installation& installation);

}  // namespace fosterwatch::replay
