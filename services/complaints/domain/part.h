// Who may do what about a complaint, beyond roles. Regulation 18(2): nobody who is the subject of a
// complaint takes part in its consideration, except, if the registered person thinks fit, at the
// informal stage. An investigator is neither the subject, nor who manages the subject, nor who gave
// it, nor who handled an earlier stage.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "fosterwatch/complaints/v1/complaint.pb.h"
#include "services/complaints/domain/command.h"

namespace fosterwatch::complaints::domain {

// FAILED_PRECONDITION: NOT_A_COMPLAINT for a compliment, COMPLAINT_ENDED.
absl::Status CheckOpen(const v1::Complaint& complaint);

enum class Part {
  kConsidering,
  // Acknowledging and answering, which the subject may do in an informal stage where it was
  // allowed.
  kInformal,
};
// PERMISSION_DENIED (SUBJECT_TAKES_NO_PART).
absl::Status CheckPart(const v1::Complaint& complaint, const Actor& actor, Part part);

// Both, in this order.
absl::Status CheckConsidering(const v1::Complaint& complaint, const Actor& actor);

// PERMISSION_DENIED (NOT_INDEPENDENT), saying why, where that person may not investigate the
// present stage.
absl::Status CheckIndependent(const v1::Complaint& complaint, absl::string_view person_id);

}  // namespace fosterwatch::complaints::domain
