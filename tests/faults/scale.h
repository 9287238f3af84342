// How much of a fault a test brings about: a little in each `./dev test`, much in
// `./dev test faults --full`; and the seed of its choices.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace fosterwatch::faults {

inline bool Full() {
  const char* full = std::getenv("FOSTERWATCH_TEST_FULL");
  return full != nullptr && *full != '\0' && *full != '0';
}

// Scaled(1'000, 30'000): the first in a quick run, the second in a full one.
template <typename T>
T Scaled(T quick, T full) {
  return Full() ? full : quick;
}

// FOSTERWATCH_TEST_SEED (`--seed N`), else another one each time. Printed, so that a run that
// failed can be had again: the same choices in the same order.
inline unsigned Seed() {
  const char* given = std::getenv("FOSTERWATCH_TEST_SEED");
  const unsigned seed = given != nullptr && *given != '\0'
                            ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                            : std::random_device()();
  std::printf("seed %u\n", seed);
  return seed;
}

// What was broken how often. Said at the end of a test, one line each, as
// "killed kafka after_commit: 25", so that a full run can be added up.
class Tally {
 public:
  explicit Tally(std::string where) : where_(std::move(where)) {}
  void Add(const std::string& what) { ++times_[what]; }
  int of(const std::string& what) const {
    const auto found = times_.find(what);
    return found == times_.end() ? 0 : found->second;
  }
  void Say(const std::string& verb) const {
    for (const auto& [what, times] : times_) {
      std::printf("%s %s %s: %d\n", verb.c_str(), where_.c_str(), what.c_str(), times);
    }
  }

 private:
  const std::string where_;
  std::map<std::string, int> times_;
};

}  // namespace fosterwatch::faults
