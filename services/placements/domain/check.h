// Whether what is said of a placement makes sense, by itself and among the child's others.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "services/placements/domain/placement.h"

namespace fosterwatch::placements::domain {

// 1 to 64 visible characters.
bool IsId(absl::string_view id);

// A placement as it would stand: ids, days that exist and are not in the future, codes of their
// lists, a reason only with an end, carer and authority known, not before the child's birth, and
// apart from the child's other placements. `path` is put before the name of the field at fault.
absl::Status CheckPlacement(const v1::ChildFile& file, const v1::Placement& placement,
                            absl::string_view path, const Circumstances& circumstances);

// The end that a placement is given, by the names of EndPlacementRequest.
absl::Status CheckEnd(const v1::Placement& placement, const Circumstances& circumstances);

// The field is filled: INVALID_ARGUMENT (REQUIRED) otherwise.
absl::Status CheckGiven(absl::string_view field, absl::string_view value);

// Sets how it ended, from its end and its reason.
void SetEnding(v1::Placement& placement, const v1::CodeLists& codes);

}  // namespace fosterwatch::placements::domain
