#include "services/notifications/owners.h"

#include "absl/time/clock.h"

#include "libs/clock/proto_time.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifications {
namespace {

constexpr char kEvents[] = "fosterwatch.notifiable_events.v1.NotifiableEventService";
constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";
constexpr char kAccess[] = "fosterwatch.operations.v1.AccessService";
constexpr size_t kMostRemembered = 1000;

}  // namespace

template <typename Response>
absl::StatusOr<Response> Owners::Call(const std::string& service, const std::string& full_service,
                                      const std::string& method,
                                      const google::protobuf::Message& request,
                                      const std::string& agency_id) {
  runtime::Client::Options options;
  ASSIGN_OR_RETURN(options.token, host_->ServiceToken());
  options.agency_id = agency_id;
  return host_->client().Call<Response>(service, full_service, method, request, options);
}

absl::StatusOr<notifiable_events::v1::NoticeContent> Owners::NoticeContent(
    const std::string& agency_id, const std::string& event_id,
    const std::vector<std::string>& notice_ids) {
  notifiable_events::v1::GetNoticeContentRequest request;
  request.set_event_id(event_id);
  request.mutable_notice_ids()->Assign(notice_ids.begin(), notice_ids.end());
  return Call<notifiable_events::v1::NoticeContent>("notifiable_events", kEvents,
                                                    "GetNoticeContent", request, agency_id);
}

template <typename Response, typename Request>
absl::StatusOr<Response> Owners::Remembered(Memory<Response>& memory, const std::string& method,
                                            const std::string& agency_id,
                                            const std::string& body_id) {
  const std::pair<std::string, std::string> key{agency_id, body_id};
  const absl::Time now = absl::Now();
  {
    absl::MutexLock lock(&mutex_);
    const auto found = memory.entries.find(key);
    if (found != memory.entries.end() && now - found->second.read < kAge) {
      return found->second.response;
    }
  }
  Request request;
  request.set_body_id(body_id);
  ASSIGN_OR_RETURN(Response response,
                   Call<Response>("directory", kDirectory, method, request, agency_id));
  absl::MutexLock lock(&mutex_);
  if (memory.entries.size() >= kMostRemembered) memory.entries.clear();
  memory.entries[key] = {response, now};
  return response;
}

absl::StatusOr<directory::v1::Body> Owners::Body(const std::string& agency_id,
                                                 const std::string& body_id) {
  return Remembered<directory::v1::Body, directory::v1::GetBodyRequest>(bodies_, "GetBody",
                                                                        agency_id, body_id);
}

absl::StatusOr<directory::v1::Webhook> Owners::Webhook(const std::string& agency_id,
                                                       const std::string& body_id) {
  return Remembered<directory::v1::Webhook, directory::v1::GetWebhookRequest>(
      webhooks_, "GetWebhook", agency_id, body_id);
}

absl::StatusOr<directory::v1::ListHoldersResponse> Owners::Holders(const std::string& agency_id,
                                                                   options::v1::Role role,
                                                                   absl::Time now) {
  directory::v1::ListHoldersRequest request;
  request.set_role(role);
  *request.mutable_at_time() = clock::ToProto(now);
  return Call<directory::v1::ListHoldersResponse>("directory", kDirectory, "ListHolders", request,
                                                  agency_id);
}

absl::StatusOr<operations::v1::ReportUnusualAccessResponse> Owners::UnusualAccess(
    const std::string& agency_id, const std::string& service, absl::Time from, absl::Time until) {
  operations::v1::ReportUnusualAccessRequest request;
  request.set_service(service);
  *request.mutable_from_time() = clock::ToProto(from);
  *request.mutable_until_time() = clock::ToProto(until);
  return Call<operations::v1::ReportUnusualAccessResponse>(service, kAccess, "ReportUnusualAccess",
                                                           request, agency_id);
}

}  // namespace fosterwatch::notifications
