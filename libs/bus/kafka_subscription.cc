#include "libs/bus/kafka_subscription.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"

#include "libs/bus/kafka_consumer.h"
#include "libs/bus/kafka_groups.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::bus::kafka {
namespace {

constexpr absl::Duration kOpenPatience = absl::Seconds(2);
constexpr absl::Duration kOpenPause = absl::Milliseconds(250);
// How often a subscription that reads nothing for now looks whether it may again.
constexpr absl::Duration kLookInterval = absl::Seconds(1);
constexpr absl::Duration kCommitPatience = absl::Seconds(10);
constexpr absl::Duration kSettle = absl::Seconds(2);
constexpr absl::Duration kClosePatience = absl::Seconds(5);
// One Poll hands out no more than this, beyond the first record.
constexpr size_t kPollBytes = 4 << 20;

class KafkaSubscription : public Subscription {
 public:
  KafkaSubscription(std::shared_ptr<Producers> producers, const SubscribeOptions& options)
      : producers_(std::move(producers)), options_(options) {
    // A live subscription begins now. If the bus is away, Poll tries again.
    if (options_.live) Open(absl::Now() + kOpenPatience).IgnoreError();
  }
  ~KafkaSubscription() override { Close(); }

  absl::StatusOr<std::vector<Record>> Poll(int most, absl::Duration patience) override {
    auto records = Read(most, patience);
    // Who holds is no member. Not earlier: librdkafka wants its messages back before it ends.
    if (held_ && consumer_ != nullptr) Close();
    return records;
  }

  absl::Status Commit() override {
    absl::Status status;
    if (consumer_ != nullptr && consumer_->broken.ok()) {
      status = options_.live ? Keep() : CommitToGroup();
      if (status.ok() && options_.progress) options_.progress->Advance();
      if (consumer_->lost) lost_ = true;
      consumer_->lost = false;
    } else if (HasUncommitted()) {
      lost_ = true;
    }
    if (status.ok() && lost_) {
      lost_ = false;
      return absl::AbortedError("a partition went to another member before the commit");
    }
    return status;
  }

  absl::Status Rewind() override {
    lost_ = false;
    if (consumer_ == nullptr) return absl::OkStatus();
    consumer_->lost = false;
    if (!HasUncommitted()) return absl::OkStatus();
    for (auto& [where, position] : consumer_->assigned) position.next = position.committed;
    // Assigning anew, not seeking: 2.0.2 may skip records around a seek (#4208).
    return Reassign();
  }

