// LiveService.Watch: one live subscription of the process to all topics of facts, fanned out to the
// open screens of the agency that each fact belongs to (by its key, "agency_id/aggregate_id").
//
// A screen is told hello first, and hello again whenever facts may have passed unseen (the bus was
// away): either time it reads its page anew. A ping every 15 s shows that the stream lives. A
// screen that does not keep up is cut off (http_server.h); one whose token has ended, or
// whose gateway stops, gets the error that says so as the last message.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "fosterwatch/gateway/v1/gateway_service.pb.h"
#include "libs/bus/bus.h"
#include "libs/runtime/module.h"
#include "services/gateway/connect_protocol.h"
#include "services/gateway/session.h"

namespace fosterwatch::gateway {

inline constexpr absl::Duration kPingPeriod = absl::Seconds(15);

// What a record on a topic of facts says to a screen. `agency_id` is "" where its key names none.
struct LiveFact {
  std::string agency_id;
  gateway::v1::WatchResponse message;
};
LiveFact FactOf(const bus::Record& record);

// Any thread.
class LiveHub {
 public:
  // Told of each fact's topic and agency, before the screens are; of "" and "" where facts may have
  // been missed. Before Follow.
  void OnFact(std::function<void(const std::string& topic, const std::string& agency_id)> told) {
    told_ = std::move(told);
  }
  // Also ends the streams of sessions that ended early: where this says so of a caller.
  void EndWhere(std::function<bool(const auth::Caller&)> over) { over_ = std::move(over); }

  void Join(const Identity& identity, Codec codec, std::shared_ptr<Stream> stream);
  void Deliver(const std::vector<bus::Record>& records);
  // Facts may have been missed.
  void Hello();
  // And ends the streams whose token is over.
  void Ping(absl::Time now);
  void EndAll(const absl::Status& why);

  // Follows the topics until stopped; a bus that is away is tried again and again.
  void Follow(bus::Bus& bus, const std::vector<std::string>& topics, const runtime::Stop& stop);

  // Screens that are there; one that is gone is forgotten at the next message.
  size_t clients() const;
  // Why the subscription does not stand, once it was tried.
  absl::Status Check() const;

 private:
  struct Client {
    auth::Caller caller;
    Codec codec;
    std::shared_ptr<Stream> stream;
  };

  void Tell(const gateway::v1::WatchResponse& message, const std::string* agency_id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::function<void(const std::string&, const std::string&)> told_;
  std::function<bool(const auth::Caller&)> over_;
  mutable absl::Mutex mutex_;
  std::vector<Client> clients_ ABSL_GUARDED_BY(mutex_);
  absl::Status following_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::gateway
