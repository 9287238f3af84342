// Signing in at an organisation's provider, which a test twists as it likes.
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"

#include "libs/auth/programs.h"
#include "libs/auth/sign_in_links.h"
#include "libs/auth/test_tokens.h"
#include "libs/testing/status_matchers.h"
#include "tests/component/gateway_fixture.h"

namespace fosterwatch::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;
using namespace options::v1;  // NOLINT: roles

// Answers as a provider does, on a port of its own.
class Provider {
 public:
  Provider() : key_(auth::EcKey()) {
    gateway::HttpServer::Options options;
    options.listen = "127.0.0.1:0";
    auto server = gateway::HttpServer::Listen(
        options,
        [this](gateway::RequestPtr request, gateway::ReplyPtr reply) {
          reply->Send(Answer(*request));
        },
        [](const gateway::HttpRequest&, int status) {
          return gateway::HttpResponse::Of(status, "text/plain", "");
        });
    server_ = *std::move(server);
    server_->Run();
    said_ = {{"issuer", issuer()},
             {"authorization_endpoint", issuer() + "/authorize"},
             {"token_endpoint", issuer() + "/token"},
             {"jwks_uri", issuer() + "/jwks"},
             {"end_session_endpoint", issuer() + "/end?x=1"}};
  }
  ~Provider() { server_->Stop(absl::Seconds(1)); }

  std::string issuer() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }

  // An access token for a program (RFC 9068).
  std::string AccessTokenFor(const std::string& client_id, const Json& more = Json::object()) {
    const int64_t now = absl::ToUnixSeconds(absl::Now());
    Json claims = {{"iss", issuer()},        {"aud", "fosterwatch"},
                   {"sub", client_id},       {"iat", now},
                   {"client_id", client_id}, {"roles", {"service", "administrator"}},
                   {"agency", "*"},          {"exp", now + 60}};
    claims.update(more);
    const Json header = {{"alg", "ES256"}, {"kid", key_id_}, {"typ", "at+jwt"}};
    return auth::Sign(key_, header, claims.dump());
  }

  void NewKey(const std::string& id) {
    key_ = auth::EcKey();
    key_id_ = id;
  }

  Json said_;
  bool is_away_ = false;
  // Of the next ID token, over the usual ones.
  Json claims_ = Json::object();
  int token_status_ = 200;
  // What came with the last code.
  std::map<std::string, std::string> form_;
  std::string authorization_;

 private:
  gateway::HttpResponse Answer(const gateway::HttpRequest& request) {
    const auto json = [](const Json& body, int status = 200) {
      return gateway::HttpResponse::Of(status, "application/json", body.dump());
    };
    if (is_away_) return json({}, 502);
    if (request.path == "/.well-known/openid-configuration") return json(said_);
    if (request.path == "/jwks") return json(auth::SetOf({{key_id_, &key_}}));
    if (request.path != "/token" || request.method != "POST") return json({}, 404);
    form_.clear();
    for (absl::string_view field : absl::StrSplit(request.body, '&')) {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(field, absl::MaxSplits('=', 1));
      form_.insert(parts);
    }
    authorization_ = std::string(request.Header("authorization"));
    if (token_status_ != 200) return json({{"error", "invalid_grant"}}, token_status_);
    const int64_t now = absl::ToUnixSeconds(absl::Now());
    Json claims = {{"iss", issuer()},         {"aud", "fosterwatch"}, {"sub", "jo.hart"},
                   {"agency", "oakley"},      {"nonce", nonce_},      {"iat", now},
                   {"roles", {"caseworker"}}, {"exp", now + 60}};
    claims.update(claims_);
    const Json header = {{"alg", "ES256"}, {"kid", key_id_}, {"typ", "JWT"}};
    return json({{"id_token", auth::Sign(key_, header, claims.dump())}, {"token_type", "Bearer"}});
  }

  auth::jose::Key key_;
  std::string key_id_ = "first";
  std::unique_ptr<gateway::HttpServer> server_;

 public:
  std::string nonce_;
};

class OidcTest : public GatewayTest {
 protected:
  OidcTest() {
    auth::OidcSettings settings;
    settings.issuer = there_.issuer();
    settings.client_id = "fosterwatch";
    settings.client_secret = "a secret&more";
    provider_ = std::make_unique<auth::OidcProvider>(settings, "http://gateway.test/signin/return");
  }

