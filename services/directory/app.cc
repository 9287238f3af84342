#include "services/directory/app.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/ledger/service.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/webhook/client.h"
#include "libs/webhook/signature.h"
#include "services/directory/app_load.h"
#include "services/directory/domain/absence.h"
#include "services/directory/domain/entries.h"
#include "services/directory/domain/fields.h"
#include "services/directory/domain/policy.h"
#include "services/directory/domain/webhook.h"

namespace fosterwatch::directory {
namespace {

using v1::DirectoryFact;

bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

absl::StatusOr<v1::Body> App::RecordBody(const runtime::Call& call,
                                         const v1::RecordBodyRequest& request) {
  RETURN_IF_ERROR(domain::CheckBody(request.body()));
  return Enter<v1::Body>(
      call, request, "body", request.body().body_id(),
      [body = request.body()](const v1::Body& before,
                              int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
        if (Same(before, body)) return std::vector<DirectoryFact>{};
        RETURN_IF_ERROR(domain::CheckWebhookKept(before, body));
        DirectoryFact fact;
        *fact.mutable_body_recorded()->mutable_body() = body;
        return std::vector<DirectoryFact>{fact};
      });
}

absl::StatusOr<v1::Body> App::GetBody(const runtime::Call& call,
                                      const v1::GetBodyRequest& request) {
  return ledger_->LoadAs<v1::Body>(call.agency_id, "body", request.body_id());
}

absl::StatusOr<v1::ListBodiesResponse> App::ListBodies(const runtime::Call& call,
                                                       const v1::ListBodiesRequest& request) {
  ASSIGN_OR_RETURN(auto rows, ledger_->Read(call.agency_id,
                                            {{"SELECT body_id FROM view.body WHERE agency_id = $1"
                                              " AND ($2 = 0 OR kind = $2) ORDER BY body_id",
                                              {call.agency_id, int64_t{request.kind()}}}}));
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows(); ++row) ids.push_back(rows[0].Text(row, 0));
  ASSIGN_OR_RETURN(auto bodies, ledger_->LoadMany(call.agency_id, "body", ids));
  v1::ListBodiesResponse response;
  for (const std::string& id : ids) {
    *response.add_bodies() = static_cast<const v1::Body&>(*bodies.at(id));
  }
  return response;
}

absl::StatusOr<v1::RoleHolder> App::AppointHolder(const runtime::Call& call,
                                                  const v1::AppointHolderRequest& request) {
  RETURN_IF_ERROR(domain::CheckHolder(request.holder()));
  v1::RoleHolder holder = request.holder();
  if (holder.holder_id().empty()) holder.set_holder_id(ledger::NewId());
  return Enter<v1::RoleHolder>(
      call, request, "holder", holder.holder_id(),
      [holder](const v1::RoleHolder& before,
               int64_t version) -> absl::StatusOr<std::vector<DirectoryFact>> {
        if (Same(before, holder)) return std::vector<DirectoryFact>{};
        if (version > 0) {
          return Error(absl::StatusCode::kAlreadyExists, "HOLDER_EXISTS",
                       "there is a holder with this id already; end it and appoint anew");
        }
        DirectoryFact fact;
        *fact.mutable_holder_appointed()->mutable_holder() = holder;
        return std::vector<DirectoryFact>{fact};
      });
}

absl::StatusOr<v1::RoleHolder> App::EndHolder(const runtime::Call& call,
                                              const v1::EndHolderRequest& request) {
  if (!request.has_until_time()) return InvalidField("until_time", "MISSING_FIELD", "is missing");
  RETURN_IF_ERROR(domain::CheckMoment("until_time", request.until_time()));
  return Enter<v1::RoleHolder>(
      call, request, "holder", request.holder_id(),
      [request](const v1::RoleHolder& before,
                int64_t version) -> absl::StatusOr<std::vector<DirectoryFact>> {
        if (version == 0) {
          return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such holder");
        }
        if (clock::FromProto(request.until_time()) < clock::FromProto(before.from_time())) {
          return InvalidField("until_time", "ENDS_BEFORE_IT_BEGINS", "is before from_time");
        }
        DirectoryFact fact;
        auto* ended = fact.mutable_holder_ended()->mutable_holder();
        ended->set_holder_id(before.holder_id());
        ended->set_person_id(before.person_id());
        ended->set_role(before.role());
        *ended->mutable_until_time() = request.until_time();
        return std::vector<DirectoryFact>{fact};
      });
}

absl::StatusOr<v1::ListHoldersResponse> App::ListHolders(const runtime::Call& call,
                                                         const v1::ListHoldersRequest& request) {
  if (request.has_at_time()) {
    if (request.ever()) {
      return InvalidField("at_time", "NOT_TOGETHER", "does not go together with ever");
    }
    RETURN_IF_ERROR(domain::CheckMoment("at_time", request.at_time()));
  }
  const absl::Time at =
      request.has_at_time() ? clock::FromProto(request.at_time()) : options_.now();
  ASSIGN_OR_RETURN(const auto of_role,
                   LoadAll<v1::RoleHolder>(call.agency_id, "holder",
                                           {"SELECT holder_id FROM view.holder WHERE agency_id = $1"
                                            " AND ($2 = 0 OR role = $2) ORDER BY holder_id",
                                            {call.agency_id, int64_t{request.role()}}}));
  v1::ListHoldersResponse response;
  std::vector<v1::RoleHolder> asked;
  for (const v1::RoleHolder& holder : of_role) {
    if (!request.ever() && !domain::HoldsAt(holder, at)) continue;
    *response.add_holders() = holder;
    asked.push_back(holder);
  }
  if (request.ever()) return response;
  ASSIGN_OR_RETURN(const auto absences, Absences(call.agency_id, at));
  if (absences.empty()) return response;
  ASSIGN_OR_RETURN(const auto holders, AllHolders(call.agency_id));
  for (const v1::HolderAway& away :
       domain::Away(asked, holders, absences, domain::InForce(options_.policies, at), at)) {
    *response.add_away() = away;
  }
  return response;
}

absl::StatusOr<v1::Publisher> App::RegisterPublisher(const runtime::Call& call,
                                                     const v1::RegisterPublisherRequest& request) {
  RETURN_IF_ERROR(domain::CheckPublisher(request.publisher()));
  const v1::Publisher publisher = request.publisher();
  ASSIGN_OR_RETURN(auto rows, ledger_->Read(call.agency_id,
                                            {{"SELECT agency_id, publisher_id FROM view.publisher"
                                              " WHERE source = $1",
                                              {publisher.source()}}}));
  if (rows[0].rows() > 0 &&
      (rows[0].Text(0, 0) != call.agency_id || rows[0].Text(0, 1) != publisher.publisher_id())) {
    return Error(absl::StatusCode::kAlreadyExists, "SOURCE_TAKEN",
                 "the source is registered to another publisher",
                 {{"publisher.source", "is registered to another publisher"}});
  }
  return ledger::Write<v1::Publisher, DirectoryFact>(
      *ledger_, call, request, "publisher", publisher.publisher_id(),
      [publisher](const v1::Publisher& before,
                  int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
        if (Same(before, publisher)) return std::vector<DirectoryFact>{};
        DirectoryFact fact;
        *fact.mutable_publisher_registered()->mutable_publisher() = publisher;
        return std::vector<DirectoryFact>{fact};
      });
}

absl::StatusOr<v1::WebhookSecret> App::SetWebhook(const runtime::Call& call,
                                                  const v1::SetWebhookRequest& request) {
  RETURN_IF_ERROR(webhook::CheckUrl(request.url(), options_.webhook_networks, "url"));
  return MakeSecret(call, request, request.body_id(), request.url());
}

absl::StatusOr<v1::WebhookSecret> App::RotateWebhookSecret(
    const runtime::Call& call, const v1::RotateWebhookSecretRequest& request) {
  return MakeSecret(call, request, request.body_id(), "");
}

absl::StatusOr<v1::WebhookSecret> App::MakeSecret(const runtime::Call& call,
                                                  const google::protobuf::Message& request,
                                                  const std::string& body_id,
                                                  const std::string& url) {
  ledger::Unit unit = ledger::UnitOf(call, request);
  const absl::Time now = options_.now();
  const absl::Time earlier_until =
      now + absl::Hours(options_.webhook_policy.secret_overlap_hours());
  // The first change is the one whose result a repeated request gets.
  unit.changes.push_back(ledger::MakeChange<v1::Webhook, DirectoryFact>(
      "webhook", body_id,
      [&, secret = webhook::NewSecret()](const v1::Webhook&,
                                         int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
        DirectoryFact fact;
        v1::WebhookSecretMade* made = fact.mutable_webhook_secret_made();
        made->set_body_id(body_id);
        made->set_secret(secret);
        *made->mutable_made_time() = clock::ToProto(now);
        *made->mutable_earlier_until_time() = clock::ToProto(earlier_until);
        made->set_policy_version(options_.webhook_policy.version());
        return std::vector<DirectoryFact>{fact};
      }));
  unit.changes.push_back(ledger::MakeChange<v1::Body, DirectoryFact>(
      "body", body_id,
      [&](const v1::Body& before, int64_t version) -> absl::StatusOr<std::vector<DirectoryFact>> {
        if (version == 0) {
          return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such body");
        }
        if (url.empty()) {
          if (domain::UrlOf(before).empty()) return domain::NoWebhook();
          return std::vector<DirectoryFact>{};
        }
        v1::Body body = domain::WithWebhook(before, url);
        if (Same(before, body)) return std::vector<DirectoryFact>{};
        DirectoryFact fact;
        *fact.mutable_body_recorded()->mutable_body() = std::move(body);
        return std::vector<DirectoryFact>{fact};
      }));
  ASSIGN_OR_RETURN(const ledger::Outcome outcome, ledger_->SubmitAndWait(std::move(unit)));
  const v1::Webhook& state = outcome.As<v1::Webhook>(0);
  v1::WebhookSecret answer;
  answer.set_body_id(body_id);
  answer.set_url(url);
  if (url.empty()) {
    ASSIGN_OR_RETURN(const v1::Body body,
                     ledger_->LoadAs<v1::Body>(call.agency_id, "body", body_id));
    answer.set_url(domain::UrlOf(body));
  }
  answer.set_secret(state.secrets(0).secret());
  *answer.mutable_made_time() = state.secrets(0).made_time();
  if (state.secrets_size() > 1) {
    *answer.mutable_earlier_until_time() = state.secrets(1).until_time();
  }
  return answer;
}

absl::StatusOr<v1::Webhook> App::GetWebhook(const runtime::Call& call,
                                            const v1::GetWebhookRequest& request) {
  ASSIGN_OR_RETURN(const v1::Webhook webhook,
                   ledger_->LoadAs<v1::Webhook>(call.agency_id, "webhook", request.body_id()));
  return domain::ValidAt(webhook, options_.now());
}

}  // namespace fosterwatch::directory
