// Whom an allegation is about, put right: somebody else was recorded, as where two carers have one
// name. Nothing that was said is lost.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "services/allegations/domain/command.h"
#include "services/allegations/domain/pathway.h"
#include "services/allegations/domain/receive.h"

namespace fosterwatch::allegations::domain {

// AllegationAmended, with what follows from it: alerts that are out go out anew; once the officer
// has concluded, items that the policy asks of the other kind of subject alone are dropped, those
// that the right one lacks are opened, nobody owns an item about themselves, and the right one is
// to be told the outcome. PERMISSION_DENIED (MANAGERS_CORRECT); FAILED_PRECONDITION:
// ALLEGATION_CLOSED, SUBJECT_UNKNOWN; INVALID_ARGUMENT: SAME_SUBJECT, NOT_WITH_CORRECTION for a
// child, and as Amend.
absl::StatusOr<Facts> CorrectSubject(const v1::Allegation& allegation,
                                     const v1::AmendAllegationRequest& request,
                                     absl::string_view actor,
                                     const std::vector<options::v1::Role>& roles,
                                     const Named& named, const People& people, const Rules& rules,
                                     absl::Time now, NewId new_id);

}  // namespace fosterwatch::allegations::domain
