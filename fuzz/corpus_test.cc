// Every committed input, and every shortened form of it, through its target: what was found once
// stays found, without a fuzzer.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "fuzz/fuzz.h"

namespace fosterwatch::fuzz {

std::map<std::string, Target>& Targets() {
  static auto* const targets = new std::map<std::string, Target>;
  return *targets;
}

namespace {

TEST(Corpus, IsTakenWithoutACrashByEveryTarget) {
  const char* source = std::getenv("FOSTERWATCH_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  ASSERT_FALSE(Targets().empty());
  for (const auto& [name, target] : Targets()) {
    const std::string folder = absl::StrCat(source, "/fuzz/corpus/", name);
    int inputs = 0;
    ASSERT_TRUE(std::filesystem::is_directory(folder)) << folder;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string input(std::istreambuf_iterator<char>(file), {});
      SCOPED_TRACE(entry.path().string());
      target(input);
      const size_t step = std::max<size_t>(1, input.size() / 16);
      for (size_t size = 0; size < input.size(); size += step) target(input.substr(0, size));
      ++inputs;
    }
    EXPECT_GT(inputs, 0) << folder;
  }
}

}  // namespace
}  // namespace fosterwatch::fuzz
