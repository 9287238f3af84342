// A door on a real socket with the directory's service, and a client of it. Tokens are of a local
// issuer.
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/gateway/v1/gateway_service.pb.h"
#include "fosterwatch/operations/v1/parked_service.pb.h"
#include "libs/runtime/client.h"
#include "libs/runtime/door.h"
#include "libs/status/error.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::runtime {

using directory::v1::AppointHolderRequest;
using directory::v1::Body;
using directory::v1::EndHolderRequest;
using directory::v1::GetBodyRequest;
using directory::v1::GetWebhookRequest;
using directory::v1::ListBodiesRequest;
using directory::v1::ListBodiesResponse;
using directory::v1::ListHoldersRequest;
using directory::v1::ListHoldersResponse;
using directory::v1::Publisher;
using directory::v1::RecordBodyRequest;
using directory::v1::RegisterPublisherRequest;
using directory::v1::RoleHolder;
using directory::v1::RotateWebhookSecretRequest;
using directory::v1::SetWebhookRequest;
using directory::v1::Webhook;
using directory::v1::WebhookSecret;
using fosterwatch::testing::HasReason;
using fosterwatch::testing::IsOk;
using fosterwatch::testing::StatusIs;
using options::v1::ROLE_ADMINISTRATOR;
using options::v1::ROLE_CASEWORKER;
using options::v1::ROLE_PUBLISHER;
using options::v1::ROLE_SERVICE;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

inline constexpr char kService[] = "fosterwatch.directory.v1.DirectoryService";

using GetBody = std::function<void(const Call&, const GetBodyRequest&, Reply<Body>)>;

inline const google::protobuf::ServiceDescriptor* Directory() {
  return GetBodyRequest::descriptor()->file()->FindServiceByName("DirectoryService");
}

template <typename Request, typename Response>
void AnswerEmpty(Door& door, const std::string& method) {
  door.On<Request, Response>(kService, method,
                             [](const Call&, const Request&) { return Response(); });
}

// Keeps the notes of who looked at what in memory; or fails to.
class MemoryLog : public AccessLog {
 public:
  void Keep(std::shared_ptr<AccessNote> note, std::function<void(absl::Status)> done) override {
    {
      absl::MutexLock lock(&mutex_);
      if (status_.ok()) notes_.push_back(note);
    }
    done(status_);
  }
  void Fail(absl::Status status) { status_ = std::move(status); }
  std::vector<std::shared_ptr<AccessNote>> Take() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(notes_, {});
  }
  // Each as its outcome, its reason and its records.
  std::vector<std::string> TakeLines() {
    std::vector<std::string> lines;
    for (const auto& note : Take()) {
      lines.push_back(
          absl::StrCat(note->outcome, " ", note->reason, " ", absl::StrJoin(note->records, " ")));
    }
    return lines;
  }

 private:
  absl::Status status_;
  absl::Mutex mutex_;
  std::vector<std::shared_ptr<AccessNote>> notes_ ABSL_GUARDED_BY(mutex_);
};

class DoorTest : public ::testing::Test {
 protected:
  DoorTest() {
    char path[] = "/tmp/fosterwatch-door.XXXXXX";
    folder_ = mkdtemp(path);
    issuer_ = *auth::LocalIssuer::Open(folder_ + "/issuer");
    verifier_ =
        *auth::Verifier::FromFile(issuer_->jwks_file(), auth::kLocalIssuer, auth::kAudience);
  }

  ~DoorTest() override {
    client_.reset();
    inner_client_.reset();
    if (server_ != nullptr) {
      door_->Close(absl::Seconds(5));
      server_->Shutdown();
    }
    server_.reset();
    door_.reset();
    std::filesystem::remove_all(folder_);
  }

  // A door of the directory whose GetBody is this; most other methods answer empty messages.
  void Open(GetBody get_body, Door::Options options = {}, bool of_process = false,
            AccessLog* log = nullptr) {
    options.observe = [this](const std::string& path, absl::StatusCode code, absl::Duration) {
      absl::MutexLock lock(&mutex_);
      ++observed_[path + " " + absl::StatusCodeToString(code)];
    };
    door_ = std::make_unique<Door>(verifier_.get(), options);
    of_process ? door_->ServeProcess(Directory()) : door_->Serve(Directory());
    AnswerEmpty<RecordBodyRequest, Body>(*door_, "RecordBody");
    AnswerEmpty<ListBodiesRequest, ListBodiesResponse>(*door_, "ListBodies");
    AnswerEmpty<AppointHolderRequest, RoleHolder>(*door_, "AppointHolder");
    door_->On<EndHolderRequest, RoleHolder>(
        kService, "EndHolder",
        [this](const Call& call, const EndHolderRequest& request) -> absl::StatusOr<RoleHolder> {
          return end_holder_(call, request);
        });
    AnswerEmpty<ListHoldersRequest, ListHoldersResponse>(*door_, "ListHolders");
    AnswerEmpty<RegisterPublisherRequest, Publisher>(*door_, "RegisterPublisher");
    AnswerEmpty<SetWebhookRequest, WebhookSecret>(*door_, "SetWebhook");
    AnswerEmpty<RotateWebhookSecretRequest, WebhookSecret>(*door_, "RotateWebhookSecret");
    AnswerEmpty<GetWebhookRequest, Webhook>(*door_, "GetWebhook");
    door_->OnAsync<GetBodyRequest, Body>(kService, "GetBody", std::move(get_body));
    if (log != nullptr) door_->KeepAccess("fosterwatch.directory.v1", "directory", log);
    door_->RefuseTheRest(Directory());
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials_, &port_);
    ASSERT_THAT(door_->Open(builder), IsOk());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    for (auto* client : {&client_, &inner_client_}) {
      *client = std::make_unique<Client>(
          [this](const std::string&) { return absl::StrCat("127.0.0.1:", port_); });
    }
  }

  std::string TokenOf(const std::string& agency, std::vector<options::v1::Role> roles,
                      absl::Duration life = absl::Hours(1)) {
    const auth::Caller caller{"person-1", agency, std::move(roles), absl::Now() + life};
    return *issuer_->Issue(caller, absl::Now());
  }

  Client::Options Caseworker() {
    Client::Options options;
    options.token = TokenOf("northern", {ROLE_CASEWORKER});
    return options;
  }

  absl::StatusOr<Body> Get(const Client::Options& options, const std::string& body_id = "b") {
    GetBodyRequest request;
    request.set_body_id(body_id);
    return client_->Call<Body>("directory", kService, "GetBody", request, options);
  }

  int Observed(const std::string& what) {
    absl::MutexLock lock(&mutex_);
    return observed_[what];
  }

  std::function<absl::StatusOr<RoleHolder>(const Call&, const EndHolderRequest&)> end_holder_ =
      [](const Call&, const EndHolderRequest&) { return RoleHolder(); };
  std::string folder_;
  std::shared_ptr<grpc::ServerCredentials> credentials_ = grpc::InsecureServerCredentials();
  std::unique_ptr<auth::LocalIssuer> issuer_;
  std::unique_ptr<auth::Verifier> verifier_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Client> inner_client_;  // of handlers
  absl::Mutex mutex_;
  std::map<std::string, int> observed_ ABSL_GUARDED_BY(mutex_);
};

inline GetBody AnswersItsId() {
  return [](const Call&, const GetBodyRequest& request, Reply<Body> reply) {
    Body body;
    body.set_body_id(request.body_id());
    reply(body);
  };
}

}  // namespace fosterwatch::runtime
