// What the decisions of this area are given beside the carer and the request. Decisions are pure:
// the clock, new ids and the rules come in as arguments, and the same arguments always give the
// same facts. Refusals name the field as in the request.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/carers/v1/carer_policy.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::carers::domain {

// To be recorded in this order, in one transaction.
using Facts = std::vector<v1::CarersFact>;

// Gives a new id at each call, unique in the agency.
using NewId = absl::FunctionRef<std::string()>;

struct Directory;

// Who asks, when, and by which rules. The rules outlive it.
struct Context {
  std::string actor;
  absl::Time now;
  const v1::CarerPolicies* policies = nullptr;
  const clock::WorkingCalendar* calendar = nullptr;
  // Of what names persons or bodies (named.h); null where nothing is judged by it.
  const Directory* directory = nullptr;
};

// How far a moment may lie after now before it counts as in the future: two clocks are two.
inline constexpr absl::Duration kClockSkew = absl::Seconds(60);

// In Unicode characters.
inline constexpr int kMaxName = 200;
inline constexpr int kMaxAddress = 500;
inline constexpr int kMaxText = 4000;
// Of lists that a request gives.
inline constexpr int kMaxListed = 50;
// Of visits, checks and changes that one carer may have: a record is read whole.
inline constexpr int kMaxKept = 5000;

}  // namespace fosterwatch::carers::domain
