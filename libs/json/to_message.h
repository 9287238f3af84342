// JSON into a protobuf message by its descriptor, as proto3's JSON mapping has it, but strict:
// protobuf 3.21's own reader, told to ignore unknown fields, turns an unknown enum name into the
// zero value, and its messages repeat the values that they refuse.
//
//   - a field is known by its JSON name or its proto name, and stands once under either;
//   - null is as if the field were not there; inside a list or a map it is refused;
//   - an enum is a known name or a known number; an integer is a number or a decimal string;
//   - a Timestamp is RFC 3339 with an offset, years 0001 to 9999, at most nanoseconds;
//   - bytes are base64, standard or URL-safe, with or without padding;
//   - of a oneof only one member is given.
//
// Of the well-known types messages may hold Timestamp, Duration, and Any of a type that is linked
// into the program; the others are refused as UNIMPLEMENTED. Any thread.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include <nlohmann/json.hpp>

namespace fosterwatch::json {

// Merges the object into `message`. INVALID_ARGUMENT with a violation for each field at fault (20
// at most), named by its proto path ("report.kinds[1]"), never its value. The reason is that of the
// first: UNKNOWN_FIELD, DUPLICATE_FIELD, UNKNOWN_ENUM_VALUE, WRONG_TYPE, OUT_OF_RANGE,
// INVALID_TIMESTAMP, INVALID_DURATION, INVALID_BASE64, ONEOF_CONFLICT, NULL_ELEMENT; of an Any
// REQUIRED and UNKNOWN_TYPE.
// `path` is put before every field's name. On an error the message is half filled.
absl::Status ToMessage(const nlohmann::json& value, google::protobuf::Message& message,
                       absl::string_view path = "");

// Parse (libs/json/parse.h) and ToMessage. Text that is empty is MALFORMED_JSON.
absl::Status TextToMessage(absl::string_view text, google::protobuf::Message& message);

}  // namespace fosterwatch::json
