// A whole Fosterwatch on an Apache Kafka that wants a password and gives each no more than
// deploy/kafka/acls.txt asks for. By the real binary.
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

#include "libs/testing/await.h"
#include "libs/testing/broker.h"
#include "tests/component/http_client.h"
#include "tests/component/secured_kafka.h"
#include "tests/faults/trial.h"
#include "tests/support/installation.h"

namespace fosterwatch {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Installation;

TEST(SecuredFosterwatchTest, SaysWhyItWaitsAndWorksOnceThePasswordIsRight) {
  testing::StartBroker();
  testing::SecuredKafka kafka;
  // Topics are the operator's; the services have their rights and no more.
  Installation installation(Installation::Options{.bus = "kafka", .kafka = testing::TestBrokers()});
  ASSERT_EQ(installation.Run({"topics", "apply"}), 0);
  kafka.AllowAsListed("User:fosterwatch");
  kafka.Write(kafka.WithPassword("not-the-password"));
  installation.Start({{"FOSTERWATCH_KAFKA", kafka.by_user()},
                      {"FOSTERWATCH_KAFKA_PROPERTIES_FILE", kafka.file()}});
  const auto ready = [&] {
    testing::HttpConnection connection(installation.http_port());
    connection.Send(testing::HttpText("GET", "/readyz?verbose", {}));
    return connection.Read();
  };
  auto listening = installation.process().AwaitLine("\"msg\":\"listening\"", absl::Seconds(60));
  ASSERT_TRUE(listening.ok()) << listening.status();
  EXPECT_TRUE(AwaitTrue(
      [&] {
        const testing::HttpAnswer answer = ready();
        return answer.status == 503 && absl::StrContains(answer.body, "[-] bus is not ready") &&
               absl::StrContains(answer.body, "uthentication failed");
      },
      absl::Seconds(30)))
      << ready().body;
  EXPECT_FALSE(absl::StrContains(installation.process().Output(), "not-the-password"));

  kafka.Write(kafka.WithPassword(kafka.password()));
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  faults::Trial trial(&installation);
  trial.Report({.threads = 2, .requests = 20});
  EXPECT_EQ(trial.unanswered(), 0);
  const oracle::Verdict verdict = trial.JudgeWhenSettled();
  EXPECT_TRUE(verdict.ok()) << verdict.ToString() << installation.process().Output();
  EXPECT_FALSE(absl::StrContains(installation.process().Output(), "uthorization failed"));
}

}  // namespace
}  // namespace fosterwatch
