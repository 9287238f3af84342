// What leaves the door: answers, errors, refusals of what is too much, and what ends with a call.
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include "libs/testing/await.h"
#include "tests/component/door_fixture.h"

namespace fosterwatch::runtime {
namespace {

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
    ASSERT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&all_refused), absl::Seconds(60)));
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
  ASSERT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&all), absl::Seconds(60)));
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
  std::thread closer([&] { door_->Close(absl::Seconds(60)); });
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

TEST_F(DoorTest, AClientThatGoesAwayBeforeItsRequestHasComeIsNoFaultOfOurs) {
  Open(AnswersItsId());
  grpc::GenericStub stub(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", port_), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.AddMetadata("authorization",
                      absl::StrCat("Bearer ", TokenOf("northern", {ROLE_CASEWORKER})));
  grpc::CompletionQueue queue;
  const std::string path = absl::StrCat("/", kService, "/GetBody");
  const auto call = stub.PrepareCall(&context, path, &queue);
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
  };
  call->StartCall(nullptr);
  done();
  context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  done();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(fosterwatch::testing::AwaitTrue([&] { return Observed(path + " CANCELLED") == 1; },
                                              absl::Seconds(30)));
  EXPECT_EQ(Observed(path + " INTERNAL"), 0);
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

TEST_F(DoorTest, WhatIsAwayOrFullSaysWhenToComeBack) {
  absl::Status inside;
  Open([&](const Call&, const GetBodyRequest&, Reply<Body> reply) { reply(inside); });
  for (const absl::Status& status :
       {absl::UnavailableError("the database"), absl::ResourceExhaustedError("full")}) {
    inside = status;
    const absl::Status outside = Get(Caseworker()).status();
    EXPECT_EQ(outside.code(), status.code());
    EXPECT_TRUE(outside.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  }
}

TEST_F(DoorTest, WhatAHandlerCallsEndsWithItsOwnCall) {
  absl::Mutex mutex;
  std::vector<Call> calls;
  std::vector<Reply<Body>> held;
  absl::Status inner;
  absl::Notification outer_done;
  Open([&](const Call& call, const GetBodyRequest& request, Reply<Body> reply) {
    {
      absl::MutexLock lock(&mutex);
      calls.push_back(call);
      if (request.body_id() == "inner") {
        held.push_back(std::move(reply));
        return;
      }
    }
    GetBodyRequest next;
    next.set_body_id("inner");
    Client::Options options = Caseworker();
    options.timeout = absl::Hours(1);
    inner = inner_client_->Call<Body>("directory", kService, "GetBody", next, options).status();
    outer_done.Notify();
    reply(inner);
  });
  Client::Options options = Caseworker();
  options.trace_parent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
  options.cancellation = std::make_shared<Cancellation>();
  absl::Notification answered;
  client_->CallAsync("directory", absl::StrCat("/", kService, "/GetBody"), "", options,
                     [&](absl::StatusOr<std::string> answer) {
                       EXPECT_THAT(answer, StatusIs(absl::StatusCode::kCancelled));
                       answered.Notify();
                     });
  ASSERT_TRUE(fosterwatch::testing::AwaitTrue([&] {
    absl::MutexLock lock(&mutex);
    return calls.size() == 2;
  }));
  {
    absl::MutexLock lock(&mutex);
    EXPECT_EQ(calls[1].trace_parent, options.trace_parent);
    // Told as what is left, in rounded figures; the inner call's own is an hour away.
    EXPECT_LT(calls[1].deadline, calls[0].deadline + absl::Minutes(10));
  }
  options.cancellation->Request();
  answered.WaitForNotification();
  ASSERT_TRUE(outer_done.WaitForNotificationWithTimeout(absl::Seconds(60)));
  EXPECT_THAT(inner, StatusIs(absl::StatusCode::kCancelled));
  absl::MutexLock lock(&mutex);
  EXPECT_TRUE(fosterwatch::testing::AwaitTrue([&] { return calls[1].cancellation->requested(); }));
  for (const Reply<Body>& reply : held) reply(Body());
}

TEST(CancellationTest, RunsWhatWasAddedOnceAndAtOnceWhatComesLate) {
  Cancellation cancellation;
  int ran = 0;
  cancellation.OnRequest([&] { ++ran; });
  EXPECT_FALSE(cancellation.requested());
  cancellation.Request();
  cancellation.Request();
  EXPECT_TRUE(cancellation.requested());
  EXPECT_EQ(ran, 1);
  cancellation.OnRequest([&] { ++ran; });
  EXPECT_EQ(ran, 2);
}

TEST(CallScopeTest, IsOfTheInnermostCallOfTheThread) {
  EXPECT_EQ(CallScope::Current(), nullptr);
  const absl::Time now = absl::Now();
  EXPECT_EQ(CallScope::NoLaterThan(now), now);
  const CallScope outer(now, nullptr, "outer");
  EXPECT_EQ(CallScope::NoLaterThan(now + absl::Seconds(1)), now);
  {
    const CallScope inner(now - absl::Seconds(1), nullptr, "inner");
    EXPECT_EQ(CallScope::Current()->trace_parent(), "inner");
  }
  EXPECT_EQ(CallScope::Current()->trace_parent(), "outer");
}

}  // namespace
}  // namespace fosterwatch::runtime
