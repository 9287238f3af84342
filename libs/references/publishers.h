// Whose a publisher's CloudEvents source is, as facts of the directory tell it: a table in the
// database of each service that takes events in, for it never asks another service while it writes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::references {

// The table reference.publisher, in a schema that is there.
std::string PublishersSql(const std::string& role);

// The column of whom a source is bound to, for a migration after that table.
std::string ProgramsOfPublishersSql();

// Among a publisher's program_ids: records of the intake topics are taken.
inline constexpr char kIntakeTopics[] = "intake-topics";

// The row that a fact of the directory asks for; nullopt where it is about no publisher.
std::optional<pg::Statement> PublisherRow(const std::string& agency_id,
                                          const directory::v1::DirectoryFact& fact);
// The same for a consumer that reads publishers alone.
absl::StatusOr<std::optional<ledger::Unit>> PublisherUnit(const bus::Record& record);

// Reads the table. Any thread, but not the ledger's own.
class Publishers {
 public:
  // The ledger outlives it.
  explicit Publishers(ledger::Ledger* ledger) : ledger_(ledger) {}

  // The agency that a source is registered to; "" where it is registered to none. Remembered for a
  // second: by that much more than the bus takes may a change be late.
  absl::StatusOr<std::string> AgencyOf(const std::string& source);

  // OK where that caller of that agency speaks for the source (Publisher.program_ids);
  // kIntakeTopics of a record on a topic. PERMISSION_DENIED (SOURCE_NOT_REGISTERED,
  // SOURCE_OF_ANOTHER) naming the field `source`; how the database fails.
  absl::Status CheckSpeaks(const std::string& agency_id, const std::string& program,
                           const std::string& source);

  // Whose a record is that cannot be taken: of the source that it names, where that is known; else,
  // in an installation for one agency, its. "" where nobody can say.
  std::string OwnerOf(const bus::Record& record);

 private:
  struct Source {
    absl::Time read;
    std::string agency_id;
    // Whom this one is bound to, and whom any of the agency's is.
    std::vector<std::string> programs;
    std::vector<std::string> bound;
  };

  // Of an unknown one the agency is "".
  absl::StatusOr<Source> Read(const std::string& source);

  // The one agency that has publishers; "" where there is none or more than one.
  absl::StatusOr<std::string> SoleAgency();

  ledger::Ledger* const ledger_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Source> sources_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::references
