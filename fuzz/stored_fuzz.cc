// What comes back to us from where we put it, and may have been changed there: page tokens, headers
// of stored records. Input: a letter, then
//   p  a page token; P  what a page token is made of; h  headers
#include <string>

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fuzz/fuzz.h"
#include "libs/bus/postgres_subscription.h"
#include "libs/runtime/page_token.h"

namespace fosterwatch {

FUZZ_TARGET(stored) {
  if (input.empty()) return;
  const char what = input[0];
  input.remove_prefix(1);
  notifiable_events::v1::ListEventsRequest request;
  request.set_child_id("C-1");
  switch (what) {
    case 'p':
      request.set_page_token(std::string(input));
      runtime::ReadPageToken(request).IgnoreError();
      return;
    case 'P': {
      request.set_page_token(runtime::MakePageToken(request, input));
      const auto last = runtime::ReadPageToken(request);
      CHECKED(last.ok() && *last == input);
      request.set_child_id("C-2");
      CHECKED(!runtime::ReadPageToken(request).ok());
      return;
    }
    default: {
      const auto headers = bus::postgres::DecodeHeaders(input);
      if (headers.ok()) CHECKED(bus::postgres::EncodeHeaders(*headers) == input);
    }
  }
}

}  // namespace fosterwatch
