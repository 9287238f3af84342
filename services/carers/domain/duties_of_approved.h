// What an approved household owes from the approval on: reviews, the agreement, visits, training,
// certificates. A room of duties.h.
#pragma once

#include "services/carers/domain/duty_list.h"

namespace fosterwatch::carers::domain {

void AddOfApproved(const v1::Carer& carer, DutyList& duties);

}  // namespace fosterwatch::carers::domain
