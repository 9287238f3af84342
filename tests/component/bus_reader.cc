// A member of a group with a lasting name, in a process of its own: reads a topic of the test's
// Kafka and commits, until it is killed. bus_reader TOPIC MEMBER SESSION_SECONDS; says "handled
// VALUE" or "status STATUS".
#include <cstdio>
#include <string>

#include "absl/time/time.h"

#include "libs/bus/kafka_bus.h"
#include "libs/testing/broker.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string topic = argv[1];
  const auto bus =
      fosterwatch::bus::MakeKafkaBus({.brokers = fosterwatch::testing::TestBrokers(),
                                      .session_timeout = absl::Seconds(std::stoi(argv[3]))});
  if (!bus.ok()) return 1;
  const auto subscription =
      (*bus)->Subscribe({.group = topic, .topics = {topic}, .member = argv[2]});
  if (!subscription.ok()) return 1;
  while (true) {
    const auto records = (*subscription)->Poll(100, absl::Seconds(1));
    if (!records.ok()) {
      std::printf("status %s\n", records.status().ToString().c_str());
    } else if (!records->empty() && (*subscription)->Commit().ok()) {
      std::printf("handled %s\n", records->back().value.c_str());
    }
    std::fflush(stdout);
  }
}
