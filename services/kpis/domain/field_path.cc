#include "services/kpis/domain/field_path.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/timestamp.pb.h"

#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::kpis::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::string_view kItself = ".";

// The message that holds the path's last field, and that field; nulls where the path breaks off.
std::pair<const Message*, const FieldDescriptor*> Walk(const Element& element,
                                                       absl::string_view path) {
  const Message* at = absl::ConsumePrefix(&path, "/") ? element.fact : element.message;
  if (at == nullptr) return {nullptr, nullptr};
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '.');
  for (size_t i = 0; i < parts.size(); ++i) {
    const FieldDescriptor* field = at->GetDescriptor()->FindFieldByName(std::string(parts[i]));
    if (field == nullptr || field->is_repeated()) return {nullptr, nullptr};
    if (i + 1 == parts.size()) return {at, field};
    if (field->message_type() == nullptr || !at->GetReflection()->HasField(*at, field)) {
      return {nullptr, nullptr};
    }
    at = &at->GetReflection()->GetMessage(*at, field);
  }
  return {nullptr, nullptr};
}

// The words of a part in quotes; nullopt of a path.
std::optional<absl::string_view> Quoted(absl::string_view part) {
  if (absl::ConsumePrefix(&part, "'") && absl::ConsumeSuffix(&part, "'")) return part;
  return std::nullopt;
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

absl::Status CheckPath(const ElementType& type, absl::string_view path, FieldKind kind) {
  if (path == kItself && type.message == nullptr && kind == FieldKind::kText) {
    return absl::OkStatus();
  }
  absl::string_view rest = path;
  const Descriptor* from = absl::ConsumePrefix(&rest, "/") ? type.fact : type.message;
  const FieldDescriptor* field = FieldAt(from, rest);
  if (field == nullptr || field->is_repeated()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no field ", path));
  }
  const Descriptor* message = field->message_type();
  bool right = false;
  switch (kind) {
    case FieldKind::kText:
      right = message == nullptr;
      break;
    case FieldKind::kTime:
      right = message == google::protobuf::Timestamp::descriptor() ||
              field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
      break;
    case FieldKind::kNumber:
      right = field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
              field->cpp_type() == FieldDescriptor::CPPTYPE_INT64;
      break;
    case FieldKind::kExplanation:
      right = message == type::v1::Explanation::descriptor();
      break;
  }
  return right
             ? absl::OkStatus()
             : absl::InvalidArgumentError(absl::StrCat("the field ", path, " is of another type"));
}

absl::Status CheckKey(const ElementType& type, absl::string_view key) {
  for (const absl::string_view part : absl::StrSplit(key, '+')) {
    if (!Quoted(part)) RETURN_IF_ERROR(CheckPath(type, part, FieldKind::kText));
  }
  return absl::OkStatus();
}

std::string TextAt(const Element& element, absl::string_view path) {
  if (path == kItself) return element.text;
  const auto [holder, field] = Walk(element, path);
  if (holder == nullptr) return "";
  const google::protobuf::Reflection* reflection = holder->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnum(*holder, field)->name();
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(*holder, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(*holder, field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection->GetInt32(*holder, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection->GetInt64(*holder, field));
    default:
      return "";
  }
}

std::string KeyAt(const Element& element, absl::string_view key) {
  std::string joined;
  if (key.empty()) return joined;
  for (const absl::string_view part : absl::StrSplit(key, '+')) {
    const auto words = Quoted(part);
    absl::StrAppend(&joined, words ? std::string(*words) : TextAt(element, part));
  }
  return joined;
}

std::optional<absl::Time> TimeAt(const Element& element, absl::string_view path) {
  const auto [holder, field] = Walk(element, path);
  if (holder == nullptr) return std::nullopt;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    absl::CivilDay day;
    if (!absl::ParseCivilTime(holder->GetReflection()->GetString(*holder, field), &day)) {
      return std::nullopt;
    }
    return absl::FromCivil(absl::CivilSecond(day), clock::London());
  }
  if (field->message_type() != google::protobuf::Timestamp::descriptor() ||
      !holder->GetReflection()->HasField(*holder, field)) {
    return std::nullopt;
  }
  return clock::FromProto(static_cast<const google::protobuf::Timestamp&>(
      holder->GetReflection()->GetMessage(*holder, field)));
}

std::optional<int64_t> NumberAt(const Element& element, absl::string_view path) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(TextAt(element, path), &number) || number == 0) return std::nullopt;
  return number;
}

std::string BytesAt(const Element& element, absl::string_view path) {
  const auto [holder, field] = Walk(element, path);
  if (holder == nullptr || field->message_type() == nullptr ||
      !holder->GetReflection()->HasField(*holder, field)) {
    return "";
  }
  return holder->GetReflection()->GetMessage(*holder, field).SerializeAsString();
}

}  // namespace fosterwatch::kpis::domain
