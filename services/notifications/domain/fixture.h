// What the tests of these rules share: a state that facts are recorded on, and readable ids.
#pragma once

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "services/notifications/domain/evolve.h"
#include "services/notifications/domain/given.h"

namespace fosterwatch::notifications::domain {

inline v1::AlertPolicy TestPolicy() {
  v1::AlertPolicy policy;
  policy.set_version("test");
  policy.mutable_urgent()->set_every_minutes(5);
  policy.mutable_ordinary()->set_every_minutes(60);
  return policy;
}

// Midnight at the beginning of 2026-11-22, UTC.
inline absl::Time Start() {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 22), absl::UTCTimeZone());
}

inline std::string TestId(absl::string_view words) { return absl::StrCat("id:", words); }

// A subject whose facts are applied as they are decided, and a clock that the test moves.
class History {
 public:
  Given given() const { return Given{now, policy_, TestId}; }

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
  const v1::AlertPolicy policy_ = TestPolicy();
};

inline Mailing MailingOf(const std::string& send_id, bool possible_repeat = false) {
  return {send_id, "template", "1", "hash", possible_repeat};
}

}  // namespace fosterwatch::notifications::domain
