#include "services/complaints/domain/part.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/evolve.h"

namespace fosterwatch::complaints::domain {
namespace {

absl::Status NotIndependent(absl::string_view why, const char* field = "person_id") {
  return Error(absl::StatusCode::kPermissionDenied, "NOT_INDEPENDENT",
               absl::StrCat("that person may not investigate it: ", why),
               {{field, std::string(why)}});
}

// As one compares names by eye.
std::string Folded(absl::string_view name) {
  return absl::AsciiStrToLower(
      absl::StrJoin(absl::StrSplit(name, absl::ByAnyChar(" \t"), absl::SkipEmpty()), " "));
}

bool Manages(const v1::Subject& subject, absl::string_view person_id) {
  const auto& managers = subject.line_manager_ids();
  return std::find(managers.begin(), managers.end(), person_id) != managers.end();
}

bool MayTakeInformalPart(const v1::Complaint& complaint) {
  const v1::Stage* stage = CurrentStage(complaint);
  return !HasEnded(complaint) && stage != nullptr && stage->informal() &&
         !complaint.informal_part_allowed_by().empty();
}

absl::Status CheckRoute(const v1::Complaint& complaint, const Actor& actor) {
  if (!complaint.has_other_route()) {
    if (!actor.only_on_other_route) return absl::OkStatus();
    return Error(absl::StatusCode::kPermissionDenied, "ANOTHER_ROUTE",
                 "only a complaint that goes another way is considered by this role");
  }
  std::string roles;
  for (const int role : complaint.other_route().considered_by()) {
    if (actor.Is(static_cast<options::v1::Role>(role))) return absl::OkStatus();
    absl::StrAppend(&roles, roles.empty() ? "" : ", ",
                    options::v1::Role_Name(static_cast<options::v1::Role>(role)));
  }
  return Error(absl::StatusCode::kPermissionDenied, "ANOTHER_ROUTE",
               "this complaint goes another way, and others consider it",
               {{"considered_by", roles}});
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
  if (subject.empty() || subject != actor.id) return CheckRoute(complaint, actor);
  if (part == Part::kInformal && MayTakeInformalPart(complaint)) return absl::OkStatus();
  return Error(absl::StatusCode::kPermissionDenied, "SUBJECT_TAKES_NO_PART",
               "nobody takes part in considering a complaint about themselves");
}

absl::Status CheckConsidering(const v1::Complaint& complaint, const Actor& actor) {
  RETURN_IF_ERROR(CheckOpen(complaint));
  return CheckPart(complaint, actor, Part::kConsidering);
}

std::optional<v1::OtherRoute> RouteFor(const Book::Edition& edition,
                                       const std::vector<options::v1::Role>& subject_roles) {
  for (const Book::Route& route : edition.routes()) {
    if (std::find(subject_roles.begin(), subject_roles.end(), route.about_role()) ==
        subject_roles.end()) {
      continue;
    }
    v1::OtherRoute other;
    other.set_about_role(route.about_role());
    *other.mutable_considered_by() = route.considered_by();
    other.set_hidden_from_subject(route.hidden_from_subject());
    other.set_source(route.origin().source());
    other.set_procedure_version(edition.version());
    return other;
  }
  return std::nullopt;
}

bool IsHiddenFrom(const v1::Complaint& complaint, absl::string_view person_id) {
  if (complaint.has_other_route() && !complaint.other_route().hidden_from_subject()) return false;
  return !person_id.empty() && complaint.report().subject().staff_id() == person_id &&
         !MayTakeInformalPart(complaint);
}

void Address(const v1::Complaint& complaint, type::v1::AttentionNeeded& needed) {
  const std::string& subject = complaint.report().subject().staff_id();
  if (!subject.empty()) needed.add_not_to_person_ids(subject);
  *needed.mutable_to_roles() = complaint.other_route().considered_by();
}

absl::Status CheckIndependent(const v1::Complaint& complaint, absl::string_view person_id) {
  const v1::Subject& subject = complaint.report().subject();
  if (subject.staff_id() == person_id || subject.carer_id() == person_id) {
    return NotIndependent("it is about them");
  }
  if (Manages(subject, person_id)) return NotIndependent("they manage whom it is about");
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

absl::Status CheckIndependentName(const v1::Complaint& complaint, absl::string_view name,
                                  absl::string_view replaced) {
  const std::string folded = Folded(name);
  const auto is = [&](const std::string& other) {
    return !other.empty() && Folded(other) == folded;
  };
  if (is(complaint.report().giver().name())) return NotIndependent("they gave it", "name");
  const v1::Stage* current = CurrentStage(complaint);
  for (const v1::Stage& stage : complaint.stages()) {
    const bool now = current != nullptr && stage.number() == current->number();
    const char* why =
        now ? "they have another part in this stage" : "they handled an earlier stage";
    // The investigator of this stage is named anew by the same call.
    if (is(stage.investigator().outside_name()) && (!now || replaced != kInvestigator)) {
      return NotIndependent(why, "name");
    }
    for (const v1::Independent& each : stage.independents()) {
      if (is(each.name()) && each.independent_id() != replaced) return NotIndependent(why, "name");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAnswers(const v1::Complaint& complaint, const Actor& actor) {
  const v1::Stage* stage = CurrentStage(complaint);
  if (stage != nullptr && !stage->informal() && Manages(complaint.report().subject(), actor.id)) {
    return Error(absl::StatusCode::kPermissionDenied, "NOT_INDEPENDENT",
                 "whoever manages whom it is about does not answer a formal stage");
  }
  return absl::OkStatus();
}

}  // namespace fosterwatch::complaints::domain
