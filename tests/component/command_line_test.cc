// The binary as people meet it: it starts, says what is wrong where it cannot, takes commands,
// and stops when it is told to.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/await.h"
#include "libs/testing/cluster.h"
#include "libs/testing/process.h"
#include "nlohmann/json.hpp"
#include "tests/component/command_line_fixture.h"

namespace fosterwatch {
namespace {

using fosterwatch::testing::AwaitTrue;
using fosterwatch::testing::Cluster;
using fosterwatch::testing::Process;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

TEST_F(CommandLineTest, WithoutADatabaseItWaitsSaysWhyAndStopsWhenTold) {
  settings_["FOSTERWATCH_POSTGRES"] = "host=" + folder_;
  Process process = Begin({"serve"});
  const auto why = process.AwaitLine("\"msg\":\"waiting\"", absl::Minutes(1));
  ASSERT_TRUE(why.ok()) << why.status();
  EXPECT_THAT(*why, HasSubstr("directory schema: it cannot be reached"));
  EXPECT_TRUE(process.Running());
  const auto code = process.Stop();
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0);
}

TEST_F(CommandLineTest, AWrongCommandLineIsTwoAndNobodyThereIsSix) {
  EXPECT_EQ(Run({}).code, 2);
  EXPECT_EQ(Run({"nonsense"}).code, 2);
  EXPECT_EQ(Run({"event", "report", "--nonsense"}).code, 2);
  EXPECT_EQ(Run({"body", "webhook", "set", "northshire"}).code, 2);
  EXPECT_EQ(Run({"event", "report", "--kind", "lost"}).code, 2);
  EXPECT_EQ(Run({"event", "report", "--occurred", "yesterday"}).code, 2);
  EXPECT_EQ(Run({"token", "--as", "king"}).code, 2);
  EXPECT_EQ(Run({"serve", "--bus", "pigeon"}).code, 2);
  EXPECT_EQ(Run({"--help"}).code, 0);
  settings_["FOSTERWATCH_GRPC_LISTEN"] = "127.0.0.1:1";
  const Answer answer = Run({"event", "list"});
  EXPECT_EQ(answer.code, 6);
  EXPECT_THAT(answer.output, HasSubstr("fosterwatch doctor"));
}

// reliability.md J5. A wrong setting ends it at once and is named, before anything was taken.
TEST_F(CommandLineTest, AWrongSettingStopsTheStartAndIsNamed) {
  struct Case {
    const char* setting;
    const char* value;
    const char* says;
  };
  const std::map<std::string, std::string> good = settings_;
  for (const Case& c :
       std::vector<Case>{{"BUS", "pigeon", "--bus: pigeon not in"},
                         {"LOG_LEVEL", "loud", "--log-level: loud not in"},
                         {"ENDPOINTS", "kpis=a:1,directory", "'directory' is not NAME=HOST:PORT"},
                         {"POSTGRES", "db:5432", "--postgres is no connection string such as"},
                         {"POSTGRES", "postgresql://db:5432", "--postgres is a URL"},
                         {"POSTGRES", "host=db user=me", "--postgres names a user"},
                         {"POSTGRES", "port=many", "database: invalid integer value"},
                         {"SMTP_URL", "nonsense", "--smtp-url is not smtp://"},
                         {"SMTP_PASSWORD_FILE", "/nothing", "--smtp-password-file needs a user"},
                         {"SMTP_CA_FILE", "/nothing", "--smtp-ca-file cannot be read"},
                         {"MAIL_FROM", "somebody", "--mail-from is no mail address"},
                         {"WEBHOOK_NETWORKS", "anywhere", "'anywhere' is not a network"},
                         {"HTTP_LISTEN", "somewhere", "http_listen is not an address"},
                         {"METRICS_LISTEN", "somewhere", "--metrics-listen"},
                         {"SESSION_IDLE", "soon", "session-idle: is no time"},
                         {"MASTER_KEY_FILE", "/nothing", "there is no key file /nothing"},
                         {"JWKS_FILE", "/nothing", "cannot open /nothing"},
                         {"OIDC_FILE", "/nothing", "cannot open /nothing"},
                         {"PROGRAMS_FILE", "/nothing", "/nothing cannot be read"},
                         {"SHARE_DIR", "/nothing", "the data file /nothing/"},
                         {"WEB_DIR", "/nothing", "web_dir /nothing has no index.html"}}) {
    settings_ = good;
    settings_[absl::StrCat("FOSTERWATCH_", c.setting)] = c.value;
    const Answer answer = Run({"serve"});
    EXPECT_TRUE(answer.code == 1 || answer.code == 2) << c.setting << ": " << answer.code;
    EXPECT_THAT(answer.output, HasSubstr(c.says)) << c.setting;
  }
}

// What nobody reads is no setting: it ends at once too, with the name that was probably meant.
TEST_F(CommandLineTest, ANameThatNobodyKnowsStopsTheStartAndIsNamed) {
  const auto named = [](const char* name) { return absl::StrCat("FOSTERWATCH_", name); };
  const std::map<std::string, std::string> good = settings_;
  for (const auto& [name, meant] :
       std::map<std::string, std::string>{{"SMTP_URI", "SMTP_URL"},
                                          {"DATADIR", "DATA_DIR"},
                                          {"ENDPOINT", "ENDPOINTS"},
                                          {"GRPC_LISTENS", "GRPC_LISTEN"},
                                          {"PIGEONS", ""}}) {
    settings_ = good;
    settings_[named(name.c_str())] = "";
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"serve"}, {"event", "list"}}) {
      const Answer answer = Run(command);
      EXPECT_EQ(answer.code, 2) << name;
      EXPECT_THAT(answer.output, HasSubstr(named(name.c_str()) + " is no setting"));
      EXPECT_THAT(answer.output, HasSubstr(meant.empty() ? "" : "is it " + named(meant.c_str())));
    }
  }
  settings_ = good;
  for (const auto& [flag, meant] : std::map<std::string, std::string>{
           {"--smtp-uri=smtp://127.0.0.1", "--smtp-url"}, {"--log-lever", "--log-level"}}) {
    const Answer answer = Run({"serve", flag});
    EXPECT_EQ(answer.code, 2) << flag;
    EXPECT_THAT(answer.output, HasSubstr(absl::StrCat(": is it ", meant, "?")));
  }
  EXPECT_THAT(Run({"event", "list", "--stat", "open"}).output, HasSubstr("is it --state?"));
  // Of the client, of the containers, and of Kubernetes for a Service of that name.
  settings_[named("TOKEN")] = "t";
  settings_[named("PORT")] = "8410";
  settings_[named("GATEWAY_SERVICE_HOST")] = "10.0.0.7";
  settings_[named("GATEWAY_PORT")] = "tcp://10.0.0.7:8410";
  settings_[named("GATEWAY_PORT_8410_TCP_ADDR")] = "10.0.0.7";
  settings_["FOSTERWATCH_GRPC_LISTEN"] = "127.0.0.1:1";
  EXPECT_EQ(Run({"event", "list"}).code, 6) << "nobody is there, and nothing is wrong";
}