  // A browser that was sent to the provider: its cookie, and what the address asked for.
  struct Sent {
    std::string cookie;
    std::map<std::string, std::string> asked;
  };
  Sent GoThere() {
    const HttpAnswer answer = Exchange(HttpText("GET", "/signin", {}));
    EXPECT_EQ(answer.status, 303) << answer.body;
    const std::string& location = answer.headers.at("location");
    EXPECT_THAT(location, StartsWith(there_.issuer() + "/authorize?"));
    Sent sent;
    const std::string& cookie = answer.headers.at("set-cookie");
    EXPECT_THAT(cookie, HasSubstr("HttpOnly; SameSite=Lax"));
    sent.cookie = cookie.substr(0, cookie.find(';'));
    for (absl::string_view field : absl::StrSplit(location.substr(location.find('?') + 1), '&')) {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(field, absl::MaxSplits('=', 1));
      sent.asked.insert(parts);
    }
    there_.nonce_ = sent.asked["nonce"];
    return sent;
  }
  HttpAnswer ComeBack(const Sent& sent, const std::string& more = "") {
    return Exchange(HttpText("GET",
                             "/signin/return?code=c-1&state=" + sent.asked.at("state") + more,
                             {{"Cookie", sent.cookie}}));
  }
  static bool SignsIn(const HttpAnswer& answer) {
    return absl::StrContains(answer.headers.at("set-cookie"), "fosterwatch_session=e");
  }

  Provider there_;
};

TEST_F(OidcTest, SignsInWhoComesBackFromTheProvider) {
  StartGateway();
  const Sent sent = GoThere();
  EXPECT_EQ(sent.asked.at("response_type"), "code");
  EXPECT_EQ(sent.asked.at("client_id"), "fosterwatch");
  EXPECT_EQ(sent.asked.at("redirect_uri"), "http%3A%2F%2Fgateway.test%2Fsignin%2Freturn");
  EXPECT_EQ(sent.asked.at("code_challenge_method"), "S256");

  const HttpAnswer back = ComeBack(sent, "&iss=" + there_.issuer());
  EXPECT_EQ(back.status, 303) << back.body;
  EXPECT_EQ(back.headers.at("location"), "/");
  EXPECT_EQ(there_.form_["grant_type"], "authorization_code");
  EXPECT_EQ(there_.form_["code"], "c-1");
  EXPECT_EQ(auth::jose::ToBase64Url(auth::jose::Sha256(there_.form_["code_verifier"])),
            sent.asked.at("code_challenge"));
  // "fosterwatch:a%20secret%26more"
  EXPECT_EQ(there_.authorization_, "Basic Zm9zdGVyd2F0Y2g6YSUyMHNlY3JldCUyNm1vcmU=");

  const std::string& set = back.headers.at("set-cookie");
  ASSERT_TRUE(SignsIn(back)) << set;
  EXPECT_THAT(set, HasSubstr("fosterwatch_signin=; Path=/; Max-Age=0"));
  const size_t at = set.find("fosterwatch_session=");
  const HttpAnswer session = Exchange(HttpText("POST", kGetSession,
                                               {{"Cookie", set.substr(at, set.find(';', at) - at)},
                                                {"Content-Type", "application/json"},
                                                {"Connect-Protocol-Version", "1"},
                                                {"Origin", "http://gateway.test"}},
                                               "{}"));
  EXPECT_EQ(session.status, 200) << session.body;
  EXPECT_EQ(Json::parse(session.body)["personId"], "jo.hart");
  EXPECT_EQ(Json::parse(session.body)["agencyId"], "oakley");
  EXPECT_EQ(Json::parse(session.body)["roles"], Json({"ROLE_CASEWORKER"}));
}

TEST_F(OidcTest, SignsInNobodyWhoseReturnIsNotTheEndOfTheirOwnAttempt) {
  StartGateway();
  const Sent sent = GoThere();
  const Sent other = GoThere();
  there_.nonce_ = sent.asked.at("nonce");
  const std::string state = sent.asked.at("state");
  const struct {
    const char* what;
    std::string query, cookie;
  } cases[] = {
      {"without the browser's cookie", "code=c-1&state=" + state, ""},
      {"in another browser", "code=c-1&state=" + state, other.cookie},
      {"without a state", "code=c-1", sent.cookie},
      {"from another provider", "code=c-1&state=" + state + "&iss=https://evil.example",
       sent.cookie},
      {"after a refusal", "error=access_denied&state=" + state, sent.cookie},
  };
  for (const auto& [what, query, cookie] : cases) {
    there_.form_.clear();
    const HttpAnswer answer =
        Exchange(HttpText("GET", "/signin/return?" + query, {{"Cookie", cookie}}));
    EXPECT_EQ(answer.status, 403) << what;
    EXPECT_FALSE(SignsIn(answer)) << what;
    EXPECT_THAT(answer.body, HasSubstr("Sign in again")) << what;
    EXPECT_TRUE(there_.form_.empty()) << what << ": the code was sent on";
  }
  EXPECT_EQ(ComeBack(sent).status, 303);
}

