#include "libs/bus/kafka_bus.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/bus/kafka_client.h"
#include "libs/bus/kafka_groups.h"
#include "libs/bus/kafka_subscription.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::bus {
namespace {

constexpr absl::Duration kCheckPatience = absl::Seconds(1);
constexpr absl::Duration kEnsurePatience = absl::Seconds(15);

class KafkaBus : public Bus {
 public:
  explicit KafkaBus(const KafkaOptions& options)
      : producers_(std::make_shared<kafka::Producers>(options)) {}

  absl::Status Open() { return producers_->ToAsk().status(); }

  absl::Status Publish(const std::vector<Record>& records) override {
    for (const Record& record : records) RETURN_IF_ERROR(CheckRecord(record));
    if (records.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::shared_ptr<kafka::Producer> producer, producers_->ToPublish());
    return producer->Send(records, absl::Now() + producers_->options().publish_timeout);
  }

  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(
      const SubscribeOptions& options) override {
    if (options.topics.empty()) return absl::InvalidArgumentError("no topic to subscribe to");
    if (options.group.empty() && !options.live) {
      return absl::InvalidArgumentError("a subscription that keeps offsets needs a group");
    }
    return kafka::MakeSubscription(producers_, options);
  }

  absl::Status EnsureTopics(const std::vector<Topic>& topics) override {
    const absl::Time deadline = absl::Now() + kEnsurePatience;
    ASSIGN_OR_RETURN(const std::shared_ptr<kafka::Producer> producer, producers_->ToAsk());
    RETURN_IF_ERROR(producer->Ping(deadline));
    std::vector<Topic> missing;
    for (const Topic& topic : topics) {
      if (!producer->PartitionsOf(topic.name, deadline).ok()) missing.push_back(topic);
    }
    if (missing.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(
        producer->CreateTopics(missing, producers_->options().replication_factor, deadline));
    // The controller has made them; the brokers learn of it a moment later.
    for (const Topic& topic : missing) {
      absl::Status there;
      while (!(there = producer->PartitionsOf(topic.name, deadline).status()).ok()) {
        if (absl::Now() >= deadline) return there;
        absl::SleepFor(absl::Milliseconds(20));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Check() override {
    ASSIGN_OR_RETURN(const std::shared_ptr<kafka::Producer> producer, producers_->ToAsk());
    return producer->Ping(absl::Now() + kCheckPatience);
  }

  absl::StatusOr<std::vector<std::string>> Groups() override {
    ASSIGN_OR_RETURN(const std::shared_ptr<kafka::Producer> producer, producers_->ToAsk());
    return kafka::ListGroups(*producer, absl::Now() + kEnsurePatience);
  }

  absl::StatusOr<std::vector<GroupPosition>> PositionsOf(
      const std::string& group, const std::vector<std::string>& topics) override {
    ASSIGN_OR_RETURN(const std::shared_ptr<kafka::Producer> producer, producers_->ToAsk());
    return kafka::ListPositions(*producer, group, topics, absl::Now() + kEnsurePatience);
  }

  absl::Status MoveGroup(const std::string& group,
                         const std::vector<GroupPosition>& positions) override {
    ASSIGN_OR_RETURN(const std::shared_ptr<kafka::Producer> producer, producers_->ToAsk());
    return kafka::AlterPositions(*producer, group, positions, absl::Now() + kEnsurePatience);
  }

 private:
  const std::shared_ptr<kafka::Producers> producers_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> SettingsOf(const Topic& topic) {
  const bool for_ever = topic.keep == absl::InfiniteDuration();
  return {{"cleanup.policy", "delete"},
          {"max.message.bytes", absl::StrCat(topic.max_bytes)},
          {"retention.bytes", "-1"},
          {"retention.ms", absl::StrCat(for_ever ? -1 : absl::ToInt64Milliseconds(topic.keep))}};
}

absl::StatusOr<std::unique_ptr<Bus>> MakeKafkaBus(const KafkaOptions& options) {
  if (options.brokers.empty()) return absl::InvalidArgumentError("no kafka brokers are named");
  auto bus = std::make_unique<KafkaBus>(options);
  RETURN_IF_ERROR(bus->Open());
  return bus;
}

}  // namespace fosterwatch::bus
