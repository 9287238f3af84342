// The relay: reads the ledger in commit order and publishes the public part of each fact on the
// service's topic; one relay per database, by an advisory lock. A crash between publishing and
// marking publishes a batch again, with the same ids; nothing is ever passed over.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/module.h"

namespace fosterwatch::ledger {

// Takes the lock that the relay of a running service holds, for what must not happen beside one,
// such as a rebuild; released with the connection. FAILED_PRECONDITION (SERVICE_RUNNING) where it
// is taken; `service` is for the message.
absl::Status TakeRelayLock(pg::Connection& connection, const std::string& service);

// Where the ledger comes from another cluster, by a dump, its transaction ids mean nothing here:
// counts them anew, so that what was published stays so and the rest leaves, in its order. Nothing
// otherwise. Of the database's owner or a superuser, one transaction; no service writes meanwhile.
absl::Status AdoptLedger(pg::Connection& owner);

class Relay {
 public:
  struct Options {
    std::string topic;        // "fosterwatch.notifiable-events.v1"
    std::string type_prefix;  // "fosterwatch.notifiable_events.v1"; ce_type is "<prefix>.<fact>"
    std::string source;       // "/fosterwatch/notifiable-events"
    int batch = 500;
  };

  // Both outlive the relay. The relay is woken by the ledger's commits.
  Relay(Ledger* ledger, bus::Bus* bus, Options options);

  // Runs until stopped; survives a bus or database that is away.
  void Run(const runtime::Stop& stop);

  // Reads one batch, publishes it and marks it; the number of facts. For tests and for Run.
  absl::StatusOr<int> PublishBatch();

  // Seconds since the oldest fact that waits was recorded, as of the last look; 0 when none waits.
  // A fact waits for the bus, or for an older transaction of the cluster to end.
  double oldest_unsent_seconds() const;
  // OK while publishing works; the last error otherwise.
  absl::Status last_status() const;

 private:
  absl::Status LookForHidden();

  Ledger* const ledger_;
  bus::Bus* const bus_;
  const Options options_;
  std::unique_ptr<pg::Connection> connection_;
  bool locked_ = false;
  bool hidden_ = false;  // facts wait behind an open transaction
  absl::Time look_again_ = absl::InfinitePast();

  mutable absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = true;
  absl::Status last_status_ ABSL_GUARDED_BY(mutex_);
  absl::Time oldest_unsent_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();

  std::unique_ptr<Ledger::CommitWatch> watch_;  // last: it calls into the rest
};

}  // namespace fosterwatch::ledger
