// Protobuf's own encoding into a message, as strict as to_message.h is with JSON, so that both ways
// in refuse the same.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace fosterwatch::json {

// INVALID_ARGUMENT: MALFORMED_PROTOBUF where the bytes are no such message; else with a violation
// for each field at fault (20 at most), named by its proto path, never its value: UNKNOWN_FIELD (by
// its number: "report.77"), UNKNOWN_ENUM_VALUE, and INVALID_TEXT for a text with U+0000, which no
// database column takes. Any thread.
enum class Unknown { kRefuse, kPassOver };  // fields and enum values
absl::Status BytesToMessage(absl::string_view bytes, google::protobuf::Message& message,
                            Unknown unknown = Unknown::kRefuse);

}  // namespace fosterwatch::json
