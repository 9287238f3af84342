#include "services/directory/domain/webhook.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"

namespace fosterwatch::directory::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kUrl[] = "https://case.northshire.example/notices";

v1::Body WithMail() {
  v1::Body body;
  body.set_body_id("northshire");
  auto* contact = body.add_contacts();
  contact->set_channel(type::v1::CHANNEL_EMAIL);
  contact->set_address("duty@northshire.example");
  return body;
}

TEST(WithWebhookTest, TheWebhookComesFirstAndThereIsOne) {
  const v1::Body body = WithWebhook(WithWebhook(WithMail(), "https://old.example/"), kUrl);
  ASSERT_EQ(body.contacts_size(), 2);
  EXPECT_EQ(body.contacts(0).channel(), type::v1::CHANNEL_WEBHOOK);
  EXPECT_EQ(body.contacts(0).address(), kUrl);
  EXPECT_FALSE(body.contacts(0).released_by_person());
  EXPECT_EQ(body.contacts(1).channel(), type::v1::CHANNEL_EMAIL);
  EXPECT_EQ(UrlOf(body), kUrl);
  EXPECT_EQ(UrlOf(WithMail()), "");
}

TEST(CheckWebhookKeptTest, RecordingABodyMovesOrRemovesAWebhookAndBringsInNone) {
  const v1::Body before = WithWebhook(WithMail(), kUrl);
  EXPECT_TRUE(CheckWebhookKept(before, before).ok());
  EXPECT_TRUE(CheckWebhookKept(before, WithMail()).ok());
  v1::Body last = WithMail();
  *last.add_contacts() = before.contacts(0);
  EXPECT_TRUE(CheckWebhookKept(before, last).ok());
  EXPECT_EQ(ReasonOf(CheckWebhookKept(WithMail(), before)), "WEBHOOK_SET_APART");
  EXPECT_EQ(ReasonOf(CheckWebhookKept(before, WithWebhook(WithMail(), "https://other.example"))),
            "WEBHOOK_SET_APART");
  *last.add_contacts() = before.contacts(0);
  EXPECT_EQ(ReasonOf(CheckWebhookKept(before, last)), "WEBHOOK_SET_APART");
}

class SecretsTest : public ::testing::Test {
 protected:
  void Make(const std::string& secret) {
    v1::WebhookSecretMade fact;
    fact.set_body_id("northshire");
    fact.set_secret(secret);
    *fact.mutable_made_time() = clock::ToProto(now_);
    *fact.mutable_earlier_until_time() = clock::ToProto(now_ + absl::Hours(24));
    Evolve(webhook_, fact);
  }
  std::vector<std::string> Valid() const {
    std::vector<std::string> secrets;
    const v1::Webhook valid = ValidAt(webhook_, now_);
    for (const auto& secret : valid.secrets()) secrets.push_back(secret.secret());
    return secrets;
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  v1::Webhook webhook_;
};

TEST_F(SecretsTest, TheOneBeforeStaysValidForItsTimeOnly) {
  EXPECT_THAT(Valid(), IsEmpty());
  Make("a");
  EXPECT_THAT(Valid(), ElementsAre("a"));
  now_ += absl::Hours(1000);
  EXPECT_THAT(Valid(), ElementsAre("a"));
  Make("b");
  EXPECT_THAT(Valid(), ElementsAre("b", "a"));
  now_ += absl::Hours(24) - absl::Microseconds(1);
  EXPECT_THAT(Valid(), ElementsAre("b", "a"));
  now_ += absl::Microseconds(1);
  EXPECT_THAT(Valid(), ElementsAre("b"));
}

TEST_F(SecretsTest, RotatingAgainGivesTheEarlierOneNoMoreTime) {
  Make("a");
  Make("b");
  now_ += absl::Hours(20);
  Make("c");
  EXPECT_THAT(Valid(), ElementsAre("c", "b", "a"));
  now_ += absl::Hours(5);
  EXPECT_THAT(Valid(), ElementsAre("c", "b"));
}

TEST_F(SecretsTest, SoManyAreValidAtATime) {
  for (const char* secret : {"a", "b", "c", "d", "e", "f"}) Make(secret);
  EXPECT_THAT(Valid(), ElementsAre("f", "e", "d", "c"));
}

TEST(WebhookPolicyTest, NamesWhatIsWrongWithIt) {
  EXPECT_TRUE(
      ParseWebhookPolicy(R"({"version":"1","secretOverlapHours":24,"source":"agency","grade":"M"})")
          .ok());
  for (const char* json :
       {"", "{}", R"({"version":"1","secretOverlapHours":0,"source":"agency","grade":"M"})",
        R"({"version":"1","secretOverlapHours":2161,"source":"agency","grade":"M"})",
        R"({"version":"1","secretOverlapHours":24,"grade":"M"})",
        R"({"version":"1","secretOverlapHours":24,"source":"agency","grade":"X"})",
        R"({"version":"1","secretOverlapHours":24,"source":"agency","grade":"M","more":1})"}) {
    EXPECT_EQ(ReasonOf(ParseWebhookPolicy(json).status()), "POLICY_INVALID") << json;
  }
}

}  // namespace
}  // namespace fosterwatch::directory::domain
