// The door and the client on real sockets, with the directory's service: what is let in, what is
// refused and how, and what leaves of an error.
#include "libs/runtime/door.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
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
#include "libs/runtime/client.h"
#include "libs/status/error.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::runtime {
namespace {

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

constexpr char kService[] = "fosterwatch.directory.v1.DirectoryService";

using GetBody = std::function<void(const Call&, const GetBodyRequest&, Reply<Body>)>;

const google::protobuf::ServiceDescriptor* Directory() {
  return GetBodyRequest::descriptor()->file()->FindServiceByName("DirectoryService");
}

template <typename Request, typename Response>
void AnswerEmpty(Door& door, const std::string& method) {
  door.On<Request, Response>(kService, method,
                             [](const Call&, const Request&) { return Response(); });
}

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
    if (server_ != nullptr) {
      door_->Close(absl::Seconds(5));
      server_->Shutdown();
    }
    server_.reset();
    door_.reset();
    std::filesystem::remove_all(folder_);
  }

  // A door of the directory whose GetBody is this; the other methods answer empty messages.
  void Open(GetBody get_body, Door::Options options = {}) {
    options.observe = [this](const std::string& path, absl::StatusCode code, absl::Duration) {
      absl::MutexLock lock(&mutex_);
      ++observed_[path + " " + absl::StatusCodeToString(code)];
    };
    door_ = std::make_unique<Door>(verifier_.get(), options);
    door_->Serve(Directory());
    AnswerEmpty<RecordBodyRequest, Body>(*door_, "RecordBody");
    AnswerEmpty<ListBodiesRequest, ListBodiesResponse>(*door_, "ListBodies");
    AnswerEmpty<AppointHolderRequest, RoleHolder>(*door_, "AppointHolder");
    AnswerEmpty<EndHolderRequest, RoleHolder>(*door_, "EndHolder");
    AnswerEmpty<ListHoldersRequest, ListHoldersResponse>(*door_, "ListHolders");
    AnswerEmpty<RegisterPublisherRequest, Publisher>(*door_, "RegisterPublisher");
    AnswerEmpty<SetWebhookRequest, WebhookSecret>(*door_, "SetWebhook");
    AnswerEmpty<RotateWebhookSecretRequest, WebhookSecret>(*door_, "RotateWebhookSecret");
    AnswerEmpty<GetWebhookRequest, Webhook>(*door_, "GetWebhook");
    door_->OnAsync<GetBodyRequest, Body>(kService, "GetBody", std::move(get_body));
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    ASSERT_THAT(door_->Open(builder), IsOk());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    client_ = std::make_unique<Client>(
        [port](const std::string&) { return absl::StrCat("127.0.0.1:", port); });
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

  std::string folder_;
  std::unique_ptr<auth::LocalIssuer> issuer_;
  std::unique_ptr<auth::Verifier> verifier_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Client> client_;
  absl::Mutex mutex_;
  std::map<std::string, int> observed_ ABSL_GUARDED_BY(mutex_);
};

GetBody AnswersItsId() {
  return [](const Call&, const GetBodyRequest& request, Reply<Body> reply) {
    Body body;
    body.set_body_id(request.body_id());
    reply(body);
  };
}

TEST_F(DoorTest, AHandlerLearnsWhoCallsForWhichAgencyAndUntilWhen) {
  Call seen;
  Open([&](const Call& call, const GetBodyRequest& request, Reply<Body> reply) {
    seen = call;
    AnswersItsId()(call, request, std::move(reply));
  });
  Client::Options options = Caseworker();
  options.trace_parent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
  options.timeout = absl::Seconds(20);
  const auto body = Get(options, "northshire");
  ASSERT_THAT(body, IsOk());
  EXPECT_EQ(body->body_id(), "northshire");
  EXPECT_EQ(seen.caller.person_id, "person-1");
  EXPECT_EQ(seen.agency_id, "northern");
  EXPECT_EQ(seen.trace_parent, options.trace_parent);
  EXPECT_GT(seen.deadline, absl::Now() + absl::Seconds(10));
  EXPECT_LT(seen.deadline, absl::Now() + absl::Seconds(21));
  EXPECT_EQ(Observed("/fosterwatch.directory.v1.DirectoryService/GetBody OK"), 1);
}

