// The agency's pathway of an allegation as data (policy/pathway.json): the clock of each state, the
// checklist that follows the designated officer's conclusion, and who is told the outcome. Every
// due time comes from here with its explanation; no request sets one.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/pathway_policy.pb.h"
#include "libs/clock/working_calendar.h"
#include "services/allegations/domain/command.h"

namespace fosterwatch::allegations::domain {

// Codes of items that no policy names: one that a person added, and one that came of the learning.
inline constexpr absl::string_view kAddedItem = "ADDED";
inline constexpr absl::string_view kLearningAction = "LEARNING_ACTION";

// INVALID_ARGUMENT (POLICY_INVALID) for unknown fields, no edition, editions out of the order of
// their days, a limit that is not exactly one of 1 to 1000 working days and 1 to 120 months, a
// missing source or grade, a state or code twice, no clock for the referral, no item LEARNING, an
// item that nobody may drop.
absl::StatusOr<v1::PathwayPolicies> ParsePathway(absl::string_view json);

// The edition that is in force then; the first one before any is.
const v1::PathwayPolicy& InForce(const v1::PathwayPolicies& policies, absl::Time moment);

// What the decisions are judged by.
struct Rules {
  const v1::PathwayPolicies& policies;
  const clock::WorkingCalendar& calendar;
};

// What the state asks for, from the moment that begins its clock; none where the policy has no
// clock for it. `trigger` is the name of that moment ("became_aware_time").
absl::StatusOr<std::vector<v1::Duty>> DutiesOf(v1::Allegation::State state,
                                               absl::string_view trigger, absl::Time begin,
                                               const Rules& rules, absl::Time now, NewId new_id);

// What is open and was counted in working days by other bank holidays, counted again:
// AllegationDueTimesMoved, or nothing where nothing is.
absl::StatusOr<Facts> MoveDueTimes(const v1::Allegation& allegation,
                                   const clock::WorkingCalendar& calendar);

// Who owns an item of that role: as OpenChecklist.
std::string OwnerOf(options::v1::Role role, const v1::Allegation& allegation,
                    absl::string_view recorder, const People& people, absl::Time now);

// The checklist and the tellings that follow the conclusion of `allegation` at `concluded`. Each
// item is owned by a holder of its role, else by the registered manager, else by `recorder`; never
// by the person whom the allegation is about, unless nobody else is there.
absl::StatusOr<v1::ChecklistOpened> OpenChecklist(const v1::Allegation& allegation,
                                                  v1::Outcome outcome, absl::Time concluded,
                                                  absl::string_view recorder, const People& people,
                                                  const Rules& rules, absl::Time now, NewId new_id);

// An item that a person adds now, of either code.
absl::StatusOr<v1::ChecklistItem> AddedItem(absl::string_view code, absl::string_view description,
                                            absl::string_view owner_id, const Rules& rules,
                                            absl::Time now, NewId new_id);

// Whether one of the roles may drop the item, by the edition by which it was opened (the last one
// where there is none of it). What a person added may be dropped by whoever closes items.
bool MayDrop(const v1::PathwayPolicies& policies, const v1::ChecklistItem& item,
             const std::vector<options::v1::Role>& roles);

// How the alert goes out once a thing of this code is late, by the edition of that version (the
// last one where there is none of it).
struct Loudness {
  bool urgent = false;
  bool in_digest = false;
};
Loudness LoudnessOf(const v1::PathwayPolicies& policies, absl::string_view version,
                    absl::string_view code);

}  // namespace fosterwatch::allegations::domain
