// CloudEvents as the gateway and the intake topic meet them: headers and a body, in any mode.
// Input: the content type, then lines "name: value" up to an empty one, then the body.
#include <string>

#include "fuzz/fuzz.h"
#include "libs/cloudevents/cloud_event.h"

namespace fosterwatch::cloudevents {
namespace {

void Check(const absl::StatusOr<CloudEvent>& event) {
  if (!event.ok()) {
    CHECKED(absl::IsInvalidArgument(event.status()));
    return;
  }
  CHECKED(!event->id.empty() && !event->source.empty() && !event->type.empty());
  CHECKED(event->id.size() <= 2048 && event->source.size() <= 2048);
}

}  // namespace

FUZZ_TARGET(cloudevents) {
  const std::string content_type(fuzz::TakeLine(&input));
  Headers headers = {{"content-type", content_type}};
  while (!input.empty()) {
    const absl::string_view line = fuzz::TakeLine(&input);
    if (line.empty()) break;
    const size_t colon = line.find(": ");
    headers.emplace_back(
        std::string(line.substr(0, colon)),
        colon == absl::string_view::npos ? "" : std::string(line.substr(colon + 2)));
  }
  Check(FromKafka(headers, input));
  const auto mode = ModeOf(content_type);
  if (!mode.ok()) return;
  switch (*mode) {
    case Mode::kBinary:
      return Check(FromHttp(headers, input));
    case Mode::kStructured:
      return Check(FromJson(input));
    case Mode::kBatch:
      if (const auto events = FromJsonBatch(input); events.ok()) {
        for (const auto& event : *events) Check(event);
      }
  }
}

}  // namespace fosterwatch::cloudevents
