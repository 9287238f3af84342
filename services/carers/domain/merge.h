// Records that may be of one household, are of one, or are of two after all. Pure functions.
//
// A merge is a line of the register of the record that is not used any more: it says which record
// the household goes on in, whatever the day, and is struck where it was wrong. Both records keep
// their ids and their history. On a merged record nothing is owed, and others hear of its approval
// as ended.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// On the record that is not used any more. INVALID_ARGUMENT: INVALID_ID, SAME_RECORD, REQUIRED
// (reason); FAILED_PRECONDITION: MERGED_BEFORE (it or others are merged with it), CHILD_PLACED,
// APPLICATION_OPEN, WORK_OPEN (what is owed by this record alone would be lost).
absl::StatusOr<Facts> MergeInto(const v1::Carer& carer, const v1::MergeCarersRequest& request,
                                const Context& context, NewId new_id);
// On the one in which the household goes on. FAILED_PRECONDITION (MERGED_BEFORE) where that one
// goes on in another.
absl::StatusOr<Facts> TakeIn(const v1::Carer& carer, const std::string& other_carer_id);

// They are two after all. FAILED_PRECONDITION (NOT_MERGED).
absl::StatusOr<Facts> UndoMerge(const v1::Carer& carer, const v1::UndoMergeRequest& request,
                                const Context& context, NewId new_id);
Facts LetGo(const v1::Carer& carer, const std::string& other_carer_id);

// Two records are of two households; nothing where that was said before. FAILED_PRECONDITION
// (MERGED_BEFORE) where they are merged.
absl::StatusOr<Facts> KeepApart(const v1::Carer& carer, const std::string& other_carer_id);

// What two records of one household share, as far as this record knows it; letters, spaces and
// points of its words count, their case does not. Personal: to be hashed at once.
struct Likeness {
  std::vector<std::string> persons;  // name and birth date of each foster parent
  std::string household;             // name and address; empty where either is
};
Likeness LikenessOf(const v1::Carer& carer);

// Whether the two may be proposed as one: neither merged, nor said to be two.
bool MayBeProposed(const v1::Carer& carer, const std::string& other_carer_id);

}  // namespace fosterwatch::carers::domain
