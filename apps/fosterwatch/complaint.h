// What the commands about complaints share.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "apps/fosterwatch/remote.h"
#include "fosterwatch/complaints/v1/complaint.pb.h"

namespace fosterwatch::app {

inline constexpr char kComplaintsArea[] = "complaints";
inline constexpr char kComplaintsService[] = "ComplaintsService";
inline constexpr char kComplaintsOversight[] = "ComplaintsOversightService";

// One complaint with what is owed and how it came there; the error where it is none.
absl::Status ShowComplaint(const Context& context,
                           const absl::StatusOr<complaints::v1::Complaint>& complaint);

}  // namespace fosterwatch::app
