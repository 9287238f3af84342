#include "libs/mail/smtp.h"

#include <atomic>
#include <fstream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/mail/testing/scripted_smtp_server.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::mail {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Outcome = SmtpResult::Outcome;
using Script = ScriptedSmtpServer::Script;

const std::function<bool()> kGoOn = [] { return false; };

Message Example() {
  Message message;
  message.from = "fosterwatch@localhost";
  message.to = "duty@northshire.example";
  message.subject = "Notice";
  message.message_id = "<d1@fosterwatch>";
  message.text = "First line\n.\n..two\nLast line\n";
  message.date = absl::Now();
  return message;
}

SmtpClient::Options To(const std::string& url) {
  SmtpClient::Options options;
  options.url = url;
  options.connect_timeout = absl::Seconds(2);
  options.answer_timeout = absl::Seconds(2);
  options.timeout = absl::Seconds(3);
  return options;
}

TEST(SmtpTest, AMailArrivesAsItWasRendered) {
  ScriptedSmtpServer server;
  SmtpClient client(To(server.url()));
  const SmtpResult result = client.Send(Example(), kGoOn);
  EXPECT_EQ(result.outcome, Outcome::kSent);
  EXPECT_EQ(result.code, "SMTP_250");
  ASSERT_EQ(server.received().size(), 1u);
  EXPECT_EQ(server.received()[0].recipient, "duty@northshire.example");
  EXPECT_EQ(server.received()[0].data, *Render(Example()));
  EXPECT_EQ(server.received()[0].Header("Message-ID"), "<d1@fosterwatch>");
}

TEST(SmtpTest, AConnectionIsKeptForTheNextMail) {
  ScriptedSmtpServer server;
  SmtpClient client(To(server.url()));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Send(Example(), kGoOn).outcome, Outcome::kSent);
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(server.received().size(), 3u);
}

TEST(SmtpTest, AMailThatWasNotTakenIsTheLastOfItsConnection) {
  for (const Script& script :
       {Script{.rcpt = "550 no such user"}, Script{.end_of_data = "554 refused"}}) {
    ScriptedSmtpServer server;
    SmtpClient client(To(server.url()));
    server.Expect({});
    server.Expect(script);
    EXPECT_EQ(client.Send(Example(), kGoOn).outcome, Outcome::kSent);
    EXPECT_EQ(client.Send(Example(), kGoOn).outcome, Outcome::kRefused);
    EXPECT_EQ(client.Send(Example(), kGoOn).outcome, Outcome::kSent);
    EXPECT_EQ(server.connections(), 2);
  }
}

TEST(SmtpTest, AConnectionThatTheServerHasGivenUpIsNoFailedMail) {
  for (const char* farewell : {"", "421 too long idle"}) {
    ScriptedSmtpServer server;
    SmtpClient client(To(server.url()));
    EXPECT_EQ(client.Send(Example(), kGoOn).outcome, Outcome::kSent);
    server.Expect({.fresh = true, .farewell = farewell});
    EXPECT_EQ(client.Send(Example(), kGoOn).code, "SMTP_250");
    EXPECT_EQ(server.connections(), 2);
    EXPECT_EQ(server.received().size(), 2u);
  }
}

TEST(SmtpTest, WhereTheNewConnectionFailsTooTheServerIsAway) {
  ScriptedSmtpServer server;
  SmtpClient client(To(server.url()));
  EXPECT_EQ(client.Send(Example(), kGoOn).outcome, Outcome::kSent);
  server.Expect({.greeting = "421 too busy"});
  const SmtpResult result = client.Send(Example(), kGoOn);
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.code, "SMTP_421");
  EXPECT_TRUE(result.server_away);
  EXPECT_EQ(server.connections(), 2);
}

TEST(SmtpTest, AMailThatMayHaveArrivedIsNotRepeatedUnasked) {
  ScriptedSmtpServer server;
  SmtpClient client(To(server.url()));
  EXPECT_EQ(client.Send(Example(), kGoOn).outcome, Outcome::kSent);
  server.Expect({.end_of_data = ""});
  EXPECT_EQ(client.Send(Example(), kGoOn).code, "OUTCOME_UNKNOWN");
  EXPECT_EQ(server.received().size(), 2u);
  EXPECT_EQ(server.connections(), 1);
}

