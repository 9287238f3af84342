// How a carer comes into the register, and what is done with the record as such: holds, access of
// others, how long it is kept. Pure functions.
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// What a case system says of a carer: an id (1 to 64 visible characters), a name, a kind and a day
// of approval; INVALID_ARGUMENT names the field as in RecordCarerRequest (SET_BY_THE_REGISTER where
// it says more than a case system may). One whom the register does not know becomes known, and is
// not approved by it; of one whom it knows nothing changes: FAILED_PRECONDITION (REGISTER_DIFFERS)
// names what the register says otherwise.
absl::StatusOr<Facts> RecordCarer(const v1::Carer& carer, const v1::Carer& told,
                                  const Context& context);

// `content_hash` is of the request without its id and dry_run.
absl::StatusOr<Facts> TakeOverCarer(const v1::Carer& carer, const v1::TakeOverCarerRequest& request,
                                    const std::string& content_hash, const Context& context);

absl::StatusOr<Facts> PlaceLegalHold(const v1::Carer& carer,
                                     const v1::PlaceLegalHoldRequest& request,
                                     const Context& context, NewId new_id);
absl::StatusOr<Facts> LiftLegalHold(const v1::Carer& carer, const v1::LiftLegalHoldRequest& request,
                                    const Context& context);
absl::StatusOr<Facts> RecordAccessRequest(const v1::Carer& carer,
                                          const v1::RecordAccessRequestRequest& request,
                                          const Context& context, NewId new_id);
absl::StatusOr<Facts> AnswerAccessRequest(const v1::Carer& carer,
                                          const v1::AnswerAccessRequestRequest& request,
                                          const Context& context);

bool IsOnHold(const v1::Carer& carer);

// Until when the record must be kept: never shorter than any of the limits that apply.
v1::Retention RetentionOf(const v1::Carer& carer, const Context& context);

// The carer as a reader sees it: with what is worked out when it is read (overdue, terms from today
// on, retention, missing information), duties by due time.
v1::Carer Present(v1::Carer carer, const Context& context);

// A carer that Present has made, for somebody who sees their own caseload alone: without others'
// emergencies, and without what a review looked back on of allegations and complaints.
v1::Carer PresentToOwn(v1::Carer carer, const std::string& person_id);

// The same for lists: without what only the carer's own page shows.
v1::Carer PresentInList(v1::Carer carer, const Context& context);

}  // namespace fosterwatch::carers::domain
