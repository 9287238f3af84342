#include "libs/bus/postgres_heads.h"

#include "libs/status/status_macros.h"

namespace fosterwatch::bus::postgres {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(25);
constexpr absl::Duration kAwayInterval = absl::Milliseconds(250);

}  // namespace

Heads::Heads(std::string conninfo) : conninfo_(std::move(conninfo)), thread_([this] { Run(); }) {}

Heads::~Heads() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

int64_t Heads::Of(const TopicPartition& partition) const {
  absl::MutexLock lock(&mutex_);
  const auto found = heads_.find(partition);
  return found == heads_.end() ? 0 : found->second;
}

void Heads::Advance(const std::vector<std::pair<TopicPartition, int64_t>>& heads) {
  absl::MutexLock lock(&mutex_);
  for (const auto& [partition, head] : heads) {
    int64_t& known = heads_[partition];
    if (head <= known) continue;  // an answer that another one has overtaken
    known = head;
    ++version_;
  }
}

void Heads::MembersChanged() {
  absl::MutexLock lock(&mutex_);
  ++members_version_;
  ++version_;
}

int64_t Heads::version() const {
  absl::MutexLock lock(&mutex_);
  return version_;
}

int64_t Heads::members_version() const {
  absl::MutexLock lock(&mutex_);
  return members_version_;
}

void Heads::Await(int64_t seen, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  ++waiting_;
  const auto changed = [this, seen] {
    mutex_.AssertReaderHeld();
    return version_ != seen;
  };
  mutex_.AwaitWithDeadline(absl::Condition(&changed), deadline);
  --waiting_;
}

absl::Status Heads::status() const {
  absl::MutexLock lock(&mutex_);
  return status_;
}

void Heads::Run() {
  absl::MutexLock lock(&mutex_);
  const auto wanted = [this] {
    mutex_.AssertReaderHeld();
    return waiting_ > 0 || stopping_;
  };
  while (true) {
    mutex_.Await(absl::Condition(&wanted));
    if (stopping_) return;
    mutex_.Unlock();
    const absl::Status asked = Ask();
    mutex_.Lock();
    status_ = asked;
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), asked.ok() ? kInterval : kAwayInterval);
  }
}

absl::Status Heads::Ask() {
  if (connection_ == nullptr || !connection_->alive()) {
    connection_ = nullptr;
    ASSIGN_OR_RETURN(connection_, pg::Connection::Open(conninfo_));
  }
  ASSIGN_OR_RETURN(const pg::Result result,
                   connection_->Query("SELECT topic, partition, next_offset FROM partition"));
  std::vector<std::pair<TopicPartition, int64_t>> heads;
  heads.reserve(result.rows());
  for (int row = 0; row < result.rows(); ++row) {
    heads.emplace_back(
        TopicPartition(result.Text(row, 0), static_cast<int32_t>(result.Int(row, 1))),
        result.Int(row, 2));
  }
  Advance(heads);
  return absl::OkStatus();
}

}  // namespace fosterwatch::bus::postgres