TEST_F(OidcTest, SignsInNobodyWhoseTokenIsNotGoodOrWhoHasNoRole) {
  StartGateway();
  const struct {
    Json claims;
    const char* heading;
  } cases[] = {
      {{{"nonce", "of-another-attempt"}}, "You are not signed in"},
      {{{"aud", "payroll"}}, "You are not signed in"},
      {{{"iss", "https://evil.example"}}, "You are not signed in"},
      {{{"exp", 1'000'000}}, "You are not signed in"},
      {{{"roles", {"service"}}}, "You have no role here"},
      {{{"agency", "*"}}, "You have no role here"},
  };
  for (const auto& [claims, heading] : cases) {
    there_.claims_ = claims;
    const HttpAnswer answer = ComeBack(GoThere());
    EXPECT_EQ(answer.status, 403) << claims;
    EXPECT_FALSE(SignsIn(answer)) << claims;
    EXPECT_THAT(answer.body, HasSubstr(heading)) << claims;
  }
  there_.claims_ = Json::object();
  there_.token_status_ = 400;
  EXPECT_THAT(ComeBack(GoThere()).body, HasSubstr("You are not signed in"));
  there_.token_status_ = 500;
  EXPECT_EQ(ComeBack(GoThere()).status, 503);
}

TEST_F(OidcTest, FollowsAProviderThatChangesItsKey) {
  absl::Duration ahead;
  now_ = [&ahead] { return absl::Now() + ahead; };
  StartGateway();
  EXPECT_EQ(ComeBack(GoThere()).status, 303);
  there_.NewKey("second");
  ahead = absl::Seconds(11);
  EXPECT_EQ(ComeBack(GoThere()).status, 303);
}

TEST_F(OidcTest, SaysThatTheProviderCannotBeUsed) {
  there_.said_["issuer"] = "https://evil.example";
  StartGateway();
  const HttpAnswer answer = Exchange(HttpText("GET", "/signin", {}));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.count("set-cookie"), 0u);
  EXPECT_THAT(answer.body, HasSubstr("does not answer"));

  there_.said_["issuer"] = there_.issuer();
  there_.said_["token_endpoint"] = "http://token.example/";
  EXPECT_EQ(Exchange(HttpText("GET", "/signin", {})).status, 503);
  there_.said_["token_endpoint"] = there_.issuer() + "/token";
  EXPECT_EQ(ComeBack(GoThere()).status, 303);
}

TEST_F(OidcTest, LinksDoNotSignInBesideAProvider) {
  StartGateway();
  const std::string code = *auth::MakeSignInCode(links(), CallerOf(ROLE_REGISTERED_MANAGER),
                                                 absl::Now() + absl::Hours(1));
  const HttpAnswer answer = Exchange(HttpText("GET", "/signin?code=" + code, {}));
  EXPECT_THAT(answer.headers.at("location"), StartsWith(there_.issuer()));
  EXPECT_FALSE(SignsIn(answer));
}

TEST_F(OidcTest, SigningOutShowsTheWayOutOfTheProviderToo) {
  StartGateway();
  ComeBack(GoThere());
  const HttpAnswer out =
      Exchange(HttpText("POST", "/signout", {{"Origin", "http://gateway.test"}}, ""));
  EXPECT_EQ(out.status, 200);
  EXPECT_THAT(out.headers.at("set-cookie"), HasSubstr("fosterwatch_session=; Path=/; Max-Age=0"));
  EXPECT_THAT(out.body, HasSubstr(there_.issuer() + "/end?x=1&amp;client_id=fosterwatch"
                                                    "&amp;post_logout_redirect_uri="));
}

