#include "services/kpis/domain/field_path.h"

#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "google/protobuf/timestamp.pb.h"

#include "libs/clock/proto_time.h"

namespace fosterwatch::kpis::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The message that holds the path's last field, and that field; nulls where the path breaks off.
std::pair<const Message*, const FieldDescriptor*> Walk(const Message& message,
                                                       absl::string_view path) {
  const std::vector<std::string> parts = absl::StrSplit(path, '.');
  const Message* at = &message;
  for (size_t i = 0; i < parts.size(); ++i) {
    const FieldDescriptor* field = at->GetDescriptor()->FindFieldByName(parts[i]);
    if (field == nullptr || field->is_repeated()) return {nullptr, nullptr};
    if (i + 1 == parts.size()) return {at, field};
    if (field->message_type() == nullptr || !at->GetReflection()->HasField(*at, field)) {
      return {nullptr, nullptr};
    }
    at = &at->GetReflection()->GetMessage(*at, field);
  }
  return {nullptr, nullptr};
}

}  // namespace

const FieldDescriptor* FieldAt(const Descriptor* message, absl::string_view path) {
  const std::vector<std::string> parts = absl::StrSplit(path, '.');
  const FieldDescriptor* field = nullptr;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (message == nullptr) return nullptr;
    field = message->FindFieldByName(parts[i]);
    if (field == nullptr || (field->is_repeated() && i + 1 < parts.size())) return nullptr;
    message = field->message_type();
  }
  return field;
}

std::string TextAt(const Message& message, absl::string_view path) {
  const auto [holder, field] = Walk(message, path);
  if (holder == nullptr) return "";
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return holder->GetReflection()->GetEnum(*holder, field)->name();
  }
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return "";
  return holder->GetReflection()->GetString(*holder, field);
}

std::optional<absl::Time> TimeAt(const Message& message, absl::string_view path) {
  const auto [holder, field] = Walk(message, path);
  if (holder == nullptr || field->message_type() != google::protobuf::Timestamp::descriptor() ||
      !holder->GetReflection()->HasField(*holder, field)) {
    return std::nullopt;
  }
  return clock::FromProto(static_cast<const google::protobuf::Timestamp&>(
      holder->GetReflection()->GetMessage(*holder, field)));
}

}  // namespace fosterwatch::kpis::domain
