#include "libs/webhook/networks.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"

namespace fosterwatch::webhook {
namespace {

using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(IsPublicTest, KnowsWhatOnlyAMachineOrItsNetworkCanReach) {
  for (const char* address : {"0.0.0.0",
                              "10.0.0.1",
                              "10.255.255.255",
                              "100.64.0.1",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.255.255.254",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.8",
                              "192.0.2.1",
                              "192.168.0.1",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.1",
                              "203.0.113.1",
                              "224.0.0.1",
                              "239.255.255.255",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fe80::1",
                              "fc00::1",
                              "fdff::1",
                              "ff02::1",
                              "2001:db8::1",
                              "2001::1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "::127.0.0.1",
                              "64:ff9b::a00:1",
                              "2002:7f00:1::",
                              "2002:a00:1::",
                              "64:ff9b:1::1",
                              "100::1"}) {
    ASSERT_THAT(ParseAddress(address), IsOk()) << address;
    EXPECT_FALSE(IsPublic(*ParseAddress(address))) << address;
  }
}

TEST(IsPublicTest, KnowsThePublicInternet) {
  for (const char* address : {"1.1.1.1",          "9.255.255.255",        "11.0.0.0",
                              "100.63.255.255",   "100.128.0.0",          "126.255.255.255",
                              "128.0.0.0",        "169.253.255.255",      "172.15.255.255",
                              "172.32.0.0",       "192.167.255.255",      "192.169.0.0",
                              "198.17.255.255",   "198.20.0.0",           "223.255.255.255",
                              "2606:4700::1111",  "2a00:1450:4009::200e", "::ffff:1.1.1.1",
                              "64:ff9b::101:101", "2002:101:101::"}) {
    ASSERT_THAT(ParseAddress(address), IsOk()) << address;
    EXPECT_TRUE(IsPublic(*ParseAddress(address))) << address;
  }
}

TEST(ParseAddressTest, TakesNoOtherSpelling) {
  for (const char* text : {"", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1",
                           "127.0.0.1 ", "1.2.3.4.5", "[1.2.3.4", "fe80::1%eth0"}) {
    EXPECT_THAT(ParseAddress(text), Not(IsOk())) << text;
  }
  EXPECT_EQ(*ParseAddress("[::1]"), *ParseAddress("::1"));
}

TEST(NetworksTest, AllowWhatIsNamedBesideThePublicInternet) {
  const auto networks = Networks::Parse(" 10.20.0.0/16, 127.0.0.1,fd12:3456::/32 ");
  ASSERT_THAT(networks, IsOk());
  for (const char* address : {"10.20.0.0", "10.20.255.255", "127.0.0.1", "fd12:3456:789a::1",
                              "::ffff:10.20.1.1", "1.1.1.1"}) {
    EXPECT_TRUE(networks->Allow(*ParseAddress(address))) << address;
  }
  for (const char* address : {"10.21.0.0", "10.19.255.255", "127.0.0.2", "fd12:3457::1", "::1"}) {
    EXPECT_FALSE(networks->Allow(*ParseAddress(address))) << address;
  }
  EXPECT_FALSE(Networks().Allow(*ParseAddress("10.20.0.1")));
}

TEST(NetworksTest, NameWhatIsNoNetwork) {
  EXPECT_THAT(Networks::Parse(""), IsOk());
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "somewhere",
                           "::1/129", "1.1.1.1,nowhere/8"}) {
    EXPECT_THAT(Networks::Parse(text), Not(IsOk())) << text;
  }
  EXPECT_THAT(std::string(Networks::Parse("1.1.1.1,nowhere/8").status().message()),
              HasSubstr("'nowhere/8'"));
}

}  // namespace
}  // namespace fosterwatch::webhook
