// Audits: every record of a scope is looked at by a person and graded on one form, which is data
// (policy/audit_forms.json); what is found wanting becomes an action. The inspection of 2021 found
// records that nobody had audited.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/audits_service.pb.h"
#include "libs/clock/working_calendar.h"
#include "services/allegations/domain/command.h"

namespace fosterwatch::allegations::domain {

inline constexpr int kMostAudited = 5000;

// INVALID_ARGUMENT (FORM_INVALID) for unknown fields, no edition, editions out of the order of
// their days, a question or grade without an id of its own, no grade that is not wanting, no
// source.
absl::StatusOr<v1::AuditForms> ParseAuditForms(absl::string_view json);

// The form in use then; the first one before any is.
const v1::AuditForm& FormInUse(const v1::AuditForms& forms, absl::Time moment);

// Null where there is none of that version.
const v1::AuditForm* FindForm(const v1::AuditForms& forms, absl::string_view version);

// AuditStarted over these records. INVALID_ARGUMENT: REQUIRED without a scope, UNKNOWN_KIND, and
// for moments as libs/clock/check_time.h;
// FAILED_PRECONDITION: NOTHING_TO_AUDIT, AUDIT_TOO_LARGE.
absl::StatusOr<Facts> StartAudit(const v1::StartAuditRequest& request, absl::string_view audit_id,
                                 std::vector<v1::AuditedRecord> records, absl::Time since,
                                 absl::string_view actor, const v1::AuditForms& forms,
                                 absl::Time now);

// RecordGraded. NOT_FOUND (UNKNOWN_RECORD); FAILED_PRECONDITION: GRADED_BEFORE, AUDIT_COMPLETED;
// INVALID_ARGUMENT: UNKNOWN_QUESTION, DUPLICATE, REQUIRED (each question that has no answer, a
// comment with a grade that is wanting), FINDING_MISSING, UNKNOWN_GRADE, TEXT_TOO_LONG, TOO_MANY,
// NO_ROLE_HOLDER.
absl::StatusOr<Facts> GradeRecord(const v1::Audit& audit, const v1::GradeRecordRequest& request,
                                  absl::string_view actor, const People& people,
                                  const v1::AuditForms& forms,
                                  const clock::WorkingCalendar& calendar, absl::Time now,
                                  NewId new_id);

// FindingClosed, with the end of its alert; refusals of libs/actions, NOT_FOUND (UNKNOWN_ACTION).
absl::StatusOr<Facts> CloseFinding(const v1::Audit& audit, const v1::CloseFindingRequest& request,
                                   absl::string_view actor, absl::Time now);

// AuditCompleted. FAILED_PRECONDITION: AUDIT_COMPLETED; RECORDS_NOT_GRADED names them, 20 at most.
absl::StatusOr<Facts> CompleteAudit(const v1::Audit& audit, const v1::CompleteAuditRequest& request,
                                    absl::string_view actor, absl::Time now);

// FindingDueTimesMoved for the open actions that were counted by other bank holidays than these;
// nothing where none was. One that was alerted of as late stays so.
absl::StatusOr<Facts> MoveFindings(const v1::Audit& audit, const clock::WorkingCalendar& calendar);

// The first moment at which an open action is late and nobody has been alerted.
std::optional<absl::Time> NextAttention(const v1::Audit& audit);
// AttentionNeeded (AUDIT_FINDING_OVERDUE, in the digest) for each such action.
Facts RaiseAttention(const v1::Audit& audit, absl::Time now);

// Of the alert of a late action; whether there was one.
std::string FindingAttentionId(const v1::Audit& audit, absl::string_view action_id);
bool IsRaised(const v1::Audit& audit, absl::string_view action_id);

void EvolveAudit(v1::Audit& audit, const v1::AllegationFact& fact);

}  // namespace fosterwatch::allegations::domain
