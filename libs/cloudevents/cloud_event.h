// CloudEvents 1.0 as they come in, over HTTP (binary, structured, batch) and Kafka (binary,
// structured): https://github.com/cloudevents/spec, bindings "HTTP" and "Kafka", format "JSON".
// Strict: what a producer got wrong is refused by a reason and the attribute, never its value.
// Any thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace fosterwatch::cloudevents {

struct CloudEvent {
  // id and source together are unique: the same pair is the same event, sent again.
  std::string id;
  std::string source;
  std::string type;
  absl::optional<absl::Time> time;
  std::string subject;            // empty: none
  std::string data_schema;        // empty: none
  std::string data_content_type;  // "application/json" where a structured event names none
  std::string data;               // as it was sent; JSON of a structured event, written anew
  std::map<std::string, std::string> extensions;
};

// Names in any case; of repeated headers the first counts.
using Headers = std::vector<std::pair<std::string, std::string>>;

enum class Mode { kBinary, kStructured, kBatch };

// Which mode a Content-Type announces: "application/cloudevents+json", or any other type, which is
// the type of a binary event's data. INVALID_ARGUMENT (UNSUPPORTED_MEDIA_TYPE) for a CloudEvents
// format other than JSON.
absl::StatusOr<Mode> ModeOf(absl::string_view content_type);

// INVALID_ARGUMENT with a violation that names the attribute, and one of the reasons
//   MALFORMED_JSON, JSON_TOO_DEEP, DUPLICATE_FIELD  the text of a structured event
//   NOT_A_CLOUD_EVENT          no specversion at all, or JSON that is no object
//   UNSUPPORTED_SPEC_VERSION   a specversion other than 1.0
//   ATTRIBUTE_MISSING          id, source or type is not there or empty
//   INVALID_ATTRIBUTE          its value is not of the attribute's type, or too long (2,048 bytes)
//   INVALID_ATTRIBUTE_NAME     other than a to z and 0 to 9, or longer than 64
//   INVALID_UTF8               of an attribute
//   INVALID_DATA               data and data_base64 together, or base64 that is none

// A binary event over HTTP: headers "ce-<attribute>" with percent-encoded UTF-8, and Content-Type.
absl::StatusOr<CloudEvent> FromHttp(const Headers& headers, absl::string_view body);

// Of a record on Kafka, binary (headers "ce_<attribute>" in plain UTF-8) or structured, by its
// content-type header. A structured batch is not for Kafka: UNSUPPORTED_MEDIA_TYPE.
absl::StatusOr<CloudEvent> FromKafka(const Headers& headers, absl::string_view value);

// A structured event: a JSON object.
absl::StatusOr<CloudEvent> FromJson(absl::string_view text);

// A batch: a JSON array. One bad event leaves the others; an error of the whole only where the
// text is no JSON array.
absl::StatusOr<std::vector<absl::StatusOr<CloudEvent>>> FromJsonBatch(absl::string_view text);

}  // namespace fosterwatch::cloudevents
