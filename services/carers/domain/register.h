// The register of regulation 31 by two times. A carer's changes are the whole truth; each says from
// which day it holds and when the register learnt it. What the register said as at a day, as known
// at a moment, follows from the changes recorded until then. Pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/carers/v1/carer.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// The kinds of facts, by their names, that EntryAt rests on: a carer made of these alone, in their
// order, has the same entries.
const std::vector<std::string>& RegisterFacts();

// The changes that stand as known at a moment, by day, those of one day as they were recorded.
std::vector<const v1::RegisterChange*> Standing(const v1::Carer& carer, absl::Time known_at);

// What the register says as at a day, as known at a moment (inclusive). Terms that have run out
// with the approval are left out. Of a household that the register did not know then: only its id.
v1::RegisterEntry EntryAt(const v1::Carer& carer, absl::CivilDay as_at, absl::Time known_at);

// Whether the entry belongs into a register of that day: approved by then, not ended before, and
// not merged into another.
bool IsApprovedOn(const v1::RegisterEntry& entry, absl::CivilDay day);

// Newest first, each with what the register said for its day just before it was recorded.
std::vector<v1::RegisterChangeShown> ChangesShown(const v1::Carer& carer);

// As known now.
std::vector<v1::DatedTerms> TermsOf(const v1::Carer& carer);
// By foster_parent_id, the day of joining of those whom the register names only from a day after
// the approval; they are approved since that day, and not since the household's approval.
std::map<std::string, std::string> JoinersOf(const v1::Carer& carer);
std::vector<v1::Exemption> ExemptionsOf(const v1::Carer& carer);
// Empty where none was held.
std::vector<std::string> ReviewDatesOf(const v1::Carer& carer);

// A change to be recorded, with a new id; its value is set by the caller.
v1::RegisterChange* AddChange(Facts& facts, const std::string& carer_id, const Context& context,
                              const std::string& change_id, absl::string_view effective_date);

// INVALID_ARGUMENT as CheckParticulars says; BEFORE_THE_REGISTER where the day is before the
// application or the approval.
absl::StatusOr<Facts> RecordParticulars(const v1::Carer& carer,
                                        const v1::RecordParticularsRequest& request,
                                        const Context& context, NewId new_id);

// INVALID_ARGUMENT (UNKNOWN_CHANGE, OTHER_KIND, NOTHING_CHANGES, REQUIRED); FAILED_PRECONDITION
// (REPLACED_BEFORE, APPROVAL_STANDS: an approval's begin may be moved, not struck, and its end
// neither; KIND_STANDS: nor may the kind be struck; MERGE_STANDS: UndoMerge takes it back).
absl::StatusOr<Facts> CorrectRegister(const v1::Carer& carer,
                                      const v1::CorrectRegisterRequest& request,
                                      const Context& context, NewId new_id);

}  // namespace fosterwatch::carers::domain
