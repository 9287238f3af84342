// A service's truth: an append-only table of facts, with the views that it makes, the answers that
// requests got, and the inbox of what was consumed, all changed together in one transaction.
//
// Promises
// - A unit whose `done` got OK is committed: facts, views, effects, request id and inbox id.
//   A unit that got an error has left nothing, except where that error is OUTCOME_UNKNOWN.
// - Units of work that wait together are committed together (group commit), in the order of their
//   submission; one that is refused leaves the others.
// - The same request id again gives the first result; with another body ALREADY_EXISTS
//   (REQUEST_ID_REUSED). The same inbox id again does nothing and gives `repeated`.
// - Past `queue` waiting units: RESOURCE_EXHAUSTED (BUSY) at once.
// - UNAVAILABLE: the database is away; a unit with a request id or an inbox id may be submitted
//   again safely. Without either, where the connection was lost while it committed, the reason is
//   OUTCOME_UNKNOWN: look before trying again.
// - INVALID_ARGUMENT: an id that is longer than kMaxIdBytes; a text that the database cannot hold
//   (not UTF-8, or with a NUL); a fact whose public part would be too large for the bus.
//
// Row-level security: each transaction names exactly the agencies in it; see schema.cc.
// Threads: any thread may submit and read. `decide` and `done` run on the ledger's own thread and
// must not block.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/ledger/aggregate.h"
#include "libs/pg/migrate.h"
#include "libs/pg/pool.h"
#include "libs/privacy/sealer.h"
#include "libs/runtime/access.h"
#include "libs/runtime/cancellation.h"

namespace fosterwatch::ledger {

// Of agency, request, inbox and aggregate ids: they are keys of indexes and of records.
inline constexpr size_t kMaxIdBytes = 200;

struct Outcome {
  // The states after the unit, in the order of its changes; for a repeated request only that of
  // the first change, as it was then; none for a unit with an inbox id.
  std::vector<std::unique_ptr<google::protobuf::Message>> states;
  bool repeated = false;
  // Whether this unit appended facts now.
  bool changed = false;

  template <typename State>
  const State& As(size_t index) const {
    return static_cast<const State&>(*states[index]);
  }
};

// Whether a unit's status is an answer to it (OK, or refused for good), as opposed to a failure to
// record it.
bool IsAnswer(const absl::Status& status);

struct Unit {
  std::string agency_id;
  std::string actor;
  std::string cause;
  std::string trace_parent;
  // Of an RPC; empty where the caller gave none. The hash is of the request without its id.
  std::string request_id;
  std::string request_hash;
  // What whoever asks calls its request id: the field that REQUEST_ID_REUSED names.
  std::string request_id_field = "request_id";
  // Of a consumed record: the group that consumes and the record's own id.
  std::string consumer;
  std::string inbox_id;
  // Units that share a chain keep their order: once one of them got an error, those behind it leave
  // nothing and get ABORTED (BEHIND_FAILED). Used by the ledger's thread only.
  struct Chain {
    bool broken = false;
  };
  std::shared_ptr<Chain> chain;
  // By default those of the call that this thread works for (runtime::CallScope). A unit that has
  // not begun in time gets DEADLINE_EXCEEDED, or CANCELLED; one that has begun is done whole.
  absl::Time deadline = absl::InfiniteFuture();
  std::shared_ptr<runtime::Cancellation> cancellation;
  // Done however little time its call has left, and whether or not anybody still waits.
  bool outlives_its_call = false;

  // Who looks at what by this unit: kept in its transaction, with the records of the states after
  // it. A unit may hold nothing else.
  std::shared_ptr<runtime::AccessNote> access;

  std::vector<Change> changes;
  // Further statements of the same transaction, such as rows of reference tables.
  Statements effects;
  std::function<void(absl::StatusOr<Outcome>)> done;
};

class Ledger {
 public:
  struct Options {
    std::string conninfo;        // under the service's role
    std::string relay_conninfo;  // under its relay role, which reads all agencies
    const google::protobuf::Message* fact = nullptr;  // the service's fact message, with one oneof
    std::vector<Aggregate> aggregates;
    int queue = 4096;
    int batch = 128;
    int readers = 8;
    std::function<absl::Time()> now = [] { return absl::Now(); };
  };

  // INTERNAL where a field of the fact has no class. The database need not answer yet.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(Options options,
                                                      std::unique_ptr<privacy::Sealer> sealer);
  // Finishes what was submitted.
  ~Ledger();

  void Submit(Unit unit);
  // Blocks; not from the ledger's own thread.
  absl::StatusOr<Outcome> SubmitAndWait(Unit unit);
  // The answers to many, in their order; `done` of none is called. Blocks until the last of them.
  std::vector<absl::StatusOr<Outcome>> SubmitAllAndWait(std::vector<Unit> units);

