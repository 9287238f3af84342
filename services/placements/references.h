// What placements knows of other services, from their facts: which bodies and carers there are, and
// whose a publisher's source is. In tables of its own database; it never asks another service while
// it writes.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::placements {

// Topics that placements reads.
inline constexpr char kDirectoryTopic[] = "fosterwatch.directory.v1";
inline constexpr char kCarersTopic[] = "fosterwatch.carers.v1";

// The row of the reference tables that a record asks for; nullopt where it is of no interest.
absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record);

// The same for publishers, for a consumer of its own: an installation from before these were kept
// reads the directory's facts from the beginning.
absl::StatusOr<std::optional<ledger::Unit>> PublisherReference(const bus::Record& record);

// Reads these tables. Any thread.
class References {
 public:
  explicit References(ledger::Ledger* ledger) : ledger_(ledger) {}

  // Those of the ids that are known: authorities are bodies that are local authorities.
  struct Known {
    std::set<std::string> authorities;
    std::set<std::string> carers;
  };
  absl::StatusOr<Known> KnownOf(const std::string& agency_id,
                                const std::set<std::string>& authorities,
                                const std::set<std::string>& carers);

  // The agency that a CloudEvents source is registered to; "" where it is registered to none.
  // Remembered for a second.
  absl::StatusOr<std::string> AgencyOfSource(const std::string& source);
  // The one agency that has publishers; "" where there is none or more than one.
  absl::StatusOr<std::string> SoleAgency();

 private:
  struct Source {
    absl::Time read;
    std::string agency_id;
  };

  ledger::Ledger* const ledger_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Source> sources_ ABSL_GUARDED_BY(mutex_);
};

std::string ReferenceSql(const std::string& role);
std::string PublisherSql(const std::string& role);

}  // namespace fosterwatch::placements
