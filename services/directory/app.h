// What the directory does: each use case is one method. Writes go through the ledger.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/directory/v1/policy.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"
#include "libs/webhook/networks.h"

namespace fosterwatch::directory {

class App {
 public:
  struct Options {
    std::function<absl::Time()> now;
    webhook::Networks webhook_networks;  // that webhooks may reach beside the public internet
    v1::WebhookPolicy webhook_policy;
  };
  // The ledger outlives it.
  App(ledger::Ledger* ledger, Options options) : ledger_(ledger), options_(std::move(options)) {}

  absl::StatusOr<v1::Body> RecordBody(const runtime::Call& call,
                                      const v1::RecordBodyRequest& request);
  absl::StatusOr<v1::Body> GetBody(const runtime::Call& call, const v1::GetBodyRequest& request);
  absl::StatusOr<v1::ListBodiesResponse> ListBodies(const runtime::Call& call,
                                                    const v1::ListBodiesRequest& request);
  absl::StatusOr<v1::RoleHolder> AppointHolder(const runtime::Call& call,
                                               const v1::AppointHolderRequest& request);
  absl::StatusOr<v1::RoleHolder> EndHolder(const runtime::Call& call,
                                           const v1::EndHolderRequest& request);
  absl::StatusOr<v1::ListHoldersResponse> ListHolders(const runtime::Call& call,
                                                      const v1::ListHoldersRequest& request);
  absl::StatusOr<v1::Publisher> RegisterPublisher(const runtime::Call& call,
                                                  const v1::RegisterPublisherRequest& request);
  absl::StatusOr<v1::WebhookSecret> SetWebhook(const runtime::Call& call,
                                               const v1::SetWebhookRequest& request);
  absl::StatusOr<v1::WebhookSecret> RotateWebhookSecret(
      const runtime::Call& call, const v1::RotateWebhookSecretRequest& request);
  absl::StatusOr<v1::Webhook> GetWebhook(const runtime::Call& call,
                                         const v1::GetWebhookRequest& request);

 private:
  // A new secret for the body; with a URL, that becomes its first contact in the same transaction.
  absl::StatusOr<v1::WebhookSecret> MakeSecret(const runtime::Call& call,
                                               const google::protobuf::Message& request,
                                               const std::string& body_id, const std::string& url);

  ledger::Ledger* const ledger_;
  const Options options_;
};

// The aggregates of the directory's ledger: "body", "holder", "publisher", "webhook".
std::vector<ledger::Aggregate> Aggregates();

// The schema of the directory's views.
std::string ViewsSql(const std::string& role);

}  // namespace fosterwatch::directory