#ifdef FOSTERWATCH_CRASH_POINTS
// Named so that it runs first: the process reads once where it is to end.
TEST(SmtpDeathTest, TheCrashPointBeforeTheAnswerIsBehindTheWholeMail) {
  ScriptedSmtpServer server;
  const auto send_and_die = [&] {
    ::setenv("FOSTERWATCH_CRASH_AT", "after_smtp_data_before_250:2", 1);
    SmtpClient client(To(server.url()));
    client.Send(Example(), kGoOn);
    client.Send(Example(), kGoOn);
  };
  EXPECT_EXIT(send_and_die(), ::testing::ExitedWithCode(137), "");
  EXPECT_TRUE(AwaitTrue([&] { return server.received().size() == 2; }));
}
#endif

class SmtpTlsTest : public ::testing::Test {
 protected:
  SmtpClient::Options Trusting(const ScriptedSmtpServer& server) const {
    SmtpClient::Options options = To(server.url());
    options.ca_file = authority_.ca_file();
    return options;
  }
  const fosterwatch::testing::TestAuthority authority_;
};

TEST_F(SmtpTlsTest, TlsIsUsedWhereTheServerOffersIt) {
  ScriptedSmtpServer server(&authority_);
  SmtpClient client(Trusting(server));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client.Send(Example(), kGoOn).code, "SMTP_250");
  ASSERT_EQ(server.received().size(), 2u);
  EXPECT_TRUE(server.received()[0].over_tls);
  EXPECT_TRUE(server.received()[1].over_tls);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(SmtpTlsTest, ACertificateThatIsNotGoodTakesNothing) {
  const fosterwatch::testing::TestAuthority another, expired({.expired = true}),
      other_name({.names = "DNS:elsewhere.example"});
  for (const auto* authority : {&another, &expired, &other_name}) {
    ScriptedSmtpServer server(authority);
    SmtpClient::Options options = Trusting(server);
    if (authority != &another) options.ca_file = authority->ca_file();
    SmtpClient client(options);
    const SmtpResult result = client.Send(Example(), kGoOn);
    EXPECT_EQ(result.outcome, Outcome::kFailed);
    EXPECT_EQ(result.code, "TLS_FAILED");
    EXPECT_TRUE(result.server_away);
    EXPECT_TRUE(server.received().empty());
  }
}

TEST_F(SmtpTlsTest, AUserLogsIn) {
  ScriptedSmtpServer server(&authority_);
  SmtpClient::Options options = Trusting(server);
  options.user = "agency@mail.example";
  options.password = "p\"a ss\\word";
  SmtpClient client(options);
  EXPECT_EQ(client.Send(Example(), kGoOn).code, "SMTP_250");
  ASSERT_EQ(server.received().size(), 1u);
  EXPECT_EQ(server.received()[0].user, options.user);
  EXPECT_EQ(server.received()[0].password, options.password);
}

TEST_F(SmtpTlsTest, AWrongPasswordIsNoWordAboutTheMail) {
  ScriptedSmtpServer server(&authority_);
  server.Expect({.login = "535 wrong"});
  SmtpClient::Options options = Trusting(server);
  options.user = "agency";
  options.password = "wrong";
  SmtpClient client(options);
  const SmtpResult result = client.Send(Example(), kGoOn);
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.code, "SMTP_535");
  EXPECT_TRUE(result.server_away);
}

TEST_F(SmtpTlsTest, APasswordNeverLeavesWithoutTls) {
  ScriptedSmtpServer server;
  server.Always({.login_in_clear = true});
  SmtpClient::Options options = To(server.url());
  options.user = "agency";
  options.password = "secret";
  SmtpClient client(options);
  const SmtpResult result = client.Send(Example(), kGoOn);
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.code, "TLS_FAILED");
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(server.logins(), 0);
  EXPECT_TRUE(server.received().empty());
}

TEST(SmtpOptionsTest, ReadTheUserFromTheUrlAndThePasswordFromAFile) {
  const std::string file = ::testing::TempDir() + "smtp-password";
  std::ofstream(file) << "se cret\r\nsecond line\n";
  const auto options = SmtpClient::ReadOptions("smtp://agency%40mail.example@mail:587", file, "");
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->user, "agency@mail.example");
  EXPECT_EQ(options->password, "se cret");
  EXPECT_EQ(options->url, "smtp://mail:587/");
  EXPECT_THAT(SmtpClient::ReadOptions("smtp://127.0.0.1:1025", "", ""), IsOk());
  EXPECT_THAT(SmtpClient::ReadOptions("smtps://mail", "", ""), IsOk());
}

