// What a registered manager gives to a deputy to do in their place: what may be given, and whether
// it may be used at a moment. Pure; from is inclusive, until exclusive.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory.pb.h"
#include "fosterwatch/directory/v1/policy.pb.h"
#include "services/directory/domain/absence.h"

namespace fosterwatch::directory::domain {

// The delegation as it is recorded. `for_others`: whoever records it may do so in the name of a
// manager who is somebody else. INVALID_ARGUMENT: persons, scope, dates or reason that are missing,
// too long, or out of the policy's bounds; one to oneself; a field that is made here.
// PERMISSION_DENIED (NOT_YOURS): another manager's, or to whoever records it. FAILED_PRECONDITION:
// DELEGATOR_WITHOUT_ROLE (now), DELEGATE_WITHOUT_ROLE (when it begins).
absl::StatusOr<v1::Delegation> Record(const v1::Delegation& asked, bool for_others,
                                      const Recording& recording,
                                      const std::vector<v1::RoleHolder>& holders,
                                      const v1::DirectoryPolicy& policy);

// Its end, as its fact holds it. FAILED_PRECONDITION (DELEGATION_OVER). What has not begun yet ends
// as it begins.
absl::StatusOr<v1::Delegation> TakeBack(const v1::Delegation& delegation,
                                        const Recording& recording);

absl::Time EndOf(const v1::Delegation& delegation);
// Given and not taken back.
bool GivenAt(const v1::Delegation& delegation, absl::Time moment);
// And who gave it is a registered manager, and who has it holds a role in which they can.
bool UsableAt(const v1::Delegation& delegation, const std::vector<v1::RoleHolder>& holders,
              const v1::DirectoryPolicy& policy, absl::Time moment);
bool DelegatorHolds(const v1::Delegation& delegation, const std::vector<v1::RoleHolder>& holders,
                    absl::Time moment);
bool DelegateHolds(const v1::Delegation& delegation, const std::vector<v1::RoleHolder>& holders,
                   const v1::DirectoryPolicy& policy, absl::Time moment);

}  // namespace fosterwatch::directory::domain
