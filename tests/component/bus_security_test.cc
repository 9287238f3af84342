// KafkaBus to brokers that want certificates, passwords and rights: what works, what it says when
// it does not, and that it goes on once that is mended, without a restart.
#include "tests/component/bus_fixture.h"
#include "tests/component/secured_kafka.h"

namespace fosterwatch::bus {
namespace {

using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kByPassword[] = "User:fosterwatch";
constexpr char kByCertificate[] = "User:CN=fosterwatch";

class SecuredBusTest : public ::testing::Test {
 protected:
  SecuredBusTest() : topic_(testing::UniqueTopic("secured")) {
    world_.MakeTopic(topic_, 2);
    for (const char* principal : {kByPassword, kByCertificate}) {
      for (const char* operation : {"read", "write"}) {
        kafka_.Allow(principal, operation, "topic", "literal", topic_);
      }
      kafka_.Allow(principal, "read", "group", "literal", topic_);
    }
  }

  std::unique_ptr<Bus> Open(const std::string& brokers) {
    return Must(MakeKafkaBus({.brokers = brokers,
                              .publish_timeout = absl::Seconds(2),
                              .properties_file = kafka_.file()}));
  }

  // Publishes, reads and commits.
  void ExpectItWorks(Bus& bus) {
    const auto subscription =
        Must(bus.Subscribe({.group = topic_, .topics = {topic_}, .member = "m"}));
    PublishUntilDone(bus, Numbered(topic_, "p", 0, 10));
    Take(*subscription, 10);
    EXPECT_THAT(subscription->Commit(), IsOk());
    EXPECT_THAT(bus.Check(), IsOk());
  }

