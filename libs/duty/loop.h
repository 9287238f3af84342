// Works off one kind of timer as they fall due.
//
// Promises
// - Once: a timer is fired by facts that move or end it, in the transaction that records them. A
//   crash before that transaction fires it again, a crash after it does not.
// - In order: urgent ones first, each in the order of their due times, also when everything of the
//   last two hours is due at once.
// - The service's clock decides, at each look anew. One that is set back delays what is not yet due
//   by it again; nothing fires twice and nothing is lost.
// - Of all processes that run a loop of this kind one works, by an advisory lock on a connection of
//   its own; another takes over within a second of its end.
// - Waiting costs nothing: between looks the loop sleeps until the next due time, is woken by this
//   process's own commits, and looks twice a second for what other processes have committed. A look
//   reads a few pages of one index, however many timers wait.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/duty/timer.h"
#include "libs/ledger/ledger.h"
#include "libs/pg/connection.h"
#include "libs/runtime/module.h"

namespace fosterwatch::duty {

// A timer that is due.
struct Due {
  std::string agency_id;
  std::string subject_id;
  std::string id;
  absl::Time due;
  bool urgent = false;
  std::string kind;
};

// What came of one timer that was due.
struct Worked {
  // Something was recorded. Where nothing was, the timer is left alone for that long, so that one
  // that cannot be worked off does not keep the loop busy.
  bool progressed = true;
  absl::Duration hold = absl::Seconds(5);
  // What all timers of the kind need is away: none is tried for that long.
  absl::Duration pause = absl::ZeroDuration();
};

class Loop {
 public:
  struct Options {
    std::string kind;
    std::function<absl::Time()> now;
    // One of these two.
    // The unit of work that fires it, as Firing makes one: recorded in groups, in order.
    std::function<ledger::Unit(const Due&)> fire;
    // For what takes its time outside, such as a mail: called from `workers` threads at a time,
    // never for one timer twice at a time. Records by itself that the timer was moved or ended.
    std::function<Worked(const Due&, const runtime::Stop&)> work;
    int workers = 1;
  };
  // The ledger outlives it.
  Loop(ledger::Ledger* ledger, Options options);

  // Works until stopped and what is in work has ended; survives a database that is away.
  void Run(const runtime::Stop& stop);

  // OK while it works, or while another process does; the last error otherwise.
  absl::Status last_status() const;
  // By how much the timer that has waited longest is late; 0 when none is due.
  double oldest_due_seconds() const;
  // How often it has looked for what is due.
  int64_t looks() const;

 private:
  struct Held {
    absl::Time until;  // by absl::Now(): the service's clock may be set back
    absl::Time due;
  };

  // Looks, and has what is due worked off. How long to sleep before the next look.
  absl::StatusOr<absl::Duration> Step();
  absl::StatusOr<std::vector<Due>> Look(const pg::TextArray& left_alone, absl::Time now,
                                        absl::Time* next);
  absl::Status Fire(const std::vector<Due>& due);
  void Work(const runtime::Stop& stop);
  void Hold(const Due& due, absl::Duration time) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Until a commit or a worker asks for the next look, or the time is over.
  void Sleep(const runtime::Stop& stop, absl::Duration time);

  ledger::Ledger* const ledger_;
  const Options options_;
  const std::string due_sql_;
  std::unique_ptr<pg::Connection> connection_;
  bool locked_ = false;
  // Fired, as it seemed, at the last look: one that is seen again did not move.
  std::map<std::string, absl::Time> fired_;

  mutable absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t looks_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<Due> ready_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Time> in_work_ ABSL_GUARDED_BY(mutex_);  // since when it is due
  std::map<std::string, Held> held_ ABSL_GUARDED_BY(mutex_);
  absl::Time paused_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // by absl::Now()
  absl::Time oldest_due_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  absl::Status last_status_ ABSL_GUARDED_BY(mutex_);

  std::unique_ptr<ledger::Ledger::CommitWatch> watch_;  // last: it calls into the rest
};

// Runs the loop in the host, with a watch and the gauge <service>_<what>_oldest_due_seconds.
void RunIn(runtime::Host& host, const std::string& service, const std::string& what, Loop* loop);

// The unit that fires a timer: `decide` is asked only where the state still has it, due at the
// moment that was seen, so that it never fires twice. Its facts must move or end the timer.
// `timers` is what the aggregate projects.
template <typename State, typename Fact>
ledger::Unit Firing(const Due& due, std::string aggregate_type, std::string actor,
                    std::function<std::vector<Timer>(const State&)> timers,
                    std::function<absl::StatusOr<std::vector<Fact>>(const State&)> decide) {
  ledger::Unit unit;
  unit.agency_id = due.agency_id;
  unit.actor = std::move(actor);
  unit.cause = due.id;
  unit.changes.push_back(ledger::MakeChange<State, Fact>(
      std::move(aggregate_type), due.subject_id,
      [due, timers = std::move(timers), decide = std::move(decide)](
          const State& state, int64_t) -> absl::StatusOr<std::vector<Fact>> {
        for (const Timer& timer : timers(state)) {
          if (timer.kind == due.kind && timer.id == due.id &&
              absl::ToUnixMicros(timer.due) == absl::ToUnixMicros(due.due)) {
            return decide(state);
          }
        }
        return std::vector<Fact>{};
      }));
  return unit;
}

}  // namespace fosterwatch::duty
