// A record of the intake topic, from its headers to the facts: the CloudEvent, its data as a
// report, and the rules. Input as cloudevents_fuzz.cc has it.
#include <string>

#include "absl/strings/match.h"

#include "fuzz/fuzz.h"
#include "libs/cloudevents/cloud_event.h"
#include "libs/json/bytes_to_message.h"
#include "libs/json/to_message.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events {

FUZZ_TARGET(intake) {
  cloudevents::Headers headers = {{"content-type", std::string(fuzz::TakeLine(&input))}};
  while (!input.empty()) {
    const absl::string_view line = fuzz::TakeLine(&input);
    if (line.empty()) break;
    const size_t colon = line.find(": ");
    headers.emplace_back(
        std::string(line.substr(0, colon)),
        colon == absl::string_view::npos ? "" : std::string(line.substr(colon + 2)));
  }
  const auto event = cloudevents::FromKafka(headers, input);
  if (!event.ok()) return;
  v1::ReportEventRequest request;
  const bool protobuf =
      absl::StartsWithIgnoreCase(event->data_content_type, "application/protobuf");
  const absl::Status read = protobuf ? json::BytesToMessage(event->data, *request.mutable_report())
                                     : json::TextToMessage(event->data, *request.mutable_report());
  if (!read.ok()) return;
  const auto facts = domain::DecideReport(request);
  if (!facts.ok()) return;
  CHECKED(!facts->empty());
  v1::NotifiableEvent reported;
  domain::ApplyAll(reported, *facts, domain::kCaseworker);
  CHECKED(reported.state() == v1::NotifiableEvent::STATE_OPEN);
}

}  // namespace fosterwatch::notifiable_events
