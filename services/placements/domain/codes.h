// The lists of codes that placements are described by, as data with effective dates.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "fosterwatch/placements/v1/codes.pb.h"

namespace fosterwatch::placements::domain {

// Reads the data file. INVALID_ARGUMENT (CODES_INVALID) for an unknown field, no edition, editions
// not in the order of their days, a code twice, a reason that does not say how it counts, or a
// missing source or grade.
absl::StatusOr<v1::CodeLists> ParseCodeLists(absl::string_view json);

// The edition that holds on a day ("2026-11-22"): the last that has begun; before the first one's
// day, the first.
const v1::CodeList& InForce(const v1::CodeLists& lists, absl::string_view day);

// Null where the list has no such code.
const v1::PlacementCode* FindPlacementCode(const v1::CodeList& list, absl::string_view code);
const v1::ReasonCode* FindReasonCode(const v1::CodeList& list, absl::string_view code);
const v1::PlacementKind* FindKind(const v1::CodeList& list, absl::string_view kind);

}  // namespace fosterwatch::placements::domain
