#include "libs/json/to_message.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

#include "libs/json/parse.h"
#include "libs/json/time.h"
#include "libs/status/error.h"

namespace fosterwatch::json {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Json = nlohmann::json;

constexpr size_t kMostViolations = 20;

bool IsDigits(absl::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

// "1.5s"
std::optional<absl::Duration> ParseProtoDuration(absl::string_view text) {
  if (text.size() < 2 || text.back() != 's') return std::nullopt;
  absl::string_view number = text.substr(0, text.size() - 1);
  if (number[0] == '-') number.remove_prefix(1);
  const size_t dot = number.find('.');
  if (!IsDigits(number.substr(0, dot)) || number.substr(0, dot).size() > 12) return std::nullopt;
  if (dot != absl::string_view::npos &&
      (!IsDigits(number.substr(dot + 1)) || number.size() - dot > 10)) {
    return std::nullopt;
  }
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) return std::nullopt;
  if (absl::AbsDuration(duration) > absl::Seconds(315576000000)) return std::nullopt;
  return duration;
}

class Walk {
 public:
  absl::Status Run(const Json& value, Message& message, absl::string_view path) {
    ReadMessage(value, message, path);
    if (!failure_.ok()) return failure_;
    if (violations_.empty()) return absl::OkStatus();
    const std::string text = absl::StrCat(violations_[0].field, ": ", violations_[0].description);
    return Error(absl::StatusCode::kInvalidArgument, reason_, text, std::move(violations_));
  }

 private:
  void Refuse(absl::string_view field, absl::string_view reason, absl::string_view description) {
    if (violations_.empty()) reason_ = std::string(reason);
    if (violations_.size() == kMostViolations) return;
    violations_.push_back(
        {field.empty() ? "(message)" : std::string(field), std::string(description)});
  }

  void ReadMessage(const Json& value, Message& message, absl::string_view path) {
    const Descriptor* descriptor = message.GetDescriptor();
    if (descriptor->full_name() == "google.protobuf.Timestamp") {
      return ReadTimestamp(value, message, path);
    }
    if (descriptor->full_name() == "google.protobuf.Duration") {
      return ReadDuration(value, message, path);
    }
    if (descriptor->full_name() == "google.protobuf.Any") return ReadAny(value, message, path);
    if (descriptor->file()->package() == "google.protobuf") {
      failure_ = absl::UnimplementedError(
          absl::StrCat("messages of ", descriptor->full_name(), " are not read from JSON"));
      return;
    }
    if (!value.is_object()) return Refuse(path, "WRONG_TYPE", "is not an object");
    absl::flat_hash_set<const FieldDescriptor*> seen;
    absl::flat_hash_set<const google::protobuf::OneofDescriptor*> chosen;
    for (const auto& [name, element] : value.items()) {
      const FieldDescriptor* field = FieldOf(*descriptor, name);
      if (field == nullptr) {
        Refuse(Join(path, SafeName(name)), "UNKNOWN_FIELD", "is not a field of this message");
        continue;
      }
      const std::string field_path = Join(path, field->name());
      if (!seen.insert(field).second) {
        Refuse(field_path, "DUPLICATE_FIELD", "is given twice, by two spellings of its name");
        continue;
      }
      if (element.is_null()) continue;
      if (field->real_containing_oneof() != nullptr &&
          !chosen.insert(field->real_containing_oneof()).second) {
        Refuse(field_path, "ONEOF_CONFLICT",
               absl::StrCat("excludes another given field of ",
                            field->real_containing_oneof()->name()));
        continue;
      }
      ReadField(element, message, *field, field_path);
    }
  }

  static std::string Join(absl::string_view path, absl::string_view name) {
    return path.empty() ? std::string(name) : absl::StrCat(path, ".", name);
  }

  static const FieldDescriptor* FieldOf(const Descriptor& descriptor, const std::string& name) {
    if (const FieldDescriptor* field = descriptor.FindFieldByName(name)) return field;
    for (int i = 0; i < descriptor.field_count(); ++i) {
      if (descriptor.field(i)->json_name() == name) return descriptor.field(i);
    }
    return nullptr;
  }

