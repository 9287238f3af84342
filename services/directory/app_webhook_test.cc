// Webhooks in the directory, on a real PostgreSQL: who gets a secret to see, when, and where it is
// nowhere to be found.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/privacy/privacy.h"
#include "libs/privacy/sealer.h"
#include "libs/status/error.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "libs/webhook/signature.h"
#include "services/directory/app.h"
#include "services/directory/module.h"
#include "services/directory/views.h"

namespace fosterwatch::directory {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kUrl[] = "https://case.northshire.example/notices";

class WebhookTest : public ::testing::Test {
 protected:
  WebhookTest() : database_("fosterwatch_directory", MakeModule()->migrations()) {
    ledger::Ledger::Options options;
    options.conninfo = database_.service();
    options.relay_conninfo = database_.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    ledger_ =
        *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
    App::Options app;
    app.now = [this] { return now_; };
    app.webhook_policy.set_version("test");
    app.webhook_policy.set_secret_overlap_hours(24);
    app.policies.add_editions()->set_version("test");
    app_ = std::make_unique<App>(ledger_.get(), std::move(app));
    v1::RecordBodyRequest request;
    *request.mutable_body() = Northshire();
    EXPECT_THAT(app_->RecordBody(Call(), request), IsOk());
  }

  static v1::Body Northshire() {
    v1::Body body;
    body.set_body_id("northshire");
    body.set_kind(v1::Body::KIND_LOCAL_AUTHORITY);
    body.set_name("Northshire");
    auto* contact = body.add_contacts();
    contact->set_channel(type::v1::CHANNEL_EMAIL);
    contact->set_address("duty@northshire.example");
    return body;
  }

  static runtime::Call Call(const std::string& agency = "northern") {
    runtime::Call call;
    call.agency_id = agency;
    call.caller.person_id = "administrator-1";
    return call;
  }
  absl::StatusOr<v1::WebhookSecret> Set(const std::string& url = kUrl,
                                        const std::string& request_id = ledger::NewId(),
                                        const std::string& body_id = "northshire") {
    v1::SetWebhookRequest request;
    request.set_request_id(request_id);
    request.set_body_id(body_id);
    request.set_url(url);
    return app_->SetWebhook(Call(), request);
  }
  absl::StatusOr<v1::WebhookSecret> Rotate(const std::string& body_id = "northshire") {
    v1::RotateWebhookSecretRequest request;
    request.set_request_id(ledger::NewId());
    request.set_body_id(body_id);
    return app_->RotateWebhookSecret(Call(), request);
  }
  std::vector<std::string> Valid() {
    v1::GetWebhookRequest request;
    request.set_body_id("northshire");
    const auto webhook = app_->GetWebhook(Call(), request);
    EXPECT_THAT(webhook, IsOk());
    std::vector<std::string> secrets;
    for (const auto& secret : webhook->secrets()) secrets.push_back(secret.secret());
    return secrets;
  }
  v1::Body Body() {
    v1::GetBodyRequest request;
    request.set_body_id("northshire");
    return *app_->GetBody(Call(), request);
  }

  absl::Time now_ = absl::Now();
  const v1::DirectoryFact fact_;
  fosterwatch::testing::Database database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<App> app_;
};

TEST_F(WebhookTest, IsTheFirstContactFromThenOnAndItsSecretSigns) {
  const auto set = Set();
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->url(), kUrl);
  EXPECT_FALSE(set->has_earlier_until_time());
  EXPECT_THAT(webhook::Sign("id", now_, "{}", {set->secret()}), IsOk());
  EXPECT_THAT(Valid(), ElementsAre(set->secret()));
  ASSERT_EQ(Body().contacts_size(), 2);
  EXPECT_EQ(Body().contacts(0).channel(), type::v1::CHANNEL_WEBHOOK);
  EXPECT_EQ(Body().contacts(0).address(), kUrl);
}

TEST_F(WebhookTest, TheSameRequestAgainShowsTheSameSecret) {
  const auto first = Set(kUrl, "request-1"), second = Set(kUrl, "request-1");
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->secret(), second->secret());
  EXPECT_EQ(Valid().size(), 1u);
  EXPECT_THAT(Set("https://other.example/", "request-1"), HasReason("REQUEST_ID_REUSED"));
}

