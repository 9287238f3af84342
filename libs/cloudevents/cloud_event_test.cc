#include "libs/cloudevents/cloud_event.h"

#include <string>

#include "gtest/gtest.h"

#include "libs/status/error.h"

namespace fosterwatch::cloudevents {
namespace {

// A good binary event; `more` replaces or adds.
Headers WithHeaders(const Headers& more) {
  Headers headers = more;
  headers.insert(headers.end(), {{"ce-specversion", "1.0"},
                                 {"ce-id", "a1"},
                                 {"ce-source", "/case-system"},
                                 {"ce-type", "uk.example.happened.v1"},
                                 {"content-type", "application/json"}});
  return headers;
}

TEST(ModeOfTest, FollowsTheContentType) {
  EXPECT_EQ(*ModeOf("application/json"), Mode::kBinary);
  EXPECT_EQ(*ModeOf(""), Mode::kBinary);
  EXPECT_EQ(*ModeOf("application/cloudevents+json"), Mode::kStructured);
  EXPECT_EQ(*ModeOf("Application/CloudEvents+JSON; charset=UTF-8"), Mode::kStructured);
  EXPECT_EQ(*ModeOf("application/cloudevents-batch+json"), Mode::kBatch);
  for (const char* other : {"application/cloudevents+protobuf", "application/cloudevents+avro",
                            "application/cloudevents", "application/cloudevents-batch+protobuf"}) {
    EXPECT_EQ(ReasonOf(ModeOf(other).status()), "UNSUPPORTED_MEDIA_TYPE") << other;
  }
}

TEST(FromHttpTest, ReadsABinaryEvent) {
  const auto event = FromHttp({{"Host", "localhost"},
                               {"CE-SpecVersion", "1.0"},
                               {"Ce-Id", "a1"},
                               {"ce-source", "https://cases.example/a?b=c%2520d"},
                               {"ce-type", "uk.example.happened.v1"},
                               {"ce-time", "2026-08-01T22:10:00.5+01:00"},
                               {"ce-subject", "event/7"},
                               {"ce-dataschema", "https://cases.example/schema"},
                               {"ce-traceparent", "00-aa-bb-01"},
                               {"Content-Type", "application/json; charset=utf-8"}},
                              R"({"a": 1})");
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->id, "a1");
  EXPECT_EQ(event->source, "https://cases.example/a?b=c%20d");
  EXPECT_EQ(event->type, "uk.example.happened.v1");
  EXPECT_EQ(absl::ToUnixMillis(*event->time), 1785618600500);
  EXPECT_EQ(event->subject, "event/7");
  EXPECT_EQ(event->data_schema, "https://cases.example/schema");
  EXPECT_EQ(event->data_content_type, "application/json; charset=utf-8");
  EXPECT_EQ(event->data, R"({"a": 1})");
  EXPECT_EQ(event->extensions,
            (std::map<std::string, std::string>{{"traceparent", "00-aa-bb-01"}}));
}

TEST(FromHttpTest, UndoesPercentEncodingWhateverWasEncoded) {
  const std::pair<std::string, std::string> cases[] = {
      {"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro \xE2\x82\xAC \xF0\x9F\x98\x80"},
      {"%e2%82%ac", "\xE2\x82\xAC"},
      {"%41%62c", "Abc"},
      {R"("a \"quoted\" %25")", R"(a "quoted" %)"},
      {"\xE2\x82\xAC", "\xE2\x82\xAC"},
      {"  padded ", "padded"},
  };
  for (const auto& [sent, means] : cases) {
    const auto event = FromHttp(WithHeaders({{"ce-subject", sent}}), "");
    ASSERT_TRUE(event.ok()) << sent << event.status();
    EXPECT_EQ(event->subject, means) << sent;
  }
}

struct BadHeader {
  std::string name, value, reason, field;
};

TEST(FromHttpTest, RefusesByReasonAndAttribute) {
  const BadHeader cases[] = {
      {"ce-specversion", "0.3", "UNSUPPORTED_SPEC_VERSION", "specversion"},
      {"ce-specversion", "", "UNSUPPORTED_SPEC_VERSION", "specversion"},
      {"ce-id", "", "ATTRIBUTE_MISSING", "id"},
      {"ce-source", " ", "ATTRIBUTE_MISSING", "source"},
      {"ce-type", "", "ATTRIBUTE_MISSING", "type"},
      {"ce-id", "a%2", "INVALID_ATTRIBUTE", "id"},
      {"ce-id", "a%zz", "INVALID_ATTRIBUTE", "id"},
      {"ce-id", "\"open", "INVALID_ATTRIBUTE", "id"},
      {"ce-id", "a%00b", "INVALID_ATTRIBUTE", "id"},
      {"ce-id", "a%C2%85b", "INVALID_ATTRIBUTE", "id"},
      {"ce-id", "%FF", "INVALID_UTF8", "id"},
      {"ce-id", "%C0%AF", "INVALID_UTF8", "id"},
      {"ce-id", "%ED%A0%80", "INVALID_UTF8", "id"},
      {"ce-id", "%E2%82", "INVALID_UTF8", "id"},
      {"ce-id", std::string(2049, 'a'), "INVALID_ATTRIBUTE", "id"},
      {"ce-source", "a b", "INVALID_ATTRIBUTE", "source"},
      {"ce-source", "a%2zb", "INVALID_ATTRIBUTE", "source"},
      {"ce-time", "yesterday", "INVALID_ATTRIBUTE", "time"},
      {"ce-time", "2026-08-01T21:10:00", "INVALID_ATTRIBUTE", "time"},
      {"ce-time", "", "INVALID_ATTRIBUTE", "time"},
      {"ce-subject", "", "INVALID_ATTRIBUTE", "subject"},
      {"ce-dataschema", "<x>", "INVALID_ATTRIBUTE", "dataschema"},
      {"ce-datacontenttype", "text/plain", "INVALID_ATTRIBUTE", "datacontenttype"},
      {"content-type", "nonsense", "INVALID_ATTRIBUTE", "datacontenttype"},
      {"ce-part_key", "x", "INVALID_ATTRIBUTE_NAME", "part_key"},
      {"ce-", "x", "INVALID_ATTRIBUTE_NAME", "(unreadable)"},
      {"ce-data", "x", "INVALID_ATTRIBUTE_NAME", "data"},
  };
  for (const BadHeader& c : cases) {
    const auto event = FromHttp(WithHeaders({{c.name, c.value}}), "{}");
    ASSERT_FALSE(event.ok()) << c.name << c.value;
    EXPECT_EQ(ReasonOf(event.status()), c.reason) << c.name << ": " << c.value;
    ASSERT_EQ(ViolationsOf(event.status()).size(), 1u) << c.name;
    EXPECT_EQ(ViolationsOf(event.status())[0].field, c.field) << c.name << ": " << c.value;
  }
}

TEST(FromHttpTest, SaysThatARequestWithoutSpecversionIsNoCloudEvent) {
  EXPECT_EQ(ReasonOf(FromHttp({{"content-type", "application/json"}}, "{}").status()),
            "NOT_A_CLOUD_EVENT");
}

constexpr char kGood[] = R"("specversion":"1.0","id":"a1","source":"/s","type":"t")";

std::string Object(const std::string& more) {
  return std::string("{") + kGood + (more.empty() ? "" : ",") + more + "}";
}

TEST(FromJsonTest, ReadsAStructuredEvent) {
  const auto event = FromJson(Object(
      R"("time":"2026-08-01T21:10:00Z","subject":null,"count":3,"urgent":true,"who":"Åsa",
         "data":{"b":[1,"x"]})"));
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->id, "a1");
  EXPECT_EQ(absl::ToUnixSeconds(*event->time), 1785618600);
  EXPECT_EQ(event->subject, "");
  EXPECT_EQ(event->data_content_type, "application/json");
  EXPECT_EQ(event->data, R"({"b":[1,"x"]})");
  EXPECT_EQ(event->extensions, (std::map<std::string, std::string>{
                                   {"count", "3"}, {"urgent", "true"}, {"who", "Åsa"}}));
}

TEST(FromJsonTest, TakesDataByItsContentType) {
  const std::pair<std::string, std::string> cases[] = {
      {R"("data":"text")", R"("text")"},
      {R"("datacontenttype":"text/plain","data":"text")", "text"},
      {R"("datacontenttype":"application/problem+json","data":"text")", R"("text")"},
      {R"("datacontenttype":"application/protobuf","data_base64":"AQID")", "\x01\x02\x03"},
      {R"("data":null)", ""},
      {"", ""},
  };
  for (const auto& [more, data] : cases) {
    const auto event = FromJson(Object(more));
    ASSERT_TRUE(event.ok()) << more << event.status();
    EXPECT_EQ(event->data, data) << more;
  }
}

struct BadText {
  std::string text, reason, field;
};

TEST(FromJsonTest, RefusesByReasonAndAttribute) {
  const BadText cases[] = {
      {"", "MALFORMED_JSON", ""},
      {"{", "MALFORMED_JSON", ""},
      {"[]", "NOT_A_CLOUD_EVENT", ""},
      {"{}", "NOT_A_CLOUD_EVENT", "specversion"},
      {R"({"specversion":"1.0","source":"/s","type":"t"})", "ATTRIBUTE_MISSING", "id"},
      {R"({"specversion":"1.0","id":"","source":"/s","type":"t"})", "ATTRIBUTE_MISSING", "id"},
      {R"({"specversion":"1.0","id":null,"source":"/s","type":"t"})", "ATTRIBUTE_MISSING", "id"},
      {R"({"specversion":"1.0","id":7,"source":"/s","type":"t"})", "INVALID_ATTRIBUTE", "id"},
      {R"({"specversion":1.0,"id":"7","source":"/s","type":"t"})", "INVALID_ATTRIBUTE",
       "specversion"},
      {R"({"specversion":"2.0","id":"7","source":"/s","type":"t"})", "UNSUPPORTED_SPEC_VERSION",
       "specversion"},
      {Object(R"("id":"a2")"), "DUPLICATE_FIELD", "id"},
      {Object(R"("Id":"a2")"), "INVALID_ATTRIBUTE_NAME", "Id"},
      {Object(R"("extra":{"a":1})"), "INVALID_ATTRIBUTE", "extra"},
      {Object(R"("extra":1.5)"), "INVALID_ATTRIBUTE", "extra"},
      {Object(R"("extra":2147483648)"), "INVALID_ATTRIBUTE", "extra"},
      {Object(R"("time":"now")"), "INVALID_ATTRIBUTE", "time"},
      {Object(R"("data":1,"data_base64":"AQID")"), "INVALID_DATA", "data_base64"},
      {Object(R"("data_base64":"A")"), "INVALID_DATA", "data_base64"},
      {Object(R"("data_base64":5)"), "INVALID_DATA", "data_base64"},
      {Object(R"("subject":"a\u0001b")"), "INVALID_ATTRIBUTE", "subject"},
  };
  for (const BadText& c : cases) {
    const auto event = FromJson(c.text);
    ASSERT_FALSE(event.ok()) << c.text;
    EXPECT_EQ(ReasonOf(event.status()), c.reason) << c.text;
    const auto violations = ViolationsOf(event.status());
    EXPECT_EQ(violations.empty() ? "" : violations[0].field, c.field) << c.text;
  }
}

TEST(FromJsonBatchTest, JudgesEachEventAlone) {
  const auto events =
      FromJsonBatch("[" + Object("") + R"(,{"id":"x"},7,)" + Object(R"("subject":"last")") + "]");
  ASSERT_TRUE(events.ok()) << events.status();
  ASSERT_EQ(events->size(), 4u);
  EXPECT_TRUE((*events)[0].ok());
  EXPECT_EQ(ReasonOf((*events)[1].status()), "NOT_A_CLOUD_EVENT");
  EXPECT_EQ(ReasonOf((*events)[2].status()), "NOT_A_CLOUD_EVENT");
  EXPECT_EQ((*events)[3]->subject, "last");
}

TEST(FromJsonBatchTest, IsAnArray) {
  EXPECT_TRUE(FromJsonBatch("[]")->empty());
  EXPECT_EQ(ReasonOf(FromJsonBatch(Object("")).status()), "NOT_A_CLOUD_EVENT");
  EXPECT_EQ(ReasonOf(FromJsonBatch("[").status()), "MALFORMED_JSON");
}

TEST(FromKafkaTest, ReadsBinaryAndStructuredRecords) {
  const Headers headers = {{"ce_specversion", "1.0"},
                           {"ce_id", "100%"},
                           {"ce_source", "/s"},
                           {"ce_type", "t"},
                           {"content-type", "application/protobuf"}};
  const auto binary = FromKafka(headers, "\x0a\x01z");
  ASSERT_TRUE(binary.ok()) << binary.status();
  EXPECT_EQ(binary->id, "100%");
  EXPECT_EQ(binary->data_content_type, "application/protobuf");
  EXPECT_EQ(binary->data, "\x0a\x01z");

  const auto structured =
      FromKafka({{"content-type", "application/cloudevents+json; charset=UTF-8"}}, Object(""));
  ASSERT_TRUE(structured.ok()) << structured.status();
  EXPECT_EQ(structured->id, "a1");

  EXPECT_EQ(
      ReasonOf(FromKafka({{"content-type", "application/cloudevents-batch+json"}}, "[]").status()),
      "UNSUPPORTED_MEDIA_TYPE");
  EXPECT_EQ(ReasonOf(FromKafka({}, "{}").status()), "NOT_A_CLOUD_EVENT");
}

TEST(FromJsonTest, RepeatsNoValue) {
  for (const std::string& text :
       {Object(R"("time":"Jane O'Connor")"), Object(R"("Jane O'Connor":1)"),
        std::string(R"({"specversion":"Jane O'Connor","id":"x","source":"/s","type":"t"})")}) {
    const auto event = FromJson(text);
    ASSERT_FALSE(event.ok());
    EXPECT_EQ(event.status().ToString().find("Jane"), std::string::npos) << event.status();
  }
}

}  // namespace
}  // namespace fosterwatch::cloudevents
