#include "libs/bus/postgres_bus.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"

#include "libs/bus/partitioner.h"
#include "libs/bus/postgres_groups.h"
#include "libs/bus/postgres_heads.h"
#include "libs/bus/postgres_subscription.h"
#include "libs/pg/pool.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::bus {
namespace {

using postgres::TopicPartition;

constexpr int kPublishers = 4;
constexpr absl::Duration kPublishPatience = absl::Seconds(30);
constexpr absl::Duration kCheckPatience = absl::Seconds(1);

// Takes offsets for a call's records of one partition, and with the row's lock the right to be the
// next to commit there. Dense and in commit order: a reader that has seen offset n has seen all
// before it.
constexpr char kTakeOffsets[] =
    "UPDATE partition SET next_offset = next_offset + $3 WHERE topic = $1 AND partition = $2 "
    "RETURNING next_offset";

// `back` counts from the offset after the call's last record of the partition.
constexpr char kInsert[] =
    "INSERT INTO record (topic, partition, \"offset\", key, headers, value) "
    "SELECT p.topic, p.partition, p.next_offset - back, key, headers, value "
    "FROM unnest($1, $2, $3, $4, $5, $6) AS rows (topic, partition, back, key, headers, value) "
    "JOIN partition AS p ON p.topic = rows.topic AND p.partition = rows.partition";

// Of values in one statement; far below what the server takes as one message.
constexpr size_t kMostBytesAtOnce = 16 << 20;

constexpr char kSchema[] = R"sql(
CREATE TABLE topic (
  name text PRIMARY KEY CHECK (name <> ''),
  partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 1000),
  made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One small row that every publication updates: room for that beside it on its page.
CREATE TABLE partition (
  topic text NOT NULL REFERENCES topic (name),
  partition integer NOT NULL,
  next_offset bigint NOT NULL DEFAULT 0 CHECK (next_offset >= 0),
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

-- Records never change and never expire.
CREATE TABLE record (
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  key bytea NOT NULL,
  headers bytea NOT NULL,
  value bytea NOT NULL,
  published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, "offset")
);

CREATE TABLE consumer_offset (
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer_group, topic, partition)
) WITH (fillfactor = 20);

COMMENT ON TABLE topic IS 'topics of the bus; the number of partitions never changes';
COMMENT ON TABLE partition IS 'the offset that the next record of each partition gets';
COMMENT ON TABLE record IS 'what was published; append-only';
COMMENT ON TABLE consumer_offset IS 'the first record of a partition that a group has not handled';

GRANT SELECT, INSERT ON topic, partition, record TO {role};
GRANT UPDATE (next_offset) ON partition TO {role};
GRANT SELECT, INSERT, UPDATE ON consumer_offset TO {role};
)sql";

class PostgresBus : public Bus {
 public:
  explicit PostgresBus(const std::string& conninfo)
      : conninfo_(conninfo),
        pool_(conninfo, kPublishers),
        heads_(std::make_shared<postgres::Heads>(conninfo)) {}