TEST_F(DoorTest, ATraceThatIsMissingOrMalformedIsMadeNew) {
  std::set<std::string> seen;
  Open([&](const Call& call, const GetBodyRequest&, Reply<Body> reply) {
    seen.insert(call.trace_parent);
    reply(Body());
  });
  for (const char* given :
       {"", "nonsense", "00-00000000000000000000000000000000-0000000000000000-01",
        "00-0123456789ABCDEF0123456789ABCDEF-0123456789abcdef-01", "\x80", "a\tb\n"}) {
    Client::Options options = Caseworker();
    options.trace_parent = given;
    ASSERT_THAT(Get(options), IsOk());
  }
  EXPECT_EQ(seen.size(), 6u);
  for (const std::string& trace : seen) {
    EXPECT_THAT(trace, ::testing::MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-01"));
  }
}

TEST_F(DoorTest, ACallWithoutAGoodTokenIsUnauthenticated) {
  Open(AnswersItsId());
  Client::Options options;
  EXPECT_THAT(Get(options), AllOf(StatusIs(absl::StatusCode::kUnauthenticated,
                                           "a valid access token is required"),
                                  HasReason("TOKEN_MISSING")));
  options.token = "forged";
  EXPECT_THAT(Get(options), AllOf(StatusIs(absl::StatusCode::kUnauthenticated,
                                           "a valid access token is required"),
                                  HasReason("TOKEN_INVALID")));
  options.token = "forged\x80\r\n";
  EXPECT_THAT(Get(options),
              AllOf(StatusIs(absl::StatusCode::kUnauthenticated), HasReason("TOKEN_INVALID")));
  options.token = TokenOf("northern", {ROLE_CASEWORKER}, -absl::Minutes(2));
  EXPECT_THAT(Get(options), AllOf(StatusIs(absl::StatusCode::kUnauthenticated,
                                           "a valid access token is required"),
                                  HasReason("TOKEN_EXPIRED")));
}

TEST_F(DoorTest, ARoleThatTheMethodDoesNotNameIsRefused) {
  Open(AnswersItsId());
  Client::Options options;
  options.token = TokenOf("northern", {ROLE_PUBLISHER});
  EXPECT_THAT(Get(options),
              AllOf(StatusIs(absl::StatusCode::kPermissionDenied), HasReason("ROLE_NOT_ALLOWED")));
  options.token = TokenOf("northern", {});
  EXPECT_THAT(Get(options), HasReason("ROLE_NOT_ALLOWED"));
  const auto recorded =
      client_->Call<Body>("directory", kService, "RecordBody", RecordBodyRequest(), Caseworker());
  EXPECT_THAT(recorded, HasReason("ROLE_NOT_ALLOWED"));
  options.token = TokenOf("northern", {ROLE_PUBLISHER, ROLE_ADMINISTRATOR});
  EXPECT_THAT(Get(options), IsOk());
}

TEST_F(DoorTest, AServiceNamesTheAgencyAndNobodyElseMayNameAnother) {
  std::string agency;
  Open([&](const Call& call, const GetBodyRequest&, Reply<Body> reply) {
    agency = call.agency_id;
    reply(Body());
  });
  Client::Options service;
  service.token = TokenOf("*", {ROLE_SERVICE});
  EXPECT_THAT(Get(service),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("AGENCY_REQUIRED")));
  service.agency_id = "*";
  EXPECT_THAT(Get(service), HasReason("AGENCY_REQUIRED"));
  service.agency_id = "southern";
  ASSERT_THAT(Get(service), IsOk());
  EXPECT_EQ(agency, "southern");

  Client::Options person = Caseworker();
  person.agency_id = "southern";
  EXPECT_THAT(Get(person), AllOf(StatusIs(absl::StatusCode::kPermissionDenied),
                                 HasReason("AGENCY_NOT_ALLOWED")));
  person.agency_id = "northern";
  EXPECT_THAT(Get(person), IsOk());
}

