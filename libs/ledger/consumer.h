// Consumes topics into a ledger: each record becomes a unit of work whose inbox id is the record's
// own, so that its effect happens once however often it comes.
//
// What cannot be taken
// - Refused for good (unreadable, no envelope, or refused by a rule): parked in ledger.parked at
//   once, with a reason code; the next record is handled.
// - Failing (INTERNAL, UNKNOWN, an exception): tried again a few times within a second; if the
//   database is well then, parked.
// - Where records belong to a key (`sequenced`), a parked record blocks its key: from then on that
//   key's later records, and no others, are parked behind it (BEHIND_PARKED), in order, until
//   somebody retries or discards (parked_service.h). A record without an envelope of ours belongs
//   to no key.
// - Where versions matter (`versioned_topics`), a fact that comes before its predecessor is parked
//   (VERSION_MISSING) with all behind it, and they are taken by themselves, in order, once the
//   missing one has come. See version_watch.h for what is seen as missing.
// - A dead dependency (UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, ABORTED, a database
//   without rights): nothing is parked; one record is tried again until it works.
// - Too many different keys in a row without one success (breaker.h): nothing is parked; one record
//   is tried every few seconds, a success lets it go on. On topics from outside a refusal is the
//   answer to its sender and does not count, however many there are; only failures of ours do.
// - DATA_LOSS from the bus: records were removed before they were handled. The consumer stands
//   still, and says so, until an operator has moved its group (bus.h); nothing is passed over in
//   silence.
//
// Threads: Run on one thread; Replay and what is read, on any. The consumer's `handle` may run on
// several threads at once, but for one key on one at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/ledger/breaker.h"
#include "libs/ledger/envelope.h"
#include "libs/ledger/ledger.h"
#include "libs/ledger/parked.h"
#include "libs/ledger/version_watch.h"
#include "libs/privacy/sealer.h"
#include "libs/runtime/module.h"

namespace fosterwatch::ledger {

// A record that could not be taken.
struct Parked {
  std::string parked_id;
  std::string reason_code;
  std::string field;
};

// What became of a replay.
struct Replayed {
  int taken = 0;
  int waiting = 0;  // of the key
  // The reason of the first that could not be taken; empty where all were.
  std::string stopped_by;
};

class Consumer {
 public:
  struct Options {
    std::string group;   // "notifications"
    std::string member;  // stable across restarts
    // Where the subscription says how it gets on; may be absent.
    std::shared_ptr<bus::Progress> progress;
    std::vector<std::string> topics;
    // The unit that the record asks for; nullopt where it is of no interest. May read, and must be
    // ready for several threads.
    std::function<absl::StatusOr<std::optional<Unit>>(const bus::Record& record)> handle;
    // What else is recorded when a record is parked, such as a fact that alerts a person. May set
    // the unit's agency and changes; absent: only the parked row. Not called for what is parked
    // behind another.
    std::function<void(const bus::Record& record, const Parked& parked, Unit& unit)> on_parked;
    int batch = 200;
    // Whether units get an inbox id (facts, whose records carry a ce_id) or rest on their request
    // id (intake).
    bool inbox = true;
    // Whether the records of one key wait for each other (facts), or each stands alone (intake).
    bool sequenced = true;
    // Topics on which a missing version is waited for: those whose ce_sequence counts one by one
    // per key, so not one on which aggregates of two types may share an id.
    std::vector<std::string> versioned_topics;
    // How often a failing record is tried before it is parked.
    int attempts = 3;
    int breaker_keys = 20;
    absl::Duration probe_every = absl::Seconds(3);
  };

  // All outlive the consumer. The sealer seals what is parked. `conninfo` is that of the service's
  // role; what is of all agencies is read under the ledger's relay role.
  Consumer(Ledger* ledger, bus::Bus* bus, privacy::Sealer* sealer, std::string conninfo,
           Options options);

  void Run(const runtime::Stop& stop);

  // Hands a parked record over again, and where it belongs to a key, all that waits of that key, in
  // order, up to the first that is not taken; see parked.h. Stops before the next record once
  // `deadline` has passed (OUT_OF_TIME). With `by_itself`, it also stops at a missing version.
  // FAILED_PRECONDITION (ALREADY_CLOSED, RETRY_UNDER_WAY); NOT_FOUND; DATA_LOSS where a record
  // cannot be opened; UNAVAILABLE and the like where a dependency is away: nothing was decided.
  absl::StatusOr<Replayed> Replay(const std::string& agency_id, const std::string& parked_id,
                                  const std::string& person_id, absl::Time deadline,
                                  bool by_itself = false);

  const std::string& group() const { return options_.group; }
  // OK while it works; the last error otherwise.
  absl::Status last_status() const;
  // How many records were parked since the start.
  int64_t parked_count() const;
  // Whether the breaker is open, and whether the bus has lost records.
  bool breaker_open() const;
  bool data_lost() const;

 private:
  struct Item;
  using Items = std::vector<Item*>;

  absl::Status Step();
  absl::StatusOr<std::vector<bus::Record>> Poll(int most);
  absl::Status Take(const std::vector<bus::Record>& records);
  absl::Status Probe();
  absl::Status LookForBlocked(const Items& items, std::vector<const Item*>* awaited);
  absl::Status Try(const Items& items);
  absl::Status TryOnce(const Items& items);
  void Count(Item& item);
  absl::Status ParkFirst(Item& item);
  absl::Status ParkBehind(const Items& items);
  absl::StatusOr<pg::Connection*> Parking();
  std::string SequenceKeyOf(const bus::Record& record) const;
  // What the record asks for, with its inbox id; an exception is UNKNOWN.
  absl::StatusOr<std::optional<Unit>> UnitFor(const bus::Record& record) const;
  // replay.cc
  absl::Status ReplayOne(const ParkedRow& row, const std::string& person_id);
  absl::Status Say(const ParkedRow& row, const ParkedOutcome& outcome);
  absl::Status Follow(const std::string& topic, const std::string& key);
  void SetStatus(const absl::Status& status);

  Ledger* const ledger_;
  bus::Bus* const bus_;
  privacy::Sealer* const sealer_;
  const std::string conninfo_;
  const Options options_;
  std::unique_ptr<bus::Subscription> subscription_;
  Breaker breaker_;
  VersionWatch watch_;
  // After a dependency was away: one record at a time, until one goes through.
  bool careful_ = false;
  size_t probed_ = 0;
  bool lost_ = false;  // what the last poll said
  std::unique_ptr<pg::Connection> parking_;

  mutable absl::Mutex mutex_;
  absl::Status last_status_ ABSL_GUARDED_BY(mutex_);
  int64_t parked_ ABSL_GUARDED_BY(mutex_) = 0;
  bool breaker_open_ ABSL_GUARDED_BY(mutex_) = false;
  bool data_lost_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace fosterwatch::ledger
