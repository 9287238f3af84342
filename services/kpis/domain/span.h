// One element of a stream, as what is known says of it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace fosterwatch::kpis::domain {

struct Span {
  std::string key;
  std::string aggregate_id;
  absl::Time begin;
  std::optional<absl::Time> due;
  std::optional<absl::Time> end;
  std::string begin_fact_id;
  std::string end_fact_id;
  std::string chain;
  // It was never done: at its end it was no longer owed.
  bool lapsed = false;
  std::map<std::string, std::string> attributes;
  std::optional<int64_t> value;
  // When the facts were recorded by the register that they come from; absent where that was not
  // kept (before observations were).
  std::optional<absl::Time> begin_recorded;
  std::optional<absl::Time> end_recorded;
  bool operator==(const Span&) const = default;
};

}  // namespace fosterwatch::kpis::domain
