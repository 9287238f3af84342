// Destroys the key of a subject where it is kept: in the database of the service that has it.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/pg/connection.h"
#include "libs/privacy/sealer.h"

namespace fosterwatch::privacy {

// Whether there was a key, made before that moment, and it is destroyed now; there is no way back
// once the connection's transaction has committed. The connection sees the subject's agency (row
// level security). A process that has the key at hand forgets it within Sealer's time.
absl::StatusOr<bool> DestroyKey(pg::Connection& connection, const Subject& subject,
                                absl::Time made_before = absl::InfiniteFuture());

}  // namespace fosterwatch::privacy
