#include "services/notifications/sender.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/dispatch.h"
#include "services/notifications/domain/words.h"
#include "services/notifications/views.h"

namespace fosterwatch::notifications {
namespace {

using domain::Given;
using domain::Mailing;
using domain::MailResult;

// Numbers of the locks that only one process per database holds.
constexpr int64_t kNoticesLock = 0x666f737465720002;
constexpr int64_t kAlertsLock = 0x666f737465720003;

// How long a mail server that is away is left alone. Each dispatch has its own back-off beside it.
constexpr absl::Duration kServerPause = absl::Seconds(2);
constexpr absl::Duration kOwnersPause = absl::Milliseconds(500);
// An owner that restarts is waited for; one that stays away becomes a failed attempt that is seen.
constexpr absl::Duration kOwnersPatience = absl::Seconds(10);

bool IsAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

// The owner has answered, and will answer the same again.
bool IsFinal(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsInvalidArgument(status) ||
         absl::IsFailedPrecondition(status) || absl::IsDataLoss(status);
}

// The first address that mail may be sent to; the reason code why there is none otherwise.
struct Address {
  std::string mail;
  std::string why_not;
};

Address AddressOf(const directory::v1::Body& body) {
  for (const directory::v1::Body::Contact& contact : body.contacts()) {
    if (contact.channel() != type::v1::CHANNEL_EMAIL) continue;
    if (contact.released_by_person()) return {"", "RELEASED_BY_PERSON"};
    if (IsMailAddress(contact.address())) return {contact.address(), ""};
  }
  return {"", "NO_CONTACT"};
}

MailResult ResultOf(const SmtpResult& result) {
  switch (result.outcome) {
    case SmtpResult::Outcome::kSent:
      return {MailResult::Kind::kSent, result.code};
    case SmtpResult::Outcome::kRefused:
      return {MailResult::Kind::kRefused, result.code};
    default:
      return {MailResult::Kind::kFailed, result.code};
  }
}

}  // namespace

Sender::Sender(ledger::Ledger* ledger, Owners* owners, const v1::AlertPolicy* policy,
               Options options)
    : ledger_(ledger),
      owners_(owners),
      policy_(policy),
      options_(std::move(options)),
      notice_mail_(options_.smtp),
      alert_mail_(options_.smtp),
      notices_(
          {kDispatchTimer, kNoticesLock, ledger->options().relay_conninfo, options_.now,
           [this](const Due& due, const runtime::Stop& stop) { return SendNotice(due, stop); }}),
      alerts_(
          {kAlertTimer, kAlertsLock, ledger->options().relay_conninfo, options_.now,
           [this](const Due& due, const runtime::Stop& stop) { return SendAlert(due, stop); }}) {}

absl::StatusOr<v1::Notifications> Sender::Record(const Due& due, const runtime::Stop& stop,
                                                 const Decide& decide) {
  for (;;) {
    ledger::Unit unit;
    unit.agency_id = due.agency_id;
    unit.actor = "service:notifications";
    unit.cause = due.id;
    unit.changes.push_back(ledger::MakeChange<v1::Notifications, v1::NotificationFact>(
        kAggregate, due.subject_id,
        [&](const v1::Notifications& state, int64_t) -> absl::StatusOr<domain::Facts> {
          return decide(state, Given{options_.now(), *policy_, ledger::DerivedId});
        }));
    auto outcome = ledger_->SubmitAndWait(std::move(unit));
    if (outcome.ok()) return outcome->As<v1::Notifications>(0);
    // Safe again: each decision sees in the state whether it was recorded.
    const bool again = IsRetryable(outcome.status()) || absl::IsResourceExhausted(outcome.status());
    if (!again || stop.WaitFor(absl::Milliseconds(200))) {
      runtime::LogStatus("a send could not be recorded", outcome.status(), {{"id", due.id}});
      return outcome.status();
    }
  }
}

Worked Sender::Settle(const Due& due, const runtime::Stop& stop, const Decide& decide) {
  return {.progressed = Record(due, stop, decide).ok()};
}

Worked Sender::SendNotice(const Due& due, const runtime::Stop& stop) {
  auto state = ledger_->LoadAs<v1::Notifications>(due.agency_id, kAggregate, due.subject_id);
  if (!state.ok()) return {.progressed = false};
  const v1::Dispatch* dispatch = domain::FindDispatch(*state, due.id);
  if (dispatch == nullptr || dispatch->state() != v1::Dispatch::STATE_WAITING) {
    return {.progressed = false};
  }
  const std::vector<std::string> notice_ids(dispatch->open_notice_ids().begin(),
                                            dispatch->open_notice_ids().end());
  const std::string message_id = domain::MessageIdOf(due.id);
  Mailing mailing;
  mailing.send_id = ledger::NewId();
  mailing.possible_repeat = domain::WasBegun(*state, message_id);

  const auto body = owners_->Body(due.agency_id, dispatch->body_id());
  const auto content = body.ok()
                           ? owners_->NoticeContent(due.agency_id, dispatch->event_id(), notice_ids)
                           : absl::StatusOr<notifiable_events::v1::NoticeContent>(body.status());
  if (IsAway(content.status())) {
    owners_away_since_ = std::min(owners_away_since_, options_.now());
    if (options_.now() - owners_away_since_ < kOwnersPatience) return {.pause = kOwnersPause};
  } else {
    owners_away_since_ = absl::InfiniteFuture();
  }
  if (!content.ok()) {
    runtime::LogStatus("a notice cannot be read", content.status(), {{"dispatch_id", due.id}});
    if (IsFinal(content.status())) {
      const char* why = body.ok() ? "NO_CONTENT" : "NO_CONTACT";
      return Settle(due, stop, [&](const v1::Notifications& now, const Given& given) {
        return domain::HandOver(now, due.id, why, given);
      });
    }
    return Settle(due, stop, [&](const v1::Notifications& now, const Given& given) {
      return domain::NoticeMailed(now, due.id, notice_ids, mailing,
                                  {MailResult::Kind::kFailed, "CONTENT_UNAVAILABLE"}, given);
    });
  }
  const Address address = AddressOf(*body);
  if (address.mail.empty()) {
    return Settle(due, stop, [&](const v1::Notifications& now, const Given& given) {
      return domain::HandOver(now, due.id, address.why_not, given);
    });
  }

  const auto begun = Record(due, stop, [&](const v1::Notifications& now, const Given&) {
    return domain::BeginNotice(now, due.id, mailing.send_id);
  });
  if (!begun.ok()) return {.progressed = false};
  // A person may have given it in the meantime.
  if (domain::FindDispatch(*begun, due.id)->state() != v1::Dispatch::STATE_WAITING) return {};

  Mail mail;
  mail.from = options_.mail_from;
  mail.to = address.mail;
  mail.subject = content->subject();
  mail.message_id = message_id;
  mail.text = content->body();
  mail.date = options_.now();
  mailing.template_name = content->template_();
  mailing.template_version = content->template_version();
  mailing.content_sha256 = ledger::Sha256(content->body());
  const SmtpResult result = notice_mail_.Send(mail, [&] { return stop.requested(); });
  FOSTERWATCH_CRASH_POINT("after_250_before_record");
  if (result.outcome == SmtpResult::Outcome::kStopped) return {};
  Worked worked = Settle(due, stop, [&](const v1::Notifications& now, const Given& given) {
    return domain::NoticeMailed(now, due.id, notice_ids, mailing, ResultOf(result), given);
  });
  if (result.server_away) worked.pause = kServerPause;
  return worked;
}

Worked Sender::SendAlert(const Due& due, const runtime::Stop& stop) {
  auto state = ledger_->LoadAs<v1::Notifications>(due.agency_id, kAggregate, due.subject_id);
  if (!state.ok()) return {.progressed = false};
  const v1::Alert* alert = domain::FindAlert(*state, due.id);
  if (alert == nullptr || alert->state() != v1::Alert::STATE_OPEN) return {.progressed = false};
  bool progressed = false;
  if (clock::FromProto(alert->next_climb_time()) <= options_.now()) {
    state = Record(due, stop, [&](const v1::Notifications& now, const Given& given) {
      return domain::ClimbAlert(now, due.id, given);
    });
    if (!state.ok()) return {.progressed = false};
    alert = domain::FindAlert(*state, due.id);
    progressed = true;
  }

  // Who holds the role now, each once, with an address where there is one.
  std::vector<std::string> people;
  std::map<std::string, std::string> addresses;
  for (const options::v1::Role role : domain::RolesAt(alert->rung())) {
    const auto holders = owners_->Holders(due.agency_id, role, options_.now());
    if (!holders.ok()) {
      if (directory_ok_) {
        runtime::LogStatus("alerts wait for the directory", holders.status(),
                           {{"alert_id", due.id}});
      }
      directory_ok_ = false;
      if (IsAway(holders.status())) return {.pause = kOwnersPause};
      return {.progressed = false};
    }
    directory_ok_ = true;
    for (const directory::v1::RoleHolder& holder : *holders) {
      if (std::find(people.begin(), people.end(), holder.person_id()) == people.end()) {
        people.push_back(holder.person_id());
      }
      std::string& address = addresses[holder.person_id()];
      if (!IsMailAddress(address)) address = holder.email();
    }
  }

  bool tried = false;
  while (!stop.requested()) {
    const auto next = domain::NextAlertMail(*state, due.id, people,
                                            Given{options_.now(), *policy_, ledger::DerivedId});
    if (!next) break;
    tried = true;
    Mailing mailing;
    mailing.send_id = ledger::NewId();
    mailing.possible_repeat = domain::WasBegun(*state, next->message_id);
    const auto record = [&](const MailResult& result) {
      state = Record(due, stop, [&](const v1::Notifications& now, const Given& given) {
        return domain::AlertMailed(now, due.id, *next, mailing, result, people, given);
      });
      return state.ok();
    };
    const std::string& address = addresses[next->person_id];
    if (!IsMailAddress(address)) {
      if (!record({MailResult::Kind::kRefused, "NO_CONTACT"})) return {.progressed = false};
      continue;
    }
    state = Record(due, stop, [&](const v1::Notifications& now, const Given&) {
      return domain::BeginAlertMail(now, due.id, next->message_id, mailing.send_id);
    });
    if (!state.ok()) return {.progressed = false};
    alert = domain::FindAlert(*state, due.id);
    if (alert->state() != v1::Alert::STATE_OPEN) break;

    const domain::Words words = domain::AlertWords(*alert, options_.public_url);
    Mail mail;
    mail.from = options_.mail_from;
    mail.to = address;
    mail.subject = words.subject;
    mail.message_id = next->message_id;
    mail.text = words.text;
    mail.date = options_.now();
    mailing.template_name = words.template_name;
    mailing.template_version = words.template_version;
    mailing.content_sha256 = ledger::Sha256(words.text);
    const SmtpResult result = alert_mail_.Send(mail, [&] { return stop.requested(); });
    if (result.outcome == SmtpResult::Outcome::kStopped) return {};
    if (!record(ResultOf(result))) return {.progressed = false};
    if (result.server_away) return {.pause = kServerPause};
  }
  if (tried || progressed) return {};
  if (!people.empty()) return {.progressed = false};
  return Settle(due, stop, [&](const v1::Notifications& now, const Given& given) {
    return domain::NobodyToAlert(now, due.id, given);
  });
}

}  // namespace fosterwatch::notifications
