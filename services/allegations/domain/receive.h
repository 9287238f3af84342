// How an allegation begins: told to the agency by a person, or disclosed in a complaint; and what
// is added to it later. National Minimum Standard 22.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "libs/status/field_check.h"
#include "services/allegations/domain/command.h"
#include "services/allegations/domain/pathway.h"

namespace fosterwatch::allegations::domain {

// What the register knows of those that a report or an amendment names.
struct Named {
  bool carer_known = false;
  bool child_known = false;
  // The carer with whom the child lives; empty where that is not known.
  std::string placed_with_carer_id;
  // Whether any carer of the agency is known: where none is, an id cannot be checked, and what is
  // said is recorded all the same.
  bool carers_known = true;
};

// AllegationReceived, with the duty to refer it to the designated officer. INVALID_ARGUMENT for
// fields at fault: REQUIRED, ONE_SUBJECT_ONLY (a carer or a person of the staff), UNKNOWN_CARER,
// UNKNOWN_PERSON, UNKNOWN_CHILD, DUPLICATE, TEXT_TOO_LONG, INVALID_ID; times as clock::CheckTime,
// and AFTER_AWARENESS where it happened after it was known.
absl::StatusOr<Facts> Receive(const v1::ReceiveAllegationRequest& request,
                              absl::string_view allegation_id, absl::string_view actor,
                              const Named& named, const People& people, const Rules& rules,
                              absl::Time now, NewId new_id);

// What a complaint says of the harm that was disclosed in it. Ids may be empty; where both are said
// it is about the person of the staff.
struct Disclosure {
  std::string complaint_id;
  std::string carer_id;
  std::string person_id;
  std::string child_id;
  absl::Time became_aware;
  std::string recorded_by;
};

// The same of a disclosure: nothing that it says is refused, since somebody has to look at it; and
// AttentionNeeded (ALLEGATION_OPENED, urgent), because no person has recorded it here.
absl::StatusOr<Facts> OpenFromComplaint(const Disclosure& disclosure,
                                        absl::string_view allegation_id, const Named& named,
                                        const Rules& rules, absl::Time now, NewId new_id);

// AllegationAmended. FAILED_PRECONDITION: ALLEGATION_CLOSED, SUBJECT_KNOWN, CHILD_KNOWN.
absl::StatusOr<Facts> Amend(const v1::Allegation& allegation,
                            const v1::AmendAllegationRequest& request, absl::string_view actor,
                            const Named& named, const People& people, absl::Time now, NewId new_id);

// What Amend and CorrectSubject (correct.h) share.
//
// Checks whom it is about and the child, where they are named.
void CheckNamed(FieldCheck& check, const std::string& prefix, const std::string& carer_id,
                const std::string& person_id, const std::string& child_id, const Named& named,
                const People& people);
v1::AllegationAmended Amended(const v1::Allegation& allegation,
                              const v1::AmendAllegationRequest& request, absl::string_view actor,
                              absl::Time now, NewId new_id);
// AttentionNeeded (ALLEGATION_OPENED) once more, where it is out, to those to whom it may go after
// `facts`.
void AlertAnew(const v1::Allegation& allegation, Facts& facts);

// AllegationLinked, also when it is closed. FAILED_PRECONDITION: LINKED_BEFORE.
absl::StatusOr<Facts> LinkTo(const v1::Allegation& allegation,
                             const v1::LinkAllegationRequest& request);

}  // namespace fosterwatch::allegations::domain
