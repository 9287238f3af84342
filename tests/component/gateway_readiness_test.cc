// Whether the gateway is ready, and why not.
#include <string>

#include "gmock/gmock.h"

#include "tests/component/gateway_fixture.h"

namespace fosterwatch::testing {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

TEST_F(GatewayTest, IsReadyOnceItsOwnersWereReady) {
  StartGateway();
  EXPECT_EQ(Exchange(HttpText("GET", "/livez", {})).status, 200);
  // Nobody answers for the figures.
  const HttpAnswer answer = Exchange(HttpText("GET", "/readyz?verbose", {}));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body,
            "[+] service directory is ready\n[-] service kpis is not ready: it cannot be reached\n"
            "[+] service notifiable_events is ready\nnot ready\n");
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  EXPECT_EQ(Exchange(HttpText("GET", "/readyz", {})).body,
            "[-] service kpis is not ready: it cannot be reached\nnot ready\n");
  const Json page =
      Json::parse(Exchange(HttpText("GET", "/readyz", {{"Accept", "application/json"}})).body);
  EXPECT_EQ(page["ready"], false);
  EXPECT_EQ(page["checks"][1]["text"], "it cannot be reached");
}

TEST_F(GatewayTest, SaysWhyAServiceIsNotReadyInItsOwnWords) {
  vitals_.set_ready(false);
  auto* check = vitals_.add_checks();
  check->set_name("directory database");
  check->set_decides(true);
  check->set_text("it cannot be reached");
  StartGateway();
  EXPECT_THAT(
      Exchange(HttpText("GET", "/readyz", {})).body,
      HasSubstr("[-] service directory is not ready: directory database: it cannot be reached\n"));
}

TEST_F(GatewayTest, ShowsAServiceThatWentAwayAndStaysReadyForTheOthers) {
  now_ = [this] { return absl::Now() + ahead_; };
  services_ = {directory_v1::Body::descriptor()->file()->pool()->FindServiceByName(
      "fosterwatch.directory.v1.DirectoryService")};
  StartGateway();
  EXPECT_EQ(Exchange(HttpText("GET", "/readyz", {})).body, "ready\n");
  owner_->Shutdown();
  ahead_ = absl::Seconds(2);  // it asks once a second
  const HttpAnswer answer = Exchange(HttpText("GET", "/readyz", {}));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "[~] service directory is not ready: it cannot be reached\nready\n");
  EXPECT_EQ(Exchange(HttpText("GET", "/livez", {})).status, 200);
}

}  // namespace
}  // namespace fosterwatch::testing
