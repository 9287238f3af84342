// Signing in and out by the real binary: over a restart, at another gateway, at a service's own
// door; who may end whose session; what is kept of it.
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/directory/v1/sign_ins_service.pb.h"
#include "fosterwatch/operations/v1/access_service.pb.h"
#include "libs/auth/sign_in_links.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/component/http_client.h"
#include "tests/support/installation.h"

namespace fosterwatch::directory {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::FreePort;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::HttpAnswer;
using ::fosterwatch::testing::HttpConnection;
using ::fosterwatch::testing::HttpText;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::Process;
using ::fosterwatch::testing::StatusIs;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace options::v1;  // NOLINT: roles

constexpr char kService[] = "fosterwatch.directory.v1.SignInsService";
constexpr char kGetSession[] = "/fosterwatch.gateway.v1.SessionService/GetSession";
constexpr char kListBodies[] = "/fosterwatch.directory.v1.DirectoryService/ListBodies";

class SignInsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  }
  static void TearDownTestSuite() { delete installation_; }

  static Person Manager() {
    return {"northern", "registered-manager-1", {ROLE_REGISTERED_MANAGER}};
  }
  static Person Other(const std::string& agency = "northern") {
    return {agency, "caseworker-1", {ROLE_CASEWORKER}};
  }

  // Of somebody who comes by a link: "fosterwatch_session=…".
  static std::string SignIn(const Person& person) {
    const auth::Caller caller{person.person_id, person.agency_id, person.roles,
                              absl::Now() + absl::Hours(1)};
    const std::string code = *auth::MakeSignInCode(installation_->folder() + "/sign-in", caller,
                                                   absl::Now() + absl::Hours(1));
    const HttpAnswer answer = Exchange(HttpText("GET", "/signin?code=" + code, {}));
    EXPECT_EQ(answer.status, 303) << answer.body;
    const auto set = answer.headers.find("set-cookie");
    return set == answer.headers.end() ? "" : set->second.substr(0, set->second.find(';'));
  }
  static HttpAnswer Exchange(const std::string& text, uint16_t port = 0) {
    HttpConnection connection(port == 0 ? installation_->http_port() : port);
    connection.Send(text);
    return connection.Read();
  }
  static HttpAnswer Post(const std::string& path, const std::string& cookie, uint16_t port = 0) {
    return Exchange(HttpText("POST", path,
                             {{"Cookie", cookie},
                              {"Content-Type", "application/json"},
                              {"Connect-Protocol-Version", "1"},
                              {"Sec-Fetch-Site", "same-origin"}},
                             "{}"),
                    port);
  }
  // By gRPC, past every gateway.
  static absl::Status AtTheDoor(const std::string& cookie) {
    runtime::Client::Options options;
    options.token = cookie.substr(cookie.find('=') + 1);
    return installation_->client().CallBytes("any", kListBodies, "", options).status();
  }
  template <typename Response>
  static absl::StatusOr<Response> Call(const Person& person, const std::string& method,
                                       const google::protobuf::Message& request) {
    return installation_->Call<Response>(person, kService, method, request);
  }
  static v1::ListSessionsResponse Sessions(const Person& person) {
    const auto sessions =
        Call<v1::ListSessionsResponse>(person, "ListSessions", v1::ListSessionsRequest());
    EXPECT_THAT(sessions, IsOk());
    return sessions.ok() ? *sessions : v1::ListSessionsResponse();
  }
  static v1::SignedIn Newest(const Person& person) {
    const v1::ListSessionsResponse all = Sessions(Manager());
    for (const v1::SignedIn& session : all.sessions()) {
      if (session.person_id() == person.person_id) return session;
    }
    ADD_FAILURE() << "no session of " << person.person_id;
    return v1::SignedIn();
  }

  static Installation* installation_;
};

Installation* SignInsTest::installation_ = nullptr;

