// Holds what deployments make on a broker to what the services say of themselves: the manifest of
// topics, and the access list.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/process.h"

namespace fosterwatch {
namespace {

std::string Source(const std::string& path) {
  std::ifstream file(std::string(std::getenv("FOSTERWATCH_SOURCE_DIR")) + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The words of each line that is no comment.
std::vector<std::vector<std::string>> Rows(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    rows.emplace_back(std::istream_iterator<std::string>(words),
                      std::istream_iterator<std::string>());
  }
  return rows;
}

TEST(TopicsTest, TheManifestIsWhatTheCommandMakes) {
  auto list = testing::Process::Start(
      {.arguments = {std::string(std::getenv("FOSTERWATCH_BIN_DIR")) + "/fosterwatch", "topics",
                     "list"}});
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(*list->Wait(), 0) << list->Output();
  EXPECT_THAT(Rows(Source("deploy/kafka/topics.txt")),
              ::testing::UnorderedElementsAreArray(Rows(list->Output())));
}

TEST(TopicsTest, ServicesMayReadAndWriteTheTopicsOfTheirRowAndNoOthers) {
  // The columns "topics in" and "topics out" of services/README.md.
  std::map<std::string, std::set<std::string>> table;
  std::istringstream lines(Source("services/README.md"));
  const std::regex row("^\\| \\[([a-z_]+)\\][^|]*\\|[^|]*\\|([^|]*)\\|([^|]*)\\|.*");
  const std::regex topic("`([^`]+)`");
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    const std::string service = absl::StrReplaceAll(match[1].str(), {{"_", "-"}});
    if (service == "gateway" || service == "watchdog") continue;
    for (const int column : {2, 3}) {
      const std::string cell = match[column];
      for (std::sregex_iterator it(cell.begin(), cell.end(), topic), end; it != end; ++it) {
        table[service].insert((column == 2 ? "read " : "write ") + it->str(1));
      }
    }
  }
  ASSERT_FALSE(table.empty());
  std::map<std::string, std::set<std::string>> allowed;
  for (const std::vector<std::string>& acl : Rows(Source("deploy/kafka/acls.txt"))) {
    ASSERT_EQ(acl.size(), 5u);
    if (acl[0] == "gateway" || acl[0] == "operator" || acl[0] == "publisher") continue;
    if (acl[2] == "topic") allowed[acl[0]].insert(acl[1] + " " + acl[4]);
  }
  EXPECT_EQ(allowed, table);
}

}  // namespace
}  // namespace fosterwatch