  // The state of one aggregate with its personal part; NOT_FOUND where it has no facts in this
  // agency. `version` 0 is the newest.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Load(const std::string& agency_id,
                                                                  const std::string& type,
                                                                  const std::string& id,
                                                                  int64_t version = 0);
  template <typename State>
  absl::StatusOr<State> LoadAs(const std::string& agency_id, const std::string& type,
                               const std::string& id) {
    auto state = Load(agency_id, type, id);
    if (!state.ok()) return state.status();
    return std::move(static_cast<State&>(**state));
  }

  // Gives `take` the states of aggregates of one type, with their personal parts, in the order of
  // `ids`; unknown ones are left out. Some are read together, each lot in a transaction of its own,
  // and no more than a lot is in memory. With `names`, of facts: what these facts alone make of
  // each state, for a reader who knows that it rests on no others.
  absl::Status LoadEach(const std::string& agency_id, const std::string& type,
                        const std::vector<std::string>& ids,
                        absl::FunctionRef<void(const std::string& id,
                                               std::unique_ptr<google::protobuf::Message> state)>
                            take,
                        const std::vector<std::string>& names = {});

  // The same, all together. For lists that show what the views may not hold, such as names.
  absl::StatusOr<absl::flat_hash_map<std::string, std::unique_ptr<google::protobuf::Message>>>
  LoadMany(const std::string& agency_id, const std::string& type,
           const std::vector<std::string>& ids);

  // Queries of the views, for one agency, in one transaction and one round trip.
  absl::StatusOr<std::vector<pg::Result>> Read(const std::string& agency_id, Statements statements);

  // Empties the views and makes them again from the facts, in slices; publishes and sends nothing.
  absl::Status Rebuild();

  // Calls `committed` after each commit that appended facts, from the ledger's thread, until the
  // watch goes; once it is gone, no call is under way. `committed` must not block, nor call the
  // ledger. Any number of watches; the ledger outlives them.
  class CommitWatch {
   public:
    ~CommitWatch();
    CommitWatch(const CommitWatch&) = delete;
    CommitWatch& operator=(const CommitWatch&) = delete;

   private:
    friend class Ledger;
    CommitWatch(Ledger* ledger, std::function<void()> committed);

    Ledger* const ledger_;
    const std::function<void()> committed_;
  };
  [[nodiscard]] std::unique_ptr<CommitWatch> OnCommit(std::function<void()> committed);

  // Waiting units, for a gauge.
  int waiting() const;
  // OK if the database answers.
  absl::Status Check();

  const google::protobuf::Message& fact_prototype() const { return *options_.fact; }
  const Options& options() const { return options_; }

 private:
  struct Loaded;
  struct Batch;

  Ledger(Options options, std::unique_ptr<privacy::Sealer> sealer);
  void Work();
  // Answers and takes out those for which nobody waits any more.
  void DropLate(std::vector<Unit>& units);
  // Takes one batch to its end; the error where the database was away.
  absl::Status Process(std::vector<Unit> units);
  void Finish(Unit& unit, absl::StatusOr<Outcome> outcome);
  absl::Status TryBatch(std::vector<Unit>& units, Batch& batch);
  // Runs `body` on a reader's connection; again on another one that turns out to be lost.
  template <typename Body>
  absl::Status WithReader(Body&& body);
  absl::StatusOr<Loaded> Fold(pg::Connection& connection, const std::string& agency_id,
                              const std::string& type, const std::string& id, int64_t version);
  const Aggregate& AggregateOf(const std::string& type) const;

  const Options options_;
  const std::unique_ptr<privacy::Sealer> sealer_;
  pg::Pool readers_;
  std::unique_ptr<pg::Connection> writer_;  // of the ledger's thread

  mutable absl::Mutex mutex_;
  std::vector<Unit> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex watches_mutex_;
  std::vector<const CommitWatch*> watches_ ABSL_GUARDED_BY(watches_mutex_);
  std::thread thread_;
};

// The schema `ledger` of a service's database, whose role is `role`.
std::vector<pg::Migration> Migrations(const std::string& role);

// SQL that puts a view table under row-level security and gives `role` its rights on it: for use
// in a service's own migration, after CREATE TABLE. The table has a column agency_id.
std::string ViewRights(const std::string& table, const std::string& role);

// The hash of a request for Unit::request_hash: of its type, and its bytes without the field
// request_id.
std::string RequestHash(const google::protobuf::Message& request);

}  // namespace fosterwatch::ledger
