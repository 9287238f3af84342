#include "libs/bus/kafka_properties.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"

namespace fosterwatch::bus::kafka {
namespace {

using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

TEST(KafkaPropertiesTest, ReadsLinesOfNamesAndValues) {
  const auto properties = ParseProperties(
      "# by certificate\r\n\nsecurity.protocol = SASL_SSL \n  ssl.ca.location=/secrets/ca.pem\r\n"
      "sasl.password=a=b #c\nsasl.username=\n");
  ASSERT_THAT(properties, IsOk());
  EXPECT_THAT(*properties, ElementsAre(Pair("security.protocol", "SASL_SSL"),
                                       Pair("ssl.ca.location", "/secrets/ca.pem"),
                                       Pair("sasl.password", "a=b #c"), Pair("sasl.username", "")));
  EXPECT_THAT(*ParseProperties(""), ElementsAre());
}

TEST(KafkaPropertiesTest, NamesTheLineThatIsNoPropertyAndShowsNothingOfIt) {
  for (const char* text : {"\nsasl.password secret", "\n=secret", "\n  =secret"}) {
    EXPECT_THAT(ParseProperties(text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("line 2"), Not(HasSubstr("secret")))));
  }
}

TEST(KafkaPropertiesTest, RefusesPropertiesThatPromisesRestOn) {
  for (const char* name :
       {"acks", "request.required.acks", "enable.idempotence", "retries", "enable.auto.commit",
        "enable.auto.offset.store", "group.id", "group.instance.id", "max.in.flight",
        "auto.offset.reset", "message.timeout.ms", "bootstrap.servers", "plugin.library.paths",
        "isolation.level", "SSL.ca.location", "sslx.ca.location"}) {
    EXPECT_THAT(CheckProperty(name), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(name)));
  }
  EXPECT_THAT(ParseProperties("security.protocol=SSL\nacks=0\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("acks")));
}

TEST(KafkaPropertiesTest, SaysWhichFileIsNotThere) {
  EXPECT_THAT(ReadPropertiesFile("/nowhere/kafka.properties"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/kafka.properties")));
}

}  // namespace
}  // namespace fosterwatch::bus::kafka
