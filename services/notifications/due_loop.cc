#include "services/notifications/due_loop.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifications {
namespace {

// Any commit of any process may bring a row that is due at once; one look is one index scan.
constexpr absl::Duration kPoll = absl::Milliseconds(100);
constexpr absl::Duration kLockPoll = absl::Milliseconds(500);
constexpr absl::Duration kAwayPoll = absl::Milliseconds(250);
constexpr absl::Duration kHold = absl::Seconds(5);
// Few, so that what becomes urgent is not kept waiting.
constexpr int64_t kSlice = 20;

}  // namespace

void DueLoop::Run(const runtime::Stop& stop) {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = false;
  }
  std::vector<std::thread> workers;
  for (int i = 0; i < options_.workers; ++i) workers.emplace_back([&] { Work(stop); });
  while (!stop.requested()) {
    const absl::StatusOr<absl::Duration> sleep = Step();
    absl::Status before;
    {
      absl::MutexLock lock(&mutex_);
      before = std::exchange(last_status_, sleep.status());
    }
    if (!sleep.ok() && before.ok()) {
      runtime::LogStatus("a sending loop waits", sleep.status(), {{"kind", options_.kind}});
    } else if (sleep.ok() && !before.ok()) {
      runtime::LogInfo("a sending loop goes on", {{"kind", options_.kind}});
    }
    if (!sleep.ok()) {
      stop.WaitFor(kAwayPoll);
    } else if (*sleep > kPoll) {
      stop.WaitFor(*sleep);
    } else {
      AwaitWorkers(*sleep);
    }
  }
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
    ready_.clear();
  }
  for (std::thread& worker : workers) worker.join();
  connection_.reset();
  locked_ = false;
}

void DueLoop::Work(const runtime::Stop& stop) {
  const auto work_or_end = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return ending_ || (!ready_.empty() && paused_until_ <= absl::Now());
  };
  for (;;) {
    Due due;
    {
      absl::MutexLock lock(&mutex_);
      // By the clock: nobody signals the end of a pause.
      while (!mutex_.AwaitWithTimeout(absl::Condition(&work_or_end), kPoll)) {
      }
      if (ending_) return;
      due = std::move(ready_.front());
      ready_.pop_front();
    }
    const Worked worked = options_.work(due, stop);
    absl::MutexLock lock(&mutex_);
    in_work_.erase(due.id);
    finished_ = true;
    if (!worked.progressed) held_[due.id] = options_.now() + worked.hold;
    if (worked.pause > absl::ZeroDuration()) {
      paused_until_ = std::max(paused_until_, absl::Now() + worked.pause);
      for (const Due& waiting : ready_) in_work_.erase(waiting.id);
      ready_.clear();
    }
  }
}

void DueLoop::AwaitWorkers(absl::Duration time) {
  const auto idle = [this]()
                        ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ready_.empty() && finished_; };
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&idle), time);
  finished_ = false;
}

absl::StatusOr<absl::Duration> DueLoop::Step() {
  if (connection_ == nullptr || !connection_->alive()) {
    locked_ = false;
    ASSIGN_OR_RETURN(connection_, pg::Connection::Open(options_.conninfo));
  }
  if (!locked_) {
    ASSIGN_OR_RETURN(pg::Result lock,
                     connection_->Query("SELECT pg_try_advisory_lock($1)", {options_.lock}));
    if (!lock.Bool(0, 0)) return kLockPoll;  // another process works
    locked_ = true;
  }
  const absl::Time now = options_.now();
  pg::TextArray left_alone;
  {
    absl::MutexLock lock(&mutex_);
    if (const absl::Duration pause = paused_until_ - absl::Now(); pause > absl::ZeroDuration()) {
      return pause;
    }
    if (!ready_.empty()) return kPoll;
    for (auto held = held_.begin(); held != held_.end();) {
      held = held->second <= now ? held_.erase(held) : std::next(held);
    }
    for (const auto& [id, until] : held_) left_alone.push_back(id);
    for (const auto& [id, since] : in_work_) left_alone.push_back(id);
  }
  ASSIGN_OR_RETURN(pg::Result rows,
                   connection_->Query("SELECT agency_id, subject_id, id, due_at FROM view.timer"
                                      " WHERE kind = $1 AND due_at <= $2 AND id <> ALL ($3)"
                                      " ORDER BY urgent DESC, due_at LIMIT $4",
                                      {options_.kind, now, std::move(left_alone), kSlice}));
  absl::MutexLock lock(&mutex_);
  for (int row = 0; row < rows.rows(); ++row) {
    const Due& due = ready_.emplace_back(
        Due{rows.Text(row, 0), rows.Text(row, 1), rows.Text(row, 2), rows.Time(row, 3)});
    in_work_[due.id] = due.due;
  }
  oldest_due_ = absl::InfiniteFuture();
  for (const auto& [id, since] : in_work_) oldest_due_ = std::min(oldest_due_, since);
  return kPoll;
}

absl::Status DueLoop::last_status() const {
  absl::MutexLock lock(&mutex_);
  return last_status_;
}

double DueLoop::oldest_due_seconds() const {
  absl::MutexLock lock(&mutex_);
  if (oldest_due_ == absl::InfiniteFuture()) return 0;
  return absl::ToDoubleSeconds(options_.now() - oldest_due_);
}

}  // namespace fosterwatch::notifications
