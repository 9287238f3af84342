// What is owed on a carer now and by when, worked out from what is recorded and the policy in
// force; and what follows from a change: duties that move, the standing that others keep, attention
// that is needed or settled. Pure functions.
#pragma once

#include <optional>
#include <vector>

#include "absl/time/time.h"

#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// By due time, then by id.
std::vector<v1::CarerDuty> DutiesOf(const v1::Carer& carer, const Context& context);

// What others need to know, without personal fields.
v1::Standing StandingOf(const v1::Carer& carer, const Context& context);

// The facts, and behind them what follows from them: DutiesChanged, StandingChanged,
// AttentionSettled, each only where there is one. None follow from no facts.
Facts WithConsequences(const v1::Carer& carer, Facts facts, const Context& context);

// What time alone brings: an approval that ends, duties worked out for the first time, attention to
// what is overdue.
Facts OnTime(const v1::Carer& carer, const Context& context);

// The next moment at which OnTime has something to say; nothing where none is to come.
std::optional<absl::Time> NextMoment(const v1::Carer& carer);

// The same for the same duty and episode.
std::string AttentionId(const v1::Carer& carer, const v1::CarerDuty& duty);

}  // namespace fosterwatch::carers::domain
