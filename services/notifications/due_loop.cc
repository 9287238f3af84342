#include "services/notifications/due_loop.h"

#include <algorithm>
#include <utility>

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
  while (!stop.requested()) {
    const absl::StatusOr<absl::Duration> sleep = Step(stop);
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
    stop.WaitFor(sleep.ok() ? *sleep : kAwayPoll);
  }
  connection_.reset();
  locked_ = false;
}

absl::StatusOr<absl::Duration> DueLoop::Step(const runtime::Stop& stop) {
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
  for (auto held = held_.begin(); held != held_.end();) {
    held = held->second <= now ? held_.erase(held) : std::next(held);
  }
  pg::TextArray left_alone;
  for (const auto& [id, until] : held_) left_alone.push_back(id);
  ASSIGN_OR_RETURN(pg::Result rows,
                   connection_->Query("SELECT agency_id, subject_id, id, due_at FROM view.timer"
                                      " WHERE kind = $1 AND due_at <= $2 AND id <> ALL ($3)"
                                      " ORDER BY urgent DESC, due_at LIMIT $4",
                                      {options_.kind, now, std::move(left_alone), kSlice}));
  {
    absl::MutexLock lock(&mutex_);
    oldest_due_ = absl::InfiniteFuture();
    for (int row = 0; row < rows.rows(); ++row) {
      oldest_due_ = std::min(oldest_due_, rows.Time(row, 3));
    }
  }
  for (int row = 0; row < rows.rows() && !stop.requested(); ++row) {
    const Due due{rows.Text(row, 0), rows.Text(row, 1), rows.Text(row, 2)};
    const Worked worked = options_.work(due, stop);
    if (worked.pause > absl::ZeroDuration()) return worked.pause;
    if (!worked.progressed) held_[due.id] = options_.now() + kHold;
  }
  return rows.rows() == 0 ? kPoll : absl::ZeroDuration();
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
