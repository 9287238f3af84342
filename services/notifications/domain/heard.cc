#include "services/notifications/domain/heard.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "libs/clock/proto_time.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/dispatch.h"

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

Facts RepeatToDecide(const v1::Notifications& state, const std::string& event_id,
                     const std::string& question_id, const Given& given) {
  for (const v1::Alert& alert : state.alerts()) {
    if (alert.kind() == v1::Alert::KIND_REPEAT_TO_DECIDE &&
        alert.state() == v1::Alert::STATE_OPEN) {
      return {};
    }
  }
  AlertCause cause;
  cause.kind = v1::Alert::KIND_REPEAT_TO_DECIDE;
  cause.event_id = event_id;
  return RaiseAlert(state,
                    given.derive_id(absl::StrCat("repeat_to_decide/", event_id,
                                                 question_id.empty() ? "" : "/", question_id)),
                    cause, given);
}

Facts RepeatDecided(const v1::Notifications& state) {
  return ClearAlerts(state, "REPEAT_DECIDED", [](const v1::Alert& alert) {
    return alert.kind() == v1::Alert::KIND_REPEAT_TO_DECIDE;
  });
}

Facts DutyOverdue(const v1::Notifications& state, const std::string& event_id,
                  const PassedDuty& duty, const Given& given) {
  AlertCause cause;
  cause.kind = v1::Alert::KIND_DUTY_OVERDUE;
  cause.event_id = event_id;
  cause.reason_code = duty.kind;
  cause.duty_id = duty.duty_id;
  cause.due = duty.due;
  cause.in_digest = duty.in_digest;
  return RaiseAlert(state,
                    given.derive_id(absl::StrCat("duty_overdue/", event_id, "/", duty.duty_id)),
                    cause, given);
}

Facts DutySettled(const v1::Notifications& state, const std::string& duty_id) {
  return ClearAlerts(state, "DUTY_SETTLED", [&](const v1::Alert& alert) {
    return alert.kind() == v1::Alert::KIND_DUTY_OVERDUE && alert.duty_id() == duty_id;
  });
}

Facts AttentionNeeded(const v1::Notifications& state, const std::string& in_register,
                      const type::v1::AttentionNeeded& needed, const Given& given) {
  AlertCause cause;
  cause.kind = v1::Alert::KIND_ATTENTION;
  cause.in_register = in_register;
  cause.record_id = needed.subject_id();
  cause.reason_code = needed.code();
  cause.duty_id = needed.attention_id();
  if (needed.has_due_time()) cause.due = clock::FromProto(needed.due_time());
  cause.not_to_person_ids.assign(needed.not_to_person_ids().begin(),
                                 needed.not_to_person_ids().end());
  for (const int role : needed.to_roles()) {
    cause.only_roles.push_back(static_cast<options::v1::Role>(role));
  }
  // The digest is one mail for all.
  cause.in_digest =
      needed.in_digest() && cause.not_to_person_ids.empty() && cause.only_roles.empty();
  cause.urgent = needed.urgent();
  return RaiseAlert(state,
                    given.derive_id(absl::StrCat("attention/", in_register, "/",
                                                 needed.subject_id(), "/", needed.attention_id())),
                    cause, given);
}

Facts AttentionSettled(const v1::Notifications& state, const std::string& attention_id) {
  return ClearAlerts(state, "SETTLED", [&](const v1::Alert& alert) {
    return alert.kind() == v1::Alert::KIND_ATTENTION && alert.duty_id() == attention_id;
  });
}

namespace {

// Keeps the alert of one sort of findings to what there is.
Facts FindingsNow(const v1::Notifications& state, const std::vector<std::string>& findings,
                  bool in_digest, const Given& given) {
  const auto of_this = [&](const v1::Alert& alert) {
    return alert.kind() == v1::Alert::KIND_DIRECTORY_FINDINGS && alert.in_digest() == in_digest;
  };
  if (findings.empty()) return ClearAlerts(state, "NO_FINDINGS", of_this);
  for (auto alert = state.alerts().rbegin(); alert != state.alerts().rend(); ++alert) {
    if (!of_this(*alert)) continue;
    const bool same = std::equal(findings.begin(), findings.end(), alert->findings().begin(),
                                 alert->findings().end());
    if (alert->state() == v1::Alert::STATE_OPEN ||
        (alert->state() == v1::Alert::STATE_ACKNOWLEDGED && same)) {
      return {};
    }
    break;
  }
  AlertCause cause;
  cause.kind = v1::Alert::KIND_DIRECTORY_FINDINGS;
  cause.reason_code = in_digest ? "FINDINGS" : "UNREACHABLE";
  cause.findings = findings;
  cause.in_digest = in_digest;
  return RaiseAlert(state,
                    given.derive_id(absl::StrCat("directory_findings/", in_digest, "/",
                                                 absl::ToUnixMicros(given.now))),
                    cause, given);
}

}  // namespace

Facts DirectoryChecked(const v1::Notifications& state, const Findings& findings,
                       const Given& given) {
  Facts facts = FindingsNow(state, findings.unreachable, /*in_digest=*/false, given);
  Facts others = FindingsNow(state, findings.others, /*in_digest=*/true, given);
  facts.insert(facts.end(), others.begin(), others.end());
  return facts;
}

Facts EventWithdrawn(const v1::Notifications& state) { return WithdrawDispatches(state); }

Facts EventConcluded(const v1::Notifications& state) {
  return ClearAlerts(state, "EVENT_CONCLUDED");
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
