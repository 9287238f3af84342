// What every decision of this area is given beside the record and the request. Decisions are pure:
// the clock, new ids and what other areas know come in as arguments, and the same arguments always
// give the same facts.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "fosterwatch/options/v1/options.pb.h"

namespace fosterwatch::allegations::domain {

// Gives a new id at each call, unique in the agency.
using NewId = absl::FunctionRef<std::string()>;

// To be recorded in this order, in one transaction.
using Facts = std::vector<v1::AllegationFact>;

// Limits of text in Unicode characters, as the protos promise them.
inline constexpr int kMaxNarrative = 20'000;
inline constexpr int kMaxReference = 200;

// Who holds which role in the agency, as the directory's facts have said.
struct People {
  struct Holder {
    std::string person_id;
    options::v1::Role role;
    absl::Time from;
    absl::Time until = absl::InfiniteFuture();  // exclusive
  };
  std::vector<Holder> holders;

  bool Known(absl::string_view person_id) const {
    return std::any_of(holders.begin(), holders.end(),
                       [&](const Holder& holder) { return holder.person_id == person_id; });
  }
  bool HoldsAnyRole(absl::string_view person_id, absl::Time at) const {
    return std::any_of(holders.begin(), holders.end(), [&](const Holder& holder) {
      return holder.person_id == person_id && holder.from <= at && at < holder.until;
    });
  }
  // The first by id who holds the role then and is not `but`; "" where nobody does.
  std::string HolderOf(options::v1::Role role, absl::Time at, absl::string_view but) const {
    std::string first;
    for (const Holder& holder : holders) {
      if (holder.role == role && holder.from <= at && at < holder.until &&
          holder.person_id != but && (first.empty() || holder.person_id < first)) {
        first = holder.person_id;
      }
    }
    return first;
  }
};

}  // namespace fosterwatch::allegations::domain
