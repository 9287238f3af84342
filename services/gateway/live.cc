#include "services/gateway/live.h"

#include <algorithm>
#include <utility>

#include "libs/json/time.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"

namespace fosterwatch::gateway {
namespace {

using gateway::v1::WatchResponse;
using Bytes = std::shared_ptr<const std::string>;

constexpr int kRecordsAtOnce = 256;
constexpr absl::Duration kPollPatience = absl::Milliseconds(500);
constexpr absl::Duration kRetry = absl::Seconds(1);

Bytes Enveloped(const WatchResponse& message, Codec codec) {
  return std::make_shared<const std::string>(Envelope(0, Encode(codec, message)));
}

WatchResponse OfKind(WatchResponse::Kind kind) {
  WatchResponse message;
  message.set_kind(kind);
  return message;
}

}  // namespace

LiveFact FactOf(const bus::Record& record) {
  LiveFact fact;
  const size_t slash = record.key.find('/');
  if (slash != std::string::npos) fact.agency_id = record.key.substr(0, slash);
  WatchResponse& message = fact.message;
  message.set_kind(WatchResponse::KIND_FACT);
  message.set_topic(record.topic);
  const std::string type = bus::HeaderOf(record, "ce_type");
  message.set_fact(type.substr(type.rfind('.') + 1));
  message.set_fact_id(bus::HeaderOf(record, "ce_id"));
  const std::string subject = bus::HeaderOf(record, "ce_subject");
  message.set_aggregate_id(
      subject.empty() && slash != std::string::npos ? record.key.substr(slash + 1) : subject);
  if (const auto time = json::ParseRfc3339(bus::HeaderOf(record, "ce_time"))) {
    const int64_t seconds = absl::ToUnixSeconds(*time);
    message.mutable_recorded_time()->set_seconds(seconds);
    message.mutable_recorded_time()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(*time - absl::FromUnixSeconds(seconds))));
  }
  return fact;
}

void LiveHub::Join(const Identity& identity, Codec codec, std::shared_ptr<Stream> stream) {
  absl::MutexLock lock(&mutex_);
  if (!stream->Write(Enveloped(OfKind(WatchResponse::KIND_HELLO), codec))) return;
  clients_.push_back({identity.caller, codec, std::move(stream)});
}

void LiveHub::Tell(const WatchResponse& message, const std::string* agency_id) {
  // One buffer a codec, shared by all who get it.
  Bytes json, proto;
  clients_.erase(
      std::remove_if(clients_.begin(), clients_.end(),
                     [&](Client& client) {
                       if (agency_id != nullptr && client.caller.agency_id != *agency_id) {
                         return false;
                       }
                       Bytes& bytes = client.codec == Codec::kJson ? json : proto;
                       if (bytes == nullptr) bytes = Enveloped(message, client.codec);
                       return !client.stream->Write(bytes);
                     }),
      clients_.end());
}

void LiveHub::Deliver(const std::vector<bus::Record>& records) {
  for (const bus::Record& record : records) {
    if (told_) told_(record.topic, FactOf(record).agency_id);
  }
  absl::MutexLock lock(&mutex_);
  if (clients_.empty()) return;
  for (const bus::Record& record : records) {
    const LiveFact fact = FactOf(record);
    if (!fact.agency_id.empty()) Tell(fact.message, &fact.agency_id);
  }
}

void LiveHub::Hello() {
  if (told_) told_("", "");
  absl::MutexLock lock(&mutex_);
  Tell(OfKind(WatchResponse::KIND_HELLO), nullptr);
}

void LiveHub::Ping(absl::Time now) {
  const auto last = std::make_shared<const std::string>(EndOfStream(
      Error(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED", "the session has ended")));
  absl::MutexLock lock(&mutex_);
  clients_.erase(
      std::remove_if(clients_.begin(), clients_.end(),
                     [&](Client& client) {
                       if (client.caller.expires > now && !(over_ && over_(client.caller))) {
                         return false;
                       }
                       client.stream->End(last);
                       return true;
                     }),
      clients_.end());
  Tell(OfKind(WatchResponse::KIND_PING), nullptr);
}

void LiveHub::EndAll(const absl::Status& why) {
  const auto last = std::make_shared<const std::string>(EndOfStream(why));
  absl::MutexLock lock(&mutex_);
  for (Client& client : clients_) client.stream->End(last);
  clients_.clear();
}

void LiveHub::Follow(bus::Bus& bus, const std::vector<std::string>& topics,
                     const runtime::Stop& stop) {
  bus::SubscribeOptions options;
  options.topics = topics;
  options.live = true;
  std::unique_ptr<bus::Subscription> subscription;
  bool behind = true;  // facts may have passed unseen
  while (!stop.requested()) {
    absl::Status status = absl::OkStatus();
    if (subscription == nullptr) {
      auto subscribed = bus.Subscribe(options);
      status = subscribed.status();
      if (status.ok()) subscription = *std::move(subscribed);
    }
    std::vector<bus::Record> records;
    if (status.ok()) {
      auto polled = subscription->Poll(kRecordsAtOnce, kPollPatience);
      status = polled.status();
      if (status.ok()) records = *std::move(polled);
    }
    bool changed = false;
    {
      absl::MutexLock lock(&mutex_);
      changed = following_.code() != status.code();
      following_ = status;
    }
    if (!status.ok()) {
      if (changed) runtime::LogStatus("the live stream does not reach the bus", status);
      behind = true;
      stop.WaitFor(kRetry);
      continue;
    }
    if (behind) Hello();
    behind = false;
    Deliver(records);
  }
}

size_t LiveHub::clients() const {
  absl::MutexLock lock(&mutex_);
  return std::count_if(clients_.begin(), clients_.end(),
                       [](const Client& client) { return client.stream->open(); });
}

absl::Status LiveHub::Check() const {
  absl::MutexLock lock(&mutex_);
  return following_;
}

}  // namespace fosterwatch::gateway
