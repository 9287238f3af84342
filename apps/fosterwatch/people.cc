#include "apps/fosterwatch/people.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"

#include "apps/fosterwatch/remote.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {

std::string PersonOf(options::v1::Role role) {
  return absl::StrCat(absl::StrReplaceAll(auth::WordOfRole(role), {{"_", "-"}}), "-1");
}

absl::StatusOr<std::string> IssueToken(const runtime::Settings& settings, const std::string& as,
                                       const std::string& agency, const std::string& person,
                                       absl::Duration life,
                                       const std::vector<std::string>& other_agencies) {
  if (!settings.UsesLocalIssuer()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_LOCAL_ISSUER",
                 "tokens are issued elsewhere here: give one with --token");
  }
  const auto role = auth::RoleFromWord(absl::StrReplaceAll(as, {{"-", "_"}}));
  if (!role.ok()) {
    return UsageError("as",
                      "is none of caseworker, supervising_social_worker, team_manager, "
                      "deputy_manager, registered_manager, responsible_individual, publisher, "
                      "administrator, service");
  }
  const bool every_agency = agency == "*" && *role == options::v1::ROLE_SERVICE;
  if (!every_agency && !auth::IsAgencyId(agency)) {
    return UsageError("agency", "is not 1 to 63 letters, digits, '-', '_' and '.'");
  }
  for (const std::string& other : other_agencies) {
    if (!auth::IsAgencyId(other)) {
      return UsageError("other-agency", "is not 1 to 63 letters, digits, '-', '_' and '.'");
    }
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<auth::LocalIssuer> issuer,
                   auth::LocalIssuer::Open(settings.IssuerFolder()));
  const absl::Time now = absl::Now();
  return issuer->Issue(
      {person.empty() ? PersonOf(*role) : person, agency, {*role}, now + life, other_agencies},
      now);
}

}  // namespace fosterwatch::app
