#include "services/notifications/testing/fake_owners.h"

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"

namespace fosterwatch::notifications {
namespace {

namespace d = directory::v1;
namespace e = notifiable_events::v1;
namespace o = operations::v1;
using runtime::Call;
using runtime::Door;

constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";
constexpr char kAccess[] = "fosterwatch.operations.v1.AccessService";
constexpr char kEvents[] = "fosterwatch.notifiable_events.v1.NotifiableEventService";

void Check(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "the fake owners cannot start: %s\n", what);
  std::abort();
}

}  // namespace

class FakeOwners::Host : public runtime::Host {
 public:
  Host(auth::LocalIssuer* issuer, const std::string& address)
      : issuer_(issuer), client_([address](const std::string&) { return address; }) {}

  runtime::Client& client() override { return client_; }
  absl::StatusOr<std::string> ServiceToken() override {
    return issuer_->Issue({"fosterwatch-notifications",
                           "*",
                           {options::v1::ROLE_SERVICE},
                           absl::Now() + absl::Hours(1)},
                          absl::Now());
  }
  absl::Time Now() const override { return absl::Now(); }

  const runtime::Settings& settings() const override { std::abort(); }
  bus::Bus& bus() override { std::abort(); }
  Door& door() override { std::abort(); }
  absl::StatusOr<std::unique_ptr<privacy::Sealer>> MakeSealer() override { std::abort(); }
  auth::Verifier& verifier() override { std::abort(); }
  void Run(const std::string&, std::function<void(const runtime::Stop&)>) override { std::abort(); }
  void AddReadiness(const std::string&, std::function<absl::Status()>) override { std::abort(); }
  void AddWatch(const std::string&, std::function<absl::Status()>) override { std::abort(); }
  std::vector<runtime::CheckLine> Readinesses() const override { std::abort(); }
  void AddGauge(const std::string&, const std::string&, std::function<double()>) override {
    std::abort();
  }

 private:
  auth::LocalIssuer* const issuer_;
  runtime::Client client_;
};

FakeOwners::FakeOwners() {
  char path[] = "/tmp/fosterwatch-owners.XXXXXX";
  Check(mkdtemp(path) != nullptr, "no folder");
  folder_ = path;
  issuer_ = *auth::LocalIssuer::Open(folder_ + "/issuer");
  verifier_ = *auth::Verifier::FromFile(issuer_->jwks_file(), auth::kLocalIssuer, auth::kAudience);
  door_ = std::make_unique<Door>(verifier_.get(), Door::Options());
  Door& door = *door_;

  const auto* directory =
      d::GetBodyRequest::descriptor()->file()->FindServiceByName("DirectoryService");
  door.Serve(directory);
  door.On<d::GetBodyRequest, d::Body>(
      kDirectory, "GetBody",
      [this](const Call&, const d::GetBodyRequest& request) -> absl::StatusOr<d::Body> {
        if (Away()) return absl::UnavailableError("away");
        absl::MutexLock lock(&mutex_);
        const auto body = bodies_.find(request.body_id());
        if (body != bodies_.end()) return body->second;
        return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such body");
      });
  door.On<d::ListHoldersRequest, d::ListHoldersResponse>(
      kDirectory, "ListHolders",
      [this](const Call&,
             const d::ListHoldersRequest& request) -> absl::StatusOr<d::ListHoldersResponse> {
        if (Away()) return absl::UnavailableError("away");
        absl::MutexLock lock(&mutex_);
        d::ListHoldersResponse response;
        for (const d::RoleHolder& holder : holders_) {
          if (holder.role() == request.role()) *response.add_holders() = holder;
        }
        return response;
      });
  door.On<d::GetWebhookRequest, d::Webhook>(
      kDirectory, "GetWebhook",
      [this](const Call&, const d::GetWebhookRequest& request) -> absl::StatusOr<d::Webhook> {
        if (Away()) return absl::UnavailableError("away");
        absl::MutexLock lock(&mutex_);
        const auto secrets = secrets_.find(request.body_id());
        if (secrets == secrets_.end()) {
          return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such webhook");
        }
        d::Webhook webhook;
        webhook.set_body_id(request.body_id());
        for (const std::string& secret : secrets->second) {
          webhook.add_secrets()->set_secret(secret);
        }
        return webhook;
      });
  door.RefuseTheRest(directory);

  const auto* events =
      e::GetEventRequest::descriptor()->file()->FindServiceByName("NotifiableEventService");
  door.Serve(events);
  door.On<e::GetNoticeContentRequest, e::NoticeContent>(
      kEvents, "GetNoticeContent",
      [](const Call& call,
         const e::GetNoticeContentRequest& request) -> absl::StatusOr<e::NoticeContent> {
        e::NoticeContent content;
        content.set_subject("Notice under regulation 36");
        content.set_body(absl::StrCat("Agency: ", call.agency_id, "\nEvent: ", request.event_id(),
                                      "\nNotices: ", request.notice_ids_size(), "\n"));
        content.set_template_("notice");
        content.set_template_version("7");
        return content;
      });
  door.RefuseTheRest(events);

  const auto* access =
      o::ReportUnusualAccessRequest::descriptor()->file()->FindServiceByName("AccessService");
  door.Serve(access);
  door.On<o::ReportUnusualAccessRequest, o::ReportUnusualAccessResponse>(
      kAccess, "ReportUnusualAccess",
      [this](const Call&, const o::ReportUnusualAccessRequest& request)
          -> absl::StatusOr<o::ReportUnusualAccessResponse> {
        absl::MutexLock lock(&mutex_);
        if (access_away_.count(request.service()) != 0) return absl::UnavailableError("away");
        asked_unusual_[request.service()].emplace_back(clock::FromProto(request.from_time()),
                                                       clock::FromProto(request.until_time()));
        o::ReportUnusualAccessResponse response;
        for (const o::UnusualAccess& one : unusual_) {
          const int64_t hour = one.from_time().seconds();
          if (one.service() == request.service() && hour >= request.from_time().seconds() &&
              hour < request.until_time().seconds()) {
            *response.add_unusual() = one;
          }
        }
        return response;
      });
  door.RefuseTheRest(access);

  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  const absl::Status opened = door.Open(builder);
  Check(opened.ok(), opened.ToString().c_str());
  server_ = builder.BuildAndStart();
  Check(server_ != nullptr, "no server");
  host_ = std::make_unique<Host>(issuer_.get(), absl::StrCat("127.0.0.1:", port));
}