  void ReadField(const Json& value, Message& message, const FieldDescriptor& field,
                 const std::string& path) {
    const Reflection& reflection = *message.GetReflection();
    if (field.is_map()) return ReadMap(value, message, field, path);
    if (field.is_repeated()) {
      if (!value.is_array()) return Refuse(path, "WRONG_TYPE", "is not a list");
      for (size_t i = 0; i < value.size(); ++i) {
        const std::string element_path = absl::StrCat(path, "[", i, "]");
        if (value[i].is_null()) {
          Refuse(element_path, "NULL_ELEMENT", "is null");
        } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
          ReadMessage(value[i], *reflection.AddMessage(&message, &field), element_path);
        } else {
          ReadScalar(value[i], message, field, element_path);
        }
      }
      return;
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return ReadMessage(value, *reflection.MutableMessage(&message, &field), path);
    }
    ReadScalar(value, message, field, path);
  }

  // A map is a repeated entry of a key and a value.
  void ReadMap(const Json& value, Message& message, const FieldDescriptor& field,
               const std::string& path) {
    if (!value.is_object()) return Refuse(path, "WRONG_TYPE", "is not an object");
    const FieldDescriptor& key = *field.message_type()->map_key();
    const FieldDescriptor& mapped = *field.message_type()->map_value();
    for (const auto& [name, element] : value.items()) {
      const std::string element_path = absl::StrCat(path, "[", SafeName(name), "]");
      if (element.is_null()) {
        Refuse(element_path, "NULL_ELEMENT", "is null");
        continue;
      }
      Message& entry = *message.GetReflection()->AddMessage(&message, &field);
      Json key_value = name;
      if (key.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
        if (name == "true" || name == "false") key_value = name == "true";
      }
      ReadScalar(key_value, entry, key, absl::StrCat(element_path, ".key"));
      ReadField(element, entry, mapped, element_path);
    }
  }

