#include "libs/bus/postgres_subscription.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <endian.h>

#include "libs/bus/postgres_groups.h"
#include "libs/pg/connection.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::bus::postgres {
namespace {

// How often a subscription looks whether its share of the partitions has changed; more often while
// a partition that is to be its own is still another's.
constexpr absl::Duration kShareInterval = absl::Milliseconds(500);
constexpr absl::Duration kTakeoverInterval = absl::Milliseconds(50);
constexpr absl::Duration kHoldInterval = absl::Seconds(1);
constexpr absl::Duration kReconnectPause = absl::Milliseconds(250);
constexpr int64_t kPollBytes = 4 << 20;

constexpr char kPage[] =
    "SELECT \"offset\", key, headers, value, published_at FROM ("
    "  SELECT \"offset\", key, headers, value, published_at,"
    "         sum(octet_length(value)) OVER (ORDER BY \"offset\") - octet_length(value) AS before"
    "  FROM record WHERE topic = $1 AND partition = $2 AND \"offset\" >= $3"
    "  ORDER BY \"offset\" LIMIT $4) AS page "
    "WHERE before < $5 ORDER BY \"offset\"";

// The sessions that hold the members' lock, which is shared.
constexpr char kMembers[] =
    "SELECT pid, pid = pg_backend_pid() FROM pg_locks "
    "WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND mode = 'ShareLock'"
    "  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    "  AND (classid::bigint << 32) | objid::bigint = hashtextextended($1, 0) "
    "ORDER BY pid";

constexpr char kStart[] =
    "SELECT p.next_offset, o.next_offset FROM partition AS p "
    "LEFT JOIN consumer_offset AS o"
    "  ON o.consumer_group = $3 AND o.topic = p.topic AND o.partition = p.partition "
    "WHERE p.topic = $1 AND p.partition = $2";

constexpr char kCommit[] =
    "INSERT INTO consumer_offset (consumer_group, topic, partition, next_offset) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (consumer_group, topic, partition) "
    "DO UPDATE SET next_offset = EXCLUDED.next_offset, committed_at = clock_timestamp()";

struct Position {
  int64_t committed = 0;
  int64_t next = 0;  // after the last record that Poll returned
  // Whether this place was reached before. If not, it is the beginning, wherever that is.
  bool known = false;
};

class PostgresSubscription : public Subscription {
 public:
  PostgresSubscription(std::string conninfo, std::shared_ptr<Heads> heads,
                       const SubscribeOptions& options)
      : conninfo_(std::move(conninfo)), heads_(std::move(heads)), options_(options) {
    std::sort(options_.topics.begin(), options_.topics.end());
    // Members with the same topics divide these among them.
    members_key_ =
        absl::StrCat("members\n", options_.group, "\n", absl::StrJoin(options_.topics, "\n"));
    // A live subscription begins now; a member takes its place. If the database is away, Poll tries
    // again.
    Open().IgnoreError();
  }

  ~PostgresSubscription() override {
    if (connection_ == nullptr) return;
    // The server notices a closed connection a moment later; others need not wait for that.
    connection_->Query("SELECT pg_advisory_unlock_all()").IgnoreError();
    connection_ = nullptr;
    heads_->MembersChanged();
  }

  absl::StatusOr<std::vector<Record>> Poll(int most, absl::Duration patience) override {
    const absl::Time deadline = absl::Now() + patience;
    if (absl::Status ready = Ready(); !ready.ok()) {
      Pause(deadline);
      return ready;
    }
    if (!held_.empty()) {
      if (absl::Status held = LookWhetherMoved(); !held.ok()) {
        Pause(deadline);
        return held;
      }
    }
    while (true) {
      const int64_t seen = heads_->version();
      if (absl::Status shared = Share(); !shared.ok()) {
        Pause(deadline);
        return shared;
      }
      auto records = Fetch(most);
      if (!records.ok()) {
        if (!connection_->alive()) Disconnect();
        return records;
      }
      const absl::Time now = absl::Now();
      if (options_.progress) Report(records->empty());
      if (!records->empty() || now >= deadline) {
        if (records->empty()) RETURN_IF_ERROR(heads_->status());
        return records;
      }
      heads_->Await(seen, std::min(deadline, options_.live ? deadline : share_again_));
    }
  }

