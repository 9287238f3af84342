// Field paths of the catalogue ("explanation.trigger_time"), by protobuf reflection.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace fosterwatch::kpis::domain {

// The descriptor at the end of a path; null where a part is unknown or repeated before the end.
const google::protobuf::FieldDescriptor* FieldAt(const google::protobuf::Descriptor* message,
                                                 absl::string_view path);

// The value of a string field, or the name of an enum's value; "" where it is not set.
std::string TextAt(const google::protobuf::Message& message, absl::string_view path);

// The moment of a Timestamp field; nullopt where it is not set.
std::optional<absl::Time> TimeAt(const google::protobuf::Message& message, absl::string_view path);

}  // namespace fosterwatch::kpis::domain
