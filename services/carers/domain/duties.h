// What is owed on a carer now and by when, worked out from what is recorded and the policy in
// force. Pure functions.
#pragma once

#include <vector>

#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// By due time, then by id. Of a record that is merged into another, the open work alone.
std::vector<v1::CarerDuty> DutiesOf(const v1::Carer& carer, const Context& context);

// What is open by this record whatever becomes of its household: notices of decisions, actions,
// reviews of endings, requests of other services for access.
std::vector<v1::CarerDuty> OpenWork(const v1::Carer& carer, const Context& context);

// What others need to know, without personal fields.
v1::Standing StandingOf(const v1::Carer& carer, const Context& context);

}  // namespace fosterwatch::carers::domain