  // Sets the field, or adds to it where it is repeated.
  void ReadScalar(const Json& value, Message& message, const FieldDescriptor& field,
                  const std::string& path) {
    const Reflection& to = *message.GetReflection();
    const bool add = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        if (!value.is_boolean()) return Refuse(path, "WRONG_TYPE", "is neither true nor false");
        if (add) return to.AddBool(&message, &field, value.get<bool>());
        return to.SetBool(&message, &field, value.get<bool>());
      case FieldDescriptor::CPPTYPE_INT32:
        if (const auto number = ReadInteger<int32_t>(value, path)) {
          if (add) return to.AddInt32(&message, &field, *number);
          to.SetInt32(&message, &field, *number);
        }
        return;
      case FieldDescriptor::CPPTYPE_UINT32:
        if (const auto number = ReadInteger<uint32_t>(value, path)) {
          if (add) return to.AddUInt32(&message, &field, *number);
          to.SetUInt32(&message, &field, *number);
        }
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        if (const auto number = ReadInteger<int64_t>(value, path)) {
          if (add) return to.AddInt64(&message, &field, *number);
          to.SetInt64(&message, &field, *number);
        }
        return;
      case FieldDescriptor::CPPTYPE_UINT64:
        if (const auto number = ReadInteger<uint64_t>(value, path)) {
          if (add) return to.AddUInt64(&message, &field, *number);
          to.SetUInt64(&message, &field, *number);
        }
        return;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        if (const auto number = ReadDouble(value, path)) {
          if (add) return to.AddDouble(&message, &field, *number);
          to.SetDouble(&message, &field, *number);
        }
        return;
      case FieldDescriptor::CPPTYPE_FLOAT:
        if (const auto number = ReadDouble(value, path)) {
          if (std::isfinite(*number) && std::abs(*number) > std::numeric_limits<float>::max()) {
            return Refuse(path, "OUT_OF_RANGE", "is out of range");
          }
          if (add) return to.AddFloat(&message, &field, static_cast<float>(*number));
          to.SetFloat(&message, &field, static_cast<float>(*number));
        }
        return;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const google::protobuf::EnumValueDescriptor* known = ReadEnum(value, field, path);
        if (known == nullptr) return;
        if (add) return to.AddEnum(&message, &field, known);
        return to.SetEnum(&message, &field, known);
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        if (!value.is_string()) return Refuse(path, "WRONG_TYPE", "is not a string");
        std::string text = value.get<std::string>();
        if (field.type() == FieldDescriptor::TYPE_BYTES) {
          std::string bytes;
          const bool url_safe = text.find_first_of("-_") != std::string::npos;
          const bool mixed = url_safe && text.find_first_of("+/") != std::string::npos;
          const bool blank = text.find_first_of(" \t\r\n") != std::string::npos;
          if (mixed || blank ||
              !(url_safe ? absl::WebSafeBase64Unescape(text, &bytes)
                         : absl::Base64Unescape(text, &bytes))) {
            return Refuse(path, "INVALID_BASE64", "is not base64");
          }
          text = std::move(bytes);
        }
        if (add) return to.AddString(&message, &field, std::move(text));
        return to.SetString(&message, &field, std::move(text));
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return;
    }
  }

  // A number without a fraction, or its decimals in a string.
  template <typename Integer>
  std::optional<Integer> ReadInteger(const Json& value, const std::string& path) {
    if (value.is_number_unsigned()) {
      const uint64_t number = value.get<uint64_t>();
      if (number <= static_cast<uint64_t>(std::numeric_limits<Integer>::max())) {
        return static_cast<Integer>(number);
      }
    } else if (value.is_number_integer()) {
      const int64_t number = value.get<int64_t>();
      if (number >= 0 || (std::is_signed_v<Integer> &&
                          number >= static_cast<int64_t>(std::numeric_limits<Integer>::min()))) {
        return static_cast<Integer>(number);
      }
    } else if (value.is_number_float()) {
      const double number = value.get<double>();
      if (number != std::trunc(number)) {
        Refuse(path, "WRONG_TYPE", "is not a whole number");
        return std::nullopt;
      }
      // Past 2^53 a double does not say which integer was meant.
      if (std::abs(number) <= 9007199254740992.0 &&
          number >= static_cast<double>(std::numeric_limits<Integer>::min()) &&
          number <= static_cast<double>(std::numeric_limits<Integer>::max())) {
        return static_cast<Integer>(number);
      }
    } else {
      const std::string text = value.is_string() ? value.get<std::string>() : "";
      absl::string_view digits = text;
      if (!digits.empty() && digits[0] == '-') digits.remove_prefix(1);
      if (!IsDigits(digits)) {
        Refuse(path, "WRONG_TYPE", "is not a whole number");
        return std::nullopt;
      }
      Integer number;
      if (absl::SimpleAtoi(text, &number)) return number;
    }
    Refuse(path, "OUT_OF_RANGE", "is out of range");
    return std::nullopt;
  }

  std::optional<double> ReadDouble(const Json& value, const std::string& path) {
    if (value.is_number()) return value.get<double>();
    if (value.is_string()) {
      const std::string& text = value.get_ref<const std::string&>();
      if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
      if (text == "Infinity") return std::numeric_limits<double>::infinity();
      if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
      double number;
      if (text.find_first_not_of("0123456789.eE+-") == std::string::npos &&
          absl::SimpleAtod(text, &number) && std::isfinite(number)) {
        return number;
      }
    }
    Refuse(path, "WRONG_TYPE", "is not a number");
    return std::nullopt;
  }

  const google::protobuf::EnumValueDescriptor* ReadEnum(const Json& value,
                                                        const FieldDescriptor& field,
                                                        const std::string& path) {
    const google::protobuf::EnumValueDescriptor* known = nullptr;
    if (value.is_string()) {
      known = field.enum_type()->FindValueByName(value.get_ref<const std::string&>());
    } else if (value.is_number_integer()) {
      const auto number = ReadInteger<int32_t>(value, path);
      if (!number) return nullptr;
      known = field.enum_type()->FindValueByNumber(*number);
    } else {
      Refuse(path, "WRONG_TYPE", "is not the name of a value");
      return nullptr;
    }
    if (known == nullptr) {
      Refuse(path, "UNKNOWN_ENUM_VALUE",
             absl::StrCat("is no value of ", field.enum_type()->full_name()));
    }
    return known;
  }

  // By reflection: the message may be a dynamic one.
  static void SetSecondsAndNanos(Message& message, int64_t seconds, int32_t nanos) {
    const Descriptor& descriptor = *message.GetDescriptor();
    message.GetReflection()->SetInt64(&message, descriptor.FindFieldByNumber(1), seconds);
    message.GetReflection()->SetInt32(&message, descriptor.FindFieldByNumber(2), nanos);
  }

  void ReadTimestamp(const Json& value, Message& message, absl::string_view path) {
    if (!value.is_string()) return Refuse(path, "WRONG_TYPE", "is not a string");
    const auto time = ParseRfc3339(value.get_ref<const std::string&>());
    if (!time) {
      return Refuse(path, "INVALID_TIMESTAMP",
                    "is not a moment such as 2026-08-01T21:10:00Z or 2026-08-01T22:10:00+01:00");
    }
    const int64_t seconds = absl::ToUnixSeconds(*time);
    const int64_t nanos = absl::ToInt64Nanoseconds(*time - absl::FromUnixSeconds(seconds));
    SetSecondsAndNanos(message, seconds, static_cast<int32_t>(nanos));
  }

  void ReadDuration(const Json& value, Message& message, absl::string_view path) {
    if (!value.is_string()) return Refuse(path, "WRONG_TYPE", "is not a string");
    const auto duration = ParseProtoDuration(value.get_ref<const std::string&>());
    if (!duration) return Refuse(path, "INVALID_DURATION", "is not a length such as 1.5s");
    absl::Duration rest;
    const int64_t seconds = absl::IDivDuration(*duration, absl::Seconds(1), &rest);
    SetSecondsAndNanos(message, seconds, static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  }

  // {"@type":"type.googleapis.com/some.Message", its fields}; what has a JSON form of its own
  // stands under "value".
  void ReadAny(Json value, Message& message, absl::string_view path) {
    if (!value.is_object()) return Refuse(path, "WRONG_TYPE", "is not an object");
    const auto type = value.find("@type");
    if (type == value.end() || !type->is_string()) {
      return Refuse(Join(path, "@type"), "REQUIRED", "is missing");
    }
    const std::string url = type->get<std::string>();
    const Descriptor* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
            url.substr(url.rfind('/') + 1));
    if (descriptor == nullptr || descriptor->options().map_entry() ||
        url.find('/') == std::string::npos) {
      return Refuse(Join(path, "@type"), "UNKNOWN_TYPE", "is no type that is known here");
    }
    const std::unique_ptr<Message> held(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
    value.erase("@type");
    if (descriptor->file()->package() == "google.protobuf") {
      if (value.size() != 1 || !value.contains("value")) {
        return Refuse(Join(path, "value"), "REQUIRED", "is missing, or not alone");
      }
      value = Json(value["value"]);
    }
    ReadMessage(value, *held, path);
    const Descriptor& any = *message.GetDescriptor();
    message.GetReflection()->SetString(&message, any.FindFieldByNumber(1), url);
    message.GetReflection()->SetString(&message, any.FindFieldByNumber(2),
                                       held->SerializeAsString());
  }

  absl::Status failure_;
  std::string reason_;
  std::vector<Violation> violations_;
};

}  // namespace

absl::Status ToMessage(const Json& value, Message& message, absl::string_view path) {
  return Walk().Run(value, message, path);
}

absl::Status TextToMessage(absl::string_view text, Message& message) {
  absl::StatusOr<Json> value = Parse(text);
  if (!value.ok()) return value.status();
  return ToMessage(*value, message);
}

}  // namespace fosterwatch::json
