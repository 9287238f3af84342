// Case numbers without gaps, for each agency and year: a number is a fact of the aggregate of its
// block, taken in the unit of work that records the complaint, so that a refused unit takes none
// and two at once cannot take the same. A block is small, because an aggregate is read whole.
#pragma once

#include <memory>
#include <string>

#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::complaints {

inline constexpr char kNumberAggregate[] = "number";
inline constexpr int kNumbersInBlock = 500;

// The number that a unit takes, told from one of its changes to the next.
struct TakenNumber {
  int year = 0;
  int number = 0;  // 0 until it is taken
};

// Puts the changes into `unit` that take the year's next number for the complaint, which a later
// change of the unit may then use. `known` is a number that was taken already, or 0: at most one
// block behind the last one, else the unit is ABORTED, to be tried again.
void TakeNumber(ledger::Unit& unit, const std::string& complaint_id, int known,
                const std::shared_ptr<TakenNumber>& taken);

ledger::Aggregate NumberAggregate();

}  // namespace fosterwatch::complaints
