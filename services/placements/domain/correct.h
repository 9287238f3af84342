// What corrections change: fields that a person may say otherwise, and what is kept of what they
// said first.
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "services/placements/domain/placement.h"

namespace fosterwatch::placements::domain {

// The placement with what the request says otherwise. INVALID_ARGUMENT (NOT_CORRECTABLE) for a
// name in `cleared` that is none of them, or that must be filled.
absl::StatusOr<v1::Placement> Corrected(const v1::Placement& placement,
                                        const v1::CorrectPlacementRequest& request);

// The facts of that change; none where nothing is different. Checked as CheckPlacement does.
absl::StatusOr<Facts> CorrectionOf(const v1::ChildFile& file, const v1::Placement& before,
                                   v1::Placement after, const std::string& why,
                                   const Circumstances& circumstances);

}  // namespace fosterwatch::placements::domain