 private:
  // What Poll says.
  absl::StatusOr<std::vector<Record>> Read(int most, absl::Duration patience) {
    const absl::Time deadline = absl::Now() + patience;
    if (consumer_ != nullptr && !consumer_->broken.ok()) {
      // What this consumer has handed out comes again through the next one.
      const bool lost = consumer_->lost || HasUncommitted();
      fenced_ = consumer_->fenced;
      look_again_ = absl::InfinitePast();
      Close();
      lost_ = lost_ || lost;
    }
    if (consumer_ == nullptr) {
      absl::Status opened = MayRead();
      if (opened.ok()) opened = Open(absl::Now() + kOpenPatience);
      if (!opened.ok()) {
        // So that a caller that only polls does not spin while a topic is missing.
        absl::SleepFor(std::clamp(deadline - absl::Now(), absl::ZeroDuration(), kOpenPause));
        return opened;
      }
    }

    std::vector<Record> records;
    absl::Status trouble;
    size_t bytes = 0;
    while (static_cast<int>(records.size()) < most && bytes < kPollBytes) {
      const int revocations = consumer_->revocations;
      // Waits for the first record only; what has arrived with it is drained.
      const int wait = records.empty()
                           ? static_cast<int>(std::clamp<int64_t>(
                                 absl::ToInt64Milliseconds(deadline - absl::Now()), 0, 3'600'000))
                           : 0;
      const Message message(rd_kafka_consumer_poll(consumer_->client, wait));
      // Collected but not returned: whoever has the partition now gets them.
      if (consumer_->revocations != revocations) {
        records.clear();
        bytes = 0;
      }
      if (!consumer_->broken.ok()) return consumer_->broken;
      if (consumer_->forgotten) {
        const TopicPartition where = *consumer_->forgotten;
        return Hold(where, kGone + consumer_->handled->at(where));
      }
      if (message == nullptr) {
        if (!records.empty() || absl::Now() >= deadline) break;
        continue;
      }
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) return StartOver(*message);
        if (message->err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED) continue;  // it rejoins
        if (message->err == RD_KAFKA_RESP_ERR__FATAL) {
          NoteFatal(*consumer_);
          return consumer_->broken;
        }
        trouble = StatusOf(message->err, "kafka");
        break;
      }
      // Left over from an assignment that is no longer ours.
      if (!IsAssigned(*message)) continue;
      records.push_back(ToRecord(*message));
      bytes += records.back().value.size();
    }
    if (!records.empty()) {
      for (const Record& record : records) {
        consumer_->assigned[{record.topic, record.partition}].next = record.offset + 1;
      }
      if (options_.progress) Report(/*nothing_came=*/false);
      return records;
    }
    if (trouble.ok() && consumer_->doubtful) {
      trouble = Probe();
      consumer_->doubtful = !trouble.ok();
      if (consumer_->version != producers_->version()) {
        consumer_->broken = absl::UnavailableError("the way to kafka is another now");
      }
    }
    if (options_.progress) Report(/*nothing_came=*/trouble.ok());
    if (!trouble.ok()) return trouble;
    return records;
  }

  absl::Status Open(absl::Time deadline) {
    std::map<std::string, int> partitions;
    {
      ASSIGN_OR_RETURN(const std::shared_ptr<Producer> producer, producers_->ToAsk());
      for (const std::string& topic : options_.topics) {
        ASSIGN_OR_RETURN(partitions[topic], producer->PartitionsOf(topic, deadline));
      }
    }
    const int version = producers_->version();
    const KafkaOptions options = producers_->options();
    const int64_t session = absl::ToInt64Milliseconds(options.session_timeout);
    Properties properties = {
        // A live subscription joins no group, but librdkafka's consumer wants a name for one.
        {"group.id", options_.live ? "fosterwatch-live" : options_.group},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"isolation.level", "read_committed"},
        // Cooperative assignment in 2.0.2 loses positions and may hang (#4381 to #4908).
        {"partition.assignment.strategy", "range"},
        {"session.timeout.ms", absl::StrCat(session)},
        // Other members learn of a join or a leave with their next heartbeat.
        {"heartbeat.interval.ms", absl::StrCat(std::clamp<int64_t>(session / 4, 1, 500))},
        // See Assign: an offset that is out of range is an error.
        {"auto.offset.reset", "error"},
        {"fetch.wait.max.ms", "100"},
        {"fetch.error.backoff.ms", "100"},
        // Bounds memory. Much less stalls the fetcher, which looks at it once a second.
        {"queued.max.messages.kbytes", "16384"},
        {"check.crcs", "true"},
    };
    if (!options_.live && !options_.member.empty()) {
      properties.emplace_back("group.instance.id", options_.member);
    }
    ASSIGN_OR_RETURN(Conf conf, MakeConf(options, properties));
    auto consumer = std::make_shared<Consumer>();
    consumer->version = version;
    consumer->handled = handled_;
    rd_kafka_conf_set_opaque(conf.get(), consumer.get());
    rd_kafka_conf_set_error_cb(conf.get(), OnError);
    if (!options_.live) rd_kafka_conf_set_rebalance_cb(conf.get(), OnRebalance);
    ASSIGN_OR_RETURN(Client client, MakeClient(RD_KAFKA_CONSUMER, std::move(conf)));
    rd_kafka_poll_set_consumer(client.get());
    consumer->client = client.get();

    if (options_.live) {
      RETURN_IF_ERROR(StartAtEnd(*consumer, partitions, deadline));
    } else {
      const Partitions topics(
          rd_kafka_topic_partition_list_new(static_cast<int>(options_.topics.size())));
      for (const std::string& topic : options_.topics) {
        rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
      }
      RETURN_IF_ERROR(StatusOf(rd_kafka_subscribe(client.get(), topics.get()), "subscribe"));
    }
    client.release();  // Close destroys it
    consumer_ = std::move(consumer);
    return absl::OkStatus();
  }

  // The end as it is now, not when a fetcher gets round to asking: nothing published after
  // Subscribe may be missed. After a broken consumer it goes on where that one was.
  absl::Status StartAtEnd(Consumer& consumer, const std::map<std::string, int>& partitions,
                          absl::Time deadline) {
    consumer.assigned = live_positions_;
    for (const auto& [topic, count] : partitions) {
      for (int32_t i = 0; i < count; ++i) {
        if (consumer.assigned.contains({topic, i})) continue;
        int64_t low = 0;
        int64_t high = 0;
        RETURN_IF_ERROR(
            StatusOf(rd_kafka_query_watermark_offsets(consumer.client, topic.c_str(), i, &low,
                                                      &high, MillisecondsUntil(deadline)),
                     "the end of a topic cannot be read"));
        consumer.assigned[{topic, i}] = {high, high};
      }
    }
    live_positions_ = consumer.assigned;
    return StatusOf(rd_kafka_assign(consumer.client, ToList(consumer.assigned, true).get()),
                    "assign");
  }

  bool IsAssigned(const rd_kafka_message_t& message) const {
    return consumer_->assigned.contains({rd_kafka_topic_name(message.rkt), message.partition});
  }

  bool HasUncommitted() const {
    return consumer_ != nullptr && std::any_of(consumer_->assigned.begin(),
                                               consumer_->assigned.end(), [](const auto& entry) {
                                                 return entry.second.next != entry.second.committed;
                                               });
  }

  absl::Status Keep() {
    for (auto& [where, position] : consumer_->assigned) position.committed = position.next;
    live_positions_ = consumer_->assigned;
    return absl::OkStatus();
  }

  absl::Status CommitToGroup() {
    const Partitions list(rd_kafka_topic_partition_list_new(4));
    for (const auto& [where, position] : consumer_->assigned) {
      if (position.next == position.committed) continue;
      rd_kafka_topic_partition_list_add(list.get(), where.first.c_str(), where.second)->offset =
          position.next;
    }
    return Commit(list.get());
  }

  absl::Status Commit(rd_kafka_topic_partition_list_t* list) {
    if (list->cnt == 0) return absl::OkStatus();
    // By a queue of its own, as rd_kafka_commit has no time limit. An answer that comes too late
    // does no harm: the records are handled.
    const Queue queue(rd_kafka_queue_new(consumer_->client));
    RETURN_IF_ERROR(
        StatusOf(rd_kafka_commit_queue(consumer_->client, list, queue.get(), nullptr, nullptr),
                 "the commit failed"));
    const Event event(rd_kafka_queue_poll(
        queue.get(), static_cast<int>(absl::ToInt64Milliseconds(kCommitPatience))));
    if (event == nullptr) return absl::UnavailableError("the commit was not answered in time");
    RETURN_IF_ERROR(StatusOf(rd_kafka_event_error(event.get()), "the commit failed"));
    const auto* answered = rd_kafka_event_topic_partition_list(event.get());
    absl::Status status;
    for (int i = 0; answered != nullptr && i < answered->cnt; ++i) {
      const rd_kafka_topic_partition_t& element = answered->elems[i];
      if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        status.Update(StatusOf(element.err, "the commit failed"));
        continue;
      }
      const auto found = consumer_->assigned.find({element.topic, element.partition});
      if (found == consumer_->assigned.end()) continue;
      found->second.committed = element.offset;
      (*handled_)[found->first] = element.offset;
    }
    return status;
  }

  absl::Status Reassign() {
    return StatusOf(rd_kafka_assign(consumer_->client, ToList(consumer_->assigned, false).get()),
                    "assign");
  }

  // The topic no longer has the offset that this partition was to go on with.
  absl::Status StartOver(const rd_kafka_message_t& message) {
    const std::string topic = message.rkt != nullptr ? rd_kafka_topic_name(message.rkt) : "";
    const auto found = consumer_->assigned.find({topic, message.partition});
    if (found == consumer_->assigned.end()) return absl::UnavailableError("kafka lost an offset");
    Position& position = found->second;
    const int64_t missing = position.next;
    if (options_.live) {
      position = {RD_KAFKA_OFFSET_BEGINNING, RD_KAFKA_OFFSET_BEGINNING};
      RETURN_IF_ERROR(Reassign());
      return DataLoss(topic, message.partition, missing);
    }
    if (position.committed != position.next) {
      // What was polled and is not handled may still be there.
      position.next = position.committed;
      lost_ = true;
      RETURN_IF_ERROR(Reassign());
      return absl::UnavailableError(absl::StrCat("kafka no longer has offset ", missing));
    }
    if (missing < 0) {
      // A new group, and the first records went while it began.
      RETURN_IF_ERROR(Reassign());
      return absl::UnavailableError("kafka no longer has the oldest record");
    }
    return Hold({topic, message.partition}, missing);
  }

  // The group's place in the partition says the same to other members, to the operator and after a
  // restart.
  absl::Status Hold(const TopicPartition& where, int64_t missing) {
    const Partitions list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), where.first.c_str(), where.second)->offset =
        missing;
    Commit(list.get()).IgnoreError();
    handled_->erase(where);
    held_.emplace(where.first, where.second, missing);
    look_again_ = absl::Now() + kLookInterval;
    return DataLoss(where.first, where.second, missing);
  }

  absl::Status DataLoss(const std::string& topic, int32_t partition, int64_t missing) const {
    return Error(absl::StatusCode::kDataLoss, "RECORDS_LOST",
                 absl::StrCat("topic ", topic, " partition ", partition, " no longer has offset ",
                              missing % kGone,
                              options_.live ? "" : "; the group holds until an operator moves it"));
  }

  // Why this subscription must not read, or OK.
  absl::Status MayRead() {
    if (!held_ && !fenced_) return absl::OkStatus();
    const absl::Status why =
        held_ ? std::apply([this](const auto&... held) { return DataLoss(held...); }, *held_)
              : Error(absl::StatusCode::kFailedPrecondition, "NAME_TAKEN",
                      absl::StrCat("another process has the place of member ", options_.member,
                                   " in group ", options_.group,
                                   ": give each process a name of its own"));
    if (absl::Now() < look_again_) return why;
    look_again_ = absl::Now() + kLookInterval;
    ASSIGN_OR_RETURN(const std::shared_ptr<Producer> producer, producers_->ToAsk());
    const absl::Time deadline = absl::Now() + kOpenPatience;
    if (held_) {
      ASSIGN_OR_RETURN(const std::vector<GroupPosition> positions,
                       ListPositions(*producer, options_.group, options_.topics, deadline));
      const auto& [topic, partition, missing] = *held_;
      for (const GroupPosition& position : positions) {
        if (position.topic != topic || position.partition != partition) continue;
        if (!position.committed || position.lost() || *position.committed == missing) return why;
      }
      held_.reset();
    }
    if (fenced_) {
      ASSIGN_OR_RETURN(const bool taken,
                       HasMember(*producer, options_.group, options_.member, deadline));
      if (taken) return why;
      fenced_ = false;
    }
    return absl::OkStatus();
  }

  // By what the last answers said of the ends of the partitions.
  void Report(bool nothing_came) {
    int64_t behind = 0;
    for (const auto& [where, position] : consumer_->assigned) {
      int64_t low = 0;
      int64_t high = 0;
      if (rd_kafka_get_watermark_offsets(consumer_->client, where.first.c_str(), where.second, &low,
                                         &high) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        continue;
      }
      behind += std::max<int64_t>(0, high - std::max(low, position.committed));
    }
    options_.progress->SetBehind(behind);
    if (nothing_came && consumer_->settled) options_.progress->Advance();
  }

  absl::Status Probe() {
    ASSIGN_OR_RETURN(const std::shared_ptr<Producer> producer, producers_->ToAsk());
    return producer->Ping(absl::Now() + absl::Seconds(1));
  }

  // In a thread that is left alone if it does not end: 2.0.2 may wait for ever for a partition
  // that it lost (#4187). What is committed does not depend on a clean close.
  void Close() {
    if (consumer_ == nullptr) return;
    const std::shared_ptr<Consumer> consumer = std::move(consumer_);
    consumer_ = nullptr;
    consumer->closing = true;
    const auto done = std::make_shared<absl::Notification>();
    const absl::Time settle_until = absl::Now() + (options_.live ? absl::ZeroDuration() : kSettle);
    std::thread closing([consumer, done, settle_until] {
      // Who leaves while joining stays in the broker's list, and the whole group waits for it until
      // its session ends.
      while (!consumer->settled && consumer->broken.ok() && absl::Now() < settle_until) {
        const Message ignored(rd_kafka_consumer_poll(consumer->client, 20));
      }
      rd_kafka_consumer_close(consumer->client);
      rd_kafka_destroy(consumer->client);
      done->Notify();
    });
    if (done->WaitForNotificationWithTimeout(kClosePatience)) {
      closing.join();
      return;
    }
    closing.detach();
    if (producers_->options().warn) {
      producers_->options().warn("a kafka consumer did not close in time and was left behind", {});
    }
  }

  const std::shared_ptr<Producers> producers_;
  const SubscribeOptions options_;
  std::shared_ptr<Consumer> consumer_;
  const std::shared_ptr<std::map<TopicPartition, int64_t>> handled_ =
      std::make_shared<std::map<TopicPartition, int64_t>>();
  // The place whose records are gone, while this subscription holds.
  std::optional<std::tuple<std::string, int32_t, int64_t>> held_;
  // Whether another process has this member's name.
  bool fenced_ = false;
  absl::Time look_again_ = absl::InfinitePast();
  // Where a live subscription goes on after its consumer broke.
  std::map<TopicPartition, Position> live_positions_;
  bool lost_ = false;
};

}  // namespace

std::unique_ptr<Subscription> MakeSubscription(std::shared_ptr<Producers> producers,
                                               const SubscribeOptions& options) {
  return std::make_unique<KafkaSubscription>(std::move(producers), options);
}

}  // namespace fosterwatch::bus::kafka
