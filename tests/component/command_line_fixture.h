// The binary as people meet it: commands, each a process of its own, against a `serve` of the
// test's own settings.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "libs/testing/await.h"
#include "libs/testing/process.h"
#include "nlohmann/json.hpp"

namespace fosterwatch {

struct Answer {
  int code = -1;
  std::string output;  // of both streams
  nlohmann::json json() const { return nlohmann::json::parse(output, nullptr, false); }
};

class CommandLineTest : public ::testing::Test {
 protected:
  CommandLineTest() {
    char path[] = "/tmp/fosterwatch-command.XXXXXX";
    folder_ = mkdtemp(path);
    settings_ = {
        {"FOSTERWATCH_DATA_DIR", folder_ + "/data"},
        {"FOSTERWATCH_BUS", "postgres"},
        {"FOSTERWATCH_GRPC_LISTEN", "127.0.0.1:0"},
        {"FOSTERWATCH_HTTP_LISTEN", "127.0.0.1:0"},
        // Nobody is there: mails wait.
        {"FOSTERWATCH_SMTP_URL", "smtp://127.0.0.1:1"},
    };
  }
  ~CommandLineTest() override { std::filesystem::remove_all(folder_); }

  testing::Process Begin(std::vector<std::string> arguments) {
    const char* folder = std::getenv("FOSTERWATCH_BIN_DIR");
    testing::Process::Options options;
    options.arguments = {
        absl::StrCat(folder == nullptr ? "build/dev/bin" : folder, "/fosterwatch")};
    options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
    options.set = settings_;
    auto process = testing::Process::Start(std::move(options));
    EXPECT_TRUE(process.ok()) << process.status();
    return *std::move(process);
  }

  Answer Run(std::vector<std::string> arguments) {
    testing::Process process = Begin(std::move(arguments));
    const auto code = process.Wait(absl::Minutes(1));
    EXPECT_TRUE(code.ok()) << code.status();
    return {code.value_or(-1), process.Output()};
  }

  // `serve`, up to the moment when it takes calls; later commands find its port.
  testing::Process Serve() {
    testing::Process process = Begin({"serve"});
    const auto rest = process.AwaitLine("\"msg\":\"listening\",\"grpc\":\"", absl::Minutes(1));
    EXPECT_TRUE(rest.ok()) << rest.status();
    if (rest.ok()) {
      settings_["FOSTERWATCH_ENDPOINTS"] = "";
      settings_["FOSTERWATCH_GRPC_LISTEN"] = rest->substr(0, rest->find('"'));
    }
    EXPECT_TRUE(testing::AwaitTrue([&] { return Run({"health"}).code == 0; }, absl::Minutes(1)));
    return process;
  }

  std::string folder_;
  std::map<std::string, std::string> settings_;
};

}  // namespace fosterwatch