FakeOwners::~FakeOwners() {
  host_.reset();
  door_->Close(absl::Seconds(5));
  server_->Shutdown();
  server_.reset();
  door_.reset();
  std::filesystem::remove_all(folder_);
}

bool FakeOwners::Away() {
  if (away_) ++asked_away_;
  return away_;
}

void FakeOwners::SetBody(const d::Body& body) {
  absl::MutexLock lock(&mutex_);
  bodies_[body.body_id()] = body;
}

void FakeOwners::SetSecrets(const std::string& body_id, std::vector<std::string> secrets) {
  absl::MutexLock lock(&mutex_);
  secrets_[body_id] = std::move(secrets);
}

void FakeOwners::SetHolder(const std::string& person_id, options::v1::Role role,
                           const std::string& email) {
  absl::MutexLock lock(&mutex_);
  d::RoleHolder& holder = holders_.emplace_back();
  holder.set_person_id(person_id);
  holder.set_role(role);
  holder.set_email(email);
}

void FakeOwners::AddUnusual(const std::string& service, const std::string& person_id,
                            absl::Time hour) {
  absl::MutexLock lock(&mutex_);
  o::UnusualAccess& one = unusual_.emplace_back();
  one.set_service(service);
  one.set_person_id(person_id);
  one.set_kind(o::UnusualAccess::KIND_MANY_RECORDS);
  *one.mutable_from_time() = clock::ToProto(hour);
}

void FakeOwners::SetAccessAway(const std::string& service, bool away) {
  absl::MutexLock lock(&mutex_);
  if (away) {
    access_away_.insert(service);
  } else {
    access_away_.erase(service);
  }
}

std::vector<std::pair<absl::Time, absl::Time>> FakeOwners::AskedForUnusual(
    const std::string& service) {
  absl::MutexLock lock(&mutex_);
  return asked_unusual_[service];
}

void FakeOwners::RemoveHolders() {
  absl::MutexLock lock(&mutex_);
  holders_.clear();
}

runtime::Host& FakeOwners::host() { return *host_; }

}  // namespace fosterwatch::notifications
