#include "libs/duty/loop.h"

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"

#include "libs/duty/look_sql.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::duty {
namespace {

// The longest sleep of the one that works: another process may have committed.
constexpr absl::Duration kPoll = absl::Milliseconds(500);
constexpr absl::Duration kLockPoll = absl::Milliseconds(500);
constexpr absl::Duration kAwayPoll = absl::Milliseconds(250);
constexpr absl::Duration kShortest = absl::Milliseconds(1);
// How soon a stop is noticed, and the end of a pause.
constexpr absl::Duration kStopPoll = absl::Milliseconds(50);
// For work few, so that what becomes urgent is not kept waiting.
constexpr int kWorkSlice = 20;
constexpr int kFireSlice = 500;
// So many that cannot be worked off are no single timers' fault.
constexpr size_t kMostHeld = 1000;
constexpr absl::Duration kHold = absl::Seconds(5);

// One number for each kind, the same in every process (FNV-1a).
int64_t LockOf(const std::string& kind) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : absl::StrCat("fosterwatch duty ", kind)) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return static_cast<int64_t>(hash);
}

std::string KeyOf(const Due& due) {
  return absl::StrCat(due.agency_id, "/", due.subject_id, "/", due.id);
}

}  // namespace

Loop::Loop(ledger::Ledger* ledger, Options options)
    : ledger_(ledger),
      options_(std::move(options)),
      due_sql_(DueSql(options_.fire ? kFireSlice : kWorkSlice)) {
  watch_ = ledger_->OnCommit([this] {
    absl::MutexLock lock(&mutex_);
    woken_ = true;
  });
}

