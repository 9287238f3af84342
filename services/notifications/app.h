// What notifications answers: each use case is one method. Threads: any.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"
#include "services/notifications/domain/given.h"

namespace fosterwatch::notifications {

class App {
 public:
  // Both outlive it.
  App(ledger::Ledger* ledger, const domain::Rules* rules, std::string public_url,
      std::function<absl::Time()> now)
      : ledger_(ledger), rules_(rules), public_url_(std::move(public_url)), now_(std::move(now)) {}

  absl::StatusOr<v1::ListAlertsResponse> ListAlerts(const runtime::Call& call,
                                                    const v1::ListAlertsRequest& request);
  absl::StatusOr<v1::Alert> AcknowledgeAlert(const runtime::Call& call,
                                             const v1::AcknowledgeAlertRequest& request);
  absl::StatusOr<v1::ListSendsResponse> ListSends(const runtime::Call& call,
                                                  const v1::ListSendsRequest& request);
  absl::StatusOr<v1::GetSendResponse> GetSend(const runtime::Call& call,
                                              const v1::GetSendRequest& request);
  absl::StatusOr<v1::TakeReturnedMailResponse> TakeReturnedMail(
      const runtime::Call& call, const v1::TakeReturnedMailRequest& request);
  absl::StatusOr<v1::ListTemplatesResponse> ListTemplates(const v1::ListTemplatesRequest& request);
  absl::StatusOr<v1::PreviewTemplateResponse> PreviewTemplate(
      const v1::PreviewTemplateRequest& request);

  // Mails that came back and belong to none that has left, since the start.
  int64_t unknown_returned() const { return unknown_returned_; }

 private:
  ledger::Ledger* const ledger_;
  const domain::Rules* const rules_;
  const std::string public_url_;
  const std::function<absl::Time()> now_;
  std::atomic<int64_t> unknown_returned_ = 0;
};

}  // namespace fosterwatch::notifications
