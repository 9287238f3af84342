// A session that is over is over for every copy of its tokens; what the directory is told of it;
// and how many sign-in links may be wrong.
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"

#include "fosterwatch/directory/v1/sign_ins_service.pb.h"
#include "libs/auth/sign_in_links.h"
#include "libs/clock/proto_time.h"
#include "libs/runtime/ended_tokens.h"
#include "libs/testing/status_matchers.h"
#include "services/gateway/guesses.h"
#include "services/gateway/sign_ins.h"
#include "tests/component/gateway_fixture.h"

namespace fosterwatch::testing {
namespace {

using ::testing::HasSubstr;
using namespace options::v1;  // NOLINT: roles

constexpr char kKeepSession[] = "/fosterwatch.gateway.v1.SessionService/KeepSession";

class GatewaySignOutsTest : public GatewayTest {
 protected:
  struct Told {
    std::string method;
    std::string request;
    runtime::Client::Options options;
  };

  GatewaySignOutsTest()
      : sign_ins_(
            [this](const std::string& method, const google::protobuf::Message& request,
                   const runtime::Client::Options& options) {
              if (directory_.ok()) told_.push_back({method, request.SerializeAsString(), options});
              return directory_;
            },
            []() -> absl::StatusOr<std::string> { return "the gateway's own"; }, verifier_.get()) {
    time_ = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
    now_ = [this] { return time_; };
    sessions_.sign_ins = &sign_ins_;
    verifier_->ended().SetRead(time_);
  }

  std::string Link() {
    return "/signin?code=" + *auth::MakeSignInCode(links(), CallerOf(ROLE_REGISTERED_MANAGER),
                                                   time_ + absl::Hours(1));
  }
  static std::string CookieOf(const HttpAnswer& answer) {
    const auto set = answer.headers.find("set-cookie");
    return set == answer.headers.end() ? "" : set->second.substr(0, set->second.find(';'));
  }
  std::string SignIn() { return CookieOf(Exchange(HttpText("GET", Link(), {}))); }
  HttpAnswer Post(const std::string& path, const std::string& cookie) {
    return Exchange(HttpText("POST", path,
                             {{"Cookie", cookie},
                              {"Content-Type", "application/json"},
                              {"Connect-Protocol-Version", "1"},
                              {"Origin", "http://gateway.test"}},
                             "{}"));
  }
  static std::string TokenIn(const std::string& cookie) {
    return cookie.substr(cookie.find('=') + 1);
  }

  absl::Time time_;
  absl::Status directory_;  // what it answers
  std::vector<Told> told_;
  gateway::SignIns sign_ins_;
};

TEST_F(GatewaySignOutsTest, WhoSignsOutHasNoSessionMoreWhateverCopyOfItIsShown) {
  StartGateway();
  const std::string first = SignIn();
  const std::string kept = CookieOf(Post(kKeepSession, first));
  const std::string elsewhere = SignIn();
  ASSERT_EQ(Post(kGetSession, kept).status, 200);
  const HttpAnswer out = Post("/signout", kept);
  EXPECT_EQ(out.status, 303) << out.body;
  for (const std::string& copy : {first, kept}) {
    const HttpAnswer answer = Post(kGetSession, copy);
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(ReasonIn(answer), "TOKEN_ENDED");
    EXPECT_EQ(Post(kKeepSession, copy).status, 401);
    EXPECT_EQ(Rpc(kGetBody, "{}", {{"Authorization", "Bearer " + TokenIn(copy)}}).status, 401);
    // At a service's own door too.
    runtime::Client::Options options;
    options.token = TokenIn(copy);
    EXPECT_THAT(client_
                    ->CallBytes("directory", kListBodies,
                                directory_v1::ListBodiesRequest().SerializeAsString(), options)
                    .status(),
                HasReason("TOKEN_ENDED"));
  }
  EXPECT_EQ(Post(kGetSession, elsewhere).status, 200);
  // Whose own token is over by idleness ends what was kept of its session.
  const auto left = told_.size();
  time_ += absl::Minutes(20);
  const std::string copied = CookieOf(Post(kKeepSession, elsewhere));
  time_ += absl::Minutes(20);
  ASSERT_EQ(Post(kGetSession, elsewhere).status, 401);
  ASSERT_EQ(Post(kGetSession, copied).status, 200);
  EXPECT_EQ(Post("/signout", elsewhere).status, 303);
  EXPECT_EQ(told_.size(), left + 1);
  EXPECT_EQ(ReasonIn(Post(kGetSession, copied)), "TOKEN_ENDED");
}

TEST_F(GatewaySignOutsTest, NobodySignsSomebodyElseOut) {
  StartGateway();
  const std::string cookie = SignIn();
  EXPECT_EQ(Exchange(HttpText("POST", "/signout",
                              {{"Cookie", cookie}, {"Origin", "https://evil.test"}}, "{}"))
                .status,
            403);
  EXPECT_EQ(Post("/signout", "fosterwatch_session=" + TokenIn(cookie) + "x").status, 303);
  EXPECT_EQ(Post(kGetSession, cookie).status, 200);
}

TEST_F(GatewaySignOutsTest, TheDirectoryIsToldWhoSignsInAndOut) {
  StartGateway();
  const std::string cookie = SignIn();
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].method, "RecordSignIn");
  // Under the session's own token, so that it is the person who is noted.
  EXPECT_EQ(told_[0].options.token, TokenIn(cookie));
  directory_v1::RecordSignInRequest began;
  began.ParseFromString(told_[0].request);
  EXPECT_EQ(clock::FromProto(began.end_time()), time_ + absl::Hours(12));

