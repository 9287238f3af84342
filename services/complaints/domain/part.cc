#include "services/complaints/domain/part.h"

#include "absl/strings/str_cat.h"

#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/evolve.h"

namespace fosterwatch::complaints::domain {
namespace {

absl::Status NotIndependent(absl::string_view why) {
  return Error(absl::StatusCode::kPermissionDenied, "NOT_INDEPENDENT",
               absl::StrCat("that person may not investigate it: ", why),
               {{"person_id", std::string(why)}});
}

}  // namespace

absl::Status CheckOpen(const v1::Complaint& complaint) {
  if (complaint.state() == v1::Complaint::STATE_RECORDED) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_A_COMPLAINT",
                 "a compliment has no procedure");
  }
  if (HasEnded(complaint)) {
    return Error(absl::StatusCode::kFailedPrecondition, "COMPLAINT_ENDED",
                 "the complaint has ended; reopen it first");
  }
  return absl::OkStatus();
}

absl::Status CheckPart(const v1::Complaint& complaint, const Actor& actor, Part part) {
  const std::string& subject = complaint.report().subject().staff_id();
  if (subject.empty() || subject != actor.id) return absl::OkStatus();
  const v1::Stage* stage = CurrentStage(complaint);
  if (part == Part::kInformal && stage != nullptr && stage->informal() &&
      !complaint.informal_part_allowed_by().empty()) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kPermissionDenied, "SUBJECT_TAKES_NO_PART",
               "nobody takes part in considering a complaint about themselves");
}

absl::Status CheckConsidering(const v1::Complaint& complaint, const Actor& actor) {
  RETURN_IF_ERROR(CheckOpen(complaint));
  return CheckPart(complaint, actor, Part::kConsidering);
}

absl::Status CheckIndependent(const v1::Complaint& complaint, absl::string_view person_id) {
  const v1::Subject& subject = complaint.report().subject();
  if (subject.staff_id() == person_id || subject.carer_id() == person_id) {
    return NotIndependent("it is about them");
  }
  for (const std::string& manager : subject.line_manager_ids()) {
    if (manager == person_id) return NotIndependent("they manage whom it is about");
  }
  if (complaint.report().giver().giver_id() == person_id) {
    return NotIndependent("they gave it");
  }
  const v1::Stage* current = CurrentStage(complaint);
  for (const v1::Stage& stage : complaint.stages()) {
    if (current != nullptr && stage.number() >= current->number()) continue;
    for (const std::string& handler : stage.handler_ids()) {
      if (handler == person_id) return NotIndependent("they handled an earlier stage");
    }
  }
  return absl::OkStatus();
}

}  // namespace fosterwatch::complaints::domain
