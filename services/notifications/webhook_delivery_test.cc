// Notices by webhook, from the register's fact to the post that leaves.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/webhook/signature.h"
#include "libs/webhook/testing/scripted_http_server.h"
#include "nlohmann/json.hpp"
#include "services/notifications/testing/delivery_fixture.h"

namespace fosterwatch::notifications {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::ScriptedHttpServer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Fault = ScriptedHttpServer::Answer::Fault;

class WebhookDeliveryTest : public DeliveryTest {
 protected:
  WebhookDeliveryTest() { SetWebhook("southshire", server_.url()); }

  // A webhook first, mail behind it.
  void SetWebhook(const std::string& body_id, const std::string& url) {
    directory::v1::Body body;
    body.set_body_id(body_id);
    AddContact(body, type::v1::CHANNEL_WEBHOOK, url);
    AddContact(body, type::v1::CHANNEL_EMAIL, absl::StrCat("duty@", body_id, ".example"));
    owners_.SetBody(body);
    owners_.SetSecrets(body_id, {newer_, older_});
  }
  void OweByWebhook(const std::string& event_id, const std::string& notice_id,
                    const std::string& body_id = "southshire") {
    OweBy(type::v1::CHANNEL_WEBHOOK, event_id, notice_id, body_id);
  }
  static std::string WebhookId(const v1::Send& send) {
    return send.message_id().substr(1, send.message_id().find('@') - 1);
  }

