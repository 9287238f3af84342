#include "libs/ledger/version_watch.h"

#include <string>

#include "gtest/gtest.h"

namespace fosterwatch::ledger {
namespace {

class VersionWatchTest : public ::testing::Test {
 protected:
  int64_t Come(const std::string& key, int64_t version, int32_t partition = 0) {
    return ComeAt(next_[partition]++, key, version, partition);
  }
  int64_t ComeAt(int64_t offset, const std::string& key, int64_t version, int32_t partition = 0) {
    bus::Record record;
    record.topic = "facts";
    record.key = key;
    record.partition = partition;
    record.offset = offset;
    return watch_.Missing(record, version);
  }

  VersionWatch watch_;
  int64_t next_[2] = {100, 500};
};

TEST_F(VersionWatchTest, NamesTheFirstVersionThatIsMissing) {
  EXPECT_EQ(Come("a", 3), 0) << "the first of a key is believed";
  EXPECT_EQ(Come("a", 4), 0);
  EXPECT_EQ(Come("a", 7), 5);
  EXPECT_EQ(Come("a", 8), 0) << "said once";
  EXPECT_EQ(Come("b", 1), 0);
  EXPECT_EQ(Come("b", 3), 2);
}

TEST_F(VersionWatchTest, WhatComesAgainIsNoGap) {
  for (const int version : {1, 2, 3, 1, 2, 3, 4, 2, 5}) EXPECT_EQ(Come("a", version), 0) << version;
}

TEST_F(VersionWatchTest, ARecordWithoutAVersionSaysNothing) {
  EXPECT_EQ(Come("a", 1), 0);
  EXPECT_EQ(Come("a", 0), 0);
  EXPECT_EQ(Come("a", 2), 0);
  EXPECT_EQ(Come("a", 4), 3);
}

TEST_F(VersionWatchTest, WhatAnotherMemberMayHaveHandledIsNotMissing) {
  EXPECT_EQ(ComeAt(10, "a", 1), 0);
  EXPECT_EQ(ComeAt(11, "a", 2), 0);
  EXPECT_EQ(ComeAt(15, "a", 6), 0) << "the partition was somebody else's in between";
  EXPECT_EQ(ComeAt(16, "a", 8), 7);
  EXPECT_EQ(ComeAt(10, "a", 1), 0) << "after a rewind";
  EXPECT_EQ(ComeAt(11, "a", 2), 0);
}

TEST_F(VersionWatchTest, PartitionsAreWatchedApart) {
  EXPECT_EQ(Come("a", 1, 0), 0);
  EXPECT_EQ(Come("b", 1, 1), 0);
  EXPECT_EQ(Come("a", 3, 0), 2);
  EXPECT_EQ(Come("b", 2, 1), 0);
}

}  // namespace
}  // namespace fosterwatch::ledger
