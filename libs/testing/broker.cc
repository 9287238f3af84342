#include "libs/testing/broker.h"

#include <cstdlib>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include <librdkafka/rdkafka.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fosterwatch::testing {
namespace {

absl::Mutex names_mutex(absl::kConstInit);
std::vector<std::string> names;  // guarded by it, as is the count
int count = 0;

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
  static const unsigned int random = std::random_device()();
  absl::MutexLock lock(&names_mutex);
  names.push_back(absl::StrCat("test.", stem, ".", getpid(), "-", absl::Hex(random), ".", ++count));
  return names.back();
}

void RemoveUniqueTopics() {
  std::vector<std::string> gone;
  {
    absl::MutexLock lock(&names_mutex);
    gone.swap(names);
  }
  if (gone.empty()) return;
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", TestBrokers().c_str(), nullptr, 0);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
  std::vector<rd_kafka_DeleteTopic_t*> topics;
  for (const std::string& name : gone) topics.push_back(rd_kafka_DeleteTopic_new(name.c_str()));
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  rd_kafka_DeleteTopics(client, topics.data(), topics.size(), nullptr, queue);
  // What is left behind harms nobody.
  if (rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 10'000)) rd_kafka_event_destroy(event);
  rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
  rd_kafka_queue_destroy(queue);
  rd_kafka_destroy(client);
}

}  // namespace fosterwatch::testing
