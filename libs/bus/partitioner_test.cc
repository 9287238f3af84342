#include "libs/bus/partitioner.h"

#include <string>

#include "gtest/gtest.h"

namespace fosterwatch::bus {
namespace {

// From Apache Kafka's own UtilsTest.testMurmur2.
TEST(Murmur2Test, AgreesWithApacheKafkasJavaClients) {
  EXPECT_EQ(static_cast<int32_t>(Murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")),
            -58897971);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("abc")), 479470107);
}

TEST(PartitionOfTest, StaysWithinThePartitionsForNegativeHashesToo) {
  for (int i = 0; i < 1000; ++i) {
    const int32_t partition = PartitionOf("agency/" + std::to_string(i), 4);
    EXPECT_GE(partition, 0);
    EXPECT_LT(partition, 4);
  }
}

TEST(PartitionOfTest, SpreadsKeysOverAllPartitions) {
  int count[4] = {};
  for (int i = 0; i < 4000; ++i) ++count[PartitionOf("agency/" + std::to_string(i), 4)];
  for (int partition = 0; partition < 4; ++partition) EXPECT_GT(count[partition], 800);
}

}  // namespace
}  // namespace fosterwatch::bus
