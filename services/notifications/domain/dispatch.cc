#include "services/notifications/domain/dispatch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/policy.h"
#include "services/notifications/domain/returned.h"

namespace fosterwatch::notifications::domain {
namespace {

constexpr char kOwed[] = "NOTICE_OWED";
constexpr char kNotInTime[] = "NOT_IN_TIME";

void Append(Facts&& from, Facts* to) {
  to->insert(to->end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

bool IsDeath(const std::vector<OwedNotice>& notices) {
  return std::any_of(notices.begin(), notices.end(),
                     [](const OwedNotice& notice) { return notice.of_death; });
}

// Whether an alert of the event climbs by minutes already, or did so until it was seen to.
bool HasUrgent(const v1::Notifications& state) {
  return std::any_of(state.alerts().begin(), state.alerts().end(),
                     [](const v1::Alert& alert) { return alert.urgent(); });
}

// Why a person has to give it; empty where it leaves by itself.
std::string WhyPerson(const v1::Dispatch& dispatch) {
  if (dispatch.body_id().empty()) return "NO_BODY";
  const bool by_itself = dispatch.channel() == type::v1::CHANNEL_EMAIL ||
                         dispatch.channel() == type::v1::CHANNEL_WEBHOOK;
  return dispatch.released_by_person() || !by_itself ? "RELEASED_BY_PERSON" : "";
}

v1::NotificationFact HandedToPerson(const v1::Dispatch& dispatch, const std::string& result_code,
                                    const Given& given) {
  v1::NotificationFact fact;
  v1::NoticeHandedToPerson* handed = fact.mutable_notice_handed_to_person();
  handed->set_dispatch_id(dispatch.dispatch_id());
  handed->set_event_id(dispatch.event_id());
  *handed->mutable_notice_ids() = dispatch.open_notice_ids();
  v1::Send* send = handed->mutable_send();
  const int given_up = dispatch.channels_given_up();
  send->set_send_id(given.derive_id(absl::StrCat(dispatch.dispatch_id(), "/handed",
                                                 given_up > 0 ? absl::StrCat("/", given_up) : "")));
  *send->mutable_send_time() = clock::ToProto(given.now);
  send->set_body_id(dispatch.body_id());
  send->set_channel(dispatch.channel());
  send->set_result(v1::Send::RESULT_HANDED_TO_PERSON);
  send->set_result_code(result_code);
  send->set_reason_code(given_up > 0 ? "NEXT_CHANNEL" : kOwed);
  send->set_event_id(dispatch.event_id());
  return fact;
}

AlertCause CauseOf(const v1::Dispatch& dispatch, const v1::Notifications& state,
                   v1::Alert::Kind kind, const std::string& reason_code) {
  AlertCause cause;
  cause.kind = kind;
  cause.event_id = dispatch.event_id();
  cause.urgent = HasUrgent(state);
  cause.reason_code = reason_code;
  cause.due = clock::FromProto(dispatch.due_time());
  cause.notice_ids.assign(dispatch.open_notice_ids().begin(), dispatch.open_notice_ids().end());
  return cause;
}

// When a channel that begins now is given up; nothing where no policy says so.
void SetNextChannelTime(const Given& given, google::protobuf::Timestamp* time) {
  const v1::AlertPolicy& policy = InForce(given.rules.policies, given.now);
  *time = clock::ToProto(given.now + absl::Minutes(policy.next_channel().minutes()));
}

bool HasNextChannel(const Given& given) {
  return InForce(given.rules.policies, given.now).has_next_channel();
}

v1::NotificationFact GivenUp(const v1::Dispatch& dispatch,
                             const std::vector<std::string>& notice_ids,
                             const std::string& reason_code, const Given& given) {
  v1::NotificationFact fact;
  v1::ChannelGivenUp* up = fact.mutable_channel_given_up();
  up->set_dispatch_id(dispatch.dispatch_id());
  up->set_event_id(dispatch.event_id());
  up->mutable_notice_ids()->Assign(notice_ids.begin(), notice_ids.end());
  up->set_reason_code(reason_code);
  up->set_channels_given_up(dispatch.channels_given_up() + 1);
  *up->mutable_next_attempt_time() = clock::ToProto(given.now);
  if (HasNextChannel(given)) SetNextChannelTime(given, up->mutable_next_channel_time());
  return fact;
}

std::vector<std::string> OpenOf(const v1::Dispatch& dispatch) {
  return {dispatch.open_notice_ids().begin(), dispatch.open_notice_ids().end()};
}

// Whether an open alert names all of these notices.
bool IsAlerted(const v1::Notifications& state, const std::vector<std::string>& notice_ids) {
  return std::any_of(state.alerts().begin(), state.alerts().end(), [&](const v1::Alert& alert) {
    const auto& named = alert.notice_ids();
    return alert.state() == v1::Alert::STATE_OPEN &&
           std::all_of(notice_ids.begin(), notice_ids.end(), [&](const std::string& notice_id) {
             return std::find(named.begin(), named.end(), notice_id) != named.end();
           });
  });
}

}  // namespace

std::string MessageIdOf(absl::string_view dispatch_id, int channel_index) {
  if (channel_index == 0) return absl::StrCat("<", dispatch_id, "@fosterwatch>");
  return absl::StrCat("<", dispatch_id, ".", channel_index, "@fosterwatch>");
}

bool IsToBeSent(const v1::Dispatch& dispatch) { return dispatch.has_next_attempt_time(); }

Facts OpenDispatches(const v1::Notifications& state, const std::string& event_id,
                     const std::vector<OwedNotice>& notices, absl::string_view fact_id,
                     const Given& given) {
  // In the order of the notices, so that the same fact gives the same dispatches.
  std::vector<v1::Dispatch> dispatches;
  for (const OwedNotice& notice : notices) {
    const std::string dispatch_id = given.derive_id(
        absl::StrCat("dispatch/", event_id, "/", notice.body_id, "/", notice.moment, "/", fact_id));
    if (FindDispatch(state, dispatch_id) != nullptr) continue;
    auto dispatch = std::find_if(
        dispatches.begin(), dispatches.end(),
        [&](const v1::Dispatch& opened) { return opened.dispatch_id() == dispatch_id; });
    if (dispatch == dispatches.end()) {
      dispatch = dispatches.emplace(dispatches.end());
      dispatch->set_dispatch_id(dispatch_id);
      dispatch->set_event_id(event_id);
      dispatch->set_body_id(notice.body_id);
      dispatch->set_channel(notice.channel);
      dispatch->set_state(v1::Dispatch::STATE_WAITING);
      *dispatch->mutable_opened_time() = clock::ToProto(given.now);
      *dispatch->mutable_due_time() = clock::ToProto(notice.due);
    }
    dispatch->add_notice_ids(notice.notice_id);
    dispatch->add_open_notice_ids(notice.notice_id);
    if (notice.released_by_person) dispatch->set_released_by_person(true);
    if (notice.due < clock::FromProto(dispatch->due_time())) {
      *dispatch->mutable_due_time() = clock::ToProto(notice.due);
    }
  }

  const bool urgent = IsDeath(notices);
  Facts facts;
  AlertCause needs_person;
  for (v1::Dispatch& dispatch : dispatches) {
    const std::string why_person = WhyPerson(dispatch);
    if (why_person.empty()) {
      *dispatch.mutable_next_attempt_time() = clock::ToProto(given.now);
      if (HasNextChannel(given)) SetNextChannelTime(given, dispatch.mutable_next_channel_time());
    }
    *facts.emplace_back().mutable_dispatch_opened()->mutable_dispatch() = dispatch;
    if (why_person.empty()) continue;
    facts.push_back(HandedToPerson(dispatch, why_person, given));
    const absl::Time due = clock::FromProto(dispatch.due_time());
    needs_person.due = std::min(needs_person.due.value_or(due), due);
    needs_person.notice_ids.insert(needs_person.notice_ids.end(), dispatch.notice_ids().begin(),
                                   dispatch.notice_ids().end());
  }
  if (urgent && !HasUrgent(state)) {
    AlertCause death;
    death.kind = v1::Alert::KIND_EVENT_REPORTED;
    death.event_id = event_id;
    death.urgent = true;
    death.reason_code = "KIND_ADDED";
    Append(RaiseAlert(state, given.derive_id(absl::StrCat("kind_added/", event_id, "/", fact_id)),
                      death, given),
           &facts);
  }
  if (!needs_person.notice_ids.empty()) {
    needs_person.kind = v1::Alert::KIND_NOTICE_NEEDS_PERSON;
    needs_person.event_id = event_id;
    needs_person.urgent = urgent;
    Append(RaiseAlert(state, given.derive_id(absl::StrCat("needs_person/", event_id, "/", fact_id)),
                      needs_person, given),
           &facts);
  }
  return facts;
}

Facts BeginNotice(const v1::Notifications& state, const std::string& dispatch_id,
                  const std::string& send_id, int channel_index) {
  const v1::Dispatch* dispatch = FindDispatch(state, dispatch_id);
  if (dispatch == nullptr || !IsToBeSent(*dispatch) ||
      channel_index < dispatch->channels_given_up()) {
    return {};
  }
  v1::NotificationFact fact;
  v1::SendBegun* begun = fact.mutable_send_begun();
  begun->set_dispatch_id(dispatch_id);
  begun->set_send_id(send_id);
  begun->set_message_id(MessageIdOf(dispatch_id, channel_index));
  return {fact};
}

Facts NoticeMailed(const v1::Notifications& state, const std::string& dispatch_id,
                   const std::vector<std::string>& notice_ids, const Mailing& mailing,
                   const MailResult& result, const Given& given) {
  const v1::Dispatch* dispatch = FindDispatch(state, dispatch_id);
  if (dispatch == nullptr) return {};
  for (const v1::Send& send : dispatch->sends()) {
    if (send.send_id() == mailing.send_id) return {};  // recorded before
  }
  const int failed = dispatch->failed_attempts();
  const bool again = failed > 0 || mailing.possible_repeat;
  v1::Send send;
  send.set_send_id(mailing.send_id);
  *send.mutable_send_time() = clock::ToProto(given.now);
  send.set_body_id(dispatch->body_id());
  send.set_channel(mailing.channel);
  send.set_result_code(result.code);
  send.set_reason_code(again ? "RETRY" : mailing.channel_index > 0 ? "NEXT_CHANNEL" : kOwed);
  send.set_message_id(MessageIdOf(dispatch_id, mailing.channel_index));
  send.set_template_(mailing.template_name);
  send.set_template_version(mailing.template_version);
  send.set_content_sha256(mailing.content_sha256);
  send.set_event_id(dispatch->event_id());
  send.set_possible_repeat(mailing.possible_repeat);
  send.set_subject(mailing.subject);
  send.set_text(mailing.text);

  Facts facts;
  if (result.kind == MailResult::Kind::kSent) {
    send.set_result(v1::Send::RESULT_SENT);
    v1::NoticeSent* sent = facts.emplace_back().mutable_notice_sent();
    sent->set_dispatch_id(dispatch_id);
    sent->set_event_id(dispatch->event_id());
    sent->mutable_notice_ids()->Assign(notice_ids.begin(), notice_ids.end());
    *sent->mutable_send() = send;
    Append(ClearAlertsAbout(state, notice_ids, "NOTICE_SENT"), &facts);
    return facts;
  }

  const bool final = result.kind == MailResult::Kind::kRefused;
  // A person may have given it while the mail was on its way: then nothing more is to be done.
  const bool waits = IsToBeSent(*dispatch);
  const bool former = mailing.channel_index < dispatch->channels_given_up();
  send.set_result(final ? v1::Send::RESULT_REFUSED : v1::Send::RESULT_FAILED);
  v1::NoticeSendFailed* not_sent = facts.emplace_back().mutable_notice_send_failed();
  not_sent->set_dispatch_id(dispatch_id);
  not_sent->set_event_id(dispatch->event_id());
  not_sent->mutable_notice_ids()->Assign(notice_ids.begin(), notice_ids.end());
  *not_sent->mutable_send() = send;
  if (former) {
    if (waits) *not_sent->mutable_next_attempt_time() = dispatch->next_attempt_time();
    return facts;
  }
  if (!waits) return facts;
  if (!final) {
    *not_sent->mutable_next_attempt_time() =
        clock::ToProto(given.now + std::max(BackOff(failed + 1), result.retry_after));
  }
  if (final && !mailing.last_channel) {
    facts.push_back(GivenUp(*dispatch, OpenOf(*dispatch), "REFUSED", given));
  }
  if (final || failed + 1 == kFailuresBeforeAlert) {
    const std::string alert_id = given.derive_id(
        absl::StrCat(final ? "notice_refused/" : "notice_failed/", dispatch_id,
                     mailing.channel_index > 0 ? absl::StrCat("/", mailing.channel_index) : ""));
    Append(RaiseAlert(state, alert_id,
                      CauseOf(*dispatch, state, v1::Alert::KIND_NOTICE_FAILED, result.code), given),
           &facts);
  }
  return facts;
}

Facts GiveUpChannel(const v1::Notifications& state, const std::string& dispatch_id,
                    const Given& given) {
  const v1::Dispatch* dispatch = FindDispatch(state, dispatch_id);
  if (dispatch == nullptr || !IsToBeSent(*dispatch) || !dispatch->has_next_channel_time() ||
      clock::FromProto(dispatch->next_channel_time()) > given.now) {
    return {};
  }
  Facts facts = {GivenUp(*dispatch, OpenOf(*dispatch), kNotInTime, given)};
  if (IsAlerted(state, OpenOf(*dispatch))) return facts;
  Append(RaiseAlert(state,
                    given.derive_id(absl::StrCat("notice_late/", dispatch_id, "/",
                                                 dispatch->channels_given_up())),
                    CauseOf(*dispatch, state, v1::Alert::KIND_NOTICE_FAILED, kNotInTime), given),
         &facts);
  return facts;
}

absl::StatusOr<Facts> NoticeReturned(const v1::Notifications& state, const std::string& dispatch_id,
                                     const v1::Returned& returned, const Given& given) {
  const v1::Dispatch* dispatch = FindDispatch(state, dispatch_id);
  const auto of_it = [&](const v1::Send& send) {
    return send.message_id() == returned.message_id() && send.channel() == type::v1::CHANNEL_EMAIL;
  };
  if (dispatch == nullptr ||
      std::none_of(dispatch->sends().begin(), dispatch->sends().end(), of_it)) {
    return UnknownMail();
  }
  if (WasReturned(state, returned)) return Facts{};
  Facts facts;
  v1::MailReturned* came_back = facts.emplace_back().mutable_mail_returned();
  came_back->set_dispatch_id(dispatch_id);
  came_back->set_event_id(dispatch->event_id());
  *came_back->mutable_returned() = returned;
  const bool of_present =
      returned.message_id() == MessageIdOf(dispatch_id, dispatch->channels_given_up());
  if (returned.kind() != v1::Returned::KIND_BOUNCED || !of_present ||
      dispatch->state() != v1::Dispatch::STATE_SENT || WasDelivered(state, returned.message_id())) {
    return facts;
  }
  // All that it spoke of: none of them has arrived.
  const std::vector<std::string> notice_ids(dispatch->notice_ids().begin(),
                                            dispatch->notice_ids().end());
  v1::NoticeSendFailed* failed = facts.emplace_back().mutable_notice_send_failed();
  failed->set_dispatch_id(dispatch_id);
  failed->set_event_id(dispatch->event_id());
  *failed->mutable_notice_ids() = dispatch->notice_ids();
  v1::Send* send = failed->mutable_send();
  send->set_send_id(given.derive_id(absl::StrCat("returned/", returned.returned_id())));
  *send->mutable_send_time() = clock::ToProto(given.now);
  send->set_body_id(dispatch->body_id());
  send->set_channel(type::v1::CHANNEL_EMAIL);
  send->set_result(v1::Send::RESULT_REFUSED);
  send->set_result_code(returned.status_code().empty()
                            ? "BOUNCED"
                            : absl::StrCat("BOUNCED_", returned.status_code()));
  send->set_reason_code("RETURNED");
  send->set_message_id(returned.message_id());
  send->set_event_id(dispatch->event_id());
  facts.push_back(GivenUp(*dispatch, notice_ids, "RETURNED", given));
  AlertCause cause = CauseOf(*dispatch, state, v1::Alert::KIND_NOTICE_FAILED, send->result_code());
  cause.notice_ids = notice_ids;
  Append(RaiseAlert(state, given.derive_id(absl::StrCat("returned/", returned.message_id())), cause,
                    given),
         &facts);
  return facts;
}

Facts WithdrawDispatches(const v1::Notifications& state) {
  Facts facts;
  for (const v1::Dispatch& dispatch : state.dispatches()) {
    if (dispatch.open_notice_ids().empty() || dispatch.state() == v1::Dispatch::STATE_WITHDRAWN) {
      continue;
    }
    v1::DispatchWithdrawn* withdrawn = facts.emplace_back().mutable_dispatch_withdrawn();
    withdrawn->set_dispatch_id(dispatch.dispatch_id());
    withdrawn->set_event_id(dispatch.event_id());
    *withdrawn->mutable_notice_ids() = dispatch.open_notice_ids();
  }
  Append(ClearAlerts(state, "EVENT_WITHDRAWN"), &facts);
  return facts;
}

Facts HandOver(const v1::Notifications& state, const std::string& dispatch_id,
               const std::string& result_code, type::v1::Channel by_person, const Given& given) {
  const v1::Dispatch* dispatch = FindDispatch(state, dispatch_id);
  if (dispatch == nullptr || dispatch->state() != v1::Dispatch::STATE_WAITING) return {};
  Facts facts = {HandedToPerson(*dispatch, result_code, given)};
  if (by_person != type::v1::CHANNEL_UNSPECIFIED) {
    facts.front().mutable_notice_handed_to_person()->mutable_send()->set_channel(by_person);
  }
  const int given_up = dispatch->channels_given_up();
  if (given_up > 0 && dispatch->given_up_reason_code() == kNotInTime) {
    // The last one is only away: it is tried on until it succeeds or a person has given it.
    *facts.front().mutable_notice_handed_to_person()->mutable_next_attempt_time() =
        dispatch->next_attempt_time();
  }
  if (given_up > 0 && IsAlerted(state, OpenOf(*dispatch))) return facts;
  Append(RaiseAlert(state,
                    given.derive_id(absl::StrCat("needs_person/", dispatch_id,
                                                 given_up > 0 ? absl::StrCat("/", given_up) : "")),
                    CauseOf(*dispatch, state, v1::Alert::KIND_NOTICE_NEEDS_PERSON, result_code),
                    given),
         &facts);
  return facts;
}

Facts GiveByPerson(const v1::Notifications& state, const std::string& notice_id) {
  for (const v1::Dispatch& dispatch : state.dispatches()) {
    const auto& open = dispatch.open_notice_ids();
    if (std::find(open.begin(), open.end(), notice_id) == open.end()) continue;
    Facts facts;
    v1::NoticeGivenByPerson* given = facts.emplace_back().mutable_notice_given_by_person();
    given->set_dispatch_id(dispatch.dispatch_id());
    given->set_notice_id(notice_id);
    Append(ClearAlertsAbout(state, {notice_id}, "ALL_NOTICES_GIVEN"), &facts);
    return facts;
  }
  return {};
}

}  // namespace fosterwatch::notifications::domain