  Post("/signout", cookie);
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[1].method, "RecordSignOut");
  EXPECT_EQ(told_[1].options.token, "the gateway's own");
  EXPECT_EQ(told_[1].options.agency_id, "oakley");
  directory_v1::RecordSignOutRequest left;
  left.ParseFromString(told_[1].request);
  EXPECT_EQ(left.person_id(), "person-1");
  EXPECT_EQ(left.session_id().size(), 16u);

  sessions_.lost = [](const auth::Caller&) { return std::vector<Role>{ROLE_REGISTERED_MANAGER}; };
  gateway_->Stop(absl::Seconds(1));
  StartGateway();
  EXPECT_EQ(Exchange(HttpText("GET", Link(), {})).status, 403);
  ASSERT_EQ(told_.size(), 3u);
  EXPECT_EQ(told_[2].method, "RecordRefusedSignIn");
  directory_v1::RecordRefusedSignInRequest refused;
  refused.ParseFromString(told_[2].request);
  EXPECT_EQ(refused.person_id(), "person-1");
  EXPECT_EQ(refused.reason(), "APPOINTMENT_ENDED");
}

TEST_F(GatewaySignOutsTest, WhileTheDirectoryIsAwayPeopleSignInAndOutAndItIsToldLater) {
  StartGateway();
  directory_ = absl::UnavailableError("away");
  const std::string cookie = SignIn();
  EXPECT_EQ(Post(kGetSession, cookie).status, 200);
  const HttpAnswer out = Post("/signout", cookie);
  EXPECT_EQ(out.status, 200);
  EXPECT_THAT(out.body, HasSubstr("could not be told yet"));
  EXPECT_THAT(out.headers.at("set-cookie"), HasSubstr("fosterwatch_session=; Path=/; Max-Age=0"));
  EXPECT_EQ(ReasonIn(Post(kGetSession, cookie)), "TOKEN_ENDED");
  EXPECT_THAT(sign_ins_.Check(), StatusIs(absl::StatusCode::kUnavailable));
  sign_ins_.TellAgain();
  EXPECT_THAT(told_, ::testing::IsEmpty());
  directory_ = absl::OkStatus();
  sign_ins_.TellAgain();
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[0].method, "RecordSignIn");
  EXPECT_EQ(told_[1].method, "RecordSignOut");
  EXPECT_THAT(sign_ins_.Check(), IsOk());
  // What it refuses for good is not told for ever.
  directory_ = absl::UnavailableError("away");
  SignIn();
  directory_ = absl::InvalidArgumentError("no");
  sign_ins_.TellAgain();
  EXPECT_THAT(sign_ins_.Check(), IsOk());
}

TEST_F(GatewaySignOutsTest, AnAppointmentThatEndedEndsABearerTokenToo) {
  sessions_.lost = [](const auth::Caller& caller) {
    return caller.person_id == "person-1" ? std::vector<Role>{ROLE_CASEWORKER}
                                          : std::vector<Role>{};
  };
  StartGateway();
  const HttpAnswer answer = Rpc(kGetBody, "{}");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(ReasonIn(answer), "APPOINTMENT_ENDED");
  EXPECT_EQ(Rpc(kGetBody, "{}", {{"Authorization", "Bearer " + Token(ROLE_TEAM_MANAGER)}}).status,
            200);
}

class UnknownTest : public GatewayTest {};

TEST_F(UnknownTest, UntilItIsKnownWhichSessionsEndedNobodyIsLetIn) {
  gateway::SignIns sign_ins([](const std::string&, const google::protobuf::Message&,
                               const runtime::Client::Options&) { return absl::OkStatus(); },
                            []() -> absl::StatusOr<std::string> { return ""; }, verifier_.get());
  sessions_.sign_ins = &sign_ins;
  StartGateway();
  const HttpAnswer answer = Rpc(kGetBody, "{}");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(ReasonIn(answer), "ENDED_TOKENS_NOT_KNOWN");
  EXPECT_EQ(answer.headers.count("retry-after"), 1u);
  EXPECT_THAT(sign_ins.CheckKnown(), StatusIs(absl::StatusCode::kUnavailable));
  verifier_->ended().SetRead(absl::Now());
  EXPECT_EQ(Rpc(kGetBody, "{}").status, 200);
  EXPECT_THAT(sign_ins.CheckKnown(), IsOk());
}

