// What the door lets in, and what it refuses and how.
#include "tests/component/door_fixture.h"

namespace fosterwatch::runtime {
namespace {

TEST_F(DoorTest, AHandlerLearnsWhoCallsForWhichAgencyAndUntilWhen) {
  Call seen;
  Open([&](const Call& call, const GetBodyRequest& request, Reply<Body> reply) {
    seen = call;
    AnswersItsId()(call, request, std::move(reply));
  });
  Client::Options options = Caseworker();
  options.trace_parent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
  options.timeout = absl::Minutes(20);
  const auto body = Get(options, "northshire");
  ASSERT_THAT(body, IsOk());
  EXPECT_EQ(body->body_id(), "northshire");
  EXPECT_EQ(seen.caller.person_id, "person-1");
  EXPECT_EQ(seen.agency_id, "northern");
  EXPECT_EQ(seen.trace_parent, options.trace_parent);
  EXPECT_GT(seen.deadline, absl::Now() + absl::Minutes(10));
  EXPECT_LT(seen.deadline, absl::Now() + absl::Minutes(21));
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
        AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("MALFORMED_PROTOBUF")));
  }
}

TEST_F(DoorTest, ATextWithANulIsRefusedByItsFieldAndNeverItsValue) {
  Open(AnswersItsId());
  const absl::Status refused = Get(Caseworker(), std::string("Jane\0Doe", 8)).status();
  EXPECT_THAT(refused, AllOf(StatusIs(absl::StatusCode::kInvalidArgument,
                                      "body_id: holds the character U+0000"),
                             HasReason("INVALID_TEXT")));
  EXPECT_THAT(refused.ToString(), Not(HasSubstr("Jane")));
  Client::Options service;
  service.token = TokenOf("*", {ROLE_SERVICE});
  service.agency_id = "northern";
  EXPECT_THAT(Get(service, std::string("a\0", 2)), HasReason("INVALID_TEXT"));
}

TEST_F(DoorTest, AFieldThatItDoesNotKnowIsRefusedButFromOurOwnServices) {
  Open(AnswersItsId());
  const std::string path = absl::StrCat("/", kService, "/GetBody");
  const absl::Status refused =
      client_->CallBytes("directory", path, "\xa2\x06\x01x", Caseworker()).status();
  EXPECT_THAT(refused,
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("UNKNOWN_FIELD")));
  EXPECT_EQ(ViolationsOf(refused)[0].field, "100");
  // They are upgraded one by one.
  Client::Options service;
  service.token = TokenOf("*", {ROLE_SERVICE});
  service.agency_id = "northern";
  EXPECT_THAT(client_->CallBytes("directory", path, "\xa2\x06\x01x", service), IsOk());
}

TEST_F(DoorTest, AServiceAboutTheProcessIsOfNoAgency) {
  std::string agency = "?";
  Open(
      [&](const Call& call, const GetBodyRequest&, Reply<Body> reply) {
        agency = call.agency_id;
        reply(Body());
      },
      {}, /*of_process=*/true);
  Client::Options service;
  service.token = TokenOf("*", {ROLE_SERVICE});
  ASSERT_THAT(Get(service), IsOk());
  EXPECT_EQ(agency, "");
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

}  // namespace
}  // namespace fosterwatch::runtime
