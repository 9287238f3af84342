// absl::Time <-> google.protobuf.Timestamp. Both are moments in UTC; neither knows a time zone.
#pragma once

#include "absl/time/time.h"
#include <google/protobuf/timestamp.pb.h>

namespace fosterwatch::clock {

// Rounds down to a microsecond, which is what PostgreSQL keeps, so that a moment survives the
// ledger unchanged. The infinite times become the ends of Timestamp's range (years 1 and 9999).
google::protobuf::Timestamp ToProto(absl::Time time);

// Whether the message is within the range that google.protobuf.Timestamp allows.
bool IsValid(const google::protobuf::Timestamp& timestamp);

// The moment; of an unset message, 1970-01-01. Check IsValid first on what comes from outside.
absl::Time FromProto(const google::protobuf::Timestamp& timestamp);

}  // namespace fosterwatch::clock
