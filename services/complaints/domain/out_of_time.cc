#include "services/complaints/domain/out_of_time.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/part.h"

namespace fosterwatch::complaints::domain {

absl::StatusOr<Facts> FindOutOfTime(const std::string& complaint_id,
                                    const v1::ComplaintReport& report,
                                    const Book::Procedure& procedure, const Book::Edition& edition,
                                    const Given& given) {
  if (!procedure.has_taken_within() || !report.has_happened_time()) return Facts{};
  const absl::Time happened = clock::FromProto(report.happened_time());
  const Book::Months& limit = procedure.taken_within();
  ASSIGN_OR_RETURN(const auto until, clock::AddCalendarMonths(happened, limit.months()));
  if (clock::FromProto(report.received_time()) < until.due()) return Facts{};

  Facts facts(1);
  auto* found = facts[0].mutable_found_out_of_time();
  found->set_complaint_id(complaint_id);
  *found->mutable_out_of_time()->mutable_limit_time() = clock::ToProto(until.due());
  *found->mutable_out_of_time()->mutable_explanation() = clock::Explain(
      Reference("happened_time", absl::StrCat("TAKEN_WITHIN ", procedure.procedure_id()), edition,
                limit.origin()),
      happened, until);
  const Book::Limit& deciding = edition.out_of_time_decision();
  ASSIGN_OR_RETURN(const Due due, DueBy(deciding,
                                        Reference("found_time", "OUT_OF_TIME_DECISION_DUE", edition,
                                                  deciding.origin()),
                                        given.now, given.calendar));
  *found->mutable_duty() = MakeDuty(v1::DUTY_KIND_OUT_OF_TIME, given.new_id(), due);
  found->mutable_duty()->set_in_digest(deciding.in_digest());
  return facts;
}

absl::StatusOr<Facts> DecideOutOfTime(const v1::Complaint& complaint,
                                      const v1::DecideOutOfTimeRequest& request, const Actor& actor,
                                      const Given& given) {
  RETURN_IF_ERROR(CheckConsidering(complaint, actor));
  FieldCheck check;
  if (request.decision() != v1::OutOfTime::DECISION_ACCEPTED &&
      request.decision() != v1::OutOfTime::DECISION_DECLINED) {
    check.Refuse("decision", "UNKNOWN_KIND", "neither accepts nor declines");
  }
  check.Require("reason", request.reason(), kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  if (!complaint.has_out_of_time()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_OUT_OF_TIME",
                 "the complaint is not out of time");
  }
  if (!IsUndecided(complaint)) {
    return Error(absl::StatusCode::kFailedPrecondition, "DECIDED_BEFORE",
                 "whether it is taken has been decided before");
  }
  Facts facts(1);
  auto* said = facts[0].mutable_out_of_time_decided();
  said->set_complaint_id(complaint.complaint_id());
  *said->mutable_out_of_time() = complaint.out_of_time();
  said->mutable_out_of_time()->set_decision(request.decision());
  said->mutable_out_of_time()->set_reason(request.reason());
  said->mutable_out_of_time()->set_decided_by(actor.id);
  *said->mutable_out_of_time()->mutable_decided_time() = clock::ToProto(given.now);
  if (request.decision() == v1::OutOfTime::DECISION_ACCEPTED) return facts;
  // What is left is to tell its giver, and to close its record.
  const Book::Edition& edition = InForce(given.book, given.now);
  const Book::Limit& closing = edition.closing();
  ASSIGN_OR_RETURN(const Due due, DueBy(closing,
                                        Reference("out_of_time.decided_time", "CLOSING_DUE",
                                                  edition, closing.origin()),
                                        given.now, given.calendar));
  v1::Duty& duty = *said->add_duties();
  duty = MakeDuty(v1::DUTY_KIND_CLOSING, given.new_id(), due);
  duty.set_in_digest(closing.in_digest());
  return facts;
}

bool IsUndecided(const v1::Complaint& complaint) {
  return complaint.has_out_of_time() &&
         complaint.out_of_time().decision() == v1::OutOfTime::DECISION_UNSPECIFIED;
}

bool IsDeclined(const v1::Complaint& complaint) {
  return complaint.out_of_time().decision() == v1::OutOfTime::DECISION_DECLINED;
}

absl::Status CheckDecided(const v1::Complaint& complaint) {
  if (!IsUndecided(complaint)) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "OUT_OF_TIME",
               "it is out of time, and nobody has decided yet whether it is taken");
}

absl::Status CheckTaken(const v1::Complaint& complaint) {
  RETURN_IF_ERROR(CheckDecided(complaint));
  if (!IsDeclined(complaint)) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "OUT_OF_TIME_DECLINED",
               "it was out of time and was not taken; close its record");
}

}  // namespace fosterwatch::complaints::domain
