#include "services/notifications/domain/alert.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifications/domain/policy.h"
#include "services/notifications/domain/returned.h"

namespace fosterwatch::notifications::domain {
namespace {

constexpr size_t kCommentLimit = 2000;

std::string MessageIdOf(const v1::Alert& alert, absl::string_view person_id, const Given& given) {
  return absl::StrCat(
      "<", given.derive_id(absl::StrCat(alert.alert_id(), "/", alert.rung(), "/", person_id)),
      "@fosterwatch>");
}

// How the mails of one Message-ID went so far.
struct Tried {
  bool sent = false;
  bool refused = false;
  absl::Time next = absl::InfinitePast();

  bool waits() const { return !sent && !refused; }
};

Tried TriedOf(const v1::Notifications& state, absl::string_view message_id) {
  Tried tried;
  const v1::Notifications::Attempt* attempt = FindAttempt(state, message_id);
  if (attempt == nullptr) return tried;
  tried.sent = attempt->result() == v1::Send::RESULT_SENT;
  tried.refused = attempt->result() == v1::Send::RESULT_REFUSED;
  if (attempt->failed() > 0) {
    tried.next = clock::FromProto(attempt->failed_time()) + BackOff(attempt->failed());
  }
  return tried;
}

// `people`, and whoever else was tried at this rung: a mail that failed is tried again, or refused
// for want of an address, even where its addressee has left the role since.
std::vector<std::string> Addressed(const v1::Notifications& state, const v1::Alert& alert,
                                   const std::vector<std::string>& people) {
  std::vector<std::string> addressed = people;
  for (const v1::Notifications::Attempt& attempt : state.attempts()) {
    if (attempt.alert_id() != alert.alert_id() || attempt.person_id().empty()) continue;
    if (std::find(addressed.begin(), addressed.end(), attempt.person_id()) == addressed.end()) {
      addressed.push_back(attempt.person_id());
    }
  }
  return addressed;
}

template <typename Place>
void SetRoles(const v1::AlertPolicy& policy, bool urgent, int climbed, Place* place) {
  place->set_policy_version(policy.version());
  for (const options::v1::Role role : RungAt(policy, urgent, climbed).roles) {
    place->add_roles(role);
  }
  for (const options::v1::Role role : RungAt(policy, urgent, climbed + 1).roles) {
    place->add_next_roles(role);
  }
}

// Who is told where only some are: the same at every step.
template <typename Place>
void SetOnly(const v1::Alert& alert, Place* place) {
  if (alert.only_roles().empty()) return;
  *place->mutable_roles() = alert.only_roles();
  *place->mutable_next_roles() = alert.only_roles();
}

bool IsRound(const v1::Alert& alert, const Given& given) {
  if (alert.kind() == v1::Alert::KIND_DIGEST || !alert.only_roles().empty()) return true;
  return RungAt(InForce(given.rules.policies, given.now), alert.urgent(), alert.rung()).round;
}

v1::NotificationFact Climbed(const v1::Alert& alert, const std::string& reason_code,
                             const Given& given) {
  const v1::AlertPolicy& policy = InForce(given.rules.policies, given.now);
  const int climbed_so_far = alert.rung() + 1;
  v1::NotificationFact fact;
  v1::AlertClimbed* climbed = fact.mutable_alert_climbed();
  climbed->set_alert_id(alert.alert_id());
  climbed->set_rung(climbed_so_far);
  climbed->set_reason_code(reason_code);
  *climbed->mutable_next_attempt_time() = clock::ToProto(given.now);
  if (alert.kind() == v1::Alert::KIND_DIGEST) {
    climbed->set_policy_version(policy.version());
    *climbed->mutable_roles() = policy.digest().roles();
    *climbed->mutable_next_climb_time() =
        clock::ToProto(NextDigest(policy, given.rules.calendar, given.now));
    return fact;
  }
  SetRoles(policy, alert.urgent(), climbed_so_far, climbed);
  SetOnly(alert, climbed);
  *climbed->mutable_next_climb_time() =
      clock::ToProto(given.now + RungAt(policy, alert.urgent(), climbed_so_far).until_next);
  return fact;
}

// What follows where nothing is to be tried at this rung any more: nothing where somebody there was
// reached.
Facts EndOfRung(const v1::Alert& alert, bool reached, const Given& given) {
  Facts facts;
  if (reached) return facts;
  if (!IsRound(alert, given)) {
    facts.push_back(Climbed(alert, "NOBODY_REACHED", given));
  } else if (!alert.unreachable()) {
    facts.emplace_back().mutable_alert_unreachable()->set_alert_id(alert.alert_id());
  }
  return facts;
}

// AlertSent, and what follows from it for the rung.
Facts Sent(const v1::Notifications& state, const v1::Alert& before, const v1::Send& send,
           bool of_earlier_rung, const std::vector<std::string>& people, const Given& given) {
  v1::NotificationFact fact;
  v1::AlertSent* sent = fact.mutable_alert_sent();
  sent->set_alert_id(before.alert_id());
  sent->set_of_earlier_rung(of_earlier_rung);
  *sent->mutable_send() = send;
  if (of_earlier_rung) return {fact};
  v1::Notifications state_after = state;
  Evolve(state_after, fact);
  const v1::Alert& after = *FindAlert(state_after, before.alert_id());

  bool reached = false;
  absl::Time next = absl::InfiniteFuture();
  for (const std::string& person_id : Addressed(state_after, after, people)) {
    const Tried tried = TriedOf(state_after, MessageIdOf(after, person_id, given));
    reached = reached || tried.sent;
    if (tried.waits()) next = std::min(next, std::max(tried.next, given.now));
  }
  if (after.state() != v1::Alert::STATE_OPEN) return {fact};
  if (next < absl::InfiniteFuture()) {
    *sent->mutable_next_attempt_time() = clock::ToProto(next);
    return {fact};
  }
  Facts facts = EndOfRung(after, reached, given);
  facts.insert(facts.begin(), fact);
  return facts;
}

}  // namespace

absl::Duration BackOff(int failed_attempts) {
  switch (failed_attempts) {
    case 0:
      return absl::ZeroDuration();
    case 1:
      return absl::Seconds(5);
    case 2:
      return absl::Seconds(15);
    case 3:
      return absl::Minutes(1);
    default:
      return absl::Minutes(5);
  }
}

Facts RaiseAlert(const v1::Notifications& state, const std::string& alert_id,
                 const AlertCause& cause, const Given& given) {
  if (FindAlert(state, alert_id) != nullptr) return {};
  v1::NotificationFact fact;
  v1::Alert* alert = fact.mutable_alert_raised()->mutable_alert();
  alert->set_alert_id(alert_id);
  alert->set_kind(cause.kind);
  alert->set_state(v1::Alert::STATE_OPEN);
  alert->set_event_id(cause.event_id);
  alert->set_urgent(cause.urgent);
  alert->set_parked_id(cause.parked_id);
  alert->set_reason_code(cause.reason_code);
  if (cause.due) *alert->mutable_due_time() = clock::ToProto(*cause.due);
  alert->mutable_notice_ids()->Assign(cause.notice_ids.begin(), cause.notice_ids.end());
  alert->set_duty_id(cause.duty_id);
  alert->set_in_register(cause.in_register);
  alert->set_record_id(cause.record_id);
  alert->mutable_findings()->Assign(cause.findings.begin(), cause.findings.end());
  *alert->mutable_raised_time() = clock::ToProto(given.now);
  alert->mutable_not_to_person_ids()->Assign(cause.not_to_person_ids.begin(),
                                             cause.not_to_person_ids.end());
  for (const options::v1::Role role : cause.only_roles) alert->add_only_roles(role);
  alert->set_in_digest(cause.in_digest);
  if (cause.in_digest) return {fact};
  *alert->mutable_next_attempt_time() = clock::ToProto(given.now);
  const v1::AlertPolicy& policy = InForce(given.rules.policies, given.now);
  SetRoles(policy, cause.urgent, 0, alert);
  SetOnly(*alert, alert);
  *alert->mutable_next_climb_time() =
      clock::ToProto(given.now + RungAt(policy, cause.urgent, 0).until_next);
  return {fact};
}

Facts OpenDigest(const v1::Notifications& state, const Given& given) {
  for (const v1::Alert& alert : state.alerts()) {
    if (alert.state() == v1::Alert::STATE_OPEN) return {};
  }
  AlertCause cause;
  cause.kind = v1::Alert::KIND_DIGEST;
  Facts facts = RaiseAlert(
      state, given.derive_id(absl::StrCat("digest/", absl::ToUnixMicros(given.now))), cause, given);
  if (facts.empty()) return facts;
  const v1::AlertPolicy& policy = InForce(given.rules.policies, given.now);
  v1::Alert* alert = facts.front().mutable_alert_raised()->mutable_alert();
  *alert->mutable_roles() = policy.digest().roles();
  alert->clear_next_roles();
  alert->clear_next_attempt_time();
  *alert->mutable_next_climb_time() =
      clock::ToProto(NextDigest(policy, given.rules.calendar, given.now));
  return facts;
}

Facts ClearAlertsAbout(const v1::Notifications& state, const std::vector<std::string>& done,
                       absl::string_view reason_code) {
  return ClearAlerts(state, reason_code, [&](const v1::Alert& alert) {
    const auto& about = alert.notice_ids();
    return !about.empty() && std::all_of(about.begin(), about.end(), [&](const std::string& id) {
      return std::find(done.begin(), done.end(), id) != done.end();
    });
  });
}

Facts ClearAlerts(const v1::Notifications& state, absl::string_view reason_code,
                  absl::FunctionRef<bool(const v1::Alert&)> about) {
  Facts facts;
  for (const v1::Alert& alert : state.alerts()) {
    if (alert.state() != v1::Alert::STATE_OPEN || !about(alert)) continue;
    v1::AlertCleared* cleared = facts.emplace_back().mutable_alert_cleared();
    cleared->set_alert_id(alert.alert_id());
    cleared->set_reason_code(std::string(reason_code));
  }
  return facts;
}

bool IsKeptFrom(const v1::Alert& alert, absl::string_view person_id) {
  const auto& kept = alert.not_to_person_ids();
  return std::find(kept.begin(), kept.end(), person_id) != kept.end();
}

std::vector<options::v1::Role> RolesOf(const v1::Alert& alert) {
  std::vector<options::v1::Role> roles;
  for (const int role : alert.roles()) roles.push_back(static_cast<options::v1::Role>(role));
  if (!roles.empty()) return roles;
  // Raised, or climbed last, before facts said who is told.
  roles = {options::v1::ROLE_REGISTERED_MANAGER};
  if (alert.rung() > 0) roles.push_back(options::v1::ROLE_TEAM_MANAGER);
  return roles;
}

std::optional<AlertMail> NextAlertMail(const v1::Notifications& state, const std::string& alert_id,
                                       const std::vector<std::string>& people, const Given& given) {
  const v1::Alert* alert = FindAlert(state, alert_id);
  if (alert == nullptr || alert->state() != v1::Alert::STATE_OPEN) return std::nullopt;
  for (const std::string& person_id : Addressed(state, *alert, people)) {
    std::string message_id = MessageIdOf(*alert, person_id, given);
    const Tried tried = TriedOf(state, message_id);
    if (tried.waits() && tried.next <= given.now) {
      return AlertMail{person_id, std::move(message_id)};
    }
  }
  return std::nullopt;
}

Facts BeginAlertMail(const v1::Notifications& state, const std::string& alert_id,
                     const AlertMail& mail, const std::string& send_id, const Given& given) {
  const v1::Alert* alert = FindAlert(state, alert_id);
  if (alert == nullptr || alert->state() != v1::Alert::STATE_OPEN ||
      mail.message_id != MessageIdOf(*alert, mail.person_id, given)) {
    return {};
  }
  v1::NotificationFact fact;
  v1::SendBegun* begun = fact.mutable_send_begun();
  begun->set_alert_id(alert_id);
  begun->set_message_id(mail.message_id);
  begun->set_send_id(send_id);
  return {fact};
}

bool MayLeave(const v1::Notifications& state, const std::string& alert_id, const AlertMail& mail) {
  const v1::Alert* alert = FindAlert(state, alert_id);
  return alert != nullptr && alert->state() == v1::Alert::STATE_OPEN &&
         FindAttempt(state, mail.message_id) != nullptr;
}

bool InFlight(const v1::Notifications& state, const std::string& alert_id) {
  return std::any_of(state.attempts().begin(), state.attempts().end(),
                     [&](const v1::Notifications::Attempt& attempt) {
                       return attempt.alert_id() == alert_id &&
                              attempt.result() == v1::Send::RESULT_UNSPECIFIED;
                     });
}

Facts AlertMailed(const v1::Notifications& state, const std::string& alert_id,
                  const AlertMail& mail, const Mailing& mailing, const MailResult& result,
                  const std::vector<std::string>& people, const Given& given) {
  const v1::Alert* alert = FindAlert(state, alert_id);
  if (alert == nullptr) return {};
  for (const v1::Send& send : alert->sends()) {
    if (send.send_id() == mailing.send_id) return {};  // recorded before
  }
  v1::Send send;
  send.set_send_id(mailing.send_id);
  *send.mutable_send_time() = clock::ToProto(given.now);
  send.set_person_id(mail.person_id);
  send.set_channel(type::v1::CHANNEL_EMAIL);
  send.set_result(result.kind == MailResult::Kind::kSent     ? v1::Send::RESULT_SENT
                  : result.kind == MailResult::Kind::kFailed ? v1::Send::RESULT_FAILED
                                                             : v1::Send::RESULT_REFUSED);
  send.set_result_code(result.code);
  const v1::Notifications::Attempt* attempt = FindAttempt(state, mail.message_id);
  const bool again = mailing.possible_repeat || (attempt != nullptr && attempt->failed() > 0);
  send.set_reason_code(again ? "RETRY" : alert->rung() == 0 ? "ALERT_RAISED" : "ALERT_CLIMBED");
  send.set_message_id(mail.message_id);
  send.set_template_(mailing.template_name);
  send.set_template_version(mailing.template_version);
  send.set_content_sha256(mailing.content_sha256);
  send.set_subject(mailing.subject);
  send.set_text(mailing.text);
  send.set_event_id(alert->event_id());
  send.set_alert_id(alert_id);
  send.set_possible_repeat(mailing.possible_repeat);
  const bool of_earlier_rung = mail.message_id != MessageIdOf(*alert, mail.person_id, given);
  return Sent(state, *alert, send, of_earlier_rung, people, given);
}

absl::StatusOr<Facts> AlertReturned(const v1::Notifications& state, const std::string& alert_id,
                                    const v1::Returned& returned, const Given& given) {
  const v1::Alert* alert = FindAlert(state, alert_id);
  const v1::Notifications::Attempt* attempt = FindAttempt(state, returned.message_id());
  // The log keeps the last sends only, of however many there were at this rung.
  const bool left =
      (attempt != nullptr && attempt->alert_id() == alert_id) ||
      (alert != nullptr &&
       std::any_of(alert->sends().begin(), alert->sends().end(), [&](const v1::Send& send) {
         return send.message_id() == returned.message_id();
       }));
  if (alert == nullptr || !left) return UnknownMail();
  if (WasReturned(state, returned)) return Facts{};
  Facts facts;
  v1::MailReturned* came_back = facts.emplace_back().mutable_mail_returned();
  came_back->set_alert_id(alert_id);
  came_back->set_event_id(alert->event_id());
  *came_back->mutable_returned() = returned;
  if (!IsNoReader(returned.kind()) || alert->state() != v1::Alert::STATE_OPEN ||
      attempt == nullptr || attempt->result() != v1::Send::RESULT_SENT ||
      alert->has_next_attempt_time()) {
    return facts;  // of an earlier rung, or seen to, or others of this rung are still to be told
  }
  v1::Notifications after = state;
  Evolve(after, facts.front());
  const bool reached = std::any_of(
      after.attempts().begin(), after.attempts().end(), [&](const v1::Notifications::Attempt& of) {
        return of.alert_id() == alert_id && of.result() == v1::Send::RESULT_SENT;
      });
  Facts follows = EndOfRung(*FindAlert(after, alert_id), reached, given);
  facts.insert(facts.end(), follows.begin(), follows.end());
  return facts;
}

Facts NobodyToAlert(const v1::Notifications& state, const std::string& alert_id,
                    const Given& given) {
  const v1::Alert* alert = FindAlert(state, alert_id);
  if (alert == nullptr || alert->state() != v1::Alert::STATE_OPEN) return {};
  v1::Send send;
  send.set_send_id(given.derive_id(absl::StrCat(alert_id, "/", alert->rung(), "/nobody")));
  for (const v1::Send& before : alert->sends()) {
    if (before.send_id() == send.send_id()) return {};
  }
  *send.mutable_send_time() = clock::ToProto(given.now);
  send.set_channel(type::v1::CHANNEL_EMAIL);
  send.set_result(v1::Send::RESULT_REFUSED);
  send.set_result_code("NO_CONTACT");
  send.set_reason_code(alert->rung() == 0 ? "ALERT_RAISED" : "ALERT_CLIMBED");
  send.set_event_id(alert->event_id());
  send.set_alert_id(alert_id);
  return Sent(state, *alert, send, /*of_earlier_rung=*/false, {}, given);
}

Facts ClimbAlert(const v1::Notifications& state, const std::string& alert_id, const Given& given) {
  const v1::Alert* alert = FindAlert(state, alert_id);
  if (alert == nullptr || alert->state() != v1::Alert::STATE_OPEN) return {};
  if (!alert->has_next_climb_time() || clock::FromProto(alert->next_climb_time()) > given.now) {
    return {};
  }
  const bool digest = alert->kind() == v1::Alert::KIND_DIGEST;
  return {Climbed(*alert, digest ? "NEXT_DAY" : "NOT_ACKNOWLEDGED", given)};
}

Facts TryAlertAgain(const v1::Notifications& state, const std::string& alert_id,
                    const Given& given) {
  const v1::Alert* alert = FindAlert(state, alert_id);
  if (alert == nullptr || alert->state() != v1::Alert::STATE_OPEN || !alert->unreachable()) {
    return {};
  }
  return {Climbed(*alert, "HOLDERS_CHANGED", given)};
}

absl::StatusOr<Facts> AcknowledgeAlert(const v1::Notifications& state, const std::string& alert_id,
                                       const std::string& person_id, const std::string& comment,
                                       absl::Time now) {
  const v1::Alert* alert = FindAlert(state, alert_id);
  if (alert == nullptr) {
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such alert");
  }
  FieldCheck check;
  if (alert->kind() == v1::Alert::KIND_UNUSUAL_ACCESS) {
    check.Require("comment", comment, kCommentLimit);
  } else {
    check.AtMost("comment", comment, kCommentLimit);
  }
  RETURN_IF_ERROR(check.ToStatus());
  if (alert->state() != v1::Alert::STATE_OPEN) {
    return Error(absl::StatusCode::kFailedPrecondition, "ALERT_NOT_OPEN",
                 "the alert is not open any more");
  }
  v1::NotificationFact fact;
  v1::AlertAcknowledged* acknowledged = fact.mutable_alert_acknowledged();
  acknowledged->set_alert_id(alert_id);
  acknowledged->set_acknowledged_by(person_id);
  *acknowledged->mutable_acknowledged_time() = clock::ToProto(now);
  acknowledged->set_comment(comment);
  return Facts{fact};
}

}  // namespace fosterwatch::notifications::domain
