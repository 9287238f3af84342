// Sends what is due: notices to bodies, by mail or webhook, and alerts to the agency's own staff.
// Three loops, so that nothing waits behind what is slower or away: several notices are on their
// way at a time, each over a connection of its own, and alerts have one to themselves.
//
// A notice leaves at least once. What is to be sent is read from its owners; then a fact says that
// it is about to leave; then it leaves; then a fact says how it went. A crash in between leaves the
// first fact alone: it is sent again under the same Message-ID or webhook-id, marked as a possible
// repeat. (Notices are in sender_notices.cc, alerts in sender_alerts.cc.)
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/duty/loop.h"
#include "libs/ledger/ledger.h"
#include "libs/mail/smtp.h"
#include "libs/runtime/door.h"
#include "libs/runtime/module.h"
#include "libs/webhook/client.h"
#include "services/notifications/domain/evolve.h"
#include "services/notifications/domain/given.h"
#include "services/notifications/domain/words.h"
#include "services/notifications/endpoint_gate.h"
#include "services/notifications/owners.h"

namespace fosterwatch::notifications {

class Sender {
 public:
  struct Options {
    mail::SmtpClient::Options smtp;
    int smtp_connections = 4;  // at least 2: one of them is kept for alerts
    webhook::Client::Options webhook;
    std::string mail_from;
    std::string public_url;
    std::function<absl::Time()> now;
  };
  // All outlive it.
  Sender(ledger::Ledger* ledger, Owners* owners, const domain::Rules* rules, Options options);

  // The loops, to be run on a thread each.
  duty::Loop& notices() { return notices_; }    // by mail
  duty::Loop& webhooks() { return webhooks_; }  // notices by webhook
  duty::Loop& alerts() { return alerts_; }

  // How many went out once more although an earlier copy may have arrived. Any thread.
  int64_t possible_repeats() const { return possible_repeats_; }

  // UNAVAILABLE (MAIL_SERVER_AWAY) while the mail server takes nobody's mail, as of the last
  // attempt that said so or did not; OK again where none has been made for a while. Any thread.
  absl::Status MailServer() const;

  // Posts a ping to the body's webhook. Any thread; blocks as long as a post does.
  absl::StatusOr<v1::TestWebhookResponse> TestWebhook(const runtime::Call& call,
                                                      const v1::TestWebhookRequest& request);

 private:
  using Decide =
      std::function<domain::Facts(const v1::Notifications& state, const domain::Given& given)>;

  duty::Worked SendNotice(const duty::Due& due, const runtime::Stop& stop);
  duty::Worked SendAlert(const duty::Due& due, const runtime::Stop& stop);

  // Who is reached for the roles of an alert's rung now, each once, with an address where there is
  // one: who holds them, or covers for who is away.
  struct People;
  absl::StatusOr<People> PeopleOf(const std::string& agency_id, const v1::Alert& alert);

  // What an alert's mail says; of a digest, nothing where nothing is left to tell.
  absl::StatusOr<std::optional<domain::Words>> WordsOf(const std::string& agency_id,
                                                       const v1::Alert& alert);

  // How a body is told of a notice, and what it is told; or what comes instead of a send.
  struct Notice;
  struct Result;
  Result Leave(const v1::Dispatch& dispatch, const Notice& notice, const domain::Mailing& mailing,
               const runtime::Stop& stop);
  // Whether the owners have been away for so long that it is to be seen. `status` is their answer.
  bool AwayTooLong(const absl::Status& status);
  void CountRepeat(const domain::Mailing& mailing, const domain::MailResult& result);
  void NoteMailServer(const mail::SmtpResult& result);

  // Records what `decide` says and returns the state after it. Tries again while the database is
  // away, until stopped.
  absl::StatusOr<v1::Notifications> Record(const duty::Due& due, const runtime::Stop& stop,
                                           const Decide& decide);
  // The same, of a row that is due: how far it came.
  duty::Worked Settle(const duty::Due& due, const runtime::Stop& stop, const Decide& decide);

  ledger::Ledger* const ledger_;
  Owners* const owners_;
  const domain::Rules* const rules_;
  const Options options_;
  mail::SmtpPool notice_mail_;
  mail::SmtpClient alert_mail_;
  const webhook::Client webhook_;
  EndpointGate endpoints_;
  std::atomic<int64_t> possible_repeats_ = 0;
  mutable absl::Mutex mutex_;
  // When the mail server was last seen to be away, and how.
  absl::Time mail_away_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::string mail_away_code_ ABSL_GUARDED_BY(mutex_);
  // Since when the owners of content and contacts have been away.
  absl::Time owners_away_since_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  // Whether the directory answered the last time; of the loop of alerts.
  bool directory_ok_ = true;
  duty::Loop notices_;
  duty::Loop webhooks_;
  duty::Loop alerts_;
};

}  // namespace fosterwatch::notifications