  const std::string newer_ = webhook::NewSecret(), older_ = webhook::NewSecret();
  ScriptedHttpServer server_;
};

TEST_F(WebhookDeliveryTest, ABodyWithAWebhookIsToldByASignedPost) {
  server_.Expect({.status = 202});
  OweByWebhook("e1", "n1");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  const v1::Send send = NoticeSends("e1")[0];
  EXPECT_EQ(send.channel(), type::v1::CHANNEL_WEBHOOK);
  EXPECT_EQ(send.result(), v1::Send::RESULT_SENT);
  EXPECT_EQ(send.result_code(), "HTTP_202");
  EXPECT_EQ(send.template_(), "notice");
  EXPECT_EQ(send.content_sha256(), ledger::Sha256("Agency: northern\nEvent: e1\nNotices: 1\n"));

  ASSERT_THAT(server_.received(), SizeIs(1));
  ScriptedHttpServer::Received post = server_.received()[0];
  EXPECT_EQ(post.headers["webhook-id"], WebhookId(send));
  for (const std::string& secret : {newer_, older_}) {
    EXPECT_THAT(webhook::Verify(post.headers["webhook-id"], post.headers["webhook-timestamp"],
                                post.headers["webhook-signature"], post.body, secret, absl::Now()),
                IsOk());
  }
  const auto body = nlohmann::json::parse(post.body);
  EXPECT_EQ(body["type"], "fosterwatch.notice");
  absl::Time opened;
  EXPECT_TRUE(
      absl::ParseTime(absl::RFC3339_full, std::string(body["timestamp"]), &opened, nullptr));
  const nlohmann::json data = {{"dispatch_id", WebhookId(send)},
                               {"event_id", "e1"},
                               {"notice_ids", {"n1"}},
                               {"subject", "Notice under regulation 36"},
                               {"text", "Agency: northern\nEvent: e1\nNotices: 1\n"},
                               {"template", "notice"},
                               {"template_version", "7"}};
  EXPECT_EQ(body["data"], data);
  EXPECT_THAT(MailsTo("duty@southshire.example"), IsEmpty());
}

TEST_F(WebhookDeliveryTest, WhatFailsForNowIsTriedAgainTheSame) {
  server_.Expect({.status = 503});
  OweByWebhook("e1", "n1");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  EXPECT_EQ(NoticeSends("e1")[0].result(), v1::Send::RESULT_FAILED);
  EXPECT_EQ(NoticeSends("e1")[0].result_code(), "HTTP_503");
  Pass(absl::Seconds(5));
  ASSERT_TRUE(AwaitNoticeSends("e1", 2));
  const v1::Send send = NoticeSends("e1")[1];
  EXPECT_EQ(send.result(), v1::Send::RESULT_SENT);
  EXPECT_EQ(send.reason_code(), "RETRY");
  EXPECT_FALSE(send.possible_repeat());
  ASSERT_THAT(server_.received(), SizeIs(2));
  ScriptedHttpServer::Received first = server_.received()[0], second = server_.received()[1];
  EXPECT_EQ(first.headers["webhook-id"], second.headers["webhook-id"]);
  EXPECT_EQ(first.body, second.body);
}

TEST_F(WebhookDeliveryTest, ItIsLeftAloneForAsLongAsItAsks) {
  server_.Expect({.status = 429, .headers = "Retry-After: 600\r\n"});
  OweByWebhook("e1", "n1");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  Pass(absl::Seconds(590));
  OweByWebhook("e2", "n2");
  ASSERT_TRUE(AwaitNoticeSends("e2", 1));
  EXPECT_THAT(NoticeSends("e1"), SizeIs(1));
  Pass(absl::Seconds(11));
  ASSERT_TRUE(AwaitNoticeSends("e1", 2));
  EXPECT_EQ(NoticeSends("e1")[1].result(), v1::Send::RESULT_SENT);
}

TEST_F(WebhookDeliveryTest, WhatIsRefusedIsAlertedAndTheNextContactTold) {
  for (const int status : {400, 401, 404, 410, 302}) {
    const std::string event_id = absl::StrCat("e", status);
    server_.Expect({.status = status});
    OweByWebhook(event_id, absl::StrCat("n", status));
    ASSERT_TRUE(AwaitNoticeSends(event_id, 1));
    EXPECT_EQ(NoticeSends(event_id)[0].result(), v1::Send::RESULT_REFUSED) << status;
    EXPECT_EQ(AlertOf(event_id, v1::Alert::KIND_NOTICE_FAILED).reason_code(),
              absl::StrCat("HTTP_", status));
    ASSERT_TRUE(AwaitNoticeSends(event_id, 2));  // the body's next contact is a mail address
    EXPECT_EQ(NoticeSends(event_id)[1].channel(), type::v1::CHANNEL_EMAIL);
    EXPECT_EQ(NoticeSends(event_id)[1].reason_code(), "NEXT_CHANNEL");
  }
  // 410 ends nothing but its own notice: a statutory notice is never kept back on a server's word.
  OweByWebhook("e9", "n9");
  ASSERT_TRUE(AwaitNoticeSends("e9", 1));
  EXPECT_EQ(NoticeSends("e9")[0].result(), v1::Send::RESULT_SENT);
}

TEST_F(WebhookDeliveryTest, AnAddressThatMayNotBeReachedIsAlertedAndTheNextContactTold) {
  SetWebhook("inside", "https://169.254.169.254/latest/meta-data");
  OweByWebhook("e1", "n1", "inside");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  EXPECT_EQ(NoticeSends("e1")[0].result(), v1::Send::RESULT_REFUSED);
  EXPECT_EQ(NoticeSends("e1")[0].result_code(), "ADDRESS_REFUSED");
  EXPECT_EQ(AlertOf("e1", v1::Alert::KIND_NOTICE_FAILED).reason_code(), "ADDRESS_REFUSED");
  ASSERT_TRUE(AwaitNoticeSends("e1", 2));
  EXPECT_EQ(NoticeSends("e1")[1].result(), v1::Send::RESULT_SENT);
}

TEST_F(WebhookDeliveryTest, WhatMayHaveArrivedIsRepeatedUnderTheSameIdMarkedAndCounted) {
  server_.Expect({.fault = Fault::kAfterTheRequest});
  OweByWebhook("e1", "n1");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  EXPECT_EQ(NoticeSends("e1")[0].result_code(), "OUTCOME_UNKNOWN");
  EXPECT_EQ(running_->sender().possible_repeats(), 0);
  // A failure that is certain does not make the first one certain.
  server_.Expect({.status = 500});
  Pass(absl::Seconds(6));
  ASSERT_TRUE(AwaitNoticeSends("e1", 2));
  EXPECT_TRUE(NoticeSends("e1")[1].possible_repeat());
  Pass(absl::Seconds(16));
  ASSERT_TRUE(AwaitNoticeSends("e1", 3));
  const v1::Send send = NoticeSends("e1")[2];
  EXPECT_EQ(send.result(), v1::Send::RESULT_SENT);
  EXPECT_TRUE(send.possible_repeat());
  EXPECT_TRUE(AwaitTrue([&] { return running_->sender().possible_repeats() == 1; }));
  for (auto post : server_.received()) EXPECT_EQ(post.headers["webhook-id"], WebhookId(send));
}

TEST_F(WebhookDeliveryTest, ACrashAfterTheAnswerPostsAgainUnderTheSameIdAndSaysSo) {
  server_.Expect({.before = [this] {
    running_->RequestStop();
    LetIn(false);
  }});
  OweByWebhook("e1", "n1");
  ASSERT_TRUE(AwaitTrue([&] { return server_.received().size() == 1; }));
  Halt();
  LetIn(true);
  Start();
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  ASSERT_THAT(server_.received(), SizeIs(2));
  EXPECT_EQ(server_.received()[0].headers["webhook-id"],
            server_.received()[1].headers["webhook-id"]);
  EXPECT_TRUE(NoticeSends("e1")[0].possible_repeat());
}

TEST_F(WebhookDeliveryTest, OneThatHangsKeepsNeitherMailsNorOtherWebhooksWaiting) {
  ScriptedHttpServer hanging;
  hanging.Always({.fault = Fault::kSilent});
  SetWebhook("hanging", hanging.url());
  for (int i = 0; i < 20; ++i) OweByWebhook(absl::StrCat("h", i), absl::StrCat("h", i), "hanging");
  ASSERT_TRUE(AwaitTrue([&] { return hanging.connections() > 0; }));
  OweByWebhook("e1", "n1");
  Owe("e2", "n2", "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  ASSERT_TRUE(AwaitNoticeSends("e2", 1));
  EXPECT_EQ(NoticeSends("e1")[0].result(), v1::Send::RESULT_SENT);
  EXPECT_EQ(NoticeSends("e2")[0].result(), v1::Send::RESULT_SENT);
  // Before the first of those that hang was given up.
  for (const v1::Send& send : Sends()) EXPECT_FALSE(absl::StartsWith(send.event_id(), "h"));
}

TEST_F(WebhookDeliveryTest, WhichContactCountsIsDecidedAtTheMomentOfSending) {
  // Owed when it had a webhook; by now it has mail alone.
  directory::v1::Body body;
  body.set_body_id("southshire");
  AddContact(body, type::v1::CHANNEL_EMAIL, "duty@southshire.example");
  owners_.SetBody(body);
  OweByWebhook("e1", "n1");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  EXPECT_EQ(NoticeSends("e1")[0].channel(), type::v1::CHANNEL_EMAIL);
  EXPECT_THAT(MailsTo("duty@southshire.example"), SizeIs(1));
  EXPECT_THAT(server_.received(), IsEmpty());
}

TEST_F(WebhookDeliveryTest, APingSaysWhetherTheWayIsOpenAndRecordsNothing) {
  v1::TestWebhookRequest request;
  request.set_body_id("southshire");
  auto response = running_->sender().TestWebhook(CallOf(), request);
  ASSERT_THAT(response, IsOk());
  EXPECT_TRUE(response->taken());
  EXPECT_EQ(response->result_code(), "HTTP_200");
  server_.Expect({.status = 404});
  response = running_->sender().TestWebhook(CallOf(), request);
  ASSERT_THAT(response, IsOk());
  EXPECT_FALSE(response->taken());
  EXPECT_EQ(response->result_code(), "HTTP_404");
  EXPECT_EQ(nlohmann::json::parse(server_.received()[0].body)["type"], "fosterwatch.ping");
  EXPECT_THAT(Sends(), IsEmpty());
  request.set_body_id("northshire");
  EXPECT_THAT(running_->sender().TestWebhook(CallOf(), request), HasReason("NO_WEBHOOK"));
}

}  // namespace
}  // namespace fosterwatch::notifications
