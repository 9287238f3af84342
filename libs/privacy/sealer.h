// Sealing under a key per subject (XChaCha20-Poly1305, libsodium). The keys live in the table
// privacy.subject_key of the service's own database, wrapped by a master key from a file; without
// a subject's key what was sealed under it can never be read again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
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
  // `master_key` is 32 bytes, or hexadecimal of them. INVALID_ARGUMENT otherwise.
  static absl::StatusOr<std::unique_ptr<Sealer>> Create(absl::string_view master_key);
  // Reads the key file; makes one (mode 0600) where `create` is true and none is there.
  static absl::StatusOr<std::unique_ptr<Sealer>> FromFile(const std::string& path, bool create);

  // Makes sure that keys for these subjects are at hand: reads the missing ones in one query, and
  // where `create`, makes those that do not exist, in the connection's transaction. A subject
  // whose key was destroyed stays without one.
  absl::Status Prepare(pg::Connection& connection, const std::vector<Subject>& subjects,
                       bool create);

  // Seals for a prepared subject; FAILED_PRECONDITION (SUBJECT_SHREDDED) where its key is gone.
  // `context` (such as the fact's id) is bound in: moved elsewhere, it does not open.
  absl::StatusOr<std::string> Seal(const Subject& subject, absl::string_view context,
                                   absl::string_view plain);

  // NOT_FOUND (SUBJECT_SHREDDED) where the key is gone; DATA_LOSS where it was tampered with.
  absl::StatusOr<std::string> Open(const Subject& subject, absl::string_view context,
                                   absl::string_view sealed);

  // Destroys the key, here and in the database.
  absl::Status Shred(pg::Connection& connection, const Subject& subject);

 private:
  explicit Sealer(std::string master_key);

  const std::string master_key_;
  absl::Mutex mutex_;
  absl::flat_hash_map<Subject, std::string> keys_ ABSL_GUARDED_BY(mutex_);
};

// The schema `privacy`. Runs after the roles of the database exist; {role} is replaced.
pg::Migration SealerMigration(const std::string& role);

}  // namespace fosterwatch::privacy
