// Facts in: what the register knows of other services (carers, children and where they live, local
// authorities, who holds which role, notifiable events for audits), and harm that was disclosed in
// a complaint.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "services/allegations/app.h"
#include "services/allegations/domain/command.h"
#include "services/allegations/domain/receive.h"

namespace fosterwatch::allegations {

inline constexpr char kDirectoryTopic[] = "fosterwatch.directory.v1";
inline constexpr char kCarersTopic[] = "fosterwatch.carers.v1";
inline constexpr char kPlacementsTopic[] = "fosterwatch.placements.v1";
inline constexpr char kEventsTopic[] = "fosterwatch.notifiable-events.v1";
inline constexpr char kComplaintsTopic[] = "fosterwatch.complaints.v1";

// The row of the reference tables that a record asks for; nullopt where it is of no interest.
absl::StatusOr<std::optional<ledger::Unit>> Reference(const bus::Record& record);

// HarmDisclosed opens an allegation, and which events came of complaints is kept; other facts of
// complaints are of no interest.
absl::StatusOr<std::optional<ledger::Unit>> Disclosed(App& app, const bus::Record& record);

// Complaints and representations, for audits: which there are, whether they have ended, and about
// which member of the staff they are.
absl::StatusOr<std::optional<ledger::Unit>> Complained(const bus::Record& record);

// The schema of the reference tables.
std::string ReferenceSql(const std::string& role);
std::string EventsOfComplaintsSql(const std::string& role);
std::string ComplaintsSql(const std::string& role);

absl::StatusOr<domain::People> PeopleOf(ledger::Ledger& ledger, const std::string& agency_id);
absl::StatusOr<domain::Named> NamedBy(ledger::Ledger& ledger, const std::string& agency_id,
                                      const std::string& carer_id, const std::string& child_id);
absl::StatusOr<bool> IsAuthority(ledger::Ledger& ledger, const std::string& agency_id,
                                 const std::string& body_id);

// The events, reported and neither concluded nor withdrawn, that the allegation is linked to or
// that came of a complaint it is linked to; by id.
absl::StatusOr<std::vector<std::string>> OpenEventsOf(ledger::Ledger& ledger,
                                                      const std::string& agency_id,
                                                      const v1::Allegation& allegation);

}  // namespace fosterwatch::allegations
