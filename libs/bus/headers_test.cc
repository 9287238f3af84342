#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/bus/postgres_subscription.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::bus::postgres {
namespace {

using ::fosterwatch::testing::IsOkAndHolds;
using ::fosterwatch::testing::StatusIs;
using ::testing::Eq;
using ::testing::IsEmpty;

TEST(HeadersTest, ComeBackAsTheyWere) {
  const Headers headers = {
      {"ce_id", "1"}, {"empty", ""}, {"ce_id", "2"}, {"nul", std::string("\0\0", 2)}};
  EXPECT_THAT(DecodeHeaders(EncodeHeaders(headers)), IsOkAndHolds(Eq(headers)));
  EXPECT_THAT(DecodeHeaders(EncodeHeaders({})), IsOkAndHolds(IsEmpty()));
}

TEST(HeadersTest, AreRefusedWhereTheyAreCutShort) {
  const std::string bytes = EncodeHeaders({{"ce_id", "1234"}});
  for (size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeHeaders(bytes.substr(0, size)), StatusIs(absl::StatusCode::kInternal));
  }
}

}  // namespace
}  // namespace fosterwatch::bus::postgres