// Programs with tokens of the provider, for whom an operator has written a file.
class ProgramsTest : public OidcTest {
 protected:
  ProgramsTest() {
    WriteProgram("caseworker");
    programs_ = *auth::Programs::FromFile(file());
    sessions_.programs = programs_.get();
    get_body_ = [this](const runtime::Call& call, const directory_v1::GetBodyRequest&,
                       runtime::Reply<directory_v1::Body> reply) {
      seen_ = call.caller;
      reply(directory_v1::Body());
    };
  }
  std::string file() const { return folder_ + "/programs.json"; }
  void WriteProgram(const std::string& role) {
    const Json text = {
        {"issuer", there_.issuer()},
        {"programs", {{{"client_id", "case-system"}, {"agency", "oakley"}, {"roles", {role}}}}}};
    WriteFile(file() + ".new", text.dump());
    std::filesystem::rename(file() + ".new", file());
  }
  HttpAnswer CallWith(const std::string& token) {
    return Rpc(kGetBody, R"({"bodyId":"b"})", {{"Authorization", "Bearer " + token}});
  }

  std::unique_ptr<auth::Programs> programs_;
  auth::Caller seen_;
};

TEST_F(ProgramsTest, ServicesSeeTheProgramAsTheOperatorHasIt) {
  StartGateway();
  const std::string token = there_.AccessTokenFor("case-system");
  EXPECT_EQ(CallWith(token).status, 503) << "the provider was not asked yet";
  EXPECT_THAT(programs_->Check(), Not(IsOk()));
  programs_->Refresh(absl::Now());
  EXPECT_THAT(programs_->Check(), IsOk());
  EXPECT_EQ(CallWith(token).status, 200);
  EXPECT_EQ(seen_.person_id, "program:case-system");
  EXPECT_EQ(seen_.agency_id, "oakley");
  EXPECT_THAT(seen_.roles, ElementsAre(ROLE_CASEWORKER));

  EXPECT_EQ(CallWith(Token()).status, 200) << "tokens of our own go on";
  EXPECT_EQ(seen_.person_id, "person-1");
  const HttpAnswer stranger = CallWith(there_.AccessTokenFor("payroll"));
  EXPECT_EQ(stranger.status, 403);
  EXPECT_EQ(ReasonIn(stranger), "PROGRAM_NOT_KNOWN");
  for (const Json& wrong : {Json{{"aud", "account"}}, Json{{"exp", 1}}, Json{{"nbf", 1e10}}}) {
    EXPECT_EQ(CallWith(there_.AccessTokenFor("case-system", wrong)).status, 401) << wrong;
  }
  // The operator takes the role back.
  WriteProgram("publisher");
  programs_->Refresh(absl::Now());
  EXPECT_EQ(CallWith(token).status, 403);
  EXPECT_THAT(CallWith(token).body, Not(HasSubstr("PROGRAM_NOT_KNOWN")));
  WriteFile(file(), "half a fi");
  programs_->Refresh(absl::Now());
  EXPECT_THAT(programs_->Check(), Not(IsOk()));
  EXPECT_EQ(CallWith(token).status, 403) << "as the file was before";
}

TEST_F(ProgramsTest, KeysAreFollowedAndKeptWhileTheProviderIsAway) {
  StartGateway();
  const absl::Time begun = absl::Now();
  programs_->Refresh(begun);
  const std::string first = there_.AccessTokenFor("case-system");
  there_.is_away_ = true;
  programs_->Refresh(begun + absl::Minutes(2));
  EXPECT_THAT(programs_->Check(), HasReason("PROVIDER_AWAY"));
  EXPECT_EQ(CallWith(first).status, 200);

  there_.is_away_ = false;
  there_.NewKey("second");
  const std::string second = there_.AccessTokenFor("case-system");
  EXPECT_EQ(CallWith(second).status, 401);
  programs_->Refresh(begun + absl::Minutes(2) + absl::Seconds(9));
  EXPECT_EQ(CallWith(second).status, 401) << "asked no more often than every ten seconds";
  programs_->Refresh(begun + absl::Minutes(2) + absl::Seconds(11));
  EXPECT_EQ(CallWith(second).status, 200);
  EXPECT_EQ(CallWith(first).status, 401) << "its key was taken back";

  there_.said_["issuer"] = "https://evil.example";
  programs_->Refresh(begun + absl::Minutes(4));
  EXPECT_THAT(programs_->Check(), HasReason("PROVIDER_AWAY"));
}

}  // namespace
}  // namespace fosterwatch::testing
