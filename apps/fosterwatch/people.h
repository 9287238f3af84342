// The people of the demonstration agency who can sign in, and whom `--as` makes a caller.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/auth/token.h"
#include "libs/runtime/settings.h"

namespace fosterwatch::app {

inline constexpr char kDemonstrationAgency[] = "demonstration";

// "registered_manager" -> "registered-manager-1".
std::string PersonOf(options::v1::Role role);

// A token of the local issuer for a role's person; `person` names another. `other_agencies` are
// those whose figures the person may compare with the own agency's (auth::Caller).
// FAILED_PRECONDITION where tokens are issued elsewhere.
absl::StatusOr<std::string> IssueToken(const runtime::Settings& settings, const std::string& as,
                                       const std::string& agency, const std::string& person,
                                       absl::Duration life,
                                       const std::vector<std::string>& other_agencies = {});

}  // namespace fosterwatch::app