  absl::Status Publish(const std::vector<Record>& records) override {
    for (const Record& record : records) RETURN_IF_ERROR(CheckRecord(record));
    if (records.empty()) return absl::OkStatus();
    auto connection = pool_.Borrow(kPublishPatience);
    if (!connection.ok()) return Away(connection.status());
    if (absl::Status published = Publish(**connection, records); !published.ok()) {
      return Away(published);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(
      const SubscribeOptions& options) override {
    if (options.topics.empty()) return absl::InvalidArgumentError("no topic to subscribe to");
    if (options.group.empty() && !options.live) {
      return absl::InvalidArgumentError("a subscription that keeps offsets needs a group");
    }
    return postgres::MakeSubscription(conninfo_, heads_, options);
  }

  absl::Status EnsureTopics(const std::vector<Topic>& topics) override {
    // In order, as another process may be at the same.
    std::map<std::string, int> sorted;
    for (const Topic& topic : topics) sorted[topic.name] = topic.partitions;
    std::vector<pg::Statement> statements;
    for (const auto& [name, partitions] : sorted) {
      statements.push_back(
          {"INSERT INTO topic (name, partitions) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
           {name, int64_t{partitions}}});
      statements.push_back(
          {"INSERT INTO partition (topic, partition) "
           "SELECT name, generate_series(0, partitions - 1) FROM topic WHERE name = $1 "
           "ON CONFLICT (topic, partition) DO NOTHING",
           {name}});
    }
    if (statements.empty()) return absl::OkStatus();
    auto connection = pool_.Borrow(kPublishPatience);
    if (!connection.ok()) return Away(connection.status());
    return (*connection)->Pipeline(statements).status();
  }

  absl::Status Check() override {
    auto connection = pool_.Borrow(kCheckPatience);
    if (!connection.ok()) return Away(connection.status());
    return (*connection)->Query("SELECT 1 FROM topic LIMIT 1").status();
  }

  absl::StatusOr<std::vector<std::string>> Groups() override {
    auto connection = pool_.Borrow(kPublishPatience);
    if (!connection.ok()) return Away(connection.status());
    return postgres::ListGroups(**connection);
  }

  absl::StatusOr<std::vector<GroupPosition>> PositionsOf(
      const std::string& group, const std::vector<std::string>& topics) override {
    auto connection = pool_.Borrow(kPublishPatience);
    if (!connection.ok()) return Away(connection.status());
    return postgres::ListPositions(**connection, group, topics);
  }

  absl::Status MoveGroup(const std::string& group,
                         const std::vector<GroupPosition>& positions) override {
    auto connection = pool_.Borrow(kPublishPatience);
    if (!connection.ok()) return Away(connection.status());
    return postgres::AlterPositions(**connection, group, positions);
  }

 private:
  // Whatever the database has against a publication that CheckRecord let pass goes away with time
  // or an operator.
  static absl::Status Away(const absl::Status& status) {
    if (absl::IsPermissionDenied(status) || absl::IsInvalidArgument(status)) return status;
    return absl::UnavailableError(status.message());
  }

  absl::StatusOr<int> PartitionsOf(pg::Connection& connection, const std::string& topic) {
    {
      absl::MutexLock lock(&mutex_);
      const auto found = partitions_.find(topic);
      if (found != partitions_.end()) return found->second;
    }
    ASSIGN_OR_RETURN(const pg::Result result,
                     connection.Query("SELECT partitions FROM topic WHERE name = $1", {topic}));
    if (result.rows() == 0)
      return absl::UnavailableError(absl::StrCat("there is no topic ", topic));
    absl::MutexLock lock(&mutex_);
    return partitions_[topic] = static_cast<int>(result.Int(0, 0));
  }

  absl::Status Publish(pg::Connection& connection, const std::vector<Record>& records) {
    std::map<TopicPartition, int64_t> left;
    std::vector<int32_t> partition_of;
    partition_of.reserve(records.size());
    for (const Record& record : records) {
      ASSIGN_OR_RETURN(const int partitions, PartitionsOf(connection, record.topic));
      partition_of.push_back(PartitionOf(record.key, partitions));
      ++left[{record.topic, partition_of.back()}];
    }
    // One round trip and one transaction. Rows are locked in the map's order, so two calls never
    // wait for each other in a circle.
    std::vector<pg::Statement> statements;
    for (const auto& [where, count] : left) {
      statements.push_back({kTakeOffsets, {where.first, int64_t{where.second}, count}});
    }
    for (size_t next = 0; next < records.size();) {
      pg::TextArray topics;
      pg::IntArray partitions, back;
      pg::BytesArray keys, headers, values;
      for (size_t bytes = 0; next < records.size() && bytes < kMostBytesAtOnce; ++next) {
        const Record& record = records[next];
        topics.push_back(record.topic);
        partitions.push_back(partition_of[next]);
        back.push_back(left[{record.topic, partition_of[next]}]--);
        keys.push_back({record.key});
        headers.push_back({postgres::EncodeHeaders(record.headers)});
        values.push_back({record.value});
        bytes += record.key.size() + headers.back().data.size() + record.value.size();
      }
      statements.push_back({kInsert,
                            {std::move(topics), std::move(partitions), std::move(back),
                             std::move(keys), std::move(headers), std::move(values)}});
    }
    ASSIGN_OR_RETURN(const auto results, connection.Pipeline(statements));
    std::vector<std::pair<TopicPartition, int64_t>> heads;
    for (const auto& [where, none] : left) {
      const pg::Result& taken = results[heads.size()];
      if (taken.rows() == 0) {
        absl::MutexLock lock(&mutex_);
        partitions_.clear();
        return absl::UnavailableError(absl::StrCat("there is no topic ", where.first));
      }
      heads.emplace_back(where, taken.Int(0, 0));
    }
    heads_->Advance(heads);
    return absl::OkStatus();
  }

  const std::string conninfo_;
  pg::Pool pool_;
  const std::shared_ptr<postgres::Heads> heads_;
  absl::Mutex mutex_;
  // Fixed for the life of a topic.
  absl::flat_hash_map<std::string, int> partitions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<Bus>> MakePostgresBus(const std::string& conninfo) {
  return std::make_unique<PostgresBus>(conninfo);
}

std::vector<pg::Migration> PostgresBusMigrations(const std::string& role) {
  return {{"0001_bus", absl::StrReplaceAll(kSchema, {{"{role}", pg::QuoteName(role)}})}};
}

}  // namespace fosterwatch::bus
