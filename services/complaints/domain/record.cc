#include "services/complaints/domain/record.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "libs/clock/check_time.h"
#include "libs/clock/proto_time.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/out_of_time.h"
#include "services/complaints/domain/part.h"

namespace fosterwatch::complaints::domain {
namespace {

void CheckGiver(FieldCheck& check, const v1::Giver& giver) {
  if (giver.kind() == v1::GIVER_KIND_UNSPECIFIED || !v1::GiverKind_IsValid(giver.kind())) {
    check.Refuse("report.giver.kind", "UNKNOWN_KIND", "is not one of the kinds of givers");
  }
  if (giver.kind() == v1::GIVER_KIND_ANONYMOUS) {
    if (!giver.name().empty() || !giver.giver_id().empty() || !giver.contact().empty()) {
      check.Refuse("report.giver.name", "ANONYMOUS_NAMED",
                   "names somebody, though the giver gave no name");
    }
  } else if (IsBlank(giver.name()) && giver.giver_id().empty()) {
    check.Refuse("report.giver.name", "REQUIRED", "is required, or the giver's id");
  }
  check.AtMost("report.giver.name", giver.name(), kMaxName);
  check.AtMost("report.giver.contact", giver.contact(), kMaxContact);
  check.AtMost("report.giver.giver_id", giver.giver_id(), kMaxName);
  check.AtMost("report.giver.on_behalf_of_id", giver.on_behalf_of_id(), kMaxName);
  check.AtMost("report.giver.on_behalf_of_name", giver.on_behalf_of_name(), kMaxName);
  if (!v1::GiverKind_IsValid(giver.on_behalf_of())) {
    check.Refuse("report.giver.on_behalf_of", "UNKNOWN_KIND", "is not one of the kinds of givers");
  }
}

void CheckSubject(FieldCheck& check, const v1::Subject& subject,
                  const Circumstances& circumstances) {
  if (subject.kind() == v1::SUBJECT_KIND_UNSPECIFIED || !v1::SubjectKind_IsValid(subject.kind())) {
    check.Refuse("report.subject.kind", "UNKNOWN_KIND", "is not one of the kinds of subjects");
  }
  if (!subject.carer_id().empty()) {
    if (!circumstances.carer_known && circumstances.carers_known) {
      check.Refuse("report.subject.carer_id", "UNKNOWN_CARER", "is not known to this agency");
    }
  } else if (subject.kind() == v1::SUBJECT_KIND_CARER) {
    check.Refuse("report.subject.carer_id", "REQUIRED", "is required");
  }
  if (!subject.child_id().empty()) {
    if (!circumstances.child_known) {
      check.Refuse("report.subject.child_id", "UNKNOWN_CHILD", "is not known to this agency");
    }
  } else if (subject.kind() == v1::SUBJECT_KIND_CHILD) {
    check.Refuse("report.subject.child_id", "REQUIRED", "is required");
  }
  check.AtMost("report.subject.carer_id", subject.carer_id(), kMaxName);
  check.AtMost("report.subject.staff_id", subject.staff_id(), kMaxName);
  if (subject.line_manager_ids_size() > kMaxPoints) {
    check.Refuse("report.subject.line_manager_ids", "TOO_MANY", "names more than 50");
  }
  for (const std::string& manager : subject.line_manager_ids()) {
    check.Require("report.subject.line_manager_ids", manager, kMaxName);
  }
  if (subject.kind() != v1::SUBJECT_KIND_STAFF) return;
  check.Require("report.subject.staff_id", subject.staff_id(), kMaxName);
  if (subject.line_manager_ids().empty()) {
    check.Refuse("report.subject.line_manager_ids", "LINE_MANAGER_UNKNOWN",
                 "is required: who manages them may not investigate");
  }
}

// What complaints and compliments have in common.
std::optional<absl::Time> CheckReport(FieldCheck& check, const v1::ComplaintReport& report,
                                      const Book::Edition& edition,
                                      const Circumstances& circumstances, absl::Time now) {
  CheckGiver(check, report.giver());
  CheckSubject(check, report.subject(), circumstances);
  if (report.received_by() == v1::RECEIVED_BY_UNSPECIFIED ||
      !v1::ReceivedBy_IsValid(report.received_by())) {
    check.Refuse("report.received_by", "UNKNOWN_KIND", "is not one of the ways of receiving it");
  }
  const auto received = clock::CheckTime(check, "report.received_time", report.has_received_time(),
                                         report.received_time(), now);
  if (report.has_happened_time()) {
    const auto happened =
        clock::CheckTime(check, "report.happened_time", true, report.happened_time(), now);
    if (happened && received && *happened > *received) {
      check.Refuse("report.happened_time", "AFTER_RECEIPT", "is after it was received");
    }
  }
  if (!HasCategory(edition, report.category())) {
    check.Refuse("report.category", "UNKNOWN_CATEGORY", "is not one of the categories");
  }
  check.Require("report.summary", report.summary(), kMaxNarrative);
  check.AtMost("report.wish", report.wish(), kMaxReason);
  return received;
}

v1::ComplaintRecorded Recorded(const v1::ComplaintReport& report, absl::string_view complaint_id,
                               const v1::CaseNumber& number, const Actor& actor,
                               const Circumstances& circumstances) {
  v1::ComplaintRecorded recorded;
  recorded.set_complaint_id(std::string(complaint_id));
  *recorded.mutable_case_number() = number;
  *recorded.mutable_report() = report;
  recorded.set_recorded_by(actor.id);
  recorded.set_placement_type(circumstances.placement_type);
  recorded.set_carer_unchecked(!report.subject().carer_id().empty() && !circumstances.carer_known);
  return recorded;
}

}  // namespace

v1::CaseNumber MakeCaseNumber(int year, int number) {
  v1::CaseNumber made;
  made.set_year(year);
  made.set_number(number);
  made.set_text(absl::StrFormat("%d-%04d", year, number));
  return made;
}

absl::StatusOr<Begun> BeginStage(int number, const Book::Procedure& procedure,
                                 const Book::Stage& stage, const Book::Edition& edition,
                                 absl::Time start, const Given& given) {
  Begun begun;
  begun.stage.set_number(number);
  begun.stage.set_procedure_id(procedure.procedure_id());
  begun.stage.set_procedure_version(edition.version());
  begun.stage.set_stage_id(stage.stage_id());
  begun.stage.set_title(stage.title());
  begun.stage.set_informal(stage.informal());
  *begun.stage.mutable_clock_start_time() = clock::ToProto(start);
  for (const Book::Step& step : stage.steps()) {
    if (step.start() != Book::START_STAGE) continue;
    ASSIGN_OR_RETURN(v1::Duty duty, StepDuty(begun.stage, step, edition, start, /*extended=*/false,
                                             given.new_id(), given.calendar));
    begun.duties.push_back(std::move(duty));
  }
  return begun;
}

absl::StatusOr<Facts> Record(const v1::RecordComplaintRequest& request,
                             absl::string_view complaint_id, const v1::CaseNumber& number,
                             const Actor& actor, const Circumstances& circumstances,
                             const Given& given) {
  const v1::ComplaintReport& report = request.report();
  const Book::Edition& edition = InForce(given.book, given.now);
  FieldCheck check;
  if (report.kind() != v1::COMPLAINT_KIND_COMPLAINT &&
      report.kind() != v1::COMPLAINT_KIND_REPRESENTATION) {
    check.Refuse("report.kind", "UNKNOWN_KIND", "is neither a complaint nor a representation");
  }
  const auto received = CheckReport(check, report, edition, circumstances, given.now);
  const Book::Procedure* procedure = FindProcedure(edition, report.procedure_id());
  if (procedure == nullptr) {
    check.Refuse("report.procedure_id", "UNKNOWN_PROCEDURE", "is not one of the procedures");
  }
  if (request.points_size() > kMaxPoints) {
    check.Refuse("points", "TOO_MANY", "has more than 50 points");
  }
  for (int i = 0; i < request.points_size(); ++i) {
    check.Require(absl::StrCat("points[", i, "]"), request.points(i), kMaxReason);
  }
  RETURN_IF_ERROR(check.ToStatus());

  v1::ComplaintRecorded recorded = Recorded(report, complaint_id, number, actor, circumstances);
  if (request.points().empty()) {
    v1::Point* point = recorded.add_points();
    point->set_point_id(given.new_id());
    point->set_text(report.summary());
  }
  for (const std::string& text : request.points()) {
    v1::Point* point = recorded.add_points();
    point->set_point_id(given.new_id());
    point->set_text(text);
  }
  ASSIGN_OR_RETURN(Begun begun,
                   BeginStage(1, *procedure, procedure->stages(0), edition, *received, given));
  const Book::Limit& limit = procedure->acknowledgement();
  ASSIGN_OR_RETURN(const Due due,
                   DueBy(limit,
                         Reference("received_time",
                                   absl::StrCat("ACKNOWLEDGEMENT_DUE ", procedure->procedure_id()),
                                   edition, limit.origin()),
                         *received, given.calendar));
  v1::Duty& acknowledgement = *recorded.add_duties();
  acknowledgement = MakeDuty(v1::DUTY_KIND_ACKNOWLEDGEMENT, given.new_id(), due);
  acknowledgement.set_in_digest(limit.in_digest());
  for (v1::Duty& duty : begun.duties) *recorded.add_duties() = std::move(duty);
  *recorded.mutable_stage() = std::move(begun.stage);
  if (const auto route = RouteFor(edition, circumstances.subject_roles)) {
    *recorded.mutable_other_route() = *route;
  }
  ASSIGN_OR_RETURN(const Facts late,
                   FindOutOfTime(recorded.complaint_id(), report, *procedure, edition, given));
  Facts facts(1);
  *facts[0].mutable_complaint_recorded() = std::move(recorded);
  facts.insert(facts.end(), late.begin(), late.end());
  return facts;
}

absl::StatusOr<Facts> RecordCompliment(const v1::RecordComplimentRequest& request,
                                       absl::string_view complaint_id, const v1::CaseNumber& number,
                                       const Actor& actor, const Circumstances& circumstances,
                                       const Given& given) {
  v1::ComplaintReport report = request.report();
  FieldCheck check;
  if (report.kind() != v1::COMPLAINT_KIND_UNSPECIFIED &&
      report.kind() != v1::COMPLAINT_KIND_COMPLIMENT) {
    check.Refuse("report.kind", "UNKNOWN_KIND", "is not a compliment");
  }
  if (!report.procedure_id().empty()) {
    check.Refuse("report.procedure_id", "NOT_FOR_COMPLIMENT", "is not for a compliment");
  }
  // Nobody investigates one, so nobody need be kept from it.
  v1::Subject* subject = report.mutable_subject();
  if (subject->kind() == v1::SUBJECT_KIND_STAFF && subject->line_manager_ids().empty()) {
    subject->add_line_manager_ids(subject->staff_id());
  }
  CheckReport(check, report, InForce(given.book, given.now), circumstances, given.now);
  RETURN_IF_ERROR(check.ToStatus());
  report.set_kind(v1::COMPLAINT_KIND_COMPLIMENT);
  report.mutable_subject()->clear_line_manager_ids();
  Facts facts(1);
  *facts[0].mutable_complaint_recorded() =
      Recorded(report, complaint_id, number, actor, circumstances);
  return facts;
}

}  // namespace fosterwatch::complaints::domain