  absl::Status Commit() override {
    std::vector<pg::Statement> statements;
    for (const auto& [where, position] : assigned_) {
      if (position.next == position.committed || options_.live) continue;
      statements.push_back(
          {kCommit, {options_.group, where.first, int64_t{where.second}, position.next}});
    }
    if (!statements.empty()) {
      if (auto committed = connection_->Pipeline(statements); !committed.ok()) {
        if (!connection_->alive()) Disconnect();
        lost_ = false;  // this error says it
        return absl::UnavailableError(
            absl::StrCat("the commit failed: ", committed.status().message()));
      }
    }
    for (auto& [where, position] : assigned_) {
      position.committed = position.next;
      if (position.next > 0) position.known = true;
    }
    if (options_.progress) options_.progress->Advance();
    if (!lost_) return absl::OkStatus();
    lost_ = false;
    return absl::AbortedError("a partition went to another member before the commit");
  }

  absl::Status Rewind() override {
    lost_ = false;
    for (auto& [where, position] : assigned_) position.next = position.committed;
    return absl::OkStatus();
  }

 private:
  absl::Status Open() {
    ASSIGN_OR_RETURN(connection_, pg::Connection::Open(conninfo_));
    absl::Status opened;
    // Who holds is no member.
    if (held_.empty()) opened = options_.live ? StartAtEnd() : Join();
    if (!opened.ok()) Disconnect();
    return opened;
  }

  absl::Status Ready() {
    if (connection_ != nullptr && connection_->alive()) return absl::OkStatus();
    Disconnect();
    return Open();
  }

  void Disconnect() {
    connection_ = nullptr;
    // A live subscription goes on where it was; a member starts again from what is committed.
    if (!options_.live) DropAll();
  }

  void DropAll() {
    for (const auto& [where, position] : assigned_) {
      if (position.next != position.committed) lost_ = true;
    }
    assigned_.clear();
  }

  // So that a caller that only polls does not spin while the database refuses connections.
  static void Pause(absl::Time deadline) {
    absl::SleepFor(
        std::min(kReconnectPause, std::max(absl::ZeroDuration(), deadline - absl::Now())));
  }

  // The partitions of the topics, in order. UNAVAILABLE while a topic is missing.
  absl::StatusOr<std::vector<TopicPartition>> PartitionsFrom(const pg::Result& result) const {
    std::vector<TopicPartition> partitions;
    std::set<std::string> there;
    for (int row = 0; row < result.rows(); ++row) {
      there.insert(result.Text(row, 0));
      partitions.emplace_back(result.Text(row, 0), static_cast<int32_t>(result.Int(row, 1)));
    }
    for (const std::string& topic : options_.topics) {
      if (!there.contains(topic)) {
        return absl::UnavailableError(absl::StrCat("there is no topic ", topic));
      }
    }
    return partitions;
  }

  pg::Statement AskPartitions() const {
    return {
        "SELECT topic, partition, next_offset FROM partition WHERE topic = ANY ($1) "
        "ORDER BY topic, partition",
        {options_.topics}};
  }

  absl::Status StartAtEnd() {
    ASSIGN_OR_RETURN(const pg::Result result, connection_->Query(AskPartitions()));
    RETURN_IF_ERROR(PartitionsFrom(result).status());
    for (int row = 0; row < result.rows(); ++row) {
      const int64_t head = result.Int(row, 2);
      // Where it is already assigned, this is a reconnect.
      assigned_.try_emplace({result.Text(row, 0), static_cast<int32_t>(result.Int(row, 1))},
                            Position{head, head, true});
    }
    return absl::OkStatus();
  }

  absl::Status Join() {
    // A host that vanished leaves its locks within half a minute, not after the system's two hours.
    RETURN_IF_ERROR(
        connection_
            ->Pipeline(
                {{"SELECT set_config('application_name', $1, false),"
                  " set_config('tcp_keepalives_idle', '10', false),"
                  " set_config('tcp_keepalives_interval', '5', false),"
                  " set_config('tcp_keepalives_count', '3', false)",
                  {absl::StrCat("fosterwatch bus ", options_.group, " ", options_.member)}},
                 {"SELECT pg_advisory_lock_shared(hashtextextended($1, 0))", {members_key_}}})
            .status());
    share_again_ = absl::InfinitePast();
    heads_->MembersChanged();
    return absl::OkStatus();
  }

  // Takes and gives up partitions until the members of the group have about equally many.
  absl::Status Share() {
    if (options_.live) return absl::OkStatus();
    const int64_t members_version = heads_->members_version();
    if (absl::Now() < share_again_ && members_version == members_version_) return absl::OkStatus();
    auto taken = TakeShare();
    if (!taken.ok()) {
      if (!connection_->alive()) Disconnect();
      return taken.status();
    }
    members_version_ = members_version;
    share_again_ = absl::Now() + (*taken ? kShareInterval : kTakeoverInterval);
    return absl::OkStatus();
  }

