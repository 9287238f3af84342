#include "libs/ledger/merge.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace fosterwatch::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

std::vector<std::string> Texts(const Statements& statements) {
  std::vector<std::string> texts;
  for (const pg::Statement& statement : statements) texts.push_back(statement.sql);
  return texts;
}

TEST(Merge, RowsOfTheSameStatementGoTogetherInTheirOrder) {
  const Statements merged = Merged({{"INSERT a", {pg::TextArray{"1"}, pg::IntArray{1}}},
                                    {"INSERT b", {pg::TimeArray{absl::UnixEpoch()}}},
                                    {"INSERT a", {pg::TextArray{"2", "3"}, pg::IntArray{2, 3}}},
                                    {"INSERT b", {pg::TimeArray{absl::FromUnixSeconds(5)}}}});
  ASSERT_THAT(Texts(merged), ElementsAre("INSERT a", "INSERT b"));
  EXPECT_THAT(std::get<pg::TextArray>(merged[0].values[0]), ElementsAre("1", "2", "3"));
  EXPECT_THAT(std::get<pg::IntArray>(merged[0].values[1]), ElementsAre(1, 2, 3));
  EXPECT_THAT(std::get<pg::TimeArray>(merged[1].values[0]),
              ElementsAre(absl::UnixEpoch(), absl::FromUnixSeconds(5)));
}

TEST(Merge, BytesGoTogetherToo) {
  const Statements merged = Merged(
      {{"INSERT", {pg::BytesArray{{"a"}}}}, {"INSERT", {pg::BytesArray{{std::string("\0b", 2)}}}}});
  ASSERT_THAT(merged, SizeIs(1));
  const auto& bytes = std::get<pg::BytesArray>(merged[0].values[0]);
  ASSERT_THAT(bytes, SizeIs(2));
  EXPECT_EQ(bytes[1].data, std::string("\0b", 2));
}

TEST(Merge, AStatementWithAnotherParameterStaysWhereItIs) {
  const Statements merged = Merged({{"UPDATE a", {int64_t{1}}},
                                    {"INSERT b", {pg::TextArray{"1"}}},
                                    {"UPDATE a", {int64_t{2}}},
                                    {"DELETE c", {}},
                                    {"DELETE c", {}},
                                    {"UPDATE d", {pg::TextArray{"1"}, std::string("x")}},
                                    {"UPDATE d", {pg::TextArray{"2"}, std::string("x")}}});
  EXPECT_THAT(Texts(merged), ElementsAre("UPDATE a", "INSERT b", "UPDATE a", "DELETE c", "DELETE c",
                                         "UPDATE d", "UPDATE d"));
}

TEST(Merge, NothingIsNothing) { EXPECT_THAT(Merged({}), SizeIs(0)); }

}  // namespace
}  // namespace fosterwatch::ledger
