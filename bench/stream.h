// The load: a stream of Schedule 7 events that a seed fixes. 20 agencies of 250 children, the ten
// kinds alike, children by Zipf's law (1.1) as cases are; one in a hundred is a word-for-word
// repeat of one of the last thousand, one in a thousand is invalid. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace fosterwatch::bench {

inline constexpr int kAgencies = 20;
inline constexpr int kChildrenEach = 250;

std::string AgencyName(int agency);   // "bench-07"
std::string SourceOf(int agency);     // "urn:bench:07", registered to that agency
std::string ChildName(int child);     // "C-0042", as the demonstration agency has them
std::string CarerOfChild(int child);  // "F-0042"

struct Event {
  std::string id;
  int agency = 0;
  std::string body;  // a structured CloudEvent
  bool repeat = false;
  bool invalid = false;
};

class Stream {
 public:
  // Every event became known to its agency in the two hours before `known`.
  Stream(uint64_t seed, absl::Time known);
  Event Next();

 private:
  double Uniform();

  const uint64_t seed_;
  const absl::Time known_;
  std::mt19937_64 engine_;
  std::vector<double> up_to_;  // of cases, the share of all events up to each
  std::deque<Event> last_;
  int64_t count_ = 0;
};

}  // namespace fosterwatch::bench
