// Every variable FOSTERWATCH_... that anything in the repository sets or speaks of is one that the
// programs know: they refuse all others, so one that is missing here would keep them from starting.
#include "libs/runtime/setting_names.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "CLI/CLI.hpp"
#include "libs/runtime/settings.h"

namespace fosterwatch::runtime {
namespace {

namespace fs = std::filesystem;

// Of CMake and the preprocessor: no variables of a process.
const std::set<std::string>& OfTheBuild() {
  static const auto* const names = new std::set<std::string>{"FOSTERWATCH_CONFORMANCE_PROTOS",
                                                             "FOSTERWATCH_CRASH_POINT",
                                                             "FOSTERWATCH_CRASH_POINTS",
                                                             "FOSTERWATCH_FUZZ",
                                                             "FOSTERWATCH_LIBFUZZER",
                                                             "FOSTERWATCH_PRECOMPILE",
                                                             "FOSTERWATCH_VERSION"};
  return *names;
}

std::set<std::string> Settings() {
  CLI::App app;
  runtime::Settings settings;
  AddSettings(app, settings);
  std::set<std::string> names;
  for (const CLI::Option* option : static_cast<const CLI::App&>(app).get_options()) {
    if (!option->get_envname().empty()) names.insert(option->get_envname());
  }
  return names;
}

std::vector<fs::path> Files() {
  const fs::path root = std::getenv("FOSTERWATCH_SOURCE_DIR");
  std::vector<fs::path> files = {root / "dev", root / "docker-compose.yml", root / "README.md"};
  for (const char* folder :
       {"apps", "bench", "deploy", "docs", "libs", "services", "tests", "tools"}) {
    fs::recursive_directory_iterator it(root / folder), end;
    for (; it != end; ++it) {
      if (it->path().filename() == "node_modules") {
        it.disable_recursion_pending();
      } else if (it->is_regular_file() && it->file_size() < 1'000'000) {
        files.push_back(it->path());
      }
    }
  }
  return files;
}

TEST(SettingNamesTest, WhatTheRepositorySetsIsKnown) {
  const std::set<std::string> settings = Settings();
  ASSERT_GT(settings.size(), 30u);
  static const std::regex variable("FOSTERWATCH_[A-Z0-9_]*[A-Z0-9]\\b");
  std::set<std::string> seen;
  for (const fs::path& path : Files()) {
    std::stringstream stream;
    stream << std::ifstream(path).rdbuf();
    const std::string text = stream.str();
    for (std::sregex_iterator it(text.begin(), text.end(), variable), end; it != end; ++it) {
      const std::string name = it->str();
      seen.insert(name);
      EXPECT_TRUE(settings.count(name) != 0 || OfTheBuild().count(name) != 0 ||
                  IsReadElsewhere(name))
          << path << ": " << name;
    }
  }
  EXPECT_GT(seen.size(), 50u);
  for (const std::string& name : OfTheBuild()) EXPECT_TRUE(seen.count(name) != 0) << name;
}

TEST(SettingNamesTest, OnlyANameThatIsNearIsProposed) {
  const std::vector<std::string> names = {"FOSTERWATCH_SMTP_URL", "FOSTERWATCH_WATCH_SMTP_URL",
                                          "FOSTERWATCH_KAFKA", "FOSTERWATCH_BUS"};
  const auto nearest = [&](const std::string& name) {
    return NearestName("FOSTERWATCH_" + name, names);
  };
  EXPECT_EQ(nearest("SMTP_URI"), "FOSTERWATCH_SMTP_URL");
  EXPECT_EQ(nearest("SMTPURL"), "FOSTERWATCH_SMTP_URL");
  EXPECT_EQ(nearest("WATCH_SMTP_URI"), "FOSTERWATCH_WATCH_SMTP_URL");
  EXPECT_EQ(nearest("KAFKAS"), "FOSTERWATCH_KAFKA");
  EXPECT_EQ(nearest("SOMETHING"), "");
  EXPECT_EQ(nearest(""), "");
}

TEST(SettingNamesTest, AServiceLinkIsNoSettingAndASettingNoServiceLink) {
  const auto elsewhere = [](const std::string& name, const std::string& value = "") {
    return IsReadElsewhere("FOSTERWATCH_" + name, value);
  };
  EXPECT_TRUE(elsewhere("SERVICE_HOST"));
  EXPECT_TRUE(elsewhere("GATEWAY_SERVICE_PORT_HTTP"));
  EXPECT_TRUE(elsewhere("GATEWAY_PORT", "tcp://10.0.0.7:8410"));
  EXPECT_TRUE(elsewhere("GATEWAY_PORT_8410_TCP_PROTO", "tcp"));
  EXPECT_FALSE(elsewhere("SMTP_PORT", "25"));
  EXPECT_FALSE(elsewhere("PORTAL"));
  EXPECT_FALSE(IsReadElsewhere("SMTP_PORT", "tcp://10.0.0.7:8410"));
}

}  // namespace
}  // namespace fosterwatch::runtime
