// Field paths of the catalogue ("explanation.trigger_time"), by protobuf reflection.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace fosterwatch::kpis::domain {

// What paths start at: an element of a fact. A path that starts with "/" starts at the fact; "." is
// an element that is a text and no message.
struct Element {
  const google::protobuf::Message* fact = nullptr;
  const google::protobuf::Message* message = nullptr;  // null where the element is a text
  std::string text;
};

// The same of their types.
struct ElementType {
  const google::protobuf::Descriptor* fact = nullptr;
  const google::protobuf::Descriptor* message = nullptr;
};

// The descriptor at the end of a path; null where a part is unknown or repeated before the end.
const google::protobuf::FieldDescriptor* FieldAt(const google::protobuf::Descriptor* message,
                                                 absl::string_view path);

// What a path may be read as: a text, a moment, a whole number, an explanation.
enum class FieldKind { kText, kTime, kNumber, kExplanation };

// OK, or INVALID_ARGUMENT that names the path.
absl::Status CheckPath(const ElementType& type, absl::string_view path, FieldKind kind);

// The same of every part of a key or a chain.
absl::Status CheckKey(const ElementType& type, absl::string_view key);

// The value of a string field, the name of an enum's value, a number, "true" or "false"; "" where a
// part of the path is not set.
std::string TextAt(const Element& element, absl::string_view path);

// The parts of a key, joined.
std::string KeyAt(const Element& element, absl::string_view key);

// The moment of a Timestamp field, or the first one of an ISO 8601 day in London; nullopt where it
// is not set.
std::optional<absl::Time> TimeAt(const Element& element, absl::string_view path);

// A whole number; nullopt where it is not set, or 0.
std::optional<int64_t> NumberAt(const Element& element, absl::string_view path);

// The bytes of the message at the path; "" where it is not set.
std::string BytesAt(const Element& element, absl::string_view path);

}  // namespace fosterwatch::kpis::domain
