// Whose a publisher's source is, from the directory's facts: in a table of this service's own
// database; it never asks another service while it writes.
#pragma once

#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::kpis {

inline constexpr char kDirectoryTopic[] = "fosterwatch.directory.v1";

// The row that a record of the directory asks for; nullopt where it is of no interest.
absl::StatusOr<std::optional<ledger::Unit>> PublisherReference(const bus::Record& record);

// Reads the table. Any thread, but not the ledger's own.
class Publishers {
 public:
  explicit Publishers(ledger::Ledger* ledger) : ledger_(ledger) {}

  // The agency that a CloudEvents source is registered to; "" where it is registered to none.
  // Remembered for a second.
  absl::StatusOr<std::string> AgencyOf(const std::string& source);
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

std::string PublisherSql(const std::string& role);

}  // namespace fosterwatch::kpis
