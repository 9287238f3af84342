// What the directory does: each use case is one method. Writes go through the ledger.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/directory/v1/policy.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/duty/loop.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"
#include "libs/webhook/networks.h"
#include "services/directory/domain/check.h"

namespace fosterwatch::directory {

class App {
 public:
  struct Options {
    std::function<absl::Time()> now;
    webhook::Networks webhook_networks;  // that webhooks may reach beside the public internet
    v1::WebhookPolicy webhook_policy;
    v1::DirectoryPolicies policies;  // at least one edition
    clock::WorkingCalendar calendar;
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
  // app_stand_ins.cc
  absl::StatusOr<v1::Delegation> RecordDelegation(const runtime::Call& call,
                                                  const v1::RecordDelegationRequest& request);
  absl::StatusOr<v1::Delegation> EndDelegation(const runtime::Call& call,
                                               const v1::EndDelegationRequest& request);
  absl::StatusOr<v1::ListDelegationsResponse> ListDelegations(
      const runtime::Call& call, const v1::ListDelegationsRequest& request);
  absl::StatusOr<v1::Absence> RecordAbsence(const runtime::Call& call,
                                            const v1::RecordAbsenceRequest& request);
  absl::StatusOr<v1::Absence> EndAbsence(const runtime::Call& call,
                                         const v1::EndAbsenceRequest& request);
  absl::StatusOr<v1::ListAbsencesResponse> ListAbsences(const runtime::Call& call,
                                                        const v1::ListAbsencesRequest& request);
  // app_check.cc
  absl::StatusOr<v1::DirectoryCheck> CheckDirectory(const runtime::Call& call,
                                                    const v1::CheckDirectoryRequest& request);
  // Makes the check that is due, unless another process has.
  absl::Status CheckDue(const duty::Due& due);

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

  // All that the query names, by the id in its one column, in its order.
  template <typename Entry>
  absl::StatusOr<std::vector<Entry>> LoadAll(const std::string& agency_id, const std::string& type,
                                             pg::Statement ids);
  absl::StatusOr<std::vector<v1::RoleHolder>> AllHolders(const std::string& agency_id);
  // Those that are not over at a moment.
  absl::StatusOr<std::vector<v1::Absence>> Absences(const std::string& agency_id, absl::Time after);
  absl::StatusOr<std::vector<v1::Delegation>> Delegations(const std::string& agency_id,
                                                          absl::Time after);

  // One RPC that changes one entry: records what `decide` says, and with an agency's first one when
  // its directory is checked for the first time.
  template <typename Entry>
  absl::StatusOr<Entry> Enter(
      const runtime::Call& call, const google::protobuf::Message& request, std::string type,
      std::string id,
      std::function<absl::StatusOr<std::vector<v1::DirectoryFact>>(const Entry&, int64_t version)>
          decide);
  ledger::Change PlanCheck();
  absl::StatusOr<domain::Directory> Whole(const std::string& agency_id, absl::Time now);
  absl::StatusOr<v1::DirectoryCheck> Check(const std::string& agency_id, absl::Time now);

  ledger::Ledger* const ledger_;
  const Options options_;
};

// The loop that makes the daily checks, of `now`'s clock. The app outlives it.
duty::Loop::Options DailyChecks(App* app, std::function<absl::Time()> now);

}  // namespace fosterwatch::directory
