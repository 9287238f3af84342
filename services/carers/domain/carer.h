// What may stand in the register of foster carers (regulation 31, in its thin beginning).
#pragma once

#include "absl/status/status.h"

#include "fosterwatch/carers/v1/carer.pb.h"

namespace fosterwatch::carers::domain {

// A carer needs an id (1 to 64 visible characters), a name, a kind and an ISO day of approval that
// exists. Errors name the field as in RecordCarerRequest.
absl::Status CheckCarer(const v1::Carer& carer);

}  // namespace fosterwatch::carers::domain
