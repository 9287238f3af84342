#include "libs/cloudevents/data.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"

#include "fosterwatch/type/v1/bank_holidays.pb.h"
#include "libs/status/error.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::cloudevents {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;

std::string FieldOf(const absl::Status& status) {
  const auto violations = ViolationsOf(status);
  return violations.size() == 1 ? violations[0].field : "";
}

TEST(Envelope, NamesTheAttributeThatIsMissingOrTooLarge) {
  const struct {
    const char* id;
    const char* source;
    size_t size;
    const char* reason;
    const char* field;
  } rows[] = {
      {"", "/s", 1, "ATTRIBUTE_MISSING", "id"},
      {"1", "", 1, "ATTRIBUTE_MISSING", "source"},
      {"1", "/s", 1'001, "TOO_LARGE", "data"},
  };
  for (const auto& row : rows) {
    const absl::Status status =
        CheckEnvelope(row.id, row.source, std::string(row.size, 'x'), 1'000);
    EXPECT_THAT(status, HasReason(row.reason));
    EXPECT_EQ(FieldOf(status), row.field);
  }
  EXPECT_THAT(CheckEnvelope("1", "/s", std::string(1'000, 'x'), 1'000), IsOk());
  for (const auto& [limit, said] :
       {std::pair{10, "10 "}, {999, "999 "}, {100'000, "100,000 "}, {1'000'000, "1,000,000 "}}) {
    const absl::Status status = CheckEnvelope("1", "/s", std::string(limit + 1, 'x'), limit);
    EXPECT_NE(std::string(status.message()).find(said), std::string::npos) << status;
  }
}

TEST(Data, IsReadByItsTypeAndRefusedByTheNameOfTheField) {
  type::v1::BankHolidays::Event given;
  given.set_title("Easter Monday");
  const struct {
    const char* type;
    std::string data;
    const char* reason;  // "" where it is read
    const char* field;
  } rows[] = {
      {"", R"({"title": "Easter Monday"})", "", ""},
      {"application/json; charset=utf-8", R"({"title": "Easter Monday"})", "", ""},
      {"Application/JSON", R"({"title": "Easter Monday"})", "", ""},
      {"application/protobuf", given.SerializeAsString(), "", ""},
      {"text/plain", R"({"title": "Easter Monday"})", "UNSUPPORTED_DATA", "datacontenttype"},
      {"application/json", "{", "MALFORMED_JSON", "data"},
      {"application/json", "", "MALFORMED_JSON", "data"},
      {"application/json", R"({"titles": ""})", "UNKNOWN_FIELD", "titles"},
      {"application/protobuf", "\xff", "MALFORMED_PROTOBUF", "data"},
  };
  for (const auto& row : rows) {
    type::v1::BankHolidays::Event read;
    const absl::Status status = ReadData(row.type, row.data, read);
    if (*row.reason == '\0') {
      EXPECT_THAT(status, IsOk()) << row.type;
      EXPECT_EQ(read.title(), "Easter Monday") << row.type;
    } else {
      EXPECT_THAT(status, HasReason(row.reason)) << row.type << " " << row.data;
      EXPECT_EQ(FieldOf(status), row.field) << status;
    }
  }
}

}  // namespace
}  // namespace fosterwatch::cloudevents
