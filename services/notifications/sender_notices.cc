// Notices to bodies, by the contact that comes first in the directory.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/mail/address.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"
#include "services/notifications/domain/dispatch.h"
#include "services/notifications/sender.h"
#include "services/notifications/sending.h"
#include "services/notifications/views.h"
#include "services/notifications/webhook.h"

namespace fosterwatch::notifications {
namespace {

using domain::Given;
using domain::Mailing;
using domain::MailResult;
using duty::Due;
using duty::Worked;

// The owner has answered, and will answer the same again.
bool IsFinal(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsInvalidArgument(status) ||
         absl::IsFailedPrecondition(status) || absl::IsDataLoss(status);
}

struct Way {
  type::v1::Channel channel = type::v1::CHANNEL_UNSPECIFIED;
  std::string address;
};

// The contacts that a notice may go to by itself, in the directory's order, up to the first that a
// person has to release; where there is none, the reason code why.
struct Ways {
  std::vector<Way> ways;
  std::string why_none = "NO_CONTACT";
  // Of the first contact that a person uses; UNSPECIFIED where there is none.
  type::v1::Channel by_person = type::v1::CHANNEL_UNSPECIFIED;
};

Ways WaysTo(const directory::v1::Body& body) {
  Ways ways;
  for (const directory::v1::Body::Contact& contact : body.contacts()) {
    const bool by_mail = contact.channel() == type::v1::CHANNEL_EMAIL;
    const bool by_itself = by_mail || contact.channel() == type::v1::CHANNEL_WEBHOOK;
    if (ways.by_person == type::v1::CHANNEL_UNSPECIFIED &&
        (!by_itself || contact.released_by_person())) {
      ways.by_person = contact.channel();
    }
    if (!by_itself) continue;
    if (contact.released_by_person()) {
      ways.why_none = "RELEASED_BY_PERSON";
      break;
    }
    if (!by_mail || mail::IsAddress(contact.address())) {
      ways.ways.push_back({contact.channel(), contact.address()});
    }
  }
  return ways;
}

std::vector<std::string> SecretsOf(const directory::v1::Webhook& webhook) {
  std::vector<std::string> secrets;
  for (const auto& secret : webhook.secrets()) secrets.push_back(secret.secret());
  return secrets;
}

}  // namespace

struct Sender::Notice {
  Way way;
  std::vector<std::string> secrets;  // of a webhook
  std::vector<std::string> notice_ids;
  notifiable_events::v1::NoticeContent content;
};

struct Sender::Result {
  MailResult result;
  bool stopped = false;      // nothing is known, and the process is stopping
  bool server_away = false;  // the mail server, for all
};

Sender::Result Sender::Leave(const v1::Dispatch& dispatch, const Notice& notice,
                             const Mailing& mailing, const runtime::Stop& stop) {
  const std::string message_id = domain::MessageIdOf(dispatch.dispatch_id(), mailing.channel_index);
  const auto stopping = [&] { return stop.requested(); };
  if (mailing.channel == type::v1::CHANNEL_WEBHOOK) {
    webhook::Post post;
    post.url = notice.way.address;
    post.id = WebhookIdOf(message_id);
    post.timestamp = options_.now();
    post.body = NoticeEnvelope(dispatch, notice.notice_ids, notice.content);
    post.secrets = notice.secrets;
    const webhook::Result result = webhook_.Send(post, stopping);
    if (result.outcome == webhook::Result::Outcome::kTaken) {
      FOSTERWATCH_CRASH_POINT("after_2xx_before_record");
    }
    endpoints_.Leave(notice.way.address, result.endpoint_away, result.retry_after);
    return {ResultOf(result), result.outcome == webhook::Result::Outcome::kStopped};
  }
  mail::Message message;
  message.from = options_.mail_from;
  message.to = notice.way.address;
  message.subject = notice.content.subject();
  message.message_id = message_id;
  message.text = notice.content.body();
  message.date = options_.now();
  const mail::SmtpResult result = notice_mail_.Send(message, stopping);
  NoteMailServer(result);
  if (result.outcome == mail::SmtpResult::Outcome::kSent) {
    FOSTERWATCH_CRASH_POINT("after_250_before_record");
  }
  return {ResultOf(result), result.outcome == mail::SmtpResult::Outcome::kStopped,
          result.server_away};
}

Worked Sender::SendNotice(const Due& due, const runtime::Stop& stop) {
  auto state = ledger_->LoadAs<v1::Notifications>(due.agency_id, kAggregate, due.subject_id);
  if (!state.ok()) return {.progressed = false};
  const v1::Dispatch* dispatch = domain::FindDispatch(*state, due.id);
  if (dispatch == nullptr || !domain::IsToBeSent(*dispatch)) return {.progressed = false};
  if (dispatch->has_next_channel_time() &&
      clock::FromProto(dispatch->next_channel_time()) <= options_.now()) {
    return Settle(due, stop, [&](const v1::Notifications& now, const Given& given) {
      return domain::GiveUpChannel(now, due.id, given);
    });
  }
  Notice notice;
  notice.notice_ids.assign(dispatch->open_notice_ids().begin(), dispatch->open_notice_ids().end());
  Mailing mailing;
  mailing.send_id = ledger::NewId();
  mailing.channel_index = dispatch->channels_given_up();
  mailing.possible_repeat =
      domain::WasBegun(*state, domain::MessageIdOf(due.id, mailing.channel_index));

  std::string missing = "NO_CONTACT";
  type::v1::Channel by_person = type::v1::CHANNEL_UNSPECIFIED;
  const absl::Status read = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const auto body, owners_->Body(due.agency_id, dispatch->body_id()));
    const Ways ways = WaysTo(body);
    const size_t index = mailing.channel_index;
    missing = ways.ways.empty() ? ways.why_none : "NO_FURTHER_CHANNEL";
    by_person = ways.by_person;
    if (index >= ways.ways.size()) return absl::OkStatus();
    notice.way = ways.ways[index];
    mailing.last_channel = index + 1 == ways.ways.size();
    missing = "NO_CONTACT";
    if (notice.way.channel == type::v1::CHANNEL_WEBHOOK) {
      ASSIGN_OR_RETURN(const auto webhook, owners_->Webhook(due.agency_id, dispatch->body_id()));
      notice.secrets = SecretsOf(webhook);
    }
    missing = "NO_CONTENT";
    ASSIGN_OR_RETURN(notice.content, owners_->NoticeContent(due.agency_id, dispatch->event_id(),
                                                            notice.notice_ids));
    return absl::OkStatus();
  }();
  mailing.channel = notice.way.channel;
  const bool away_too_long = AwayTooLong(read);
  if (IsAway(read) && !away_too_long)
    return {.progressed = false, .hold = kOwnersPause, .pause = kOwnersPause};
  if (!read.ok() && !IsFinal(read)) {
    runtime::LogStatus("a notice cannot be read", read, {{"dispatch_id", due.id}});
    return Settle(due, stop, [&](const v1::Notifications& now, const Given& given) {
      return domain::NoticeMailed(now, due.id, notice.notice_ids, mailing,
                                  {MailResult::Kind::kFailed, "CONTENT_UNAVAILABLE"}, given);
    });
  }
  if (!read.ok() || notice.way.address.empty()) {
    if (!read.ok()) {
      runtime::LogStatus("a notice cannot be read", read, {{"dispatch_id", due.id}});
    }
    return Settle(due, stop, [&](const v1::Notifications& now, const Given& given) {
      return domain::HandOver(now, due.id, missing, by_person, given);
    });
  }
  if (notice.way.channel == type::v1::CHANNEL_WEBHOOK) {
    const absl::Duration wait = endpoints_.Enter(notice.way.address);
    if (wait > absl::ZeroDuration()) return {.progressed = false, .hold = wait};
  }

  const auto begun = Record(due, stop, [&](const v1::Notifications& now, const Given&) {
    return domain::BeginNotice(now, due.id, mailing.send_id, mailing.channel_index);
  });
  // A person may have given it in the meantime.
  const bool waits = begun.ok() && domain::IsToBeSent(*domain::FindDispatch(*begun, due.id));
  if (!waits) {
    if (notice.way.channel == type::v1::CHANNEL_WEBHOOK) {
      endpoints_.Leave(notice.way.address, false, absl::ZeroDuration());
    }
    return {.progressed = begun.ok()};
  }

  mailing.template_name = notice.content.template_();
  mailing.template_version = notice.content.template_version();
  mailing.content_sha256 = ledger::Sha256(notice.content.body());
  mailing.subject = notice.content.subject();
  mailing.text = notice.content.body();
  const Result result = Leave(*dispatch, notice, mailing, stop);
  if (result.stopped) return {};
  Worked worked = Settle(due, stop, [&](const v1::Notifications& now, const Given& given) {
    return domain::NoticeMailed(now, due.id, notice.notice_ids, mailing, result.result, given);
  });
  if (worked.progressed) CountRepeat(mailing, result.result);
  if (result.server_away) worked.pause = kServerPause;
  return worked;
}

absl::StatusOr<v1::TestWebhookResponse> Sender::TestWebhook(const runtime::Call& call,
                                                            const v1::TestWebhookRequest& request) {
  ASSIGN_OR_RETURN(const auto body, owners_->Body(call.agency_id, request.body_id()));
  webhook::Post post;
  for (const directory::v1::Body::Contact& contact : body.contacts()) {
    if (contact.channel() == type::v1::CHANNEL_WEBHOOK) post.url = contact.address();
  }
  if (post.url.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_WEBHOOK", "the body has no webhook");
  }
  ASSIGN_OR_RETURN(const auto webhook, owners_->Webhook(call.agency_id, request.body_id()));
  post.secrets = SecretsOf(webhook);
  post.id = ledger::NewId();
  post.timestamp = options_.now();
  post.body = PingEnvelope(request.body_id(), post.timestamp);
  const webhook::Result result = webhook_.Send(post, [] { return false; });
  v1::TestWebhookResponse response;
  response.set_taken(result.outcome == webhook::Result::Outcome::kTaken);
  response.set_result_code(result.code);
  return response;
}

}  // namespace fosterwatch::notifications
