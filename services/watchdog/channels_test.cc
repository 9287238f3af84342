#include "services/watchdog/channels.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "libs/clock/proto_time.h"
#include "libs/mail/testing/scripted_smtp_server.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/test_authority.h"
#include "libs/webhook/testing/scripted_http_server.h"

namespace fosterwatch::watchdog {
namespace {

using fosterwatch::testing::IsOk;
using fosterwatch::testing::ScriptedHttpServer;
using fosterwatch::testing::TestAuthority;
using mail::ScriptedSmtpServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::function<bool()> kGoOn = [] { return false; };

v1::WatchState::Message Alarm() {
  v1::WatchState::Message message;
  message.set_message_id("m1");
  *message.mutable_made_time() = clock::ToProto(absl::FromUnixSeconds(1'780'000'000));
  message.set_subject("Fosterwatch: alarm, kpis (process_away)");
  message.set_text("* kpis: it does not answer\n");
  return message;
}

Channels::Options To(const ScriptedSmtpServer& server) {
  Channels::Options options;
  options.smtp.url = server.url();
  options.mail_from = "watchdog@agency.example";
  options.mail_to = "ops@agency.example, manager@agency.example";
  return options;
}

TEST(ChannelsTest, EachAddressGetsAMailThatSaysWhoSentIt) {
  ScriptedSmtpServer server;
  auto channels = Channels::Make(To(server));
  ASSERT_THAT(channels, IsOk());
  ASSERT_THAT(channels->targets(), ElementsAre("ops@agency.example", "manager@agency.example"));
  for (const std::string& target : channels->targets()) {
    EXPECT_THAT(channels->Tell(target, Alarm(), kGoOn), IsOk());
  }
  ASSERT_THAT(server.received(), SizeIs(2));
  EXPECT_EQ(server.received()[1].recipient, "manager@agency.example");
  EXPECT_EQ(server.received()[1].Header("From"), "Fosterwatch watchdog <watchdog@agency.example>");
  EXPECT_EQ(server.received()[1].Header("Subject"), "Fosterwatch: alarm, kpis (process_away)");
  EXPECT_EQ(server.received()[1].Header("Message-ID"), "<m1@watchdog.fosterwatch>");
  EXPECT_THAT(server.received()[1].data, HasSubstr("* kpis: it does not answer\r\n"));
}

TEST(ChannelsTest, ALoginIsNeverSentWithoutTls) {
  ScriptedSmtpServer server;
  server.Always({.login_in_clear = true});
  Channels::Options options = To(server);
  options.smtp.user = "agency";
  options.smtp.password = "secret";
  auto channels = Channels::Make(std::move(options));
  ASSERT_THAT(channels, IsOk());
  const absl::Status told = channels->Tell("ops@agency.example", Alarm(), kGoOn);
  EXPECT_TRUE(absl::IsUnavailable(told)) << told;
  EXPECT_THAT(told.message(), HasSubstr("TLS_FAILED"));
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(server.logins(), 0);
  EXPECT_THAT(server.received(), IsEmpty());
}

TEST(ChannelsTest, ALoginGoesOverTls) {
  const TestAuthority authority;
  ScriptedSmtpServer server(&authority);
  Channels::Options options = To(server);
  options.smtp.ca_file = authority.ca_file();
  options.smtp.user = "agency";
  options.smtp.password = "secret";
  auto channels = Channels::Make(std::move(options));
  ASSERT_THAT(channels, IsOk());
  EXPECT_THAT(channels->Tell("ops@agency.example", Alarm(), kGoOn), IsOk());
  ASSERT_THAT(server.received(), SizeIs(1));
  EXPECT_TRUE(server.received()[0].over_tls);
  EXPECT_EQ(server.received()[0].user, "agency");
  EXPECT_EQ(server.received()[0].password, "secret");
}

TEST(ChannelsTest, AUrlIsPostedTheMessageAndAnythingButAYesIsTriedAgain) {
  ScriptedHttpServer server;
  Channels::Options options;
  options.webhook_url = absl::StrCat("http://127.0.0.1:", server.port(), "/alarms");
  auto channels = Channels::Make(options);
  ASSERT_THAT(channels, IsOk());
  server.Expect({.status = 503});
  const absl::Status refused = channels->Tell(options.webhook_url, Alarm(), kGoOn);
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_THAT(refused.message(), HasSubstr("503"));
  EXPECT_THAT(channels->Tell(options.webhook_url, Alarm(), kGoOn), IsOk());
  ASSERT_THAT(server.received(), SizeIs(2));
  const nlohmann::json body = nlohmann::json::parse(server.received()[1].body);
  EXPECT_EQ(body["id"], "m1");
  EXPECT_EQ(body["time"], "2026-05-28T20:26:40Z");
  EXPECT_EQ(body["text"], "* kpis: it does not answer\n");
}

TEST(ChannelsTest, WhatCannotBeToldIsRefusedAtTheStart) {
  const auto code = [](const std::string& to, const std::string& from, const std::string& url) {
    Channels::Options options;
    options.mail_to = to;
    options.mail_from = from;
    options.webhook_url = url;
    return Channels::Make(options).status().code();
  };
  EXPECT_EQ(code("ops@agency.example", "f@agency.example", ""), absl::StatusCode::kOk);
  EXPECT_EQ(code("", "", ""), absl::StatusCode::kFailedPrecondition);
  for (const char* to : {"ops", "a@b@c", "a@b>\r\nRCPT TO:<c@d", "a..b@c"}) {
    EXPECT_EQ(code(to, "f@agency.example", ""), absl::StatusCode::kInvalidArgument) << to;
  }
  EXPECT_EQ(code("ops@agency.example", "f", ""), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("", "", "ftp://agency.example"), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace fosterwatch::watchdog
