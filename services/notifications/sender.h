// Sends what is due: notices to bodies, alerts to the agency's own staff. Two loops with a mail
// connection each, so that a slow notice never keeps an alert waiting.
//
// A notice leaves at least once. What is to be sent is read from its owners; then a fact says that
// the mail is about to leave; then it leaves; then a fact says how it went. A crash in between
// leaves the first fact alone: the mail is sent again under the same Message-ID, marked as a
// possible repeat.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "fosterwatch/notifications/v1/policy.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/module.h"
#include "services/notifications/domain/evolve.h"
#include "services/notifications/domain/given.h"
#include "services/notifications/due_loop.h"
#include "services/notifications/owners.h"
#include "services/notifications/smtp.h"

namespace fosterwatch::notifications {

class Sender {
 public:
  struct Options {
    SmtpClient::Options smtp;
    std::string mail_from;
    std::string public_url;
    std::function<absl::Time()> now;
  };
  // All outlive it.
  Sender(ledger::Ledger* ledger, Owners* owners, const v1::AlertPolicy* policy, Options options);

  // The loops, to be run on a thread each.
  DueLoop& notices() { return notices_; }
  DueLoop& alerts() { return alerts_; }

 private:
  using Decide =
      std::function<domain::Facts(const v1::Notifications& state, const domain::Given& given)>;

  Worked SendNotice(const Due& due, const runtime::Stop& stop);
  Worked SendAlert(const Due& due, const runtime::Stop& stop);

  // Records what `decide` says and returns the state after it. Tries again while the database is
  // away, until stopped.
  absl::StatusOr<v1::Notifications> Record(const Due& due, const runtime::Stop& stop,
                                           const Decide& decide);
  // The same, of a row that is due: how far it came.
  Worked Settle(const Due& due, const runtime::Stop& stop, const Decide& decide);

  ledger::Ledger* const ledger_;
  Owners* const owners_;
  const v1::AlertPolicy* const policy_;
  const Options options_;
  SmtpClient notice_mail_;
  SmtpClient alert_mail_;
  // Since when the owners of content and contacts have been away; of the loop of notices.
  absl::Time owners_away_since_ = absl::InfiniteFuture();
  // Whether the directory answered the last time; of the loop of alerts.
  bool directory_ok_ = true;
  DueLoop notices_;
  DueLoop alerts_;
};

}  // namespace fosterwatch::notifications
