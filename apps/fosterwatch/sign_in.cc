#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/people.h"
#include "apps/fosterwatch/table.h"
#include "libs/auth/sign_in_links.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace fosterwatch::app {
namespace {

constexpr absl::Duration kLinkLife = absl::Hours(24);

struct TokenOptions {
  std::string as;
  std::string agency = kDemonstrationAgency;
  std::string person;
  std::vector<std::string> other_agencies;
  double hours = 12;
};

absl::Status PrintToken(const Context& context, const TokenOptions& options) {
  ASSIGN_OR_RETURN(const std::string token,
                   IssueToken(context.settings, options.as, options.agency, options.person,
                              absl::Hours(options.hours), options.other_agencies));
  std::puts(token.c_str());
  return absl::OkStatus();
}

absl::Status PrintLinks(const Context& context, bool json) {
  if (!context.settings.UsesLocalIssuer()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_LOCAL_ISSUER",
                 "people sign in elsewhere here, so there are no links");
  }
  nlohmann::ordered_json links = nlohmann::ordered_json::array();
  std::string text;
  const absl::Time until = absl::Now() + kLinkLife;
  for (const options::v1::Role role :
       {options::v1::ROLE_CASEWORKER, options::v1::ROLE_SUPERVISING_SOCIAL_WORKER,
        options::v1::ROLE_TEAM_MANAGER, options::v1::ROLE_DEPUTY_MANAGER,
        options::v1::ROLE_REGISTERED_MANAGER, options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}) {
    const auth::Caller caller{PersonOf(role), kDemonstrationAgency, {role}, until};
    ASSIGN_OR_RETURN(const std::string code,
                     auth::MakeSignInCode(context.settings.LinksFolder(), caller, until));
    const std::string url =
        absl::StrCat(absl::StripSuffix(context.settings.public_url, "/"), "/signin?code=", code);
    const std::string word = auth::WordOfRole(role);
    links.push_back({{"role", word}, {"person_id", caller.person_id}, {"url", url}});
    absl::StrAppend(&text, word, std::string(28 - word.size(), ' '), url, "\n");
  }
  std::fputs(json ? (links.dump(2) + "\n").c_str() : text.c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddSignIn(CLI::App& app, Context* context) {
  CLI::App* token = app.add_subcommand("token", "Print an access token of the local issuer");
  auto options = std::make_shared<TokenOptions>();
  token
      ->add_option("--as", options->as,
                   "caseworker, team_manager, registered_manager, publisher or administrator")
      ->required();
  token->add_option("--agency", options->agency, "the caller's agency")->capture_default_str();
  token->add_option("--person", options->person, "the caller's id [the role's own person]");
  token->add_option("--other-agency", options->other_agencies,
                    "further agencies whose figures it may compare (kpi compare)");
  token->add_option("--hours", options->hours, "how long it lasts")
      ->check(CLI::Range(0.01, 24.0 * 366))
      ->capture_default_str();
  token->footer(
      "  TOKEN=$(fosterwatch token --as caseworker)\n"
      "  curl -H \"Authorization: Bearer $TOKEN\" ...\n");
  token->callback([context, options] {
    context->run = [context, options] { return PrintToken(*context, *options); };
  });

  CLI::App* links = app.add_subcommand(
      "links", "Make sign-in links for the demonstration agency; each works once, for a day");
  links->add_flag("--json", context->json, "print JSON");
  links->callback(
      [context] { context->run = [context] { return PrintLinks(*context, context->json); }; });
}

}  // namespace fosterwatch::app