TEST_F(SignInsTest, SigningOutEndsEveryCopyHereElsewhereAndAfterARestart) {
  // A gateway beside the suite, that asks the suite's directory.
  const uint16_t http = FreePort();
  std::map<std::string, std::string> settings = installation_->Settings();
  settings["FOSTERWATCH_HTTP_LISTEN"] = absl::StrCat("127.0.0.1:", http);
  settings["FOSTERWATCH_GRPC_LISTEN"] = absl::StrCat("127.0.0.1:", FreePort());
  settings["FOSTERWATCH_ENDPOINTS"] = "directory=" + installation_->grpc_address();
  auto replica =
      Process::Start({{absl::StrCat(std::getenv("FOSTERWATCH_BIN_DIR"), "/fosterwatch-gateway")},
                      settings,
                      {},
                      installation_->folder() + "/replica.log"});
  ASSERT_THAT(replica, IsOk());
  ASSERT_THAT(replica->AwaitLine("listening for http"), IsOk());

  const std::string cookie = SignIn(Other());
  const std::string stays = SignIn(Manager());
  ASSERT_EQ(Post(kGetSession, cookie).status, 200);
  ASSERT_THAT(AtTheDoor(cookie), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return Post(kGetSession, cookie, http).status == 200; }))
      << replica->Output();

  EXPECT_EQ(Post("/signout", cookie).status, 303);
  EXPECT_EQ(Post(kGetSession, cookie).status, 401);
  EXPECT_THAT(AtTheDoor(cookie), HasReason("TOKEN_ENDED"));
  // Elsewhere within 5 s and the time of a question.
  EXPECT_TRUE(
      AwaitTrue([&] { return Post(kGetSession, cookie, http).status == 401; }, absl::Seconds(20)));
  EXPECT_EQ(Post(kGetSession, stays, http).status, 200);

  installation_->process().Kill(SIGKILL);
  ASSERT_TRUE(installation_->process().Wait().ok());
  installation_->Start();
  ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  EXPECT_EQ(Post(kGetSession, cookie).status, 401);
  EXPECT_THAT(AtTheDoor(cookie), HasReason("TOKEN_ENDED"));
  EXPECT_EQ(Post(kGetSession, stays).status, 200);
}

TEST_F(SignInsTest, SessionsAreListedAndEndedByWhoMay) {
  const std::string cookie = SignIn(Other());
  const v1::SignedIn session = Newest(Other());
  EXPECT_EQ(session.roles(0), ROLE_CASEWORKER);
  EXPECT_FALSE(session.has_ended_time());
  const auto mine =
      Call<v1::ListSessionsResponse>(Other(), "ListMySessions", v1::ListMySessionsRequest());
  ASSERT_THAT(mine, IsOk());
  for (const v1::SignedIn& one : mine->sessions()) EXPECT_EQ(one.person_id(), "caseworker-1");
  ASSERT_GT(mine->sessions_size(), 0);

  v1::EndSessionRequest end;
  end.set_session_id(session.session_id());
  v1::EndMySessionRequest own;
  own.set_session_id(session.session_id());
  // Neither the same person of another agency, nor anybody else here.
  EXPECT_THAT(Call<v1::EndSessionResponse>(Other("southern"), "EndMySession", own),
              HasReason("NOT_FOUND"));
  EXPECT_THAT(Call<v1::EndSessionResponse>(Manager(), "EndMySession", own), HasReason("NOT_FOUND"));
  EXPECT_THAT(Call<v1::EndSessionResponse>(Other(), "EndSession", end),
              HasReason("ROLE_NOT_ALLOWED"));
  Person theirs = Manager();
  theirs.agency_id = "southern";
  EXPECT_THAT(Call<v1::EndSessionResponse>(theirs, "EndSession", end), HasReason("NOT_FOUND"));
  EXPECT_EQ(Sessions(theirs).sessions_size(), 0);
  EXPECT_EQ(Post(kGetSession, cookie).status, 200);

  EXPECT_THAT(Call<v1::EndSessionResponse>(Manager(), "EndSession", end), IsOk());
  EXPECT_TRUE(
      AwaitTrue([&] { return Post(kGetSession, cookie).status == 401; }, absl::Seconds(20)));
  EXPECT_TRUE(Newest(Other()).has_ended_time());
  EXPECT_EQ(Newest(Other()).ended_by_person_id(), "registered-manager-1");
  // One ends another of one's own.
  const std::string another = SignIn(Other());
  own.set_session_id(Newest(Other()).session_id());
  EXPECT_THAT(Call<v1::EndSessionResponse>(Other(), "EndMySession", own), IsOk());
  EXPECT_TRUE(
      AwaitTrue([&] { return Post(kGetSession, another).status == 401; }, absl::Seconds(20)));
}

