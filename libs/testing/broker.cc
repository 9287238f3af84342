#include "libs/testing/broker.h"

#include <atomic>
#include <cstdlib>
#include <random>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include <sys/wait.h>
#include <unistd.h>

namespace fosterwatch::testing {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    throw std::runtime_error(absl::StrCat(
        name, " is not set: this test needs an Apache Kafka, as './dev test' starts one"));
  }
  return value;
}

void Control(const char* verb) {
  const std::string program = Variable("FOSTERWATCH_TEST_KAFKA_CONTROL");
  const pid_t child = fork();
  if (child == 0) {
    execl(program.c_str(), program.c_str(), verb, static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
      WEXITSTATUS(status) != 0) {
    throw std::runtime_error(absl::StrCat("'", program, " ", verb, "' failed"));
  }
}

}  // namespace

std::string TestBrokers() { return Variable("FOSTERWATCH_TEST_KAFKA"); }
void StartBroker() { Control("start"); }
void StopBroker() { Control("stop"); }
void KillBroker() { Control("kill"); }

std::string UniqueTopic(const std::string& stem) {
  static std::atomic<int> count = 0;
  static const unsigned int random = std::random_device()();
  return absl::StrCat("test.", stem, ".", getpid(), "-", absl::Hex(random), ".", ++count);
}

}  // namespace fosterwatch::testing
