#include "libs/cloudevents/data.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/json/bytes_to_message.h"
#include "libs/json/to_message.h"
#include "libs/status/error.h"

namespace fosterwatch::cloudevents {
namespace {

// "1,000,000"
std::string Grouped(size_t number) {
  std::string digits = absl::StrCat(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, ",");
  return digits;
}

// What is wrong with the data as a whole is said of the field.
absl::Status OfData(const absl::Status& read) {
  if (read.ok() || !ViolationsOf(read).empty()) return read;
  return Error(read.code(), ReasonOf(read), absl::StrCat("data: ", read.message()),
               {{"data", std::string(read.message())}});
}

}  // namespace

absl::Status CheckEnvelope(absl::string_view id, absl::string_view source, absl::string_view data,
                           size_t max_bytes) {
  if (id.empty()) return InvalidField("id", "ATTRIBUTE_MISSING", "is missing");
  if (source.empty()) return InvalidField("source", "ATTRIBUTE_MISSING", "is missing");
  if (data.size() <= max_bytes) return absl::OkStatus();
  return InvalidField("data", "TOO_LARGE",
                      absl::StrCat("is larger than ", Grouped(max_bytes), " bytes"));
}

absl::Status ReadData(absl::string_view content_type, absl::string_view data,
                      google::protobuf::Message& message) {
  if (content_type.empty() || absl::StartsWithIgnoreCase(content_type, "application/json")) {
    return OfData(json::TextToMessage(data, message));
  }
  if (absl::StartsWithIgnoreCase(content_type, "application/protobuf")) {
    return OfData(json::BytesToMessage(data, message));
  }
  return InvalidField("datacontenttype", "UNSUPPORTED_DATA",
                      "is neither application/json nor application/protobuf");
}

}  // namespace fosterwatch::cloudevents
