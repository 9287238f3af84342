// What an agency makes of the law and the policy that the program ships: it switches recipients of
// policy, and adopts other editions, from a day on that is not over. Nothing of it reaches back: an
// event keeps what was in force when the agency became aware.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/law_service.pb.h"
#include "libs/status/field_check.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {

inline constexpr size_t kMaxLawBytes = 500'000;

// A day such as 2026-11-23; an empty text is the day of `now` in London. A refusal in `check` for
// anything else.
absl::CivilDay ReadDay(FieldCheck& check, absl::string_view field, absl::string_view text,
                       absl::Time now);

// PolicyRecipientSwitched. `law` is the shipped edition with `agency` laid over it. Reasons:
// INVALID_ARGUMENT (REQUIRED, INVALID_DAY, DAY_IS_OVER, TEXT_TOO_LONG); NOT_FOUND
// (UNKNOWN_POLICY_RECIPIENT); FAILED_PRECONDITION (SWITCHED_BEFORE).
absl::StatusOr<Facts> SwitchPolicyRecipient(const Law& law,
                                            const v1::SwitchPolicyRecipientRequest& request,
                                            const Actor& actor, absl::Time now);

// LawAdopted. Reasons: INVALID_ARGUMENT (LAW_INVALID, with each line at fault; REQUIRED,
// INVALID_DAY, DAY_IS_OVER, TEXT_TOO_LONG); FAILED_PRECONDITION (LAW_VERSION_USED).
absl::StatusOr<Facts> AdoptLaw(const Law& shipped, const v1::AgencyLaw& agency,
                               const v1::AdoptLawRequest& request, const Actor& actor,
                               absl::Time now);

// The agency's record as its facts say.
void EvolveAgencyLaw(v1::AgencyLaw& agency, const v1::NotifiableEventFact& fact);

}  // namespace fosterwatch::notifiable_events::domain
