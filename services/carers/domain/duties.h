// What is owed on a carer now and by when, worked out from what is recorded and the policy in
// force. Pure functions.
#pragma once

#include <vector>

#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// By due time, then by id.
std::vector<v1::CarerDuty> DutiesOf(const v1::Carer& carer, const Context& context);

// What others need to know, without personal fields.
v1::Standing StandingOf(const v1::Carer& carer, const Context& context);

}  // namespace fosterwatch::carers::domain