  // Whether it now has all of its share.
  absl::StatusOr<bool> TakeShare() {
    ASSIGN_OR_RETURN(auto seen,
                     connection_->Pipeline({AskPartitions(), {kMembers, {members_key_}}}));
    ASSIGN_OR_RETURN(const std::vector<TopicPartition> partitions, PartitionsFrom(seen[0]));
    const int members = seen[1].rows();
    std::set<TopicPartition> share;
    for (int rank = 0; rank < members; ++rank) {
      if (!seen[1].Bool(rank, 1)) continue;
      for (size_t i = rank; i < partitions.size(); i += members) share.insert(partitions[i]);
    }

    std::vector<pg::Statement> give_up;
    for (auto it = assigned_.begin(); it != assigned_.end();) {
      if (share.contains(it->first)) {
        ++it;
        continue;
      }
      if (it->second.next != it->second.committed) lost_ = true;
      give_up.push_back(
          {"SELECT pg_advisory_unlock(hashtextextended($1, 0))", {LockKey(it->first)}});
      it = assigned_.erase(it);
    }
    if (!give_up.empty()) {
      RETURN_IF_ERROR(connection_->Pipeline(give_up).status());
      heads_->MembersChanged();
    }

    std::vector<TopicPartition> wanted;
    std::vector<pg::Statement> take;
    for (const TopicPartition& partition : share) {
      if (assigned_.contains(partition)) continue;
      wanted.push_back(partition);
      take.push_back(
          {"SELECT pg_try_advisory_lock(hashtextextended($1, 0))", {LockKey(partition)}});
      // Its own statement, so that it sees what the one who had the lock committed last.
      take.push_back({kStart, {partition.first, int64_t{partition.second}, options_.group}});
    }
    if (wanted.empty()) return true;
    ASSIGN_OR_RETURN(auto answers, connection_->Pipeline(take));
    bool all = true;
    std::map<TopicPartition, int64_t> lost;
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (!answers[2 * i].Bool(0, 0)) {
        all = false;
        continue;
      }
      const pg::Result& start = answers[2 * i + 1];
      Position position;
      position.known = !start.IsNull(0, 1);
      position.next = position.committed = start.Int(0, 1);
      if (position.committed > start.Int(0, 0)) lost[wanted[i]] = position.committed;
      assigned_[wanted[i]] = position;
    }
    if (!lost.empty()) return Hold(std::move(lost));
    return all;
  }

  std::string LockKey(const TopicPartition& partition) const {
    return PartitionLock(options_.group, partition.first, partition.second);
  }

  absl::Status DataLoss(const TopicPartition& where, int64_t missing) const {
    return Error(
        absl::StatusCode::kDataLoss, "RECORDS_LOST",
        absl::StrCat("topic ", where.first, " partition ", where.second, " no longer has offset ",
                     missing, options_.live ? "" : "; the group holds until an operator moves it"));
  }

  // Leaves the group. Its place in the table stays as it is, and says the same to others.
  absl::Status Hold(std::map<TopicPartition, int64_t> lost) {
    held_ = std::move(lost);
    look_again_ = absl::Now() + kHoldInterval;
    DropAll();
    RETURN_IF_ERROR(connection_->Query("SELECT pg_advisory_unlock_all()").status());
    heads_->MembersChanged();
    return DataLoss(held_.begin()->first, held_.begin()->second);
  }

  // OK once the group's places are there; it is then a member again.
  absl::Status LookWhetherMoved() {
    if (absl::Now() < look_again_) return DataLoss(held_.begin()->first, held_.begin()->second);
    look_again_ = absl::Now() + kHoldInterval;
    ASSIGN_OR_RETURN(const std::vector<GroupPosition> positions,
                     ListPositions(*connection_, options_.group, options_.topics));
    for (const GroupPosition& position : positions) {
      const auto held = held_.find({position.topic, position.partition});
      if (held == held_.end() || (!position.lost() && position.committed != held->second)) continue;
      return DataLoss(held->first, held->second);
    }
    held_.clear();
    return Join();
  }

  void Report(bool nothing_came) {
    int64_t behind = 0;
    for (const auto& [where, position] : assigned_) {
      behind += std::max<int64_t>(0, heads_->Of(where) - position.committed);
    }
    options_.progress->SetBehind(behind);
    if (nothing_came && heads_->status().ok()) options_.progress->Advance();
  }

