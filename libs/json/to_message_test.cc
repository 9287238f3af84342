#include "libs/json/to_message.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"

#include "libs/json/zoo_test.pb.h"
#include "libs/status/error.h"

namespace fosterwatch::json {
namespace {

struct Good {
  std::string text;
  std::string means;  // protobuf's debug text, on one line
};

TEST(ToMessageTest, ReadsTheProto3MappingOfJson) {
  const Good cases[] = {
      {"{}", ""},
      {R"({"givenName": "Ada"})", R"(given_name: "Ada")"},
      {R"({"given_name": "Ada"})", R"(given_name: "Ada")"},
      {R"({"given_name": null, "kinds": null, "mother": null})", ""},
      {R"({"kind": "KIND_OWL"})", "kind: KIND_OWL"},
      {R"({"kind": 7})", "kind: KIND_OWL"},
      {R"({"kinds": ["KIND_CAT", "KIND_UNSPECIFIED"]})", "kinds: KIND_CAT kinds: KIND_UNSPECIFIED"},
      {R"({"legs": -2147483648})", "legs: -2147483648"},
      {R"({"legs": 4.0})", "legs: 4"},
      {R"({"legs": 1e2})", "legs: 100"},
      {R"({"seen": "9223372036854775807"})", "seen: 9223372036854775807"},
      {R"({"seen": -9223372036854775808})", "seen: -9223372036854775808"},
      {R"({"tag": "18446744073709551615"})", "tag: 18446744073709551615"},
      {R"({"tag": 18446744073709551615})", "tag: 18446744073709551615"},
      {R"({"weight": 2})", "weight: 2"},
      {R"({"weight": "2.5e1"})", "weight: 25"},
      {R"({"weight": "Infinity"})", "weight: inf"},
      {R"({"tame": true})", "tame: true"},
      {R"({"picture": "+/8="})", R"(picture: "\373\377")"},
      {R"({"picture": "-_8"})", R"(picture: "\373\377")"},
      {R"({"born_time": "2026-08-01T21:10:00Z"})", "born_time { seconds: 1785618600 }"},
      {R"({"born_time": "2026-08-01T22:10:00.25+01:00"})",
       "born_time { seconds: 1785618600 nanos: 250000000 }"},
      {R"({"born_time": "1969-12-31T23:59:59.5Z"})", "born_time { seconds: -1 nanos: 500000000 }"},
      {R"({"asleep": "-1.5s"})", "asleep { seconds: -1 nanos: -500000000 }"},
      {R"({"mother": {"mother": {"legs": 1}}})", "mother { mother { legs: 1 } }"},
      {R"({"young": [{}, {"legs": 1}]})", "young { } young { legs: 1 }"},
      {R"({"meals": {"noon": 2}})", R"(meals { key: "noon" value: 2 })"},
      {R"({"friends": {"-3": {"legs": 1}}})", "friends { key: -3 value { legs: 1 } }"},
      {R"({"answers": {"true": "yes"}})", R"(answers { key: true value: "yes" })"},
      {R"({"rank": 0})", "rank: 0"},
      {R"({"nest": "oak", "den": null})", R"(nest: "oak")"},
  };
  for (const Good& c : cases) {
    zoo::Animal animal;
    ASSERT_EQ(TextToMessage(c.text, animal), absl::OkStatus()) << c.text;
    EXPECT_EQ(animal.ShortDebugString(), c.means) << c.text;
  }
}

struct Bad {
  std::string text;
  std::string reason;
  std::string field;
};

TEST(ToMessageTest, NamesTheFieldAtFaultAndWhy) {
  const Bad cases[] = {
      {"[]", "WRONG_TYPE", "(message)"},
      {"7", "WRONG_TYPE", "(message)"},
      {R"({"wings": 2})", "UNKNOWN_FIELD", "wings"},
      {R"({"GIVENNAME": "x"})", "UNKNOWN_FIELD", "GIVENNAME"},
      {R"({"mother": {"wings": 2}})", "UNKNOWN_FIELD", "mother.wings"},
      {R"({"young": [{}, {"wings": 2}]})", "UNKNOWN_FIELD", "young[1].wings"},
      {R"({"Jane O'Connor": 2})", "UNKNOWN_FIELD", "(unreadable)"},
      {R"({"given_name": "a", "givenName": "b"})", "DUPLICATE_FIELD", "given_name"},
      {R"({"given_name": 5})", "WRONG_TYPE", "given_name"},
      {R"({"kind": "KIND_DOG"})", "UNKNOWN_ENUM_VALUE", "kind"},
      {R"({"kind": "kind_cat"})", "UNKNOWN_ENUM_VALUE", "kind"},
      {R"({"kind": "1"})", "UNKNOWN_ENUM_VALUE", "kind"},
      {R"({"kind": 2})", "UNKNOWN_ENUM_VALUE", "kind"},
      {R"({"kind": true})", "WRONG_TYPE", "kind"},
      {R"({"kind": 99999999999})", "OUT_OF_RANGE", "kind"},
      {R"({"kinds": ["KIND_CAT", "KIND_DOG"]})", "UNKNOWN_ENUM_VALUE", "kinds[1]"},
      {R"({"kinds": ["KIND_CAT", null]})", "NULL_ELEMENT", "kinds[1]"},
      {R"({"kinds": "KIND_CAT"})", "WRONG_TYPE", "kinds"},
      {R"({"legs": 2147483648})", "OUT_OF_RANGE", "legs"},
      {R"({"legs": "2147483648"})", "OUT_OF_RANGE", "legs"},
      {R"({"legs": 1.5})", "WRONG_TYPE", "legs"},
      {R"({"legs": "four"})", "WRONG_TYPE", "legs"},
      {R"({"legs": " 4"})", "WRONG_TYPE", "legs"},
      {R"({"legs": ""})", "WRONG_TYPE", "legs"},
      {R"({"legs": true})", "WRONG_TYPE", "legs"},
      {R"({"seen": 9223372036854775808})", "OUT_OF_RANGE", "seen"},
      {R"({"seen": 1e18})", "OUT_OF_RANGE", "seen"},
      {R"({"cage": -1})", "OUT_OF_RANGE", "cage"},
      {R"({"tag": "-1"})", "OUT_OF_RANGE", "tag"},
      {R"({"weight": "heavy"})", "WRONG_TYPE", "weight"},
      {R"({"weight": "nan"})", "WRONG_TYPE", "weight"},
      {R"({"height": 1e39})", "OUT_OF_RANGE", "height"},
      {R"({"tame": 1})", "WRONG_TYPE", "tame"},
      {R"({"tame": "true"})", "WRONG_TYPE", "tame"},
      {R"({"picture": "a picture"})", "INVALID_BASE64", "picture"},
      {R"({"picture": "-_+/"})", "INVALID_BASE64", "picture"},
      {R"({"born_time": 1785618600})", "WRONG_TYPE", "born_time"},
      {R"({"born_time": {"seconds": 1}})", "WRONG_TYPE", "born_time"},
      {R"({"born_time": ""})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "2026-08-01"})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "2026-08-01T21:10:00"})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "2026-08-01 21:10:00Z"})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "2026-02-30T21:10:00Z"})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "2026-08-01T24:10:00Z"})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "2026-08-01T21:10:60Z"})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "2026-08-01T21:10:00.Z"})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "2026-08-01T21:10:00.1234567890Z"})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "2026-08-01T21:10:00+0100"})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "2026-08-01T21:10:00Z "})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "0000-08-01T21:10:00Z"})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"born_time": "infinite-future-and-more"})", "INVALID_TIMESTAMP", "born_time"},
      {R"({"asleep": "1"})", "INVALID_DURATION", "asleep"},
      {R"({"asleep": "1ms"})", "INVALID_DURATION", "asleep"},
      {R"({"asleep": "1h2s"})", "INVALID_DURATION", "asleep"},
      {R"({"asleep": "s"})", "INVALID_DURATION", "asleep"},
      {R"({"mother": []})", "WRONG_TYPE", "mother"},
      {R"({"young": {}})", "WRONG_TYPE", "young"},
      {R"({"meals": []})", "WRONG_TYPE", "meals"},
      {R"({"meals": {"noon": "much"}})", "WRONG_TYPE", "meals[noon]"},
      {R"({"meals": {"noon": null}})", "NULL_ELEMENT", "meals[noon]"},
      {R"({"friends": {"Tom": {}}})", "WRONG_TYPE", "friends[Tom].key"},
      {R"({"friends": {"1": {"wings": 1}}})", "UNKNOWN_FIELD", "friends[1].wings"},
      {R"({"answers": {"perhaps": ""}})", "WRONG_TYPE", "answers[perhaps].key"},
      {R"({"den": "a", "nest": "b"})", "ONEOF_CONFLICT", "nest"},
  };
  for (const Bad& c : cases) {
    zoo::Animal animal;
    const absl::Status status = TextToMessage(c.text, animal);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_EQ(ReasonOf(status), c.reason) << c.text;
    ASSERT_EQ(ViolationsOf(status).size(), 1u) << c.text;
    EXPECT_EQ(ViolationsOf(status)[0].field, c.field) << c.text;
  }
}

TEST(ToMessageTest, NamesEveryFieldAtFaultButNoValue) {
  zoo::Animal animal;
  const absl::Status status = TextToMessage(
      R"({"legs": "Jane", "kind": "Jane", "young": [{"born_time": "Jane", "tame": "Jane"}]})",
      animal);
  std::vector<std::string> fields;
  for (const Violation& violation : ViolationsOf(status)) fields.push_back(violation.field);
  EXPECT_THAT(fields,
              testing::UnorderedElementsAre("legs", "kind", "young[0].born_time", "young[0].tame"));
  EXPECT_EQ(status.ToString().find("Jane"), std::string::npos);
}

TEST(ToMessageTest, NamesTwentyFieldsAtMost) {
  std::string text = R"({"kinds": [)";
  for (int i = 0; i < 100; ++i) text += R"("DOG",)";
  text.back() = ']';
  text += "}";
  zoo::Animal animal;
  EXPECT_EQ(ViolationsOf(TextToMessage(text, animal)).size(), 20u);
}

TEST(ToMessageTest, RefusesWellKnownTypesItDoesNotRead) {
  zoo::Animal animal;
  EXPECT_EQ(TextToMessage(R"({"loose": {}})", animal).code(), absl::StatusCode::kUnimplemented);
}

TEST(ToMessageTest, ReadsAnyOfATypeThatIsLinkedIn) {
  const std::string type = R"("@type": "type.googleapis.com/fosterwatch.json.zoo.Animal")";
  zoo::Animal animal, gift;
  ASSERT_EQ(TextToMessage("{\"gift\": {" + type + R"(, "givenName": "Ada"}})", animal),
            absl::OkStatus());
  ASSERT_TRUE(animal.gift().UnpackTo(&gift));
  EXPECT_EQ(gift.given_name(), "Ada");

  google::protobuf::Duration length;
  ASSERT_EQ(
      TextToMessage(
          R"({"gift": {"value": "2s", "@type": "type.googleapis.com/google.protobuf.Duration"}})",
          animal),
      absl::OkStatus());
  ASSERT_TRUE(animal.gift().UnpackTo(&length));
  EXPECT_EQ(length.seconds(), 2);

  const Bad cases[] = {
      {R"({"gift": []})", "WRONG_TYPE", "gift"},
      {R"({"gift": {}})", "REQUIRED", "gift.@type"},
      {R"({"gift": {"@type": 3}})", "REQUIRED", "gift.@type"},
      {R"({"gift": {"@type": "fosterwatch.json.zoo.Animal"}})", "UNKNOWN_TYPE", "gift.@type"},
      {R"({"gift": {"@type": "x/fosterwatch.json.zoo.Plant"}})", "UNKNOWN_TYPE", "gift.@type"},
      {R"({"gift": {"@type": "x/fosterwatch.json.zoo.Animal.MealsEntry"}})", "UNKNOWN_TYPE",
       "gift.@type"},
      {"{\"gift\": {" + type + R"(, "wings": 2}})", "UNKNOWN_FIELD", "gift.wings"},
      {R"({"gift": {"@type": "x/google.protobuf.Duration"}})", "REQUIRED", "gift.value"},
  };
  for (const Bad& c : cases) {
    const absl::Status status = TextToMessage(c.text, animal);
    EXPECT_EQ(ReasonOf(status), c.reason) << c.text;
    ASSERT_EQ(ViolationsOf(status).size(), 1u) << c.text;
    EXPECT_EQ(ViolationsOf(status)[0].field, c.field) << c.text;
  }
}

TEST(ToMessageTest, ReadsBackWhatProtobufWrites) {
  zoo::Animal animal;
  ASSERT_EQ(TextToMessage(R"({"givenName": "Ada \"é\"", "kinds": ["KIND_OWL"], "seen": "12",
                              "weight": 0.1, "picture": "AQI=", "rank": 0,
                              "bornTime": "2026-03-29T00:59:59.999999999Z", "asleep": "3.000000001s",
                              "young": [{"friends": {"1": {"tame": true}}}]})",
                          animal),
            absl::OkStatus());
  std::string written;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(animal, &written).ok());
  zoo::Animal again;
  ASSERT_EQ(TextToMessage(written, again), absl::OkStatus()) << written;
  EXPECT_EQ(again.SerializeAsString(), animal.SerializeAsString());
}

}  // namespace
}  // namespace fosterwatch::json