TEST_F(CommandLineTest, ANewcomerLoadsTheDemonstrationAndTakesAnEventToItsEnd) {
  const Cluster cluster;
  settings_["FOSTERWATCH_POSTGRES"] = cluster.conninfo();
  settings_["FOSTERWATCH_POSTGRES_ADMIN"] = cluster.admin();
  {
    // Too early: what is missing may still be made, so it waits, and says what that is.
    Process early = Begin({"serve"});
    const auto why = early.AwaitLine("\"msg\":\"waiting\"", absl::Minutes(1));
    ASSERT_TRUE(why.ok()) << why.status();
    EXPECT_THAT(*why, HasSubstr("directory schema: the server has no role fosterwatch_directory: "
                                "'fosterwatch database setup' makes it"));
    EXPECT_TRUE(early.Running());
  }
  ASSERT_EQ(Run({"database", "setup"}).code, 0);
  ASSERT_EQ(Run({"database", "setup"}).code, 0) << "may be run again";
  Process server = Serve();

  {
    // A second one on the same port.
    const Answer second = Run({"serve"});
    EXPECT_EQ(second.code, 1);
    EXPECT_THAT(second.output, HasSubstr("is taken"));
  }

  ASSERT_EQ(Run({"demonstration", "load"}).code, 0);
  ASSERT_EQ(Run({"demonstration", "load"}).code, 0) << "changes nothing";

  // The register hears of the children a moment later.
  Answer reported;
  ASSERT_TRUE(AwaitTrue([&] {
    reported = Run({"event", "report", "--kind", "child-missing", "--child", "C-0002", "--occurred",
                    "now-3h", "--aware", "now-2h", "--summary", "Not back", "--request-id",
                    "command-line-1", "--json"});
    return reported.code == 0 || !absl::StrContains(reported.output, "UNKNOWN_CHILD");
  }));
  ASSERT_EQ(reported.code, 0) << reported.output;
  const std::string id = reported.json().value("eventId", "");
  ASSERT_FALSE(id.empty());

  // Mails are tried in vain: each attempt is a row with its reason, and none counts as a mail.
  ASSERT_TRUE(AwaitTrue([&] {
    return absl::StrContains(Run({"send", "list", "--event", id}).output, "CONNECTION_REFUSED");
  }));
  EXPECT_EQ(Run({"send", "list", "--page-size", "1", "--json"}).json()["sends"].size(), 1u);
  EXPECT_THAT(Run({"send", "list", "--event", "another"}).output,
              HasSubstr("Nothing has left yet."));
  EXPECT_EQ(Run({"send", "list", "--as", "publisher"}).code, 5);
  EXPECT_THAT(Run({"alert", "list"}).output,
              ContainsRegex("event-reported.* [0-9]+ +0 +-"));  // RUNG, MAILS

  const Answer again = Run({"event", "report", "--kind", "child-missing", "--child", "C-0003",
                            "--summary", "Another", "--request-id", "command-line-1"});
  EXPECT_EQ(again.code, 4);
  EXPECT_THAT(again.output, HasSubstr("REQUEST_ID_REUSED"));

  // Answers to the form's questions, each by its id; what they contain may hold "=" itself.
  const Answer answered = Run({"event", "report", "--kind", "child-missing", "--child", "C-0004",
                               "--summary", "x", "--answer", "police_incident_number=LOG=4711",
                               "--answer", "last_seen=At school", "--json"});
  EXPECT_EQ(answered.code, 0) << answered.output;
  const nlohmann::json answers = answered.json()["report"]["answers"];
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0]["questionId"], "police_incident_number");
  EXPECT_EQ(answers[0]["text"], "LOG=4711");
  EXPECT_EQ(Run({"event", "report", "--kind", "child-missing", "--child", "C-0005", "--summary",
                 "x", "--answer", "nothing"})
                .code,
            2);

  const Answer unknown = Run(
      {"event", "report", "--kind", "child-missing", "--child", "X", "--summary", "x", "--json"});
  EXPECT_EQ(unknown.code, 4);
  EXPECT_EQ(unknown.json()["violations"][0]["field"], "report.child_id");
  EXPECT_EQ(Run({"event", "show", "nonsense"}).code, 3);
  EXPECT_EQ(Run({"event", "show", id, "--agency", "another"}).code, 3);
  EXPECT_EQ(Run({"event", "conclude", id, "--outcome", "x", "--as", "caseworker"}).code, 5);
  EXPECT_EQ(Run({"event", "show", id, "--token", "forged"}).code, 5);

  // What was said first stays; a correction stands beside it.
  const Answer corrected =
      Run({"event", "correct", id, "--place", "The park", "--answer", "last_seen=At the gate",
           "--reason", "A neighbour saw her", "--json"});
  EXPECT_EQ(corrected.code, 0) << corrected.output;
  EXPECT_EQ(corrected.json()["corrections"][0]["report"]["place"], "The park");
  EXPECT_EQ(Run({"event", "correct", id, "--reason", "nothing"}).code, 4);

  EXPECT_EQ(Run({"event", "return", id, "--note", "Walked home"}).code, 0);
  const Answer refused = Run({"event", "conclude", id, "--outcome", "Back"});
  EXPECT_EQ(refused.code, 4);
  EXPECT_THAT(refused.output, HasSubstr("NOT_READY_TO_CONCLUDE"));
  const nlohmann::json event = Run({"event", "show", id, "--json"}).json();
  ASSERT_FALSE(event["notices"].empty());
  for (const auto& notice : event["notices"]) {
    const std::string notice_id = notice["noticeId"];
    EXPECT_EQ(Run({"event", "explain", id, notice_id}).code, 0);
    EXPECT_EQ(
        Run({"event", "give", id, notice_id, "--channel", "telephone", "--reference", "Duty desk"})
            .code,
        0);
    EXPECT_EQ(Run({"event", "acknowledge", id, notice_id, "--reference", "A-1"}).code, 0);
  }
  // What the law asks for and was told by telephone is owed in writing as well.
  int confirmed = 0;
  const nlohmann::json given = Run({"event", "show", id, "--json"}).json();
  for (const auto& notice : given["notices"]) {
    if (!notice.contains("writtenConfirmation")) continue;
    const std::string notice_id = notice["noticeId"];
    EXPECT_EQ(Run({"event", "confirm", id, notice_id, "--channel", "email"}).code, 0);
    ++confirmed;
  }
  EXPECT_EQ(confirmed, 1) << "the authority's; the police were told by policy alone";
  EXPECT_EQ(
      Run({"event", "discuss", id, "--with", "Ms Green", "--agreed", "A visit tomorrow"}).code, 0);
  EXPECT_EQ(Run({"event", "sign-off", id, "--stage", "manager"}).code, 0);
  EXPECT_EQ(Run({"event", "sign-off", id, "--stage", "registered-manager"}).code, 0);
  const Answer concluded = Run({"event", "conclude", id, "--outcome", "Back home", "--json"});
  EXPECT_EQ(concluded.code, 0) << concluded.output;
  EXPECT_EQ(concluded.json()["state"], "STATE_CONCLUDED");

  const Answer listed = Run({"event", "list", "--state", "concluded", "--json"});
  EXPECT_EQ(listed.json()["totalSize"], "1");
  EXPECT_THAT(Run({"kpi", "show"}).output, HasSubstr("100.0 %"));
  EXPECT_THAT(Run({"links"}).output, HasSubstr("/signin?code="));
  const Answer examined = Run({"doctor"});
  EXPECT_EQ(examined.code, 6) << "nobody is at the mail server";
  EXPECT_THAT(examined.output, HasSubstr("a call with a token"));
  EXPECT_THAT(examined.output, HasSubstr("nobody watches: no watchdog has asked since the start"));

  const auto stopped = server.Stop();
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_EQ(*stopped, 0);
  EXPECT_EQ(Run({"rebuild", "notifiable-events"}).code, 0);
  Process next = Serve();
  EXPECT_EQ(Run({"event", "list", "--state", "concluded", "--json"}).output, listed.output);
}

}  // namespace
}  // namespace fosterwatch
