// POST /v1/events: CloudEvents over HTTP, binary, structured or a batch, by bearer token. Each goes
// to the register that its type belongs to, as it is (IngestCloudEvent); that knows what the types
// mean and who may speak for which source; the same source and id are the same event, sent again.
//
//   one event  202 {"id","event_id" or "placement_id","location"} with Location, or
//              application/problem+json
//   a batch    200 [{"index","status",…}] in its order: each event alone, one bad event does not
//              stop the rest; 500 events at most (413)
//   400 not a CloudEvent or bad data; 401, 403 token or role; 405; 413 too large; 415 format
//   429 and 503 with Retry-After: send the same again
#pragma once

#include <functional>
#include <memory>

#include "absl/time/time.h"

#include "libs/cloudevents/cloud_event.h"
#include "libs/runtime/client.h"
#include "services/gateway/http.h"
#include "services/gateway/session.h"

namespace fosterwatch::gateway {

class Intake {
 public:
  struct Options {
    runtime::Client* client = nullptr;
    const Sessions* sessions = nullptr;
    std::function<absl::Time()> now;
    std::function<void(std::function<void()>)> run_aside;
    size_t most_body_bytes = 1'000'000;
    size_t most_batch = 500;
  };
  explicit Intake(Options options) : options_(std::move(options)) {}

  // On the io thread; does not block it.
  void Handle(RequestPtr request, ReplyPtr reply) const;

 private:
  void Take(const HttpRequest& request, const Identity& identity, ReplyPtr reply) const;
  void TakeBatch(absl::string_view body, runtime::Client::Options call, ReplyPtr reply) const;

  const Options options_;
};

}  // namespace fosterwatch::gateway