  absl::StatusOr<std::vector<Record>> Fetch(int most) {
    std::vector<std::map<TopicPartition, Position>::value_type*> behind;
    for (auto& entry : assigned_) {
      if (heads_->Of(entry.first) > entry.second.next) behind.push_back(&entry);
    }
    std::vector<Record> records;
    if (behind.empty() || most <= 0) return records;
    // Each gets its part, and none is always the one that gets nothing.
    std::rotate(behind.begin(), behind.begin() + (turn_++ % behind.size()), behind.end());
    if (behind.size() > static_cast<size_t>(most)) behind.resize(most);
    const int64_t part = most / static_cast<int64_t>(behind.size());
    const int64_t bytes = kPollBytes / static_cast<int64_t>(behind.size());
    std::vector<pg::Statement> pages;
    for (const auto* entry : behind) {
      pages.push_back(
          {kPage,
           {entry->first.first, int64_t{entry->first.second}, entry->second.next, part, bytes}});
    }
    ASSIGN_OR_RETURN(auto results, connection_->Pipeline(pages));
    for (size_t i = 0; i < behind.size(); ++i) {
      const auto& where = behind[i]->first;
      Position& position = behind[i]->second;
      const pg::Result& page = results[i];
      if (page.rows() > 0 && page.Int(0, 0) != position.next && position.known) {
        const int64_t missing = position.next;
        if (!options_.live) return Hold({{where, missing}});
        position.next = position.committed = page.Int(0, 0);
        return DataLoss(where, missing);
      }
      for (int row = 0; row < page.rows(); ++row) {
        Record record;
        record.topic = where.first;
        record.partition = where.second;
        record.offset = page.Int(row, 0);
        record.key = page.Text(row, 1);
        ASSIGN_OR_RETURN(record.headers, DecodeHeaders(page.Text(row, 2)));
        record.value = page.Text(row, 3);
        record.time = page.Time(row, 4);
        records.push_back(std::move(record));
      }
    }
    for (const Record& record : records) {
      assigned_[{record.topic, record.partition}].next = record.offset + 1;
    }
    return records;
  }

  const std::string conninfo_;
  const std::shared_ptr<Heads> heads_;
  SubscribeOptions options_;
  std::string members_key_;
  std::unique_ptr<pg::Connection> connection_;
  std::map<TopicPartition, Position> assigned_;
  // Places whose records are gone; not empty: this subscription holds.
  std::map<TopicPartition, int64_t> held_;
  absl::Time look_again_ = absl::InfinitePast();
  absl::Time share_again_ = absl::InfinitePast();
  int64_t members_version_ = -1;
  size_t turn_ = 0;
  // Records that Poll returned and nobody committed went to another member.
  bool lost_ = false;
};

void AppendSized(absl::string_view bytes, std::string* out) {
  const uint32_t size = htobe32(static_cast<uint32_t>(bytes.size()));
  out->append(reinterpret_cast<const char*>(&size), sizeof size);
  out->append(bytes.data(), bytes.size());
}

bool TakeSized(absl::string_view* bytes, std::string* out) {
  uint32_t size;
  if (bytes->size() < sizeof size) return false;
  std::memcpy(&size, bytes->data(), sizeof size);
  size = be32toh(size);
  bytes->remove_prefix(sizeof size);
  if (bytes->size() < size) return false;
  out->assign(bytes->data(), size);
  bytes->remove_prefix(size);
  return true;
}

}  // namespace

std::string EncodeHeaders(const Headers& headers) {
  std::string bytes;
  for (const auto& [name, value] : headers) {
    AppendSized(name, &bytes);
    AppendSized(value, &bytes);
  }
  return bytes;
}

absl::StatusOr<Headers> DecodeHeaders(absl::string_view bytes) {
  Headers headers;
  while (!bytes.empty()) {
    auto& [name, value] = headers.emplace_back();
    if (!TakeSized(&bytes, &name) || !TakeSized(&bytes, &value)) {
      return absl::InternalError("the headers of a stored record cannot be read");
    }
  }
  return headers;
}

std::unique_ptr<Subscription> MakeSubscription(const std::string& conninfo,
                                               std::shared_ptr<Heads> heads,
                                               const SubscribeOptions& options) {
  return std::make_unique<PostgresSubscription>(conninfo, std::move(heads), options);
}

}  // namespace fosterwatch::bus::postgres
