// The law as each agency has it: the shipped edition, and what the agency's own record in the
// ledger makes of it. Read at most kRemembered ago: by so much may a switch or an adoption that
// another process has recorded be late; one of this process holds at once. Any thread, but not the
// ledger's own.
#pragma once

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/ledger/ledger.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events {

// The aggregate of an agency's law; its id is its type.
inline constexpr char kLawAggregate[] = "law";

class AgencyLaws {
 public:
  static constexpr absl::Duration kRemembered = absl::Seconds(1);

  AgencyLaws(ledger::Ledger* ledger, domain::Law shipped)
      : ledger_(ledger), shipped_(std::move(shipped)) {}

  const domain::Law& shipped() const { return shipped_; }

  absl::StatusOr<domain::Law> Of(const std::string& agency_id);

  // What the agency has recorded; empty where it has recorded nothing. Read each time.
  absl::StatusOr<v1::AgencyLaw> RecordOf(const std::string& agency_id);

  // After a change of this process.
  void Forget(const std::string& agency_id);

 private:
  struct Known {
    absl::Time read;
    v1::AgencyLaw record;
    domain::Law law;
  };

  ledger::Ledger* const ledger_;
  const domain::Law shipped_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Known> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::notifiable_events
