// What the tests of these rules share: a state that facts are recorded on, and readable ids.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "services/notifications/domain/evolve.h"
#include "services/notifications/domain/given.h"
#include "services/notifications/domain/templates.h"

namespace fosterwatch::notifications::domain {

// Registered manager, deputy, responsible individual, then all of them and the team managers.
inline v1::AlertPolicies TestPolicy() {
  v1::AlertPolicies policies;
  v1::AlertPolicy* policy = policies.add_editions();
  policy->set_version("test");
  policy->set_effective_from("2026-01-01");
  for (const bool urgent : {true, false}) {
    v1::AlertPolicy::Climb* climb = urgent ? policy->mutable_urgent() : policy->mutable_ordinary();
    for (const options::v1::Role role :
         {options::v1::ROLE_REGISTERED_MANAGER, options::v1::ROLE_DEPUTY_MANAGER,
          options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}) {
      v1::AlertPolicy::Rung* rung = climb->add_rungs();
      rung->add_roles(role);
      rung->set_minutes(urgent ? 5 : 60);
      climb->add_then_roles(role);
    }
    climb->add_then_roles(options::v1::ROLE_TEAM_MANAGER);
    climb->set_every_minutes(urgent ? 30 : 720);
  }
  policy->mutable_next_channel()->set_minutes(15);
  policy->mutable_digest()->add_roles(options::v1::ROLE_REGISTERED_MANAGER);
  policy->mutable_digest()->set_at("09:00");
  return policies;
}

// The templates that are shipped (FOSTERWATCH_SHARE_DIR).
inline v1::Templates ShippedTemplates() {
  std::ifstream file(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) + "/policy/templates.json");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return ParseTemplates(text).value();
}

inline Rules TestRules() {
  Rules rules(TestPolicy());
  rules.templates = ShippedTemplates();
  return rules;
}

// Midnight at the beginning of 2026-11-22, UTC.
inline absl::Time Start() {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 22), absl::UTCTimeZone());
}

inline std::string TestId(absl::string_view words) { return absl::StrCat("id:", words); }

// A subject whose facts are applied as they are decided, and a clock that the test moves.
class History {
 public:
  Given given() const { return Given{now, rules_, TestId}; }

  // Applies what was decided and hands it back.
  Facts Record(Facts facts) {
    for (const v1::NotificationFact& fact : facts) Evolve(state, fact);
    return facts;
  }

  const v1::Dispatch& dispatch(int index = 0) const { return state.dispatches(index); }
  const v1::Alert& alert(int index = 0) const { return state.alerts(index); }

  v1::Notifications state;
  absl::Time now = Start();

 private:
  const Rules rules_ = TestPolicy();
};

inline Mailing MailingOf(const std::string& send_id, bool possible_repeat = false) {
  return {send_id, "template", "1", "hash", possible_repeat};
}

}  // namespace fosterwatch::notifications::domain
