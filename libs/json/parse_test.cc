#include "libs/json/parse.h"

#include <string>

#include "gtest/gtest.h"

#include "libs/status/error.h"

namespace fosterwatch::json {
namespace {

struct Case {
  std::string text;
  std::string reason;  // empty: it is read
};

std::string Nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(ParseTest, ReadsWhatIsJsonAndSaysWhyNotOtherwise) {
  const Case cases[] = {
      {R"({"a": [1, 2.5, -3e2, true, null, "\u00e9\ud83d\ude00"]})", ""},
      {R"("a value by itself")", ""},
      {Nested(32), ""},
      {R"({"brackets in strings": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ \" {"})", ""},
      {R"({"a": {"x": 1}, "b": {"x": 1}})", ""},
      {"", "MALFORMED_JSON"},
      {"   ", "MALFORMED_JSON"},
      {"{", "MALFORMED_JSON"},
      {R"({"a": 1,})", "MALFORMED_JSON"},
      {R"({'a': 1})", "MALFORMED_JSON"},
      {R"({"a": NaN})", "MALFORMED_JSON"},
      {R"({"a": 01})", "MALFORMED_JSON"},
      {R"({"a": 1} {"a": 1})", "MALFORMED_JSON"},
      {"{\"a\": 1} // a comment", "MALFORMED_JSON"},
      {"\xEF\xBB\xBF{}", "MALFORMED_JSON"},
      {"{\"a\": \"\xff\"}", "MALFORMED_JSON"},
      {"{\"a\": \"\xed\xa0\x80\"}", "MALFORMED_JSON"},
      {R"({"a": "\ud800"})", "MALFORMED_JSON"},
      {R"({"a": "\u0000"})", "MALFORMED_JSON"},
      {"{\"a\": \"\n\"}", "MALFORMED_JSON"},
      {R"({"a": 1e999})", "MALFORMED_JSON"},
      {Nested(33), "JSON_TOO_DEEP"},
      {std::string(900000, '['), "JSON_TOO_DEEP"},
      {R"({"a": 1, "a": 1})", "DUPLICATE_FIELD"},
      {R"({"b": [{"a": 1, "\u0061": 2}]})", "DUPLICATE_FIELD"},
  };
  for (const Case& c : cases) {
    const auto value = Parse(c.text);
    EXPECT_EQ(ReasonOf(value.status()), c.reason) << c.text.substr(0, 80);
    EXPECT_EQ(value.ok(), c.reason.empty()) << c.text.substr(0, 80);
  }
}

TEST(ParseTest, RepeatsNothingOfTheText) {
  for (const char* text : {R"({"a": Jane})", R"({"Jane O'Connor": 1, "Jane O'Connor": 2})"}) {
    const auto value = Parse(text);
    ASSERT_FALSE(value.ok());
    EXPECT_EQ(value.status().ToString().find("Jane"), std::string::npos);
  }
}

TEST(ParseTest, NamesTheByteWhereReadingStopped) {
  EXPECT_EQ(Parse(R"({"a": x})").status().message(), "the JSON cannot be read from byte 7 on");
}

TEST(SafeNameTest, LetsOnlyNamesThrough) {
  EXPECT_EQ(SafeName("child_id"), "child_id");
  EXPECT_EQ(SafeName("Jane O'Connor"), "(unreadable)");
  EXPECT_EQ(SafeName(""), "(unreadable)");
  EXPECT_EQ(SafeName(std::string(65, 'a')), "(unreadable)");
}

}  // namespace
}  // namespace fosterwatch::json
