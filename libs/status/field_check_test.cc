#include "libs/status/field_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fosterwatch {
namespace {

TEST(CountCharacters, CountsCharactersAndNotBytes) {
  EXPECT_EQ(CountCharacters(""), 0u);
  EXPECT_EQ(CountCharacters("Zoë"), 3u);
  EXPECT_EQ(CountCharacters("\xF0\x9F\x8F\xA0"), 1u);
}

TEST(FieldCheck, NamesEveryFaultWithTheReasonOfTheFirst) {
  FieldCheck check;
  check.Require("a", " \n", 5);
  check.Require("b", "fine", 5);
  check.AtMost("c", "too long", 5);
  const absl::Status status = check.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "REQUIRED");
  EXPECT_EQ(status.message(), "a: is required; c: has more than 5 characters");
  ASSERT_EQ(ViolationsOf(status).size(), 2u);
  EXPECT_EQ(ViolationsOf(status)[1].field, "c");
}

TEST(FieldCheck, IsContentWithTextAtItsLimitInCharacters) {
  FieldCheck check;
  check.Require("a", "Zoë", 3);
  check.AtMost("b", "", 0);
  EXPECT_TRUE(check.ok());
  EXPECT_TRUE(check.ToStatus().ok());
}

}  // namespace
}  // namespace fosterwatch
