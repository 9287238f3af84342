// Completeness: a complaint that was seen elsewhere (a notifiable event, an allegation, a record of
// the feedback feed) must be in this register. It is matched by id; else by child and carer within
// a window of days; else it is raised, again and again, until a person matches or explains it.
// Regulation 18(4): a written record of any complaint.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/complaints/v1/oversight_service.pb.h"
#include "fosterwatch/complaints/v1/sighting.pb.h"
#include "services/complaints/domain/clocks.h"
#include "services/complaints/domain/command.h"

namespace fosterwatch::complaints::domain {

// A complaint or representation of the register, as far as matching looks at it.
struct Candidate {
  std::string complaint_id;
  std::string child_id;
  std::string carer_id;
  absl::Time received;
  // Of its accepted proposal; empty where it has none.
  std::string event_id;
  // Of its disclosures.
  std::vector<std::string> allegation_ids;
};

// Whether they are of the same child and carer, as far as both sides name them, and of at least one
// that both name; and within `window` of each other.
bool SameByWindow(const v1::Sighting& sighting, const Candidate& candidate, absl::Duration window);
// Whether one of them names the other.
bool SameById(const v1::Sighting& sighting, const Candidate& candidate);

struct Match {
  std::string complaint_id;
  v1::MatchedBy by = v1::MATCHED_BY_UNSPECIFIED;
};
// By id before the window; among several of the window the nearest in time. None that a person has
// taken back.
std::optional<Match> FindMatch(const v1::Sighting& sighting,
                               const std::vector<Candidate>& candidates, absl::Duration window);

void EvolveSighting(v1::Sighting& sighting, const v1::ComplaintFact& fact, absl::Time recorded);

// ComplaintSeen, then SightingMatched where there is a match; nothing for one that is known.
Facts See(const v1::Sighting& state, const v1::Sighting& seen,
          const std::vector<Candidate>& candidates, const Given& given);

// When an unmatched one is due to be raised: the match that there is by now, or AttentionNeeded.
Facts Raise(const v1::Sighting& sighting, const std::vector<Candidate>& candidates,
            const Given& given);

// A complaint that was recorded just now is this one; nothing where it is settled.
Facts MatchRecorded(const v1::Sighting& sighting, const Match& match, const Given& given);

// FAILED_PRECONDITION (SETTLED_BEFORE).
absl::StatusOr<Facts> MatchByPerson(const v1::Sighting& sighting,
                                    const v1::MatchSightingRequest& request, const Actor& actor,
                                    const Given& given);
// FAILED_PRECONDITION (NOT_MATCHED) where it is not matched with the complaint that is named.
absl::StatusOr<Facts> TakeBackMatch(const v1::Sighting& sighting,
                                    const v1::TakeBackMatchRequest& request, const Actor& actor,
                                    const Given& given);
absl::StatusOr<Facts> ExplainSighting(const v1::Sighting& sighting,
                                      const v1::ExplainSightingRequest& request, const Actor& actor,
                                      const Given& given);

}  // namespace fosterwatch::complaints::domain
