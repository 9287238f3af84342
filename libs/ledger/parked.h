// How parked records are kept (tables ledger.parked, ledger.parked_outcome, ledger.blocked_key; see
// schema.cc): sealed and opened, closed, and keys blocked and let go on. Inside of this library;
// for consumer.cc, replay.cc and parked_service.cc.
//
// Two writers meet here: the consumer that parks, and a replay (perhaps in another process) that
// hands records over again and lets the key go on. What keeps them apart:
//
// - A key's records come to one member of the group at a time. The consumer asks for blocked keys
//   after each poll. A record comes without its predecessor only once that one's offset is
//   committed, which is after it was parked and its key blocked: so nothing overtakes a record that
//   was parked, whichever member parked it.
// - Behind a blocked key a record is parked in a transaction that holds the key's row of
// blocked_key
//   FOR SHARE. Where the row is gone, the record is not parked but handled. A replay lets a key go
//   on in the transaction of a record's effect: it takes the row FOR UPDATE, and in the next
//   statement, whose snapshot is younger than the lock, deletes it unless a record of the key is
//   still open. So either the replay sees what was parked last and goes on with it, or the consumer
//   sees the key free, when the effects of all before are committed.
// - Closing a record (its one row TAKEN or DISCARDED, by a unique index) is in the transaction of
//   its effect, and the effect has the inbox or request id that it had on its way in: killed
//   anywhere, a replay that is begun again does what is left, in order, and nothing twice.
// - An advisory lock per consumer and key keeps two replays, or a replay and a discard, from
// working
//   side by side. It goes with the session that holds it; what is said above holds without it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "libs/pg/connection.h"
#include "libs/privacy/sealer.h"

namespace fosterwatch::ledger {

// A parked record whose agency cannot be known belongs to this one: operators see it, no agency.
inline constexpr char kNoAgency[] = "-";

// Whether a status says that a dependency is away, so that the same may work later; a database's
// refusal for want of rights is one.
bool IsAway(const absl::Status& status);

// Reasons of our own.
inline constexpr char kBehindParked[] = "BEHIND_PARKED";
inline constexpr char kVersionMissing[] = "VERSION_MISSING";

// The same for the same record, however often it comes.
std::string ParkedId(const std::string& consumer, const bus::Record& record);

// A row of ledger.parked, and what it holds when it is open.
struct ParkedRow {
  std::string parked_id;
  std::string agency_id;
  std::string consumer;
  std::string sequence_key;  // empty: it stands alone
  int64_t sequence = 0;
  std::string reason_code;
  std::string field;
  bus::Record record;
};

// Seals the record under a key of its own and says how to insert the row; the subject must be
// prepared. DO NOTHING where it is there already.
privacy::Subject SubjectOf(const ParkedRow& row);
absl::StatusOr<pg::Statement> InsertParked(const ParkedRow& row, privacy::Sealer& sealer,
                                           absl::Time now);

// The following read under the relay's role, which sees all agencies.

// The row alone, whether it is open or not; closed tells. NOT_FOUND.
struct FoundRow {
  ParkedRow row;
  bool closed = false;
};
absl::StatusOr<FoundRow> ReadRow(pg::Connection& relay, const std::string& agency_id,
                                 const std::string& parked_id);
// All open records of the row's key, in order, or the row itself where it stands alone; opened.
// DATA_LOSS where one cannot be opened.
absl::StatusOr<std::vector<ParkedRow>> ReadOpen(pg::Connection& relay, privacy::Sealer& sealer,
                                                const ParkedRow& row, int most);
// The first open record of a key; nullopt where there is none.
absl::StatusOr<std::optional<ParkedRow>> FirstOpen(pg::Connection& relay,
                                                   const std::string& consumer,
                                                   const std::string& topic,
                                                   const std::string& sequence_key);

// How many records of the row's key are open.
absl::StatusOr<int> CountOpen(pg::Connection& relay, const ParkedRow& row);

// What an outcome row says.
struct ParkedOutcome {
  std::string outcome;  // "FAILED", "TAKEN", "DISCARDED"
  std::string person_id;
  std::string reason_code;
  std::optional<std::string> sealed_reason;
};
// The outcome, and for a closing one that the key goes on where nothing of it is open any more. For
// a transaction of `agency_id`, which is widened to the row's own where that is another.
Statements Conclude(const ParkedRow& row, const ParkedOutcome& outcome,
                    const std::string& agency_id, absl::Time now);

// Which of these keys are blocked, and by which missing version (0: by a person's matter).
absl::StatusOr<absl::flat_hash_map<std::string, int64_t>> BlockedKeys(
    Ledger& ledger, const std::string& consumer, const std::string& topic,
    const std::vector<std::string>& sequence_keys);
// Blocks a key; one that is blocked becomes a person's matter where `missing` is 0.
pg::Statement BlockKey(const std::string& consumer, const std::string& topic,
                       const std::string& sequence_key, int64_t missing, absl::Time now);

// One replay or discard of a key (or of a record that stands alone) at a time, in all processes.
// Held as long as it lives, and no longer than its session.
class KeyLock {
 public:
  // FAILED_PRECONDITION (RETRY_UNDER_WAY) where another has it.
  static absl::StatusOr<std::unique_ptr<KeyLock>> Take(const std::string& conninfo,
                                                       const ParkedRow& row);
  // The session that holds it.
  pg::Connection& connection() { return *connection_; }

 private:
  explicit KeyLock(std::unique_ptr<pg::Connection> connection)
      : connection_(std::move(connection)) {}
  const std::unique_ptr<pg::Connection> connection_;
};

}  // namespace fosterwatch::ledger