TEST_F(GatewaySignOutsTest, LinksThatAreWrongAreLimitedWithOneAnswerForRightAndWrong) {
  gateway::Guesses guesses({.at_once = 3, .each = absl::Seconds(6)});
  sessions_.guesses = &guesses;
  StartGateway();
  const std::string right = Link();
  const std::string wrong = right.substr(0, right.size() - 6) + "AAAAAA";
  // Those that are right take nothing of it.
  for (int i = 0; i < 5; ++i) EXPECT_NE(SignIn(), "");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Exchange(HttpText("GET", wrong, {})).status, 403);
  const HttpAnswer of_wrong = Exchange(HttpText("GET", wrong, {}));
  const HttpAnswer of_right = Exchange(HttpText("GET", right, {}));
  EXPECT_EQ(of_wrong.status, 429);
  EXPECT_EQ(of_wrong.headers.at("retry-after"), "6");
  EXPECT_EQ(of_right.status, of_wrong.status);
  EXPECT_EQ(of_right.body, of_wrong.body);
  EXPECT_EQ(of_right.headers.count("set-cookie"), 0u);
  EXPECT_THAT(guesses.Check(time_), StatusIs(absl::StatusCode::kResourceExhausted));
  // The page that only asks for a link is no guess.
  EXPECT_EQ(Exchange(HttpText("GET", "/signin", {})).status, 403);
  // And the right one was not used up.
  time_ += absl::Seconds(6);
  EXPECT_EQ(Exchange(HttpText("GET", right, {})).status, 303);
}

// --- how a process learns of it -----------------------------------------------------------------

TEST(EndedTokensReaderTest, AsksForAllOnceAndThenForWhatIsNew) {
  auth::EndedTokens ended;
  std::vector<operations::v1::ListEndedTokensRequest> asked;
  absl::Status directory;
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  runtime::EndedTokensReader reader(
      &ended,
      [&](const operations::v1::ListEndedTokensRequest& request)
          -> absl::StatusOr<operations::v1::ListEndedTokensResponse> {
        if (!directory.ok()) return directory;
        asked.push_back(request);
        operations::v1::ListEndedTokensResponse answer;
        auto* entry = answer.add_ended();
        entry->set_agency_id("northern");
        entry->set_token_id(absl::StrCat("token-", asked.size()));
        *entry->mutable_end_time() = clock::ToProto(now + absl::Hours(3));
        // Its clock is not ours.
        *answer.mutable_said_time() = clock::ToProto(now - absl::Minutes(5));
        return answer;
      });
  EXPECT_THAT(reader.Check(now), HasReason("ENDED_TOKENS_OLD"));
  directory = absl::UnavailableError("away");
  EXPECT_FALSE(reader.Read(now).ok());
  EXPECT_FALSE(ended.known());
  directory = absl::OkStatus();
  EXPECT_THAT(reader.Read(now), IsOk());
  EXPECT_TRUE(ended.known());
  EXPECT_FALSE(asked[0].has_since_time());
  EXPECT_THAT(reader.Read(now + absl::Seconds(5)), IsOk());
  // What was recorded a little earlier may have been committed since.
  EXPECT_EQ(clock::FromProto(asked[1].since_time()), now - absl::Minutes(6));
  EXPECT_EQ(ended.size(), 2u);
  // What was read holds while the directory is away, and how old it is is said.
  directory = absl::UnavailableError("away");
  EXPECT_FALSE(reader.Read(now + absl::Minutes(2)).ok());
  EXPECT_TRUE(ended.known());
  EXPECT_EQ(ended.size(), 2u);
  EXPECT_THAT(reader.Check(now + absl::Minutes(2)), HasReason("ENDED_TOKENS_OLD"));
  directory = absl::OkStatus();
  EXPECT_THAT(reader.Read(now + absl::Hours(1)), IsOk());
  EXPECT_FALSE(asked[2].has_since_time());
  EXPECT_THAT(reader.Check(now + absl::Hours(1)), IsOk());
}

// While services are upgraded one by one.
TEST(EndedTokensReaderTest, ADirectoryThatKeepsNoneYetLocksNobodyOut) {
  auth::EndedTokens ended;
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  runtime::EndedTokensReader reader(&ended,
                                    [](const operations::v1::ListEndedTokensRequest&)
                                        -> absl::StatusOr<operations::v1::ListEndedTokensResponse> {
                                      return absl::UnimplementedError("no such service");
                                    });
  EXPECT_THAT(reader.Read(now), IsOk());
  EXPECT_TRUE(ended.known());
}

}  // namespace
}  // namespace fosterwatch::testing
