// What every decision of this area is given beside the state and the request. Decisions are pure:
// the clock, new ids and what other areas know come in as arguments, and the same arguments always
// give the same facts.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "fosterwatch/options/v1/options.pb.h"

namespace fosterwatch::complaints::domain {

// Who asks, as the door has established.
struct Actor {
  std::string id;
  std::vector<options::v1::Role> roles;
  // No role of theirs lets them do this but one that acts on complaints that go another way.
  bool only_on_other_route = false;

  bool Is(options::v1::Role role) const {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  }
};

// Gives a new id at each call, unique in the agency and without a dot.
using NewId = absl::FunctionRef<std::string()>;

// To be recorded in this order, in one transaction.
using Facts = std::vector<v1::ComplaintFact>;

// Limits of text in Unicode characters, as the protos promise them.
inline constexpr int kMaxNarrative = 20'000;
inline constexpr int kMaxReason = 2'000;
inline constexpr int kMaxContact = 500;
inline constexpr int kMaxName = 200;
inline constexpr int kMaxPoints = 50;

}  // namespace fosterwatch::complaints::domain
