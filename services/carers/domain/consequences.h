// What follows from a change of a carer, in the same transaction, and from time alone: duties that
// move, the standing that others keep, attention that is needed or settled. Pure functions.
//
// Of a duty, somebody is told on each day that its policy names before it is due, in the day's
// digest, and once it is overdue. Each is told once, and takes the place of the one before; where
// several days have passed unseen, as of a carer taken over from another register, only the last is
// told. What is done, or due on another day, is settled.
#pragma once

#include <optional>

#include "absl/time/time.h"

#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// The facts, and behind them what follows from them: DutiesChanged, StandingChanged,
// AttentionSettled, each only where there is one. None follow from no facts.
Facts WithConsequences(const v1::Carer& carer, Facts facts, const Context& context);

// What time alone brings: an approval that ends, duties worked out for the first time, attention to
// what is due soon or overdue.
Facts OnTime(const v1::Carer& carer, const Context& context);

// The next moment at which OnTime has something to say; nothing where none is to come.
std::optional<absl::Time> NextMoment(const v1::Carer& carer);

}  // namespace fosterwatch::carers::domain
