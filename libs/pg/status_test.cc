#include <string>

#include "gtest/gtest.h"

#include "libs/pg/connection.h"
#include "libs/status/error.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::pg {
namespace {

using ::fosterwatch::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(SqlState, DecidesTheCode) {
  const struct {
    const char* sqlstate;
    absl::StatusCode code;
  } kCases[] = {
      {"40001", absl::StatusCode::kAborted},
      {"40P01", absl::StatusCode::kAborted},
      {"08006", absl::StatusCode::kUnavailable},
      {"57P01", absl::StatusCode::kUnavailable},
      {"57P03", absl::StatusCode::kUnavailable},
      {"53300", absl::StatusCode::kUnavailable},
      {"53100", absl::StatusCode::kResourceExhausted},
      {"57014", absl::StatusCode::kDeadlineExceeded},
      {"23505", absl::StatusCode::kAlreadyExists},
      {"23503", absl::StatusCode::kFailedPrecondition},
      {"23514", absl::StatusCode::kFailedPrecondition},
      {"42501", absl::StatusCode::kPermissionDenied},
      {"42P01", absl::StatusCode::kInternal},
      {"25P02", absl::StatusCode::kInternal},
      {"22P02", absl::StatusCode::kInternal},
      {"22021", absl::StatusCode::kInvalidArgument},
      {"XX000", absl::StatusCode::kInternal},
      {"", absl::StatusCode::kInternal},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(StatusFromSqlState(c.sqlstate, "m", ""), StatusIs(c.code)) << c.sqlstate;
  }
}

TEST(SqlState, OnlyRacesAndAbsencesAreRetryable) {
  EXPECT_TRUE(IsRetryable(StatusFromSqlState("40001", "m", "")));
  EXPECT_TRUE(IsRetryable(StatusFromSqlState("57P01", "m", "")));
  EXPECT_FALSE(IsRetryable(StatusFromSqlState("23505", "m", "")));
  EXPECT_FALSE(IsRetryable(StatusFromSqlState("57014", "m", "")));
}

TEST(SqlState, OfABadValueKeepsNothingThatMayQuoteIt) {
  EXPECT_THAT(StatusFromSqlState("22P02", "invalid input syntax: \"Jane O'Connor\"", ""),
              StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("Jane"))));
}

TEST(SqlState, NamesTheConstraint) {
  const absl::Status status = StatusFromSqlState("23505", "duplicate key", "fact_pkey");
  EXPECT_EQ(ConstraintOf(status), "fact_pkey");
  EXPECT_EQ(ConstraintOf(absl::OkStatus()), "");
}

TEST(QuoteName, DoublesQuotes) { EXPECT_EQ(QuoteName("a\"b"), "\"a\"\"b\""); }

}  // namespace
}  // namespace fosterwatch::pg
