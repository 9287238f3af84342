#include "libs/mail/address.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace fosterwatch::mail {
namespace {

TEST(IsAddressTest, KnowsAddressesFromOtherText) {
  for (const char* address :
       {"a@b", "duty.team+night@north-shire.gov.example", "o'hara@x.example"}) {
    EXPECT_TRUE(IsAddress(address)) << address;
  }
  for (const char* text : {"", "@", "a@", "@b", "a b@c", "a@b@c", "a@b,c@d", "<a@b>", "a@b\n",
                           ".a@b", "a..b@c", "a@b.", "Zo\xc3\xab@x.example", "\"a b\"@c"}) {
    EXPECT_FALSE(IsAddress(text)) << text;
  }
  EXPECT_TRUE(IsAddress(absl::StrCat(std::string(64, 'a'), "@x.example")));
  EXPECT_FALSE(IsAddress(absl::StrCat(std::string(65, 'a'), "@x.example")));
  EXPECT_TRUE(IsAddress(absl::StrCat("a@", std::string(252, 'x'))));
  EXPECT_FALSE(IsAddress(absl::StrCat("a@", std::string(253, 'x'))));
}

}  // namespace
}  // namespace fosterwatch::mail