TEST(SmtpOptionsTest, NameWhatIsWrongAndNoSecret) {
  const std::string file = ::testing::TempDir() + "smtp-password-2";
  std::ofstream(file) << "secret\n";
  const auto wrong = [](const std::string& url, const std::string& password, const char* ca = "") {
    return std::string(SmtpClient::ReadOptions(url, password, ca).status().message());
  };
  EXPECT_THAT(wrong("http://mail", ""), HasSubstr("--smtp-url"));
  EXPECT_THAT(wrong("", ""), HasSubstr("--smtp-url"));
  EXPECT_THAT(wrong("smtp://agency:secret@mail", ""),
              AllOf(HasSubstr("--smtp-password-file"), Not(HasSubstr("secret"))));
  EXPECT_THAT(wrong("smtp://agency@mail", ""), HasSubstr("--smtp-password-file"));
  EXPECT_THAT(wrong("smtp://mail", file), HasSubstr("needs a user"));
  EXPECT_THAT(wrong("smtp://agency@mail", "/nowhere"), HasSubstr("--smtp-password-file"));
  EXPECT_THAT(wrong("smtp://mail", "", "/nowhere"), HasSubstr("--smtp-ca-file"));
}

TEST(SmtpPoolTest, SendsSoManyAtATime) {
  ScriptedSmtpServer server;
  std::atomic<int> there = 0;
  // Each mail is answered once both are there.
  server.Always({.before_end = [&] {
    ++there;
    AwaitTrue([&] { return there >= 2; });
  }});
  SmtpPool pool(To(server.url()), 2);
  std::thread other([&] { EXPECT_EQ(pool.Send(Example(), kGoOn).outcome, Outcome::kSent); });
  EXPECT_EQ(pool.Send(Example(), kGoOn).outcome, Outcome::kSent);
  other.join();
  EXPECT_EQ(server.connections(), 2);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(pool.Send(Example(), kGoOn).outcome, Outcome::kSent);
  EXPECT_EQ(server.connections(), 2);
}

struct Answer {
  const char* name;
  Script script;
  Outcome outcome;
  const char* code;
  bool server_away;
};

class SmtpAnswerTest : public ::testing::TestWithParam<Answer> {};

TEST_P(SmtpAnswerTest, DecidesWhatBecomesOfTheMail) {
  ScriptedSmtpServer server;
  server.Expect(GetParam().script);
  SmtpClient client(To(server.url()));
  const SmtpResult result = client.Send(Example(), kGoOn);
  EXPECT_EQ(result.outcome, GetParam().outcome);
  EXPECT_EQ(result.code, GetParam().code);
  EXPECT_EQ(result.server_away, GetParam().server_away);
  // What went wrong leaves nothing behind.
  EXPECT_EQ(client.Send(Example(), kGoOn).code, "SMTP_250");
}

INSTANTIATE_TEST_SUITE_P(
    All, SmtpAnswerTest,
    ::testing::Values(
        Answer{
            "RecipientUnknown", {.rcpt = "550 no such user"}, Outcome::kRefused, "SMTP_550", false},
        Answer{"RecipientBusy", {.rcpt = "450 greylisted"}, Outcome::kFailed, "SMTP_450", false},
        Answer{
            "ContentRefused", {.end_of_data = "554 refused"}, Outcome::kRefused, "SMTP_554", false},
        Answer{"TryLater", {.end_of_data = "451 try later"}, Outcome::kFailed, "SMTP_451", false},
        Answer{"MailboxFull", {.end_of_data = "452 no room"}, Outcome::kFailed, "SMTP_452", false},
        Answer{
            "ClosingAtTheRecipient", {.rcpt = "421 closing"}, Outcome::kFailed, "SMTP_421", true},
        Answer{
            "ClosingAtTheEnd", {.end_of_data = "421 closing"}, Outcome::kFailed, "SMTP_421", true},
        Answer{"LoginAskedFor", {.rcpt = "530 log in first"}, Outcome::kFailed, "SMTP_530", true},
        Answer{"ServerFull", {.greeting = "421 too busy"}, Outcome::kFailed, "SMTP_421", true},
        Answer{"ServerClosed", {.greeting = "554 no service"}, Outcome::kFailed, "SMTP_554", true},
        Answer{"ClosedAtOnce", {.greeting = ""}, Outcome::kFailed, "CONNECTION_LOST", true},
        Answer{"ClosedBeforeTheText", {.rcpt = ""}, Outcome::kFailed, "CONNECTION_LOST", true},
        Answer{
            "ClosedAfterTheText", {.end_of_data = ""}, Outcome::kFailed, "OUTCOME_UNKNOWN", true}),
    [](const auto& info) { return info.param.name; });

