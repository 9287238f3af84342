// What the register's views hold, for lists and searches: no personal data, and nothing that the
// facts do not say.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/complaints/v1/oversight_service.pb.h"
#include "libs/ledger/ledger.h"
#include "services/complaints/domain/sighting.h"

namespace fosterwatch::complaints {

// The aggregates of the register's ledger: "complaint", "sighting", "number", and "intake" for
// records that were parked.
std::vector<ledger::Aggregate> Aggregates();

std::string ViewsSql(const std::string& role);
// Of lists by state, kind and category, among however many.
std::string IndexesSql();
// What lists say of complaints that are out of time or go another way, and from whom they hide
// them.
std::string RoutesSql();

// By whom they are hidden from, for the sightings that are hidden with them.
std::string HiddenSql();

// Of which complaint a sighting is, and of which allegation; lists of sightings of any state.
std::string SightingsSql();
std::string UnknownMatchesSql();

// The timers: when a duty of a complaint is overdue next, and when a sighting is raised.
inline constexpr char kOverdueTimer[] = "overdue";
inline constexpr char kRaiseTimer[] = "raise";

// What the list asks the database: its page, and how many there are.
absl::StatusOr<std::vector<pg::Statement>> ListStatements(const std::string& agency_id,
                                                          const std::string& reader,
                                                          const v1::ListComplaintsRequest& request,
                                                          absl::Time now);
// One page of the list, newest first, without what is hidden from `reader`; overdue by the clock
// `now`.
absl::StatusOr<v1::ListComplaintsResponse> ListComplaints(ledger::Ledger& ledger,
                                                          const std::string& agency_id,
                                                          const std::string& reader,
                                                          const v1::ListComplaintsRequest& request,
                                                          absl::Time now);

// Whether that sighting is hidden from whoever asks: that of an allegation about them or of which
// it is not known yet whom it is about, and that of a complaint that is hidden from them.
absl::StatusOr<bool> IsSightingHidden(ledger::Ledger& ledger, const std::string& agency_id,
                                      const std::string& reader, const std::string& sighting_id);
// What the list of sightings asks the database: its page, and how many there are.
absl::StatusOr<std::vector<pg::Statement>> SightingStatements(
    const std::string& agency_id, const std::string& reader,
    const v1::ListSightingsRequest& request);
// One page of the sightings, oldest first, with what the ledger says of each; without what is
// hidden from `reader`.
absl::StatusOr<v1::ListSightingsResponse> ListSightings(ledger::Ledger& ledger,
                                                        const std::string& agency_id,
                                                        const std::string& reader,
                                                        const v1::ListSightingsRequest& request);

// The highest number of the year that the views know of; 0 where there is none.
absl::StatusOr<int> LastNumber(ledger::Ledger& ledger, const std::string& agency_id, int year);

// Complaints and representations that a sighting may be: of its ids, or of its child or carer
// within the window; the nearest in time first, at most kCompared.
inline constexpr int kCompared = 50;
absl::StatusOr<std::vector<domain::Candidate>> CandidatesFor(ledger::Ledger& ledger,
                                                             const std::string& agency_id,
                                                             const v1::Sighting& sighting,
                                                             absl::Duration window);
// Unmatched sightings that a complaint of this child and carer may be, received then.
absl::StatusOr<std::vector<std::string>> UnmatchedNear(ledger::Ledger& ledger,
                                                       const std::string& agency_id,
                                                       const std::string& child_id,
                                                       const std::string& carer_id,
                                                       absl::Time received, absl::Duration window);

// The complaints received in [from, until) with their version as it was at a moment; those that
// were recorded later are left out.
absl::StatusOr<std::vector<std::pair<std::string, int64_t>>> VersionsAsAt(
    ledger::Ledger& ledger, const std::string& agency_id, absl::Time from, absl::Time until,
    absl::Time as_at);

}  // namespace fosterwatch::complaints
