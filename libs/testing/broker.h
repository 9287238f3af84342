// The Apache Kafka of the tests: FOSTERWATCH_TEST_KAFKA names its bootstrap servers and
// FOSTERWATCH_TEST_KAFKA_CONTROL a program that takes `start`, `stop` or `kill` (SIGKILL) and
// returns when that is done; ./dev test sets both. Where one is missing the test fails: a test that
// skips proves nothing.
#pragma once

#include <string>

namespace fosterwatch::testing {

// Throw std::runtime_error where the variable is not set or the program fails.
std::string TestBrokers();
void StartBroker();
void StopBroker();
void KillBroker();

// "test.<stem>.<process>.<number>": no other test has it, nor had.
std::string UniqueTopic(const std::string& stem);

// Removes the topics that UniqueTopic has named so far. A broker with thousands of partitions takes
// a minute to start again after KillBroker.
void RemoveUniqueTopics();

}  // namespace fosterwatch::testing