TEST(SmtpTest, AServerThatIsAwayIsSaidToBe) {
  std::string url;
  {
    ScriptedSmtpServer server;
    url = server.url();
  }
  SmtpClient client(To(url));
  const SmtpResult result = client.Send(Example(), kGoOn);
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.code, "CONNECTION_REFUSED");
  EXPECT_TRUE(result.server_away);
}

// A server that takes connections and says nothing.
class SilentServer {
 public:
  SilentServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { ::close(listener_); }
  std::string url() const { return absl::StrCat("smtp://127.0.0.1:", port_); }

 private:
  const int listener_;
  int port_ = 0;
};

TEST(SmtpTest, ASilentServerIsGivenUp) {
  SilentServer server;
  SmtpClient::Options options = To(server.url());
  options.timeout = absl::Milliseconds(300);
  SmtpClient client(options);
  const SmtpResult result = client.Send(Example(), kGoOn);
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.code, "TIMEOUT");
  EXPECT_TRUE(result.server_away);
}

TEST(SmtpTest, AStoppingProcessDoesNotWaitForASilentServer) {
  SilentServer server;
  SmtpClient::Options options = To(server.url());
  options.timeout = absl::Seconds(60);
  options.answer_timeout = absl::Seconds(60);
  SmtpClient client(options);
  const absl::Time begun = absl::Now();
  const SmtpResult result = client.Send(Example(), [] { return true; });
  EXPECT_EQ(result.outcome, Outcome::kStopped);
  EXPECT_LT(absl::Now() - begun, absl::Seconds(5));
}

// What would add a header, a recipient or a command.
TEST(SmtpTest, WhatIsNoMailNeverReachesTheServer) {
  ScriptedSmtpServer server;
  SmtpClient client(To(server.url()));
  const std::function<void(Message&)> injections[] = {
      [](Message& message) { message.subject = "Notice\r\nBcc: all@example.org"; },
      [](Message& message) { message.subject = "Notice\rX"; },
      [](Message& message) { message.subject = std::string("Notice\0X", 8); },
      [](Message& message) { message.to = "duty@a.example>\r\nRCPT TO:<x@b.example"; },
      [](Message& message) { message.to = "duty@a.example, x@b.example"; },
      [](Message& message) { message.to = "duty@a.example\n"; },
      [](Message& message) { message.to = "Zo\xc3\xab@a.example"; },
      [](Message& message) { message.from = "a@b> SIZE=1\r\nRSET"; },
      [](Message& message) { message.message_id = "<d1@f>\r\nBcc: all@example.org"; },
  };
  for (const auto& inject : injections) {
    Message message = Example();
    inject(message);
    const SmtpResult result = client.Send(message, kGoOn);
    EXPECT_EQ(result.outcome, Outcome::kRefused);
    EXPECT_EQ(result.code, "MAIL_INVALID");
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(SmtpTest, TextThatLooksLikeTheEndOrLikeACommandStaysText) {
  ScriptedSmtpServer server;
  SmtpClient client(To(server.url()));
  Message message = Example();
  message.subject = "Zo\xc3\xab \xe2\x80\xae?= =?UTF-8?B?QmNj?=";
  message.text = "One\n.\nMAIL FROM:<a@b>\r\n.\r\nRCPT TO:<c@d>\nBcc: all@example.org\n\r.\r\n";
  EXPECT_EQ(client.Send(message, kGoOn).outcome, Outcome::kSent);
  EXPECT_EQ(client.Send(Example(), kGoOn).outcome, Outcome::kSent);
  ASSERT_EQ(server.received().size(), 2u);
  EXPECT_EQ(server.received()[0].data, *Render(message));
  EXPECT_EQ(server.received()[0].Header("Bcc"), "");
  EXPECT_EQ(server.received()[1].data, *Render(Example()));
}

}  // namespace
}  // namespace fosterwatch::mail
