#include "libs/wording/wording.h"

#include <string>

#include <gtest/gtest.h>

namespace fosterwatch::wording {
namespace {

TEST(WordingTest, PutsInWhatIsKnownAndNothingForTheRest) {
  EXPECT_EQ(Fill("{a} and {b}, {a}.", {{"a", "x"}}), "x and , x.");
  EXPECT_EQ(Fill("plain", {{"a", "x"}}), "plain");
  EXPECT_EQ(Fill("", {}), "");
}

TEST(WordingTest, NeverReadsWhatWasPutInAsAPlaceholder) {
  EXPECT_EQ(Fill("{a}", {{"a", "{b}"}, {"b", "secret"}}), "{b}");
}

TEST(WordingTest, RefusesStrangersAndLoneBraces) {
  EXPECT_TRUE(CheckPlaceholders("{a}, {b}", {"a", "b"}).ok());
  for (const char* text : {"{c}", "{a", "a}", "{a}}", "{}", "{a{b}"}) {
    EXPECT_FALSE(CheckPlaceholders(text, {"a", "b"}).ok()) << text;
  }
}

TEST(WordingTest, ASubjectIsOneLineInAscii) {
  EXPECT_TRUE(CheckSubject("Notifiable event").ok());
  EXPECT_TRUE(CheckSubject(std::string(150, 'a')).ok());
  for (const std::string& subject :
       {std::string(), std::string(151, 'a'), std::string("two\nlines"),
        std::string("d\xC3\xA9j\xC3\xA0")}) {
    EXPECT_FALSE(CheckSubject(subject).ok()) << subject;
  }
}

}  // namespace
}  // namespace fosterwatch::wording
