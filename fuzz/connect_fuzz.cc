// What the Connect bridge reads of a call: envelopes, gzip, time-outs, the query of a GET, and JSON
// or bytes as a message of ours. Input: one byte that says what it is, then it.
#include <memory>
#include <string>

#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fuzz/fuzz.h"
#include "libs/json/bytes_to_message.h"
#include "libs/json/to_message.h"
#include "services/gateway/connect_protocol.h"
#include "services/gateway/gzip.h"

namespace fosterwatch::gateway {
namespace {

constexpr size_t kMost = 100'000;

// What is read as a message is written and read again as the same.
void ReadAsMessage(absl::string_view bytes, google::protobuf::Message& message,
                   google::protobuf::Message& again) {
  if (json::BytesToMessage(bytes, message).ok()) {
    CHECKED(json::BytesToMessage(message.SerializeAsString(), again).ok());
  }
  message.Clear();
  again.Clear();
  if (json::TextToMessage(bytes, message).ok()) {
    const std::string text = Encode(Codec::kJson, message);
    CHECKED(json::TextToMessage(text, again).ok());
    CHECKED(again.SerializeAsString() == message.SerializeAsString());
  }
}

}  // namespace

FUZZ_TARGET(connect) {
  if (input.empty()) return;
  const char what = input[0];
  input.remove_prefix(1);
  switch (what) {
    case 'e':
    case 'E': {
      const auto message = OnlyMessage(input, what == 'E', kMost);
      if (message.ok()) CHECKED(message->size() <= kMost);
      return;
    }
    case 'z': {
      const auto plain = Decompress(input, kMost);
      if (plain.ok()) {
        CHECKED(plain->size() <= kMost);
        CHECKED(*Decompress(Compress(*plain), kMost) == *plain);
      }
      return;
    }
    case 't': {
      const auto timeout = ParseTimeout(input, absl::Minutes(1));
      if (timeout.ok()) CHECKED(*timeout > absl::ZeroDuration() && *timeout <= absl::Minutes(1));
      return;
    }
    case 'q': {
      HttpRequest request;
      request.query = std::string(input);
      ReadGet(request).IgnoreError();
      return;
    }
    case 'd': {
      directory::v1::RecordBodyRequest message, again;
      return ReadAsMessage(input, message, again);
    }
    default: {
      notifiable_events::v1::ReportEventRequest message, again;
      return ReadAsMessage(input, message, again);
    }
  }
}

}  // namespace fosterwatch::gateway