TEST_F(DoorTest, ARequestThatIsNoMessageIsMalformed) {
  Open(AnswersItsId());
  const std::string path = absl::StrCat("/", kService, "/GetBody");
  for (const std::string& bytes :
       {std::string("\xff\xff\xff"), std::string("\x0a\x05xy"), std::string("\x0a\x02\xc3\x28")}) {
    EXPECT_THAT(
        client_->CallBytes("directory", path, bytes, Caseworker()),
        AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("MALFORMED_REQUEST")));
  }
  // A field of a newer client is no error.
  EXPECT_THAT(client_->CallBytes("directory", path, "\xa2\x06\x01x", Caseworker()), IsOk());
}

TEST_F(DoorTest, ARequestOverTheLimitIsRefusedAndOneAtTheLimitIsNot) {
  Door::Options options;
  options.max_request_bytes = 10'000;
  Open(AnswersItsId(), options);
  EXPECT_THAT(Get(Caseworker(), std::string(9'997, 'x')), IsOk());
  EXPECT_THAT(Get(Caseworker(), std::string(9'998, 'x')),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("REQUEST_TOO_LARGE")));
  EXPECT_THAT(Get(Caseworker(), std::string(100'000, 'x')), Not(IsOk()));
}

TEST_F(DoorTest, WhatAHandlerRefusesArrivesWithReasonAndFields) {
  Open([](const Call&, const GetBodyRequest&, Reply<Body> reply) {
    reply(Error(absl::StatusCode::kInvalidArgument, "UNKNOWN_BODY", "body_id: is not known",
                {{"body_id", "is not known"}, {"kind", "is not set"}}));
  });
  const absl::Status status = Get(Caseworker()).status();
  EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kInvalidArgument, "body_id: is not known"),
                            HasReason("UNKNOWN_BODY")));
  const std::vector<Violation> violations = ViolationsOf(status);
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].field, "body_id");
  EXPECT_EQ(violations[1].description, "is not set");
}

TEST_F(DoorTest, WhatWentWrongInsideStaysInside) {
  absl::Status inside;
  Open([&](const Call&, const GetBodyRequest&, Reply<Body> reply) { reply(inside); });
  Client::Options options = Caseworker();
  options.trace_parent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
  absl::Status with_payload = absl::InternalError("table secret_table");
  with_payload.SetPayload("type.example/secret", absl::Cord("secret"));
  for (const absl::Status& status :
       {absl::InternalError("relation secret_table does not exist"), with_payload,
        absl::UnknownError("secret_table"), absl::DataLossError("secret_table"),
        absl::PermissionDeniedError("permission denied for table secret_table")}) {
    inside = status;
    const absl::Status outside = Get(options).status();
    EXPECT_THAT(outside, AllOf(StatusIs(absl::StatusCode::kInternal,
                                        "internal error (trace 0123456789abcdef0123456789abcdef)"),
                               HasReason("INTERNAL")));
    EXPECT_THAT(outside.ToString(), Not(HasSubstr("secret")));
  }
}

TEST_F(DoorTest, WhereSomethingWasLookedForStaysInside) {
  Open([](const Call&, const GetBodyRequest&, Reply<Body> reply) {
    reply(absl::UnavailableError("no server on socket /secret/run/.s.PGSQL.5432"));
  });
  const absl::Status outside = Get(Caseworker()).status();
  EXPECT_THAT(outside, AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("UNAVAILABLE")));
  EXPECT_THAT(outside.ToString(), Not(HasSubstr("secret")));
}

TEST_F(DoorTest, AReplyThatIsDroppedOrAHandlerThatThrowsIsInternal) {
  bool throws = false;
  Open([&](const Call&, const GetBodyRequest&, Reply<Body>) {
    if (throws) throw std::runtime_error("secret");
  });
  EXPECT_THAT(Get(Caseworker()), StatusIs(absl::StatusCode::kInternal));
  throws = true;
  EXPECT_THAT(Get(Caseworker()), StatusIs(absl::StatusCode::kInternal));
}

TEST_F(DoorTest, OnlyTheFirstAnswerCounts) {
  Open([](const Call&, const GetBodyRequest&, Reply<Body> reply) {
    Body body;
    body.set_body_id("first");
    reply(body);
    reply(absl::NotFoundError("second"));
  });
  const auto body = Get(Caseworker());
  ASSERT_THAT(body, IsOk());
  EXPECT_EQ(body->body_id(), "first");
}

TEST_F(DoorTest, AHandlerMayAnswerLaterFromAnotherThread) {
  std::vector<std::thread> threads;
  absl::Mutex mutex;
  Open([&](const Call& call, const GetBodyRequest& request, Reply<Body> reply) {
    absl::MutexLock lock(&mutex);
    threads.emplace_back([call, request, reply] { AnswersItsId()(call, request, reply); });
  });
  for (int i = 0; i < 20; ++i) {
    const auto body = Get(Caseworker(), absl::StrCat(i));
    ASSERT_THAT(body, IsOk());
    EXPECT_EQ(body->body_id(), absl::StrCat(i));
  }
  // An answer may come before its handler has returned.
  absl::MutexLock lock(&mutex);
  for (std::thread& thread : threads) thread.join();
}

TEST_F(DoorTest, PastItsQueueItRefusesAtOnceAndSaysWhenToComeBack) {
  absl::Notification inside;
  absl::Notification go_on;
  Door::Options options;
  options.threads = 1;
  options.queue = 2;
  Open(
      [&](const Call& call, const GetBodyRequest& request, Reply<Body> reply) {
        if (!inside.HasBeenNotified()) inside.Notify();
        go_on.WaitForNotification();
        AnswersItsId()(call, request, std::move(reply));
      },
      options);
  constexpr int kCalls = 20;
  absl::Mutex mutex;
  std::vector<absl::Status> answers;
  const Client::Options caller = Caseworker();
  for (int i = 0; i < kCalls; ++i) {
    client_->CallAsync("directory", absl::StrCat("/", kService, "/GetBody"), "", caller,
                       [&](absl::StatusOr<std::string> answer) {
                         absl::MutexLock lock(&mutex);
                         answers.push_back(answer.status());
                       });
    if (i == 0) inside.WaitForNotification();
  }
  const auto all_refused = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex) {
    return answers.size() >= kCalls - 3;
  };
  {
    absl::MutexLock lock(&mutex);
    ASSERT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&all_refused), absl::Seconds(4)));
    for (const absl::Status& answer : answers) {
      EXPECT_THAT(answer, AllOf(StatusIs(absl::StatusCode::kResourceExhausted),
                                HasReason("TOO_MANY_CALLS")));
      google::rpc::RetryInfo retry;
      ASSERT_TRUE(retry.ParseFromString(
          std::string(*answer.GetPayload("type.googleapis.com/google.rpc.RetryInfo"))));
      EXPECT_GT(retry.retry_delay().nanos(), 0);
    }
  }
  go_on.Notify();
  absl::MutexLock lock(&mutex);
  const auto all = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex) { return answers.size() == kCalls; };
  ASSERT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&all), absl::Seconds(4)));
  EXPECT_EQ(std::count(answers.begin(), answers.end(), absl::OkStatus()), 3);
}

