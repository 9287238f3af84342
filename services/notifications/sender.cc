#include "services/notifications/sender.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/ledger/id.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "services/notifications/sending.h"
#include "services/notifications/views.h"

namespace fosterwatch::notifications {
namespace {

using domain::Given;
using domain::MailResult;
using duty::Due;
using duty::Worked;

// Posts on their way at a time, and to one webhook: what hangs leaves room for the others.
constexpr int kPosts = 8;
constexpr int kPostsToOne = 4;
// An owner that restarts is waited for; one that stays away becomes a failed attempt that is seen.
constexpr absl::Duration kOwnersPatience = absl::Seconds(10);
// Longer than the longest time between two attempts of what waits for the mail server.
constexpr absl::Duration kAwayAttemptHolds = absl::Minutes(10);

}  // namespace

Sender::Sender(ledger::Ledger* ledger, Owners* owners, const domain::Rules* rules, Options options)
    : ledger_(ledger),
      owners_(owners),
      rules_(rules),
      options_(std::move(options)),
      notice_mail_(options_.smtp, options_.smtp_connections - 1),
      alert_mail_(options_.smtp),
      webhook_(options_.webhook),
      endpoints_(kPostsToOne, options_.now),
      notices_(ledger, {.kind = kDispatchTimer,
                        .now = options_.now,
                        .work = [this](const Due& due,
                                       const runtime::Stop& stop) { return SendNotice(due, stop); },
                        .workers = options_.smtp_connections - 1}),
      webhooks_(ledger,
                {.kind = kWebhookTimer,
                 .now = options_.now,
                 .work = [this](const Due& due,
                                const runtime::Stop& stop) { return SendNotice(due, stop); },
                 .workers = kPosts}),
      alerts_(ledger, {.kind = kAlertTimer,
                       .now = options_.now,
                       .work = [this](const Due& due, const runtime::Stop& stop) {
                         return SendAlert(due, stop);
                       }}) {}

MailResult ResultOf(const mail::SmtpResult& result) {
  switch (result.outcome) {
    case mail::SmtpResult::Outcome::kSent:
      return {MailResult::Kind::kSent, result.code};
    case mail::SmtpResult::Outcome::kRefused:
      return {MailResult::Kind::kRefused, result.code};
    default:
      return {MailResult::Kind::kFailed, result.code};
  }
}

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
          return decide(state, Given{options_.now(), *rules_, ledger::DerivedId});
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

bool Sender::AwayTooLong(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (!IsAway(status)) {
    owners_away_since_ = absl::InfiniteFuture();
    return false;
  }
  const absl::Time now = options_.now();
  owners_away_since_ = std::min(owners_away_since_, now);
  return now - owners_away_since_ >= kOwnersPatience;
}

void Sender::NoteMailServer(const mail::SmtpResult& result) {
  if (result.outcome == mail::SmtpResult::Outcome::kStopped) return;
  absl::MutexLock lock(&mutex_);
  mail_away_ = result.server_away ? absl::Now() : absl::InfinitePast();
  mail_away_code_ = result.code;
}

absl::Status Sender::MailServer() const {
  absl::MutexLock lock(&mutex_);
  if (absl::Now() - mail_away_ > kAwayAttemptHolds) return absl::OkStatus();
  return Error(absl::StatusCode::kUnavailable, "MAIL_SERVER_AWAY",
               absl::StrCat("it takes no mails: ", mail_away_code_));
}

void Sender::CountRepeat(const domain::Mailing& mailing, const MailResult& result) {
  if (mailing.possible_repeat && result.kind == MailResult::Kind::kSent) ++possible_repeats_;
}

}  // namespace fosterwatch::notifications