void Loop::Run(const runtime::Stop& stop) {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = false;
  }
  std::vector<std::thread> workers;
  if (options_.work) {
    for (int i = 0; i < options_.workers; ++i) workers.emplace_back([&] { Work(stop); });
  }
  while (!stop.requested()) {
    const absl::StatusOr<absl::Duration> sleep = Step();
    absl::Status before;
    {
      absl::MutexLock lock(&mutex_);
      before = std::exchange(last_status_, sleep.status());
    }
    if (!sleep.ok() && before.ok()) {
      runtime::LogStatus("a loop of timers waits", sleep.status(), {{"kind", options_.kind}});
    } else if (sleep.ok() && !before.ok()) {
      runtime::LogInfo("a loop of timers goes on", {{"kind", options_.kind}});
    }
    Sleep(stop, sleep.ok() ? *sleep : kAwayPoll);
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

void Loop::Sleep(const runtime::Stop& stop, absl::Duration time) {
  const absl::Time end = absl::Now() + time;
  absl::MutexLock lock(&mutex_);
  while (!woken_ && !stop.requested()) {
    const absl::Duration left = end - absl::Now();
    if (left <= absl::ZeroDuration()) return;
    mutex_.AwaitWithTimeout(absl::Condition(&woken_), std::min(left, kStopPoll));
  }
}

absl::StatusOr<absl::Duration> Loop::Step() {
  if (connection_ == nullptr || !connection_->alive()) {
    locked_ = false;
    ASSIGN_OR_RETURN(connection_, pg::Connection::Open(ledger_->options().relay_conninfo));
    RETURN_IF_ERROR(connection_->Script(kLookSettings));
  }
  if (!locked_) {
    ASSIGN_OR_RETURN(const pg::Result lock, connection_->Query("SELECT pg_try_advisory_lock($1)",
                                                               {LockOf(options_.kind)}));
    absl::MutexLock held(&mutex_);
    woken_ = false;
    if (!lock.Bool(0, 0)) {  // another process works
      oldest_due_ = absl::InfiniteFuture();
      return kLockPoll;
    }
    locked_ = true;
  }

  pg::TextArray left_alone;
  {
    absl::MutexLock lock(&mutex_);
    woken_ = false;  // before the look: what is committed from here on is looked for again
    const absl::Time now = absl::Now();
    if (paused_until_ > now) return paused_until_ - now;
    if (!ready_.empty()) return kPoll;
    for (auto held = held_.begin(); held != held_.end();) {
      held = held->second.until <= now ? held_.erase(held) : std::next(held);
    }
    if (held_.size() >= kMostHeld) {
      return absl::InternalError(
          absl::StrCat(held_.size(), " timers are due and cannot be worked off"));
    }
    for (const auto& [key, held] : held_) left_alone.push_back(key);
    for (const auto& [key, due] : in_work_) left_alone.push_back(key);
    ++looks_;
  }

  const absl::Time now = options_.now();
  absl::Time next = absl::InfiniteFuture();
  ASSIGN_OR_RETURN(const std::vector<Due> due, Look(left_alone, now, &next));
  {
    absl::MutexLock lock(&mutex_);
    oldest_due_ = next <= now ? next : absl::InfiniteFuture();
    for (const auto& [key, since] : in_work_) oldest_due_ = std::min(oldest_due_, since);
    for (const auto& [key, held] : held_) oldest_due_ = std::min(oldest_due_, held.due);
    if (options_.work) {
      for (const Due& row : due) {
        in_work_[KeyOf(row)] = row.due;
        ready_.push_back(row);
      }
    }
  }
  if (due.empty()) {
    // All that are not held have moved or ended: one that comes back as it was is another.
    fired_.clear();
    return std::clamp(next - now, kShortest, kPoll);
  }
  if (options_.work) return kPoll;
  RETURN_IF_ERROR(Fire(due));
  return absl::ZeroDuration();
}

absl::StatusOr<std::vector<Due>> Loop::Look(const pg::TextArray& left_alone, absl::Time now,
                                            absl::Time* next) {
  static const std::string& next_sql = *new std::string(NextSql());
  ASSIGN_OR_RETURN(const pg::Result head,
                   connection_->Query(next_sql, {options_.kind, left_alone}));
  if (head.IsNull(0, 0)) return std::vector<Due>{};
  *next = head.Time(0, 0);
  if (*next > now) return std::vector<Due>{};
  ASSIGN_OR_RETURN(const pg::Result rows,
                   connection_->Query(due_sql_, {options_.kind, left_alone, now}));
  std::vector<Due> due;
  for (int row = 0; row < rows.rows(); ++row) {
    due.push_back({rows.Text(row, 0), rows.Text(row, 1), rows.Text(row, 2), rows.Time(row, 3),
                   rows.Bool(row, 4), options_.kind});
  }
  std::stable_sort(due.begin(), due.end(), [](const Due& a, const Due& b) {
    return a.urgent != b.urgent ? a.urgent : a.due < b.due;
  });
  const size_t slice = options_.fire ? kFireSlice : kWorkSlice;
  if (due.size() > slice) due.erase(due.begin() + static_cast<std::ptrdiff_t>(slice), due.end());
  return due;
}

absl::Status Loop::Fire(const std::vector<Due>& due) {
  // Recorded in this order or not at all: once one of them could not be, those behind it wait.
  const auto chain = std::make_shared<ledger::Unit::Chain>();
  std::vector<absl::Status> results(due.size());
  std::vector<size_t> submitted;
  std::map<std::string, absl::Time> fired;
  for (size_t i = 0; i < due.size(); ++i) {
    const std::string key = KeyOf(due[i]);
    if (const auto before = fired_.find(key);
        before != fired_.end() && before->second == due[i].due) {
      runtime::LogStatus("a timer has fired and is still due",
                         absl::InternalError("its facts did not move it"),
                         {{"kind", options_.kind}, {"subject_id", due[i].subject_id}});
      absl::MutexLock lock(&mutex_);
      Hold(due[i], kHold);
      continue;
    }
    fired[key] = due[i].due;
    submitted.push_back(i);
  }
  absl::BlockingCounter left(static_cast<int>(submitted.size()));
  for (const size_t i : submitted) {
    ledger::Unit unit = options_.fire(due[i]);
    unit.chain = chain;
    unit.done = [&results, &left, i](absl::StatusOr<ledger::Outcome> outcome) {
      results[i] = outcome.status();
      left.DecrementCount();
    };
    ledger_->Submit(std::move(unit));
  }
  left.Wait();
  // The first that could not be recorded broke the chain; those behind it are seen again.
  absl::Status away;
  bool broken = false;
  for (const size_t i : submitted) {
    const absl::Status& result = results[i];
    if (result.ok()) continue;
    fired.erase(KeyOf(due[i]));
    if (!ledger::IsAnswer(result)) {
      if (broken) continue;
      broken = true;
      if (IsRetryable(result) || absl::IsResourceExhausted(result)) {
        away = result;
        continue;
      }
    }
    runtime::LogStatus("a timer could not be fired", result,
                       {{"kind", options_.kind}, {"subject_id", due[i].subject_id}});
    absl::MutexLock lock(&mutex_);
    Hold(due[i], kHold);
  }
  fired_ = std::move(fired);
  return away;
}

void Loop::Hold(const Due& due, absl::Duration time) {
  held_[KeyOf(due)] = {absl::Now() + time, due.due};
}

void Loop::Work(const runtime::Stop& stop) {
  const auto may_go_on = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return ending_ || (!ready_.empty() && paused_until_ <= absl::Now());
  };
  for (;;) {
    Due due;
    {
      absl::MutexLock lock(&mutex_);
      // By the clock: nobody signals the end of a pause.
      while (!mutex_.AwaitWithTimeout(absl::Condition(&may_go_on), kStopPoll)) {
      }
      if (ending_) return;
      due = std::move(ready_.front());
      ready_.pop_front();
    }
    const Worked worked = options_.work(due, stop);
    absl::MutexLock lock(&mutex_);
    in_work_.erase(KeyOf(due));
    if (!worked.progressed) Hold(due, worked.hold);
    if (worked.pause > absl::ZeroDuration()) {
      paused_until_ = std::max(paused_until_, absl::Now() + worked.pause);
      for (const Due& waiting : ready_) in_work_.erase(KeyOf(waiting));
      ready_.clear();
    }
    if (ready_.empty()) woken_ = true;
  }
}

absl::Status Loop::last_status() const {
  absl::MutexLock lock(&mutex_);
  return last_status_;
}

double Loop::oldest_due_seconds() const {
  absl::MutexLock lock(&mutex_);
  if (oldest_due_ == absl::InfiniteFuture()) return 0;
  return std::max(0.0, absl::ToDoubleSeconds(options_.now() - oldest_due_));
}

int64_t Loop::looks() const {
  absl::MutexLock lock(&mutex_);
  return looks_;
}

void RunIn(runtime::Host& host, const std::string& service, const std::string& what, Loop* loop) {
  host.Run(absl::StrCat(service, " ", what),
           [loop](const runtime::Stop& stop) { loop->Run(stop); });
  host.AddWatch(absl::StrCat(service, " ", what), [loop] { return loop->last_status(); });
  host.AddGauge(absl::StrCat(service, "_", what, "_oldest_due_seconds"),
                absl::StrCat("By how much the oldest due of ", what, " is late"),
                [loop] { return loop->oldest_due_seconds(); });
}

}  // namespace fosterwatch::duty
