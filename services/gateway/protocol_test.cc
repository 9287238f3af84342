#include <string>
#include <utility>

#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "libs/status/error.h"
#include "services/gateway/connect_protocol.h"
#include "services/gateway/gzip.h"
#include "services/gateway/http.h"
#include "services/gateway/live.h"

namespace fosterwatch::gateway {
namespace {

TEST(ConnectCodeTest, SpellsEveryCodeAndItsStatus) {
  const struct {
    absl::StatusCode code;
    const char* word;
    int status;
  } cases[] = {
      {absl::StatusCode::kCancelled, "canceled", 499},
      {absl::StatusCode::kUnknown, "unknown", 500},
      {absl::StatusCode::kInvalidArgument, "invalid_argument", 400},
      {absl::StatusCode::kDeadlineExceeded, "deadline_exceeded", 504},
      {absl::StatusCode::kNotFound, "not_found", 404},
      {absl::StatusCode::kAlreadyExists, "already_exists", 409},
      {absl::StatusCode::kPermissionDenied, "permission_denied", 403},
      {absl::StatusCode::kResourceExhausted, "resource_exhausted", 429},
      {absl::StatusCode::kFailedPrecondition, "failed_precondition", 400},
      {absl::StatusCode::kAborted, "aborted", 409},
      {absl::StatusCode::kOutOfRange, "out_of_range", 400},
      {absl::StatusCode::kUnimplemented, "unimplemented", 501},
      {absl::StatusCode::kInternal, "internal", 500},
      {absl::StatusCode::kUnavailable, "unavailable", 503},
      {absl::StatusCode::kDataLoss, "data_loss", 500},
      {absl::StatusCode::kUnauthenticated, "unauthenticated", 401},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ConnectCode(c.code), c.word);
    EXPECT_EQ(HttpStatusOf(c.code), c.status) << c.word;
  }
}

TEST(ConnectErrorTest, CarriesDetailsInBase64WithoutPadding) {
  const auto error = nlohmann::json::parse(
      ConnectErrorJson(InvalidField("report.kinds[1]", "UNKNOWN_ENUM_VALUE", "is no kind")));
  EXPECT_EQ(error["code"], "invalid_argument");
  EXPECT_EQ(error["message"], "report.kinds[1]: is no kind");
  ASSERT_EQ(error["details"].size(), 2u);
  EXPECT_EQ(error["details"][0]["type"], "google.rpc.ErrorInfo");
  EXPECT_EQ(error["details"][0]["debug"]["reason"], "UNKNOWN_ENUM_VALUE");
  EXPECT_EQ(error["details"][1]["type"], "google.rpc.BadRequest");
  EXPECT_EQ(error["details"][1]["debug"]["fieldViolations"][0]["field"], "report.kinds[1]");
  for (const auto& detail : error["details"]) {
    EXPECT_EQ(detail["value"].get<std::string>().find('='), std::string::npos);
  }
}

TEST(ForCallerTest, HidesWhatIsNotOurs) {
  for (const auto code :
       {absl::StatusCode::kUnavailable, absl::StatusCode::kInternal, absl::StatusCode::kUnknown,
        absl::StatusCode::kResourceExhausted, absl::StatusCode::kNotFound}) {
    const absl::Status shown = ForCaller(absl::Status(code, "ipv4:10.0.0.7:5432 refused"));
    EXPECT_EQ(shown.ToString().find("10.0.0.7"), std::string::npos);
    EXPECT_NE(ReasonOf(shown), "");
  }
  const absl::Status of_library =
      ForCaller(Error(absl::StatusCode::kUnavailable, "UNAVAILABLE", "no socket at /run/pg"));
  EXPECT_EQ(of_library.ToString().find("/run/pg"), std::string::npos);
  const absl::Status ours = Error(absl::StatusCode::kNotFound, "UNKNOWN_EVENT", "no such event");
  EXPECT_EQ(ForCaller(ours), ours);
}

TEST(ParseTimeoutTest, TakesTenDigitsAtMostAndNoMoreThanTheLimit) {
  const absl::Duration most = absl::Seconds(30);
  EXPECT_EQ(*ParseTimeout("", most), most);
  EXPECT_EQ(*ParseTimeout("0", most), most);
  EXPECT_EQ(*ParseTimeout("250", most), absl::Milliseconds(250));
  EXPECT_EQ(*ParseTimeout("9999999999", most), most);
  for (const char* bad : {"-1", "1.5", "10000000000", "1s", " 1", "0x10"}) {
    EXPECT_EQ(ReasonOf(ParseTimeout(bad, most).status()), "INVALID_TIMEOUT") << bad;
  }
}

TEST(EnvelopeTest, IsFlagsThenLengthThenMessage) {
  EXPECT_EQ(Envelope(2, "abc"), std::string("\x02\x00\x00\x00\x03"
                                            "abc",
                                            8));
  EXPECT_EQ(Envelope(0, std::string(0x010203, 'x')).substr(0, 5),
            std::string("\x00\x00\x01\x02\x03", 5));
  EXPECT_EQ(EndOfStream(absl::OkStatus()), Envelope(kEndStreamFlag, "{}"));
}

TEST(OnlyMessageTest, ReadsExactlyOneEnvelope) {
  EXPECT_EQ(*OnlyMessage(Envelope(0, "{}"), false, 100), "{}");
  EXPECT_EQ(*OnlyMessage(Envelope(0, ""), false, 100), "");
  EXPECT_EQ(*OnlyMessage(Envelope(1, Compress("{}")), true, 100), "{}");
  const std::string two = Envelope(0, "{}") + Envelope(0, "{}");
  for (const std::string& bad : {std::string(), Envelope(0, "{}") + "x", two}) {
    const absl::Status status = OnlyMessage(bad, false, 100).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
    EXPECT_EQ(ReasonOf(status), "NOT_ONE_MESSAGE");
  }
  for (const std::string& bad : {std::string(4, '\0'), Envelope(0, "{}").substr(0, 6),
                                 Envelope(2, "{}"), std::string("\x00\xff\xff\xff\xff{}", 7)}) {
    const absl::Status status = OnlyMessage(bad, false, 100).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(status), "MALFORMED_ENVELOPE");
  }
  EXPECT_EQ(OnlyMessage(Envelope(1, Compress("{}")), false, 100).status().code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(OnlyMessage(Envelope(0, std::string(100, ' ')), false, 100)->size(), 100u);
  EXPECT_EQ(ReasonOf(OnlyMessage(Envelope(0, std::string(101, ' ')), false, 100).status()),
            "BODY_TOO_LARGE");
  EXPECT_EQ(ReasonOf(OnlyMessage(Envelope(1, "{}"), true, 100).status()), "MALFORMED_GZIP");
  EXPECT_EQ(ReasonOf(OnlyMessage(Envelope(1, Compress(std::string(101, ' '))), true, 100).status()),
            "BODY_TOO_LARGE");
}

TEST(EndOfStreamTest, CarriesTrailers) {
  EXPECT_EQ(EndOfStream(absl::OkStatus(), {{"a", "1"}, {"b", "2"}, {"a", "3"}}),
            Envelope(kEndStreamFlag, R"({"metadata":{"a":["1","3"],"b":["2"]}})"));
}

TEST(ReadGetTest, ReadsACallFromTheQuery) {
  HttpRequest request;
  request.query = "connect=v1&encoding=json&message=%7B%22a%22%3A+1%7D";
  ASSERT_TRUE(ReadGet(request).ok());
  EXPECT_EQ(ReadGet(request)->codec, Codec::kJson);
  EXPECT_EQ(ReadGet(request)->message, "{\"a\": 1}");
  request.query = "message=_-8&base64=1&encoding=proto&compression=gzip";
  ASSERT_TRUE(ReadGet(request).ok());
  EXPECT_EQ(ReadGet(request)->message, "\xff\xef");
  EXPECT_EQ(ReadGet(request)->compression, "gzip");
  request.query = "message=&encoding=proto";
  EXPECT_EQ(ReadGet(request)->message, "");

  const std::pair<const char*, const char*> cases[] = {
      {"message=a", "UNKNOWN_ENCODING"},
      {"message=a&encoding=xml", "UNKNOWN_ENCODING"},
      {"encoding=json", "REQUIRED"},
      {"message=a&encoding=json&connect=v2", "UNKNOWN_PROTOCOL_VERSION"},
      {"message=%21&encoding=proto&base64=1", "INVALID_BASE64"},
  };
  for (const auto& [query, reason] : cases) {
    request.query = query;
    EXPECT_EQ(ReasonOf(ReadGet(request).status()), reason) << query;
  }
}

TEST(GzipTest, GivesBackWhatWentInAndRefusesTheRest) {
  for (const std::string& text : {std::string(), std::string("a"), std::string(100'000, 'b')}) {
    EXPECT_EQ(*Decompress(Compress(text), 100'000), text);
  }
  const std::string good = Compress("some text");
  for (const std::string& bad :
       {std::string(), good.substr(0, good.size() - 1), good + "x", std::string("not gzip")}) {
    EXPECT_EQ(ReasonOf(Decompress(bad, 100).status()), "MALFORMED_GZIP");
  }
}

TEST(HttpRequestTest, ReadsParametersCookiesAndEncodings) {
  HttpRequest request;
  request.query = "code=a%2Bb&empty=&code=second&bad=%4";
  EXPECT_EQ(request.Query("code"), "a+b");
  EXPECT_EQ(request.Query("empty"), "");
  EXPECT_EQ(request.Query("bad"), "");
  EXPECT_EQ(request.Query("cod"), "");
  request.headers = {{"cookie", "a=1; session=x.y=; b=2"}, {"accept-encoding", "br, GZIP;q=0.5"}};
  EXPECT_EQ(request.Cookie("session"), "x.y=");
  EXPECT_EQ(request.Cookie("b"), "2");
  EXPECT_EQ(request.Cookie("sess"), "");
  EXPECT_TRUE(request.AcceptsGzip());
  request.headers = {{"accept-encoding", "gzip;q=0, identity"}};
  EXPECT_FALSE(request.AcceptsGzip());
  request.headers.clear();
  EXPECT_FALSE(request.AcceptsGzip());
}

TEST(FactOfTest, ReadsAgencyFromTheKeyAndTheRestFromTheHeaders) {
  bus::Record record;
  record.topic = "fosterwatch.kpis.v1";
  record.key = "oakley/a/b";
  record.headers = {{"ce_type", "fosterwatch.kpis.v1.kpi_changed"}, {"ce_time", "soon"}};
  const LiveFact fact = FactOf(record);
  EXPECT_EQ(fact.agency_id, "oakley");
  EXPECT_EQ(fact.message.fact(), "kpi_changed");
  EXPECT_EQ(fact.message.aggregate_id(), "a/b");
  EXPECT_FALSE(fact.message.has_recorded_time());
  record.key = "";
  EXPECT_EQ(FactOf(record).agency_id, "");
}

}  // namespace
}  // namespace fosterwatch::gateway
