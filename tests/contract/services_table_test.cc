// Holds the table in services/README.md to the code: the topics that a service's sources name are
// those of its row.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fosterwatch {
namespace {

namespace fs = std::filesystem;

const fs::path& Services() {
  static const fs::path* const path =
      new fs::path(fs::path(std::getenv("FOSTERWATCH_SOURCE_DIR")) / "services");
  return *path;
}

std::string Text(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::set<std::string> TopicsIn(const std::string& text, const std::string& before,
                               const std::string& after) {
  static const char* const kTopic = "fosterwatch\\.(?:intake\\.)?[a-z]+(?:-[a-z]+)*\\.v[0-9]+";
  const std::regex pattern(before + "(" + kTopic + ")" + after);
  std::set<std::string> topics;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    topics.insert((*it)[1]);
  }
  return topics;
}

// What the sources (and, where a service is driven by data, the data) name.
std::set<std::string> TopicsOfCode(const std::string& service) {
  std::set<std::string> topics;
  for (const auto& entry : fs::recursive_directory_iterator(Services() / service)) {
    const fs::path& path = entry.path();
    const bool source = path.extension() == ".cc" || path.extension() == ".h";
    if (!source && path.extension() != ".json") continue;
    if (path.string().find("_test.") != std::string::npos) continue;
    if (path.string().find("/testing/") != std::string::npos) continue;
    // The fact messages that a definition may name, of which it names some.
    if (service == "kpis" && path.filename() == "catalogue_files.cc") continue;
    topics.merge(TopicsIn(Text(path), "\"", "\""));
  }
  return topics;
}

std::map<std::string, std::set<std::string>> Table() {
  std::map<std::string, std::set<std::string>> table;
  std::istringstream lines(Text(Services() / "README.md"));
  const std::regex row("^\\| \\[([a-z_]+)\\]\\(.*");
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) table[match[1]] = TopicsIn(line, "`", "`");
  }
  return table;
}

TEST(ServicesTableTest, HasARowForEachService) {
  std::set<std::string> folders, rows;
  for (const auto& entry : fs::directory_iterator(Services())) {
    if (entry.is_directory()) folders.insert(entry.path().filename());
  }
  for (const auto& [service, topics] : Table()) rows.insert(service);
  EXPECT_EQ(rows, folders);
}

TEST(ServicesTableTest, NamesTheTopicsThatTheCodeNames) {
  for (const auto& [service, topics] : Table()) {
    if (service == "gateway") continue;  // it follows the topics of every other service
    EXPECT_EQ(TopicsOfCode(service), topics) << service;
  }
}

// A register that needs attention and is not heard would be late unseen.
TEST(ServicesTableTest, NotificationsHearsEachRegisterThatMayNeedAttention) {
  const std::set<std::string> heard = TopicsOfCode("notifications");
  const std::regex published("on (fosterwatch\\.[a-z-]+\\.v[0-9]+)");
  int registers = 0;
  for (const auto& entry : fs::recursive_directory_iterator(Services().parent_path() / "protos")) {
    const std::string text = Text(entry.path());
    if (text.find(" attention_needed = ") == std::string::npos) continue;
    std::smatch match;
    ASSERT_TRUE(std::regex_search(text, match, published)) << entry.path();
    EXPECT_THAT(heard, ::testing::Contains(match[1])) << entry.path();
    ++registers;
  }
  EXPECT_GE(registers, 4);
}

}  // namespace
}  // namespace fosterwatch
