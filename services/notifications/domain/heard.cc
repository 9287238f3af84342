#include "services/notifications/domain/heard.h"

#include "absl/strings/str_cat.h"

#include "services/notifications/domain/alert.h"

namespace fosterwatch::notifications::domain {

Facts EventReported(const v1::Notifications& state, const std::string& event_id, bool of_death,
                    const Given& given) {
  AlertCause cause;
  cause.kind = v1::Alert::KIND_EVENT_REPORTED;
  cause.event_id = event_id;
  cause.urgent = of_death;
  return RaiseAlert(state, given.derive_id(absl::StrCat("event_reported/", event_id)), cause,
                    given);
}

Facts HoldersChanged(const v1::Notifications& state, const Given& given) {
  Facts facts;
  for (const v1::Alert& alert : state.alerts()) {
    if (alert.state() != v1::Alert::STATE_OPEN || !alert.unreachable()) continue;
    Facts climbed = TryAlertAgain(state, alert.alert_id(), given);
    facts.insert(facts.end(), climbed.begin(), climbed.end());
  }
  return facts;
}

Facts EventConcluded(const v1::Notifications& state) {
  Facts facts;
  for (const v1::Alert& alert : state.alerts()) {
    if (alert.state() != v1::Alert::STATE_OPEN) continue;
    v1::AlertCleared* cleared = facts.emplace_back().mutable_alert_cleared();
    cleared->set_alert_id(alert.alert_id());
    cleared->set_reason_code("EVENT_CONCLUDED");
  }
  return facts;
}

Facts IntakeRecordParked(const v1::Notifications& state, const std::string& parked_id,
                         const std::string& reason_code, const Given& given) {
  // Whoever is told of one finds all of them on the page.
  for (const v1::Alert& alert : state.alerts()) {
    if (alert.state() == v1::Alert::STATE_OPEN) return {};
  }
  AlertCause cause;
  cause.kind = v1::Alert::KIND_INTAKE_RECORD_PARKED;
  cause.parked_id = parked_id;
  cause.reason_code = reason_code;
  return RaiseAlert(state, given.derive_id(absl::StrCat("intake_record_parked/", parked_id)), cause,
                    given);
}

}  // namespace fosterwatch::notifications::domain
