#include "apps/fosterwatch/personal_data.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace fosterwatch::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(PersonalDataTest, FindsWhatLooksLikeAPerson) {
  // 943 476 5919 is the number that the NHS itself prints as an example.
  for (const char* text : {"9434765919", "943 476 5919", "child-943-476-5919", "nhs:9434765919"}) {
    EXPECT_THAT(PersonalDataIn(text), ElementsAre("an NHS number")) << text;
  }
  for (const char* text : {"SW1A 1AA", "urn:home:m11ae", "at B33 8TH", "CR26XH"}) {
    EXPECT_THAT(PersonalDataIn(text), ElementsAre("a postcode")) << text;
  }
  for (const char* text : {"jane.smith@example.org", "mailto:j@example.co.uk", "j%40example.org"}) {
    EXPECT_THAT(PersonalDataIn(text), ElementsAre("a mail address")) << text;
  }
  for (const char* text : {"01632 960123", "+44 1632 960123", "07700-900-123", "tel:02079460123"}) {
    EXPECT_THAT(PersonalDataIn(text), ElementsAre("a telephone number")) << text;
  }
  EXPECT_THAT(PersonalDataIn("QQ123456C"), IsEmpty()) << "a prefix that is never given out";
  EXPECT_THAT(PersonalDataIn("AB 12 34 56 C"), ElementsAre("a National Insurance number"));
  EXPECT_THAT(PersonalDataIn("9434765919 j@example.org"),
              ElementsAre("an NHS number", "a mail address"));
}

TEST(PersonalDataTest, LeavesIdsAlone) {
  for (const char* text :
       {"", "incident-20417", "urn:demonstration:case-system", "C-0001", "9434765918",
        "20260801T221500Z", "019ab0c2-5f6e-7a31-9d42-6c1f0e8b7a55", "0000000123",
        "01632960-1234-7a31-9d42-016329601234", "case/2026-08-01/17", "v1.2.3", "1764000000000"}) {
    EXPECT_THAT(PersonalDataIn(text), IsEmpty()) << text;
  }
}

TEST(PersonalDataTest, KnowsAnIdFromAName) {
  for (const char* text : {"C-0001", "incident-20417", "urn:x:7", "a/b_c.9"}) {
    EXPECT_TRUE(LooksLikeAnId(text)) << text;
  }
  for (const char* text : {"", "Jane Smith", "Jane", "JaneSmith", "Zo\xc3\xab-7", "a b 1"}) {
    EXPECT_FALSE(LooksLikeAnId(text)) << text;
  }
  EXPECT_FALSE(LooksLikeAnId(std::string(201, '1')));
}

}  // namespace
}  // namespace fosterwatch::app