TEST_F(DoorTest, ClosingLetsThoseInsideFinishAndRefusesTheRest) {
  absl::Notification inside;
  absl::Notification go_on;
  Open([&](const Call& call, const GetBodyRequest& request, Reply<Body> reply) {
    inside.Notify();
    go_on.WaitForNotification();
    AnswersItsId()(call, request, std::move(reply));
  });
  absl::StatusOr<Body> first;
  std::thread caller([&] { first = Get(Caseworker()); });
  inside.WaitForNotification();
  std::thread closer([&] { door_->Close(absl::Seconds(10)); });
  absl::Status refused;
  while (!absl::IsUnavailable(refused)) {
    refused = client_
                  ->Call<ListBodiesResponse>("directory", kService, "ListBodies",
                                             ListBodiesRequest(), Caseworker())
                  .status();
  }
  EXPECT_THAT(refused, HasReason("SHUTTING_DOWN"));
  go_on.Notify();
  caller.join();
  closer.join();
  EXPECT_THAT(first, IsOk());
}

TEST_F(DoorTest, AClientThatGoesAwayCancelsWhatItAsked) {
  absl::Notification inside;
  absl::Notification go_on;
  Open([&](const Call&, const GetBodyRequest&, Reply<Body> reply) {
    inside.Notify();
    go_on.WaitForNotification();
    reply(Body());
  });
  absl::Status answer;
  client_->CallAsync("directory", absl::StrCat("/", kService, "/GetBody"), "", Caseworker(),
                     [&](absl::StatusOr<std::string> got) { answer = got.status(); });
  inside.WaitForNotification();
  client_.reset();
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kCancelled));
  go_on.Notify();
}