TEST_F(SignInsTest, AProgramsTokensEndWithItAndATokenWithoutASessionCanEndItself) {
  const Person program{"northern", "case-system", {ROLE_PUBLISHER}};
  runtime::Client::Options options;
  options.token = installation_->TokenOf(program);
  const auto ends_itself = [&] {
    return installation_->client()
        .CallBytes("any", absl::StrCat("/", kService, "/EndMySession"), "", options)
        .status();
  };
  const auto asks = [&](const std::string& token) {
    runtime::Client::Options as;
    as.token = token;
    return installation_->client()
        .CallBytes("any", absl::StrCat("/", kService, "/ListMySessions"), "", as)
        .status();
  };
  ASSERT_THAT(asks(options.token), IsOk());
  EXPECT_THAT(ends_itself(), IsOk());
  EXPECT_TRUE(
      AwaitTrue([&] { return ReasonOf(asks(options.token)) == "TOKEN_ENDED"; }, absl::Seconds(20)));

  const std::string before = installation_->TokenOf(program);
  ASSERT_THAT(asks(before), IsOk());
  v1::EndTokensOfRequest of;
  of.set_person_id("case-system");
  EXPECT_THAT(Call<v1::EndSessionResponse>(Manager(), "EndTokensOf", of), IsOk());
  EXPECT_TRUE(
      AwaitTrue([&] { return ReasonOf(asks(before)) == "TOKEN_ENDED"; }, absl::Seconds(20)));
  // One that it gets later is good.
  EXPECT_THAT(asks(installation_->TokenOf(program)), IsOk());
}

TEST_F(SignInsTest, WhoSignedInAndOutAndWasRefusedIsKeptAndNothingPersonalOfIt) {
  const std::string cookie = SignIn(Other("eastern"));
  EXPECT_EQ(Post("/signout", cookie).status, 303);
  EXPECT_THAT(AtTheDoor(cookie), HasReason("TOKEN_ENDED"));
  Person manager = Manager();
  manager.agency_id = "eastern";
  operations::v1::ListAccessRequest list;
  list.set_service("directory");
  list.set_person_id("caseworker-1");
  list.set_page_size(200);
  const auto kept = installation_->Call<operations::v1::ListAccessResponse>(
      manager, "fosterwatch.operations.v1.AccessService", "ListAccess", list);
  ASSERT_THAT(kept, IsOk());
  std::vector<std::string> rows;
  for (const operations::v1::Access& access : kept->accesses()) {
    rows.push_back(absl::StrCat(access.method().substr(access.method().rfind('/') + 1), " ",
                                access.outcome(), " ", access.reason()));
  }
  EXPECT_THAT(rows, ::testing::ElementsAre("ListBodies UNAUTHENTICATED TOKEN_ENDED",
                                           "RecordSignOut OK ", "RecordSignIn OK "));
  // Neither the token nor the link is in any log.
  EXPECT_THAT(installation_->process().Output(),
              Not(HasSubstr(cookie.substr(cookie.find('=') + 1))));
}

}  // namespace
}  // namespace fosterwatch::directory
