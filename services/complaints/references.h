// What the register knows of other services, from their facts: carers, children and publishers, in
// tables of its own database. It never asks another service while it writes.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "libs/references/publishers.h"
#include "services/complaints/domain/record.h"

namespace fosterwatch::complaints {

inline constexpr char kDirectoryTopic[] = "fosterwatch.directory.v1";
inline constexpr char kPlacementsTopic[] = "fosterwatch.placements.v1";
inline constexpr char kCarersTopic[] = "fosterwatch.carers.v1";

// The rows that a record of one of these topics asks for; nullopt where it is of no interest.
absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record);

// Reads these tables, each time. Any thread.
class References {
 public:
  explicit References(ledger::Ledger* ledger) : ledger_(ledger), publishers_(ledger) {}

  // Of whom a complaint names, who holds a role then.
  absl::StatusOr<domain::Circumstances> CircumstancesOf(const std::string& agency_id,
                                                        const v1::Subject& subject, absl::Time now);

  // Whether that person holds any role in the agency then; true where no holder of it is known yet.
  absl::StatusOr<bool> HoldsRole(const std::string& agency_id, const std::string& person_id,
                                 absl::Time now);

  references::Publishers& publishers() { return publishers_; }

 private:
  ledger::Ledger* const ledger_;
  references::Publishers publishers_;
};

std::string ReferenceSql(const std::string& role);

// Whom an allegation is about, from the allegations' topic: to them it is not told of, and to
// nobody before it is known here. AllegationSubjectsSql is an earlier table of those about staff
// alone.
std::string AllegationSubjectsSql(const std::string& role);
std::string AllegationsAboutSql(const std::string& role);
absl::StatusOr<std::optional<ledger::Unit>> AllegationSubject(const bus::Record& record);

// The holders of roles, who came later: a consumer of their own reads the directory's topic from
// its beginning.
std::string HoldersSql(const std::string& role);
absl::StatusOr<std::optional<ledger::Unit>> Holder(const bus::Record& record);

}  // namespace fosterwatch::complaints
