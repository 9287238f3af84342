// Holds docs/reliability.md to the tests: what it names is there, and each test of the kind
// `faults` is named by it. Names are read from the sources, so that no other program has to be
// built.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fosterwatch {
namespace {

namespace fs = std::filesystem;

const fs::path& Root() {
  static const fs::path* const path = new fs::path(std::getenv("FOSTERWATCH_SOURCE_DIR"));
  return *path;
}

std::string Text(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> Matches(const std::string& text, const std::regex& pattern,
                                 const std::string& format) {
  std::vector<std::string> all;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    all.push_back(it->format(format));
  }
  return all;
}

// "Suite.Name" of each test of a source.
std::vector<std::string> TestsIn(const fs::path& path) {
  static const auto* const macro = new std::regex(
      "(?:^|\n)(?:TEST|TEST_F|TEST_P|RC_GTEST_PROP)\\(\\s*([A-Za-z]+),\\s*([A-Za-z0-9]+)");
  return Matches(Text(path), *macro, "$1.$2");
}

struct Tests {
  std::set<std::string> names;     // "Suite.Name"
  std::set<std::string> suites;    // "Suite"
  std::set<std::string> programs;  // each source by its name, and each target that has several
};

Tests AllTests() {
  Tests all;
  static const std::regex target("fosterwatch(?:_fault)?_test\\(([a-z_]+)");
  for (const char* folder : {"apps", "bench", "fuzz", "libs", "services", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(Root() / folder)) {
      const fs::path& path = entry.path();
      if (path.filename() == "CMakeLists.txt") {
        for (const std::string& name : Matches(Text(path), target, "$1")) all.programs.insert(name);
      }
      if (path.extension() != ".cc") continue;
      all.programs.insert(path.stem());
      for (const std::string& name : TestsIn(path)) {
        all.names.insert(name);
        all.suites.insert(name.substr(0, name.find('.')));
      }
    }
  }
  return all;
}

// The rows of the page's tables.
std::string Page() {
  std::istringstream lines(Text(Root() / "docs" / "reliability.md"));
  std::string rows;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("|", 0) == 0) rows += line + "\n";
  }
  return rows;
}

struct Mention {
  std::string suite;
  std::string name;     // empty: the whole suite
  bool begins = false;  // the name goes on
};

// "`program: Suite.Name`", "Suite.*", "Suite.Beginning...", a suite alone, and ".Name" of the suite
// before it.
std::vector<Mention> MentionsIn(const std::string& page) {
  static const std::regex pattern(
      "\\b([A-Z][A-Za-z]+)\\.(\\*|[A-Z][A-Za-z0-9]+)(\\.\\.\\.)?|`\\.([A-Z][A-Za-z0-9]+)(\\.\\.\\.)"
      "?|"
      "\\b([A-Z][A-Za-z]*Test)\\b");
  std::vector<Mention> mentions;
  std::string suite;
  for (std::sregex_iterator it(page.begin(), page.end(), pattern), end; it != end; ++it) {
    const std::smatch& found = *it;
    if (found[4].matched) {
      mentions.push_back({suite, found[4], found[5].matched});
      continue;
    }
    suite = found[1].matched ? found[1] : found[6];
    const std::string name = found[2] == "*" ? "" : found[2].str();
    mentions.push_back({suite, name, found[3].matched});
  }
  return mentions;
}

bool Covers(const Mention& mention, const std::string& test) {
  if (mention.name.empty()) return test.rfind(mention.suite + ".", 0) == 0;
  const std::string full = mention.suite + "." + mention.name;
  return mention.begins ? test.rfind(full, 0) == 0 : test == full;
}

TEST(ReliabilityPageTest, ReadsEveryWayInWhichThePageNamesATest) {
  const std::vector<Mention> mentions = MentionsIn(
      "| a `x_test: ATest.One`, `.Two...` | BTest.* | CTest, `Rules.Three...` and more. |");
  ASSERT_EQ(mentions.size(), 5u);
  EXPECT_TRUE(Covers(mentions[0], "ATest.One"));
  EXPECT_FALSE(Covers(mentions[0], "ATest.OneMore"));
  EXPECT_TRUE(Covers(mentions[1], "ATest.TwoAndMore"));
  EXPECT_TRUE(Covers(mentions[2], "BTest.Any"));
  EXPECT_TRUE(Covers(mentions[3], "CTest.Any"));
  EXPECT_FALSE(Covers(mentions[3], "CTestOther.Any"));
  EXPECT_TRUE(Covers(mentions[4], "Rules.ThreeAndMore"));
}

TEST(ReliabilityPageTest, NamesOnlyTestsThatThereAre) {
  const std::string page = Page();
  const Tests tests = AllTests();
  const std::vector<Mention> mentions = MentionsIn(page);
  ASSERT_GT(mentions.size(), 50u);
  for (const Mention& mention : mentions) {
    const bool there = std::any_of(tests.names.begin(), tests.names.end(),
                                   [&](const std::string& test) { return Covers(mention, test); });
    EXPECT_TRUE(there) << "the page names " << mention.suite << "." << mention.name;
  }
  for (const std::string& program : Matches(page, std::regex("\\b([a-z_]+_test)\\b"), "$1")) {
    EXPECT_THAT(tests.programs, ::testing::Contains(program));
  }
}

TEST(ReliabilityPageTest, NamesEveryTestThatBreaksSomething) {
  const std::vector<Mention> mentions = MentionsIn(Page());
  int tests = 0;
  for (const auto& entry : fs::directory_iterator(Root() / "tests" / "faults")) {
    if (entry.path().extension() != ".cc") continue;
    for (const std::string& test : TestsIn(entry.path())) {
      ++tests;
      EXPECT_TRUE(std::any_of(mentions.begin(), mentions.end(),
                              [&](const Mention& mention) { return Covers(mention, test); }))
          << "no row for " << test;
    }
  }
  EXPECT_GT(tests, 20);
}

}  // namespace
}  // namespace fosterwatch