  // What Check, Publish and Poll say with these properties; then with right ones, all goes on.
  void ExpectSaysAndHeals(const std::string& brokers, const std::string& wrong,
                          const std::string& right, const ::testing::Matcher<std::string>& says) {
    kafka_.Write(wrong);
    const auto bus = Open(brokers);
    const auto subscription = Must(bus->Subscribe({.group = topic_, .topics = {topic_}}));
    absl::Status checked;
    EXPECT_TRUE(AwaitTrue([&] {
      checked = bus->Check();
      return absl::IsUnavailable(checked) && ::testing::Value(std::string(checked.message()), says);
    })) << checked;
    EXPECT_THAT(checked.message(), Not(HasSubstr("secret")));
    EXPECT_THAT(bus->Publish(Numbered(topic_, "p", 0, 10)),
                StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(subscription->Poll(1, absl::Milliseconds(100)),
                StatusIs(absl::StatusCode::kUnavailable));
    kafka_.Write(right);
    EXPECT_TRUE(AwaitTrue([&] { return bus->Check().ok(); })) << bus->Check();
    PublishUntilDone(*bus, Numbered(topic_, "p", 0, 10));
    Take(*subscription, 10);
    EXPECT_THAT(subscription->Commit(), IsOk());
  }

  KafkaWorld world_;
  testing::SecuredKafka kafka_;
  const std::string topic_;
};

TEST_F(SecuredBusTest, WorksWithAPasswordOverTls) {
  kafka_.Write(kafka_.WithPassword(kafka_.password()));
  ExpectItWorks(*Open(kafka_.by_user()));
}

TEST_F(SecuredBusTest, WorksWithACertificateOfItsOwn) {
  kafka_.Write(kafka_.WithCertificate());
  ExpectItWorks(*Open(kafka_.by_certificate()));
}

TEST_F(SecuredBusTest, SaysThatThePasswordIsWrongAndGoesOnWithTheRightOne) {
  ExpectSaysAndHeals(kafka_.by_user(), kafka_.WithPassword("secret"),
                     kafka_.WithPassword(kafka_.password()), HasSubstr("uthentication failed"));
}

// With a broker of 3.x SCRAM works (docs/kafka.md); this one is newer.
TEST_F(SecuredBusTest, SaysThatScramCannotBeUsedAndGoesOnWithoutIt) {
  ExpectSaysAndHeals(
      kafka_.by_user(), kafka_.WithPassword(kafka_.password(), "SCRAM-SHA-512"),
      kafka_.WithPassword(kafka_.password()),
      HasSubstr("cannot do SCRAM with Apache Kafka 4.0 and newer; use a certificate, or PLAIN"));
}

TEST_F(SecuredBusTest, SaysThatTheBrokersCertificateIsOfAStrangerAndGoesOnWithTheRightAuthority) {
  ExpectSaysAndHeals(kafka_.by_certificate(), kafka_.WithCertificate("stranger-ca.pem"),
                     kafka_.WithCertificate(), HasSubstr("certificate verify failed"));
}

TEST_F(SecuredBusTest, SaysThatAPortWantsTlsAndGoesOnWithIt) {
  ExpectSaysAndHeals(kafka_.by_user(), "security.protocol=PLAINTEXT\n",
                     kafka_.WithPassword(kafka_.password()),
                     AnyOf(HasSubstr("SSL listener"), HasSubstr("security.protocol")));
}

TEST_F(SecuredBusTest, SaysWhatItMayNotDoUntilItMay) {
  kafka_.Write(kafka_.WithPassword(kafka_.password()));
  const auto bus = Open(kafka_.by_user());
  const std::string other = testing::UniqueTopic("forbidden");
  world_.MakeTopic(other, 1);
  EXPECT_THAT(bus->Publish(Numbered(other, "p", 0, 1)),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr(other)));
  kafka_.Allow(kByPassword, "write", "topic", "literal", other);
  EXPECT_TRUE(AwaitTrue([&] { return bus->Publish(Numbered(other, "p", 0, 1)).ok(); }));
  // To read, it needs more; and a group.
  const auto subscription = Must(bus->Subscribe({.group = other + ".group", .topics = {other}}));
  absl::Status refused;
  EXPECT_TRUE(AwaitTrue([&] {
    refused = subscription->Poll(1, absl::Milliseconds(100)).status();
    return absl::IsPermissionDenied(refused);
  })) << refused;
  kafka_.Allow(kByPassword, "read", "topic", "literal", other);
  kafka_.Allow(kByPassword, "read", "group", "literal", other + ".group");
  Take(*subscription, 1);
  EXPECT_THAT(subscription->Commit(), IsOk());
}

// As the gateway's, and the operator's.
TEST_F(SecuredBusTest, NeedsNoRightToWriteWhereItOnlyReads) {
  kafka_.Write(kafka_.WithPassword(kafka_.password(), "PLAIN", "reader"));
  std::atomic<int> warnings = 0;
  const auto bus = Must(MakeKafkaBus({.brokers = kafka_.by_user(),
                                      .publish_timeout = absl::Seconds(2),
                                      .properties_file = kafka_.file(),
                                      .warn = [&](const auto&, const auto&) { ++warnings; }}));
  kafka_.Allow("User:reader", "read", "topic", "literal", topic_);
  kafka_.Allow("User:reader", "read", "group", "literal", topic_ + ".reader");
  const auto subscription = Must(bus->Subscribe({.group = topic_ + ".reader", .topics = {topic_}}));
  PublishUntilDone(*world_.Open(), Numbered(topic_, "p", 0, 10));
  Take(*subscription, 10);
  EXPECT_THAT(subscription->Commit(), IsOk());
  EXPECT_THAT(bus->Check(), IsOk());
  EXPECT_EQ(warnings, 0);
  EXPECT_THAT(bus->Publish(Numbered(topic_, "p", 0, 1)), Not(IsOk()));
  EXPECT_THAT(bus->Check(), IsOk());
}

TEST_F(SecuredBusTest, RefusesAFileThatIsNotRightNamingTheLineOrPropertyAndNoValue) {
  const auto refusal = [&](const std::string& text) {
    kafka_.Write(text);
    return MakeKafkaBus({.brokers = kafka_.by_user(), .properties_file = kafka_.file()}).status();
  };
  EXPECT_THAT(refusal("# fine\nsasl.password secret\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("line 2"), Not(HasSubstr("secret")))));
  EXPECT_THAT(refusal("acks=1\n"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("acks")));
  EXPECT_THAT(refusal("sasl.passwort=secret\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("sasl.passwort"), Not(HasSubstr("secret")))));
}

}  // namespace
}  // namespace fosterwatch::bus
