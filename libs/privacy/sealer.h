// Sealing under a key per subject (XChaCha20-Poly1305, libsodium). The keys live in the table
// privacy.subject_key of the service's own database, wrapped by a master key from a file; without
// a subject's key what was sealed under it can never be read again.
//
// Errors of the database come through as libs/pg has them. Threads: any thread may use a Sealer at
// any time; one Sealer serves one database.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/pg/connection.h"
#include "libs/pg/migrate.h"

namespace fosterwatch::privacy {

// A subject is "child:C-0142", "carer:F-0031", "person:rm1" or a record's own id.
struct Subject {
  std::string agency_id;
  std::string subject_id;
  friend bool operator==(const Subject&, const Subject&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Subject& s) {
    return H::combine(std::move(h), s.agency_id, s.subject_id);
  }
};

class Sealer {
 public:
  // A key at hand is read again after this long, so another process that still holds a destroyed
  // key forgets it by then. What it seals in between can never be opened.
  static constexpr absl::Duration kKeyAge = absl::Seconds(30);

  // `master_key` is 32 bytes, or hexadecimal of them. INVALID_ARGUMENT otherwise.
  static absl::StatusOr<std::unique_ptr<Sealer>> Create(absl::string_view master_key);
  // Reads the key file; makes one (mode 0600) where `create` is true and none is there. NOT_FOUND
  // where there is none, INVALID_ARGUMENT where it holds no key.
  static absl::StatusOr<std::unique_ptr<Sealer>> FromFile(const std::string& path, bool create);
  ~Sealer();

  // Makes sure that keys for these subjects are at hand, in one round trip: reads the missing ones
  // and, where `create`, makes those that do not exist, in the connection's transaction (which
  // waits for another transaction that is making the same key). A subject whose key was destroyed
  // stays without one. Call it in each transaction, before Seal and Open: a key that was
  // made in a transaction is trusted by later ones only once they have seen it committed. The
  // transaction's agencies must be set (row-level security), and it runs at READ COMMITTED.
  // DATA_LOSS where a stored key does not open under the master key.
  absl::Status Prepare(pg::Connection& connection, const std::vector<Subject>& subjects,
                       bool create);

  // Seals for a prepared subject; FAILED_PRECONDITION (SUBJECT_SHREDDED) where its key is gone,
  // INTERNAL where it was not prepared. `context` (such as the fact's id) is bound in: moved
  // elsewhere, it does not open. The result is 41 bytes longer than `plain`.
  absl::StatusOr<std::string> Seal(const Subject& subject, absl::string_view context,
                                   absl::string_view plain);

  // NOT_FOUND (SUBJECT_SHREDDED) where the key is gone or never was; DATA_LOSS where it was
  // tampered with, or sealed for another subject or context; INTERNAL where it was not prepared.
  absl::StatusOr<std::string> Open(const Subject& subject, absl::string_view context,
                                   absl::string_view sealed);

  // Destroys the key, here and in the database; there is no way back once the connection's
  // transaction has committed. NOT_FOUND where the subject has none.
  absl::Status Shred(pg::Connection& connection, const Subject& subject);

 private:
  struct Entry {
    std::string key;         // empty: gone, or never was
    bool confirmed = false;  // seen committed
    absl::Time read_time;
    uint64_t used = 0;
  };

  explicit Sealer(std::string master_key);
  absl::Status Keep(const pg::Result& rows, absl::flat_hash_map<Subject, Entry>* found);
  absl::StatusOr<std::string> KeyOf(const Subject& subject, absl::StatusCode gone);
  void Bound(size_t prepared) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::string master_key_;
  absl::Mutex mutex_;
  uint64_t uses_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<Subject, Entry> keys_ ABSL_GUARDED_BY(mutex_);
};

// The schema `privacy`. Runs after the roles `role` and `role`_relay exist.
//
// Row-level security is forced: `role` sees and makes the keys of the agencies that its transaction
// has named in the setting fosterwatch.agencies (comma-separated), and can change a key in one way
// only, to destroy it; `role`_relay reads all.
pg::Migration SealerMigration(const std::string& role);

}  // namespace fosterwatch::privacy