TEST_F(DoorTest, HealthIsAskedWithoutAToken) {
  Open(AnswersItsId());
  EXPECT_THAT(client_->CheckHealth("directory", absl::Seconds(5)), IsOk());
  server_->GetHealthCheckService()->SetServingStatus(false);
  EXPECT_THAT(client_->CheckHealth("directory", absl::Seconds(5)),
              StatusIs(absl::StatusCode::kUnavailable, "directory is not ready"));
}

TEST(ClientTest, AServiceThatIsAwayIsUnavailable) {
  Client client([](const std::string&) { return "127.0.0.1:1"; });
  EXPECT_THAT(client.CallBytes("directory", "/a/b", "", {}),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(client.CheckHealth("directory", absl::Seconds(2)),
              StatusIs(absl::StatusCode::kUnavailable));
}

// What stops the start.
class DoorStartTest : public ::testing::Test {
 protected:
  absl::Status Open(Door& door) {
    grpc::ServerBuilder builder;
    return door.Open(builder);
  }
  Door door_{nullptr, {}};
};

TEST_F(DoorStartTest, AMethodWithoutAHandlerStopsTheStart) {
  door_.Serve(Directory());
  AnswerEmpty<GetBodyRequest, Body>(door_, "GetBody");
  EXPECT_THAT(Open(door_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("/fosterwatch.directory.v1.DirectoryService/RecordBody has "
                                       "no handler"),
                             Not(HasSubstr("GetBody")))));
}

TEST_F(DoorStartTest, AMethodWithoutAnAccessOptionStopsTheStart) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("open.proto");
  file.add_message_type()->set_name("Nothing");
  auto* service = file.add_service();
  service->set_name("OpenService");
  auto* method = service->add_method();
  method->set_name("Enter");
  method->set_input_type("Nothing");
  method->set_output_type("Nothing");
  google::protobuf::DescriptorPool pool;
  door_.Serve(pool.BuildFile(file)->service(0));
  EXPECT_THAT(Open(door_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("/OpenService/Enter has no access option")));
}

TEST_F(DoorStartTest, AHandlerForNoMethodStopsTheStart) {
  AnswerEmpty<GetBodyRequest, Body>(door_, "GetBodies");
  EXPECT_THAT(Open(door_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("GetBodies has a handler but is no method")));
}

TEST_F(DoorStartTest, AHandlerOfOtherTypesStopsTheStart) {
  AnswerEmpty<RecordBodyRequest, Body>(door_, "GetBody");
  EXPECT_THAT(Open(door_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("GetBody has a handler of other types")));
}

TEST_F(DoorStartTest, TwoHandlersOfOneMethodStopTheStart) {
  AnswerEmpty<GetBodyRequest, Body>(door_, "GetBody");
  AnswerEmpty<GetBodyRequest, Body>(door_, "GetBody");
  EXPECT_THAT(Open(door_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("GetBody has two handlers")));
}

TEST_F(DoorStartTest, AHandlerWhoseServiceIsNotServedStopsTheStart) {
  AnswerEmpty<GetBodyRequest, Body>(door_, "GetBody");
  EXPECT_THAT(Open(door_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("its service is not served")));
}

TEST_F(DoorStartTest, AStreamStopsTheStart) {
  door_.Serve(gateway::v1::WatchRequest::descriptor()->file()->FindServiceByName("LiveService"));
  EXPECT_THAT(Open(door_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("Watch streams")));
}

}  // namespace
}  // namespace fosterwatch::runtime
