// What the register knows of other services, from their facts: bodies, children, carers and
// publishers, in tables of its own database. It never asks another service while it writes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "libs/references/publishers.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/people.h"

namespace fosterwatch::notifiable_events {

inline constexpr char kDirectoryTopic[] = "fosterwatch.directory.v1";
inline constexpr char kPlacementsTopic[] = "fosterwatch.placements.v1";
inline constexpr char kCarersTopic[] = "fosterwatch.carers.v1";

// The rows that a record of one of these topics asks for; nullopt where it is of no interest.
absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record);

// The same for who holds which role and what was delegated, for a consumer of its own: an
// installation from before these were kept reads the directory's facts from the beginning.
absl::StatusOr<std::optional<ledger::Unit>> PeopleReference(const bus::Record& record);

// Reads these tables. Bodies, which change seldom and are read with every report, are remembered
// for kRemembered: by that much more than the bus takes may a change of them be late. Children and
// carers are read each time. Any thread.
class References {
 public:
  static constexpr absl::Duration kRemembered = absl::Seconds(1);

  explicit References(ledger::Ledger* ledger) : ledger_(ledger), publishers_(ledger) {}

  // What a new report is compared with: at most kCompared events, newest first, that happened in
  // [from, until], of its child, or of its carer where it names no child.
  struct Near {
    absl::Time from;
    absl::Time until;
  };
  static constexpr int kCompared = 50;

  // Those events.
  absl::StatusOr<std::vector<domain::EarlierEvent>> EventsNear(const std::string& agency_id,
                                                               const std::string& child_id,
                                                               const std::string& carer_id,
                                                               const Near& near);

  // The circumstances of an event that names this child or carer (each may be empty); with `near`,
  // also those events.
  absl::StatusOr<domain::Circumstances> CircumstancesOf(const std::string& agency_id,
                                                        const std::string& child_id,
                                                        const std::string& carer_id,
                                                        const Near* near = nullptr);

  // Who holds which role in the agency, and what was delegated; read each time.
  absl::StatusOr<domain::People> PeopleOf(const std::string& agency_id);

  references::Publishers& publishers() { return publishers_; }

 private:
  // What an agency's bodies make of the circumstances of its events.
  struct Bodies {
    absl::Time read;
    domain::Circumstances circumstances;
  };

  ledger::Ledger* const ledger_;
  references::Publishers publishers_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<const Bodies>> bodies_ ABSL_GUARDED_BY(mutex_);
};

// Of bodies; later than the rest.
std::string DesignatedOfficerSql();

std::string ReferenceSql(const std::string& role);
std::string PeopleSql(const std::string& role);

}  // namespace fosterwatch::notifiable_events
