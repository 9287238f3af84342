#include "services/notifications/smtp.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "services/notifications/testing/scripted_smtp_server.h"

namespace fosterwatch::notifications {
namespace {

using Outcome = SmtpResult::Outcome;
using Script = ScriptedSmtpServer::Script;

const std::function<bool()> kGoOn = [] { return false; };

Mail Example() {
  Mail mail;
  mail.from = "fosterwatch@localhost";
  mail.to = "duty@northshire.example";
  mail.subject = "Notice";
  mail.message_id = "<d1@fosterwatch>";
  mail.text = "First line\n.\n..two\nLast line\n";
  mail.date = absl::Now();
  return mail;
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
  EXPECT_EQ(server.received()[0].data, *RenderMail(Example()));
  EXPECT_EQ(server.received()[0].Header("Message-ID"), "<d1@fosterwatch>");
}

TEST(SmtpTest, EachMailHasAConnectionOfItsOwn) {
  ScriptedSmtpServer server;
  SmtpClient client(To(server.url()));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Send(Example(), kGoOn).outcome, Outcome::kSent);
  EXPECT_EQ(server.connections(), 3);
  EXPECT_EQ(server.received().size(), 3u);
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
        Answer{"RecipientUnknown",
               {"220 test", "550 no such user", "250 ok"},
               Outcome::kRefused,
               "SMTP_550",
               false},
        Answer{"RecipientBusy",
               {"220 test", "450 greylisted", "250 ok"},
               Outcome::kFailed,
               "SMTP_450",
               false},
        Answer{"ContentRefused",
               {"220 test", "250 ok", "554 refused"},
               Outcome::kRefused,
               "SMTP_554",
               false},
        Answer{"TryLater",
               {"220 test", "250 ok", "451 try later"},
               Outcome::kFailed,
               "SMTP_451",
               false},
        Answer{"LoginAskedFor",
               {"220 test", "530 log in first", "250 ok"},
               Outcome::kFailed,
               "SMTP_530",
               true},
        Answer{
            "ServerFull", {"421 too busy", "250 ok", "250 ok"}, Outcome::kFailed, "SMTP_421", true},
        Answer{"ServerClosed",
               {"554 no service", "250 ok", "250 ok"},
               Outcome::kFailed,
               "SMTP_554",
               true},
        Answer{"ClosedAtOnce", {"", "250 ok", "250 ok"}, Outcome::kFailed, "CONNECTION_LOST", true},
        Answer{"ClosedBeforeTheText",
               {"220 test", "", "250 ok"},
               Outcome::kFailed,
               "CONNECTION_LOST",
               true},
        Answer{"ClosedAfterTheText",
               {"220 test", "250 ok", ""},
               Outcome::kFailed,
               "OUTCOME_UNKNOWN",
               true}),
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

TEST(SmtpTest, WhatIsNoMailNeverReachesTheServer) {
  ScriptedSmtpServer server;
  SmtpClient client(To(server.url()));
  Mail mail = Example();
  mail.subject = "Notice\r\nBcc: all@example.org";
  const SmtpResult result = client.Send(mail, kGoOn);
  EXPECT_EQ(result.outcome, Outcome::kRefused);
  EXPECT_EQ(result.code, "MAIL_INVALID");
  EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace fosterwatch::notifications
