#include "services/notifications/domain/evolve.h"

#include <algorithm>
#include <string>

#include "google/protobuf/repeated_field.h"

namespace fosterwatch::notifications::domain {
namespace {

using Strings = google::protobuf::RepeatedPtrField<std::string>;

void Remove(Strings* from, absl::string_view what) {
  from->erase(std::remove(from->begin(), from->end(), what), from->end());
}

v1::Dispatch* Dispatch(v1::Notifications& state, absl::string_view dispatch_id) {
  return const_cast<v1::Dispatch*>(FindDispatch(state, dispatch_id));
}

v1::Alert* Alert(v1::Notifications& state, absl::string_view alert_id) {
  return const_cast<v1::Alert*>(FindAlert(state, alert_id));
}

void Given(v1::Notifications& state, v1::Dispatch& dispatch, const std::string& notice_id) {
  Remove(dispatch.mutable_open_notice_ids(), notice_id);
  for (v1::Alert& alert : *state.mutable_alerts()) Remove(alert.mutable_notice_ids(), notice_id);
}

// Whether a copy may be with the recipient although no attempt is known to have succeeded: of this
// attempt, or of one before it whose outcome this one does not tell.
bool MayHaveLeft(const v1::Send& send) {
  return send.result() != v1::Send::RESULT_SENT &&
         (send.result_code() == kOutcomeUnknown || send.possible_repeat());
}

template <typename Of>
void AddSend(Of& of, const v1::Send& send) {
  // What was said is kept of the last one only: each of them is in its own fact.
  for (v1::Send& before : *of.mutable_sends()) {
    before.clear_subject();
    before.clear_text();
  }
  *of.add_sends() = send;
  if (of.sends_size() > kSendsKept) {
    of.mutable_sends()->DeleteSubrange(0, of.sends_size() - kSendsKept);
  }
}

v1::Notifications::Attempt& Attempt(v1::Notifications& state, const std::string& alert_id,
                                    const std::string& message_id) {
  const auto* found = FindAttempt(state, message_id);
  if (found != nullptr) return const_cast<v1::Notifications::Attempt&>(*found);
  v1::Notifications::Attempt* attempt = state.add_attempts();
  attempt->set_alert_id(alert_id);
  attempt->set_message_id(message_id);
  return *attempt;
}

// Drops the attempts of an alert, and that they were begun; or only those with an outcome.
void DropAttempts(v1::Notifications& state, const std::string& alert_id, bool all) {
  auto* attempts = state.mutable_attempts();
  attempts->erase(std::remove_if(attempts->begin(), attempts->end(),
                                 [&](const v1::Notifications::Attempt& attempt) {
                                   if (attempt.alert_id() != alert_id) return false;
                                   if (!all && attempt.result() == v1::Send::RESULT_UNSPECIFIED) {
                                     return false;
                                   }
                                   Remove(state.mutable_begun_message_ids(), attempt.message_id());
                                   return true;
                                 }),
                  attempts->end());
}

// Nothing is due for it any more; a mail on its way is still settled.
void Close(v1::Notifications& state, v1::Alert& alert) {
  alert.clear_next_climb_time();
  alert.clear_next_attempt_time();
  alert.clear_next_roles();
  alert.set_unreachable(false);
  DropAttempts(state, alert.alert_id(), /*all=*/false);
}

// Nothing is due for it any more.
void Rest(v1::Dispatch& dispatch) {
  dispatch.clear_next_attempt_time();
  dispatch.clear_next_channel_time();
}

void Apply(v1::Notifications& state, const v1::DispatchOpened& fact) {
  if (state.subject_id().empty()) state.set_subject_id(fact.dispatch().event_id());
  *state.add_dispatches() = fact.dispatch();
}

void Apply(v1::Notifications& state, const v1::SendBegun& fact) {
  if (!WasBegun(state, fact.message_id())) state.add_begun_message_ids(fact.message_id());
  if (fact.alert_id().empty()) return;
  Attempt(state, fact.alert_id(), fact.message_id()).clear_result();  // on its way
}

void Apply(v1::Notifications& state, const v1::NoticeSent& fact) {
  Remove(state.mutable_begun_message_ids(), fact.send().message_id());
  v1::Dispatch* dispatch = Dispatch(state, fact.dispatch_id());
  if (dispatch == nullptr) return;
  AddSend(*dispatch, fact.send());
  Rest(*dispatch);
  for (const std::string& notice_id : fact.notice_ids()) Given(state, *dispatch, notice_id);
  // A person may have given the notice while its mail was on the way.
  if (dispatch->state() != v1::Dispatch::STATE_GIVEN_BY_PERSON) {
    dispatch->set_state(v1::Dispatch::STATE_SENT);
  }
}

void Apply(v1::Notifications& state, const v1::NoticeSendFailed& fact) {
  if (!MayHaveLeft(fact.send())) {
    Remove(state.mutable_begun_message_ids(), fact.send().message_id());
  }
  v1::Dispatch* dispatch = Dispatch(state, fact.dispatch_id());
  if (dispatch == nullptr) return;
  AddSend(*dispatch, fact.send());
  if (fact.send().result() == v1::Send::RESULT_FAILED) {
    dispatch->set_failed_attempts(dispatch->failed_attempts() + 1);
  }
  if (fact.has_next_attempt_time()) {
    *dispatch->mutable_next_attempt_time() = fact.next_attempt_time();
    return;
  }
  Rest(*dispatch);
  if (dispatch->state() == v1::Dispatch::STATE_WAITING) {
    dispatch->set_state(v1::Dispatch::STATE_REFUSED);
  }
}

void Apply(v1::Notifications& state, const v1::NoticeHandedToPerson& fact) {
  v1::Dispatch* dispatch = Dispatch(state, fact.dispatch_id());
  if (dispatch == nullptr) return;
  AddSend(*dispatch, fact.send());
  Rest(*dispatch);
  dispatch->set_state(v1::Dispatch::STATE_HANDED_TO_PERSON);
  if (!fact.has_next_attempt_time()) return;
  *dispatch->mutable_next_attempt_time() = fact.next_attempt_time();
  dispatch->set_channels_given_up(std::max(0, dispatch->channels_given_up() - 1));
}

void Apply(v1::Notifications& state, const v1::ChannelGivenUp& fact) {
  v1::Dispatch* dispatch = Dispatch(state, fact.dispatch_id());
  if (dispatch == nullptr) return;
  dispatch->set_state(v1::Dispatch::STATE_WAITING);
  dispatch->set_failed_attempts(0);
  dispatch->set_channels_given_up(fact.channels_given_up());
  dispatch->set_given_up_reason_code(fact.reason_code());
  *dispatch->mutable_open_notice_ids() = fact.notice_ids();
  *dispatch->mutable_next_attempt_time() = fact.next_attempt_time();
  dispatch->clear_next_channel_time();
  if (fact.has_next_channel_time()) {
    *dispatch->mutable_next_channel_time() = fact.next_channel_time();
  }
}

void Apply(v1::Notifications& state, const v1::DispatchWithdrawn& fact) {
  v1::Dispatch* dispatch = Dispatch(state, fact.dispatch_id());
  if (dispatch == nullptr) return;
  Rest(*dispatch);
  dispatch->set_state(v1::Dispatch::STATE_WITHDRAWN);
}

void Apply(v1::Notifications& state, const v1::MailReturned& fact) {
  *state.add_returned() = fact.returned();
  if (state.returned_size() > kSendsKept) {
    state.mutable_returned()->DeleteSubrange(0, state.returned_size() - kSendsKept);
  }
  if (fact.alert_id().empty() || !IsNoReader(fact.returned().kind())) return;
  for (v1::Notifications::Attempt& attempt : *state.mutable_attempts()) {
    if (attempt.message_id() == fact.returned().message_id() &&
        attempt.result() == v1::Send::RESULT_SENT) {
      attempt.set_result(v1::Send::RESULT_REFUSED);
    }
  }
}

void Apply(v1::Notifications& state, const v1::NoticeGivenByPerson& fact) {
  v1::Dispatch* dispatch = Dispatch(state, fact.dispatch_id());
  if (dispatch == nullptr) return;
  Given(state, *dispatch, fact.notice_id());
  if (dispatch->open_notice_ids().empty()) {
    Rest(*dispatch);
    dispatch->set_state(v1::Dispatch::STATE_GIVEN_BY_PERSON);
  }
}

void Apply(v1::Notifications& state, const v1::AlertRaised& fact) {
  if (state.subject_id().empty()) {
    state.set_subject_id(fact.alert().event_id().empty() ? fact.alert().parked_id()
                                                         : fact.alert().event_id());
  }
  *state.add_alerts() = fact.alert();
}

void Apply(v1::Notifications& state, const v1::AlertSent& fact) {
  if (!MayHaveLeft(fact.send())) {
    Remove(state.mutable_begun_message_ids(), fact.send().message_id());
  }
  v1::Alert* alert = Alert(state, fact.alert_id());
  if (alert == nullptr) return;
  const v1::Send& send = fact.send();
  AddSend(*alert, send);
  if (fact.of_earlier_rung()) return;
  if (send.result() == v1::Send::RESULT_SENT) alert->set_unreachable(false);
  if (!send.message_id().empty()) {
    v1::Notifications::Attempt& attempt = Attempt(state, fact.alert_id(), send.message_id());
    attempt.set_person_id(send.person_id());
    attempt.set_result(send.result());
    if (send.result() == v1::Send::RESULT_FAILED) {
      attempt.set_failed(attempt.failed() + 1);
      *attempt.mutable_failed_time() = send.send_time();
    }
  }
  if (alert->state() != v1::Alert::STATE_OPEN) DropAttempts(state, fact.alert_id(), /*all=*/false);
  if (fact.has_next_attempt_time()) {
    *alert->mutable_next_attempt_time() = fact.next_attempt_time();
  } else {
    alert->clear_next_attempt_time();
  }
}

void Apply(v1::Notifications& state, const v1::AlertClimbed& fact) {
  v1::Alert* alert = Alert(state, fact.alert_id());
  if (alert == nullptr) return;
  alert->set_rung(fact.rung());
  *alert->mutable_roles() = fact.roles();
  *alert->mutable_next_roles() = fact.next_roles();
  alert->set_policy_version(fact.policy_version());
  *alert->mutable_next_climb_time() = fact.next_climb_time();
  *alert->mutable_next_attempt_time() = fact.next_attempt_time();
  DropAttempts(state, fact.alert_id(), /*all=*/true);
}

void Apply(v1::Notifications& state, const v1::AlertAcknowledged& fact) {
  v1::Alert* alert = Alert(state, fact.alert_id());
  if (alert == nullptr) return;
  alert->set_state(v1::Alert::STATE_ACKNOWLEDGED);
  alert->set_acknowledged_by(fact.acknowledged_by());
  *alert->mutable_acknowledged_time() = fact.acknowledged_time();
  alert->set_comment(fact.comment());
  Close(state, *alert);
}

void Apply(v1::Notifications& state, const v1::AlertCleared& fact) {
  v1::Alert* alert = Alert(state, fact.alert_id());
  if (alert == nullptr) return;
  alert->set_state(v1::Alert::STATE_CLEARED);
  Close(state, *alert);
}

void Apply(v1::Notifications& state, const v1::AlertUnreachable& fact) {
  v1::Alert* alert = Alert(state, fact.alert_id());
  if (alert != nullptr) alert->set_unreachable(true);
}

}  // namespace

void Evolve(v1::Notifications& state, const v1::NotificationFact& fact) {
  switch (fact.fact_case()) {
    case v1::NotificationFact::kDispatchOpened:
      return Apply(state, fact.dispatch_opened());
    case v1::NotificationFact::kSendBegun:
      return Apply(state, fact.send_begun());
    case v1::NotificationFact::kNoticeSent:
      return Apply(state, fact.notice_sent());
    case v1::NotificationFact::kNoticeSendFailed:
      return Apply(state, fact.notice_send_failed());
    case v1::NotificationFact::kNoticeHandedToPerson:
      return Apply(state, fact.notice_handed_to_person());
    case v1::NotificationFact::kNoticeGivenByPerson:
      return Apply(state, fact.notice_given_by_person());
    case v1::NotificationFact::kAlertRaised:
      return Apply(state, fact.alert_raised());
    case v1::NotificationFact::kAlertSent:
      return Apply(state, fact.alert_sent());
    case v1::NotificationFact::kAlertClimbed:
      return Apply(state, fact.alert_climbed());
    case v1::NotificationFact::kAlertAcknowledged:
      return Apply(state, fact.alert_acknowledged());
    case v1::NotificationFact::kAlertCleared:
      return Apply(state, fact.alert_cleared());
    case v1::NotificationFact::kAlertUnreachable:
      return Apply(state, fact.alert_unreachable());
    case v1::NotificationFact::kChannelGivenUp:
      return Apply(state, fact.channel_given_up());
    case v1::NotificationFact::kDispatchWithdrawn:
      return Apply(state, fact.dispatch_withdrawn());
    case v1::NotificationFact::kMailReturned:
      return Apply(state, fact.mail_returned());
    case v1::NotificationFact::kAccessWatchPlanned:
    case v1::NotificationFact::kAccessLooked:  // of the other aggregate (access_watch.h)
    case v1::NotificationFact::FACT_NOT_SET:
      return;
  }
}

const v1::Dispatch* FindDispatch(const v1::Notifications& state, absl::string_view dispatch_id) {
  for (const v1::Dispatch& dispatch : state.dispatches()) {
    if (dispatch.dispatch_id() == dispatch_id) return &dispatch;
  }
  return nullptr;
}

const v1::Alert* FindAlert(const v1::Notifications& state, absl::string_view alert_id) {
  for (const v1::Alert& alert : state.alerts()) {
    if (alert.alert_id() == alert_id) return &alert;
  }
  return nullptr;
}

const v1::Notifications::Attempt* FindAttempt(const v1::Notifications& state,
                                              absl::string_view message_id) {
  for (const v1::Notifications::Attempt& attempt : state.attempts()) {
    if (attempt.message_id() == message_id) return &attempt;
  }
  return nullptr;
}

bool IsNoReader(v1::Returned::Kind kind) {
  return kind == v1::Returned::KIND_BOUNCED || kind == v1::Returned::KIND_AUTO_REPLY;
}

bool WasBegun(const v1::Notifications& state, absl::string_view message_id) {
  const Strings& begun = state.begun_message_ids();
  return std::find(begun.begin(), begun.end(), message_id) != begun.end();
}

}  // namespace fosterwatch::notifications::domain
