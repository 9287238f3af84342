// What an intake reads of a CloudEvent whatever its type is: the one reading of all services that
// take events, so that each refuses the same in the same words. Pure; any thread.
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace fosterwatch::cloudevents {

// INVALID_ARGUMENT: ATTRIBUTE_MISSING of "id" or "source", TOO_LARGE of "data".
absl::Status CheckEnvelope(absl::string_view id, absl::string_view source, absl::string_view data,
                           size_t max_bytes);

// The data as JSON (also where no type is said) or as protobuf's own encoding. INVALID_ARGUMENT:
// UNSUPPORTED_DATA of "datacontenttype"; or what libs/json says of its fields, and of "data" where
// it is of none. Never says a value. On an error the message is half filled.
absl::Status ReadData(absl::string_view content_type, absl::string_view data,
                      google::protobuf::Message& message);

}  // namespace fosterwatch::cloudevents