TEST_F(WebhookTest, WhileOneSecretReplacesTheOtherBothAreValid) {
  const std::string first = Set()->secret();
  const auto second = Rotate();
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->url(), kUrl);
  EXPECT_EQ(clock::FromProto(second->earlier_until_time()),
            absl::FromUnixMicros(absl::ToUnixMicros(now_)) + absl::Hours(24));
  EXPECT_THAT(Valid(), ElementsAre(second->secret(), first));
  now_ += absl::Hours(25);
  EXPECT_THAT(Valid(), ElementsAre(second->secret()));
}

TEST_F(WebhookTest, NamesWhatIsWrong) {
  EXPECT_THAT(Set("http://case.northshire.example/"), HasReason("URL_NOT_HTTPS"));
  EXPECT_THAT(Set("https://user:pass@case.northshire.example/"), HasReason("URL_WITH_CREDENTIALS"));
  EXPECT_THAT(Set("https://case.northshire.example/#x"), HasReason("URL_WITH_FRAGMENT"));
  EXPECT_THAT(Set("https://localhost/"), HasReason("ADDRESS_REFUSED"));
  EXPECT_THAT(Set("https://10.0.0.1/"), HasReason("ADDRESS_REFUSED"));
  EXPECT_THAT(Set(kUrl, "r1", "nowhere"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Rotate("nowhere"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Rotate(), HasReason("NO_WEBHOOK"));
  v1::GetWebhookRequest request;
  request.set_body_id("northshire");
  EXPECT_THAT(app_->GetWebhook(Call(), request), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Set(), IsOk());
  EXPECT_THAT(app_->GetWebhook(Call("southern"), request), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(WebhookTest, RecordingTheBodyCanTakeItAwayAndNotBringOneIn) {
  v1::RecordBodyRequest request;
  *request.mutable_body() = Northshire();
  auto* contact = request.mutable_body()->add_contacts();
  contact->set_channel(type::v1::CHANNEL_WEBHOOK);
  contact->set_address(kUrl);
  EXPECT_THAT(app_->RecordBody(Call(), request), HasReason("WEBHOOK_SET_APART"));
  ASSERT_THAT(Set(), IsOk());
  EXPECT_THAT(app_->RecordBody(Call(), request), IsOk());  // mail first now
  EXPECT_EQ(Body().contacts(0).channel(), type::v1::CHANNEL_EMAIL);
  *request.mutable_body() = Northshire();
  EXPECT_THAT(app_->RecordBody(Call(), request), IsOk());
  EXPECT_EQ(Body().contacts_size(), 1);
  EXPECT_THAT(Rotate(), HasReason("NO_WEBHOOK"));
}

TEST_F(WebhookTest, ASecretIsSealedInTheLedgerAndInNoViewAndOnNoTopic) {
  const std::string secret = Set()->secret();
  const std::string key = secret.substr(6);
  const auto connection = fosterwatch::testing::Connect(database_.admin());
  const auto tables = connection->Query(
      "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
      " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')");
  ASSERT_THAT(tables, IsOk());
  ASSERT_GT(tables->rows(), 5);
  for (int row = 0; row < tables->rows(); ++row) {
    const auto dump = connection->Query(absl::StrCat(
        "SELECT coalesce(string_agg(t::text, ''), '') FROM ", tables->Text(row, 0), " t"));
    ASSERT_THAT(dump, IsOk());
    EXPECT_THAT(dump->Text(0, 0), Not(HasSubstr(key))) << tables->Text(row, 0);
    // Bytes are shown in hexadecimal.
    EXPECT_THAT(dump->Text(0, 0), Not(HasSubstr(absl::BytesToHexString(key))))
        << tables->Text(row, 0);
  }
  v1::DirectoryFact fact;
  fact.mutable_webhook_secret_made()->set_secret(secret);
  privacy::KeepPublic(&fact);
  EXPECT_THAT(fact.SerializeAsString(), Not(HasSubstr(key)));
  EXPECT_THAT(Body().SerializeAsString(), Not(HasSubstr(key)));
  EXPECT_THAT(app_->ListBodies(Call(), {})->SerializeAsString(), Not(HasSubstr(key)));
}

}  // namespace
}  // namespace fosterwatch::directory
