#include "libs/cloudevents/cloud_event.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/cloudevents/text.h"
#include "libs/json/parse.h"
#include "libs/json/time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::cloudevents {
namespace {

using Json = nlohmann::json;
using Attributes = std::map<std::string, std::string>;

constexpr size_t kLongestAttribute = 2048;
constexpr size_t kLongestName = 64;

absl::Status Refuse(absl::string_view attribute, absl::string_view reason,
                    absl::string_view description) {
  return InvalidField(attribute, reason, description);
}

bool IsAttributeName(absl::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

// Takes the attribute out, so that what is left over are extensions.
std::string Take(Attributes& attributes, const std::string& name) {
  const auto node = attributes.extract(name);
  return node.empty() ? "" : node.mapped();
}

absl::Status CheckValues(const Attributes& attributes) {
  for (const auto& [name, value] : attributes) {
    if (!IsAttributeName(name)) {
      return Refuse(json::SafeName(name), "INVALID_ATTRIBUTE_NAME",
                    "is not made of a to z and 0 to 9");
    }
    if (value.size() > kLongestAttribute) {
      return Refuse(name, "INVALID_ATTRIBUTE", "is longer than 2048 bytes");
    }
    if (!IsUtf8(value)) return Refuse(name, "INVALID_UTF8", "is not UTF-8");
    if (!IsAllowedText(value)) {
      return Refuse(name, "INVALID_ATTRIBUTE", "holds a control character");
    }
  }
  return absl::OkStatus();
}

// Everything but the data.
absl::StatusOr<CloudEvent> FromAttributes(Attributes attributes) {
  if (attributes.count("specversion") == 0) {
    return Refuse("specversion", "NOT_A_CLOUD_EVENT", "is missing: this is no CloudEvent");
  }
  if (attributes.count("data") != 0) {
    return Refuse("data", "INVALID_ATTRIBUTE_NAME", "is not the name of an attribute");
  }
  RETURN_IF_ERROR(CheckValues(attributes));
  if (Take(attributes, "specversion") != "1.0") {
    return Refuse("specversion", "UNSUPPORTED_SPEC_VERSION", "is not 1.0");
  }
  for (const char* name : {"id", "source", "type"}) {
    const auto found = attributes.find(name);
    if (found == attributes.end() || found->second.empty()) {
      return Refuse(name, "ATTRIBUTE_MISSING", "is required");
    }
  }
  for (const char* name : {"subject", "dataschema", "datacontenttype", "time"}) {
    const auto found = attributes.find(name);
    if (found != attributes.end() && found->second.empty()) {
      return Refuse(name, "INVALID_ATTRIBUTE", "is empty");
    }
  }
  CloudEvent event;
  event.id = Take(attributes, "id");
  event.source = Take(attributes, "source");
  event.type = Take(attributes, "type");
  event.subject = Take(attributes, "subject");
  event.data_schema = Take(attributes, "dataschema");
  event.data_content_type = Take(attributes, "datacontenttype");
  const std::string time = Take(attributes, "time");
  if (!IsUriReference(event.source)) {
    return Refuse("source", "INVALID_ATTRIBUTE", "is not a URI reference");
  }
  if (!IsUriReference(event.data_schema)) {
    return Refuse("dataschema", "INVALID_ATTRIBUTE", "is not a URI");
  }
  if (!event.data_content_type.empty() && !IsMediaType(event.data_content_type)) {
    return Refuse("datacontenttype", "INVALID_ATTRIBUTE", "is not a media type");
  }
  if (!time.empty()) {
    event.time = json::ParseRfc3339(time);
    if (!event.time) {
      return Refuse("time", "INVALID_ATTRIBUTE", "is not a moment such as 2026-08-01T21:10:00Z");
    }
  }
  event.extensions = std::move(attributes);
  return event;
}

// Strings as they are; booleans and integers in their canonical text.
absl::StatusOr<std::string> AttributeText(const std::string& name, const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  const bool standard = name == "id" || name == "source" || name == "type" || name == "time" ||
                        name == "specversion" || name == "subject" || name == "dataschema" ||
                        name == "datacontenttype";
  if (!standard && value.is_boolean()) return std::string(value.get<bool>() ? "true" : "false");
  if (!standard && value.is_number_integer()) {
    const bool fits = value.is_number_unsigned() ? value.get<uint64_t>() <= INT32_MAX
                                                 : value.get<int64_t>() >= INT32_MIN;
    if (fits) return absl::StrCat(value.get<int64_t>());
  }
  return Refuse(json::SafeName(name), "INVALID_ATTRIBUTE",
                standard ? "is not a string" : "is neither a string, a boolean nor an integer");
}

absl::StatusOr<CloudEvent> FromObject(const Json& object) {
  if (!object.is_object()) {
    return Error(absl::StatusCode::kInvalidArgument, "NOT_A_CLOUD_EVENT",
                 "a CloudEvent in JSON is an object");
  }
  Attributes attributes;
  const Json* data = nullptr;
  const Json* data_base64 = nullptr;
  for (const auto& [name, value] : object.items()) {
    if (value.is_null()) continue;  // as if it were not there
    if (name == "data") {
      data = &value;
    } else if (name == "data_base64") {
      data_base64 = &value;
    } else {
      ASSIGN_OR_RETURN(attributes[name], AttributeText(name, value));
    }
  }
  ASSIGN_OR_RETURN(CloudEvent event, FromAttributes(std::move(attributes)));
  if (event.data_content_type.empty()) event.data_content_type = "application/json";
  if (data != nullptr && data_base64 != nullptr) {
    return Refuse("data_base64", "INVALID_DATA", "stands beside data");
  }
  if (data_base64 != nullptr) {
    if (!data_base64->is_string() ||
        !absl::Base64Unescape(data_base64->get_ref<const std::string&>(), &event.data)) {
      return Refuse("data_base64", "INVALID_DATA", "is not base64");
    }
  } else if (data != nullptr) {
    // A string is the data itself, unless the data is JSON: then it is a JSON string.
    const bool verbatim = data->is_string() && !IsJsonMediaType(event.data_content_type);
    event.data = verbatim ? data->get<std::string>() : data->dump();
  }
  return event;
}

std::string HeaderValue(const Headers& headers, absl::string_view name) {
  for (const auto& [header, value] : headers) {
    if (absl::EqualsIgnoreCase(header, name)) return value;
  }
  return "";
}

enum class Encoding { kPercent, kPlain };

absl::StatusOr<CloudEvent> FromHeaders(const Headers& headers, absl::string_view prefix,
                                       Encoding encoding, absl::string_view data) {
  Attributes attributes;
  for (const auto& [header, value] : headers) {
    const std::string name = absl::AsciiStrToLower(header);
    if (!absl::StartsWith(name, prefix)) continue;
    const std::string attribute = name.substr(prefix.size());
    if (attribute == "datacontenttype") {
      return Refuse(attribute, "INVALID_ATTRIBUTE", "is the Content-Type in binary mode");
    }
    if (encoding == Encoding::kPlain) {
      attributes.emplace(attribute, value);
      continue;
    }
    auto decoded = DecodeHeaderValue(value);
    if (!decoded) {
      return Refuse(json::SafeName(attribute), "INVALID_ATTRIBUTE",
                    "has a quoted string or a percent sign without its end");
    }
    attributes.emplace(attribute, *std::move(decoded));
  }
  const std::string content_type(absl::StripAsciiWhitespace(HeaderValue(headers, "content-type")));
  if (!content_type.empty()) attributes.emplace("datacontenttype", content_type);
  ASSIGN_OR_RETURN(CloudEvent event, FromAttributes(std::move(attributes)));
  event.data = std::string(data);
  return event;
}

}  // namespace

absl::StatusOr<Mode> ModeOf(absl::string_view content_type) {
  const std::string type = MediaTypeOf(content_type);
  if (!absl::StartsWith(type, "application/cloudevents")) return Mode::kBinary;
  if (type == "application/cloudevents+json") return Mode::kStructured;
  if (type == "application/cloudevents-batch+json") return Mode::kBatch;
  return Error(absl::StatusCode::kInvalidArgument, "UNSUPPORTED_MEDIA_TYPE",
               "of the CloudEvents formats only JSON is taken");
}

absl::StatusOr<CloudEvent> FromHttp(const Headers& headers, absl::string_view body) {
  return FromHeaders(headers, "ce-", Encoding::kPercent, body);
}

absl::StatusOr<CloudEvent> FromKafka(const Headers& headers, absl::string_view value) {
  ASSIGN_OR_RETURN(const Mode mode, ModeOf(HeaderValue(headers, "content-type")));
  switch (mode) {
    case Mode::kBinary:
      return FromHeaders(headers, "ce_", Encoding::kPlain, value);
    case Mode::kStructured:
      return FromJson(value);
    case Mode::kBatch:
      break;
  }
  return Error(absl::StatusCode::kInvalidArgument, "UNSUPPORTED_MEDIA_TYPE",
               "a record on Kafka holds one event");
}

absl::StatusOr<CloudEvent> FromJson(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json value, json::Parse(text));
  return FromObject(value);
}

absl::StatusOr<std::vector<absl::StatusOr<CloudEvent>>> FromJsonBatch(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json value, json::Parse(text));
  if (!value.is_array()) {
    return Error(absl::StatusCode::kInvalidArgument, "NOT_A_CLOUD_EVENT",
                 "a batch of CloudEvents in JSON is an array");
  }
  std::vector<absl::StatusOr<CloudEvent>> events;
  events.reserve(value.size());
  for (const Json& element : value) events.push_back(FromObject(element));
  return events;
}

}  // namespace fosterwatch::cloudevents
