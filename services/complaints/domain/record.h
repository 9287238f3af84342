// Recording complaints, representations and compliments. Regulation 18(4): a written record of any
// complaint or representation.
//
// Refusals are INVALID_ARGUMENT with a violation for every fault found; the reason is that of the
// first: REQUIRED, UNKNOWN_KIND, UNKNOWN_CARER, UNKNOWN_CHILD, UNKNOWN_CATEGORY, UNKNOWN_PROCEDURE,
// ANONYMOUS_NAMED, LINE_MANAGER_UNKNOWN, NOT_FOR_COMPLIMENT, TOO_MANY, INVALID_TIME, IN_THE_FUTURE,
// TOO_LONG_AGO, AFTER_RECEIPT, TEXT_TOO_LONG. Fields as in the requests: "report.giver.name".
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "services/complaints/domain/clocks.h"
#include "services/complaints/domain/command.h"

namespace fosterwatch::complaints::domain {

// What other registers know of whom a complaint names.
struct Circumstances {
  bool carer_known = false;
  bool child_known = false;
  // Of the carer it names; empty where that is not known.
  std::string placement_type;
  // That the member of staff whom it is about holds at the moment.
  std::vector<options::v1::Role> subject_roles;
  // Whether any carer of the agency is known. Where none is, a carer's id cannot be checked, and
  // the complaint is recorded all the same.
  bool carers_known = true;
};

// "2026-0007".
v1::CaseNumber MakeCaseNumber(int year, int number);

// ComplaintRecorded with its first stage, its steps' clocks and the acknowledgement's, and by which
// other route it goes; FoundOutOfTime behind it where it is so. The number
// is given it by recording alone; see numbers.h.
absl::StatusOr<Facts> Record(const v1::RecordComplaintRequest& request,
                             absl::string_view complaint_id, const v1::CaseNumber& number,
                             const Actor& actor, const Circumstances& circumstances,
                             const Given& given);

absl::StatusOr<Facts> RecordCompliment(const v1::RecordComplimentRequest& request,
                                       absl::string_view complaint_id, const v1::CaseNumber& number,
                                       const Actor& actor, const Circumstances& circumstances,
                                       const Given& given);

// What a stage of a procedure begins with: the stage, and the duties of those of its steps that
// begin with it.
struct Begun {
  v1::Stage stage;
  std::vector<v1::Duty> duties;
};
absl::StatusOr<Begun> BeginStage(int number, const Book::Procedure& procedure,
                                 const Book::Stage& stage, const Book::Edition& edition,
                                 absl::Time start, const Given& given);

}  // namespace fosterwatch::complaints::domain
