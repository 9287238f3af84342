#include "services/allegations/domain/audit.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/actions/actions.h"
#include "libs/clock/check_time.h"
#include "libs/clock/deadline.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::allegations::domain {
namespace {

using type::v1::Action;
using v1::Audit;
using v1::AuditedRecord;
using v1::AuditForm;

constexpr int kMaxFindings = 20;
constexpr int kMaxComment = 2000;
constexpr int kNamed = 20;

absl::Status Not(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                 std::vector<Violation> violations = {}) {
  return Error(code, reason, message, std::move(violations));
}

bool AskedOf(const AuditForm::Question& question, AuditedRecord::Kind kind) {
  return question.kinds().empty() || std::find(question.kinds().begin(), question.kinds().end(),
                                               kind) != question.kinds().end();
}

const AuditForm::Grade* FindGrade(const AuditForm& form, absl::string_view code) {
  for (const auto& grade : form.grades()) {
    if (grade.code() == code) return &grade;
  }
  return nullptr;
}

void CheckAnswers(FieldCheck& check, const v1::GradeRecordRequest& request, const AuditForm& form) {
  std::set<std::string> open;
  for (const auto& question : form.questions()) {
    if (AskedOf(question, request.kind())) open.insert(question.question_id());
  }
  const std::set<std::string> asked = open;
  for (int i = 0; i < request.answers_size(); ++i) {
    const v1::AuditAnswer& answer = request.answers(i);
    const std::string field = absl::StrCat("answers[", i, "]");
    if (!asked.contains(answer.question_id())) {
      check.Refuse(absl::StrCat(field, ".question_id"), "UNKNOWN_QUESTION",
                   "is no question that the form asks of such a record");
      continue;
    }
    if (open.erase(answer.question_id()) == 0) {
      check.Refuse(absl::StrCat(field, ".question_id"), "DUPLICATE", "is answered twice");
    }
    check.AtMost(absl::StrCat(field, ".comment"), answer.comment(), kMaxComment);
    const AuditForm::Grade* grade = FindGrade(form, answer.grade());
    if (grade == nullptr) {
      check.Refuse(absl::StrCat(field, ".grade"), "UNKNOWN_GRADE", "is no grade of the form");
    } else if (grade->wanting() && IsBlank(answer.comment())) {
      check.Refuse(absl::StrCat(field, ".comment"), "REQUIRED", "is required with this grade");
    }
    const bool found = std::any_of(
        request.findings().begin(), request.findings().end(),
        [&](const auto& finding) { return finding.question_id() == answer.question_id(); });
    if (grade != nullptr && grade->needs_finding() && !found) {
      check.Refuse(absl::StrCat(field, ".grade"), "FINDING_MISSING",
                   "is given with a finding about the question: what has to be done, and by whom");
    }
  }
  for (const std::string& question : open) {
    check.Refuse(absl::StrCat("answers[", question, "]"), "REQUIRED", "is not answered");
  }
}

void CheckFindings(FieldCheck& check, const v1::GradeRecordRequest& request, const AuditForm& form,
                   const People& people, absl::Time now) {
  if (request.findings_size() > kMaxFindings) {
    check.Refuse("findings", "TOO_MANY", "names more than 20");
    return;
  }
  for (int i = 0; i < request.findings_size(); ++i) {
    const auto& finding = request.findings(i);
    const std::string field = absl::StrCat("findings[", i, "]");
    const bool known = std::any_of(form.questions().begin(), form.questions().end(),
                                   [&](const AuditForm::Question& question) {
                                     return question.question_id() == finding.question_id();
                                   });
    if (!finding.question_id().empty() && !known) {
      check.Refuse(absl::StrCat(field, ".question_id"), "UNKNOWN_QUESTION",
                   "is no question of the form");
    }
    check.Require(absl::StrCat(field, ".description"), finding.description(),
                  actions::kMaxDescription);
    if (!people.HoldsAnyRole(finding.owner_id(), now)) {
      check.Refuse(absl::StrCat(field, ".owner_id"), "NO_ROLE_HOLDER",
                   "holds no role in the agency now");
    }
  }
}

}  // namespace

absl::StatusOr<Facts> StartAudit(const v1::StartAuditRequest& request, absl::string_view audit_id,
                                 std::vector<AuditedRecord> records, absl::Time since,
                                 absl::string_view actor, const v1::AuditForms& forms,
                                 absl::Time now) {
  if (request.scope() == Audit::SCOPE_UNSPECIFIED || !Audit::Scope_IsValid(request.scope())) {
    return InvalidField("scope", "REQUIRED", "is missing or unknown");
  }
  FieldCheck check;
  if (!AuditedRecord::Kind_IsValid(request.kind())) {
    check.Refuse("kind", "UNKNOWN_KIND", "is neither an allegation, an event nor a complaint");
  }
  const auto part = [&](const char* field, bool present, const auto& time) {
    if (present) clock::CheckTime(check, field, true, time, now);
  };
  part("recorded_from_time", request.has_recorded_from_time(), request.recorded_from_time());
  part("recorded_until_time", request.has_recorded_until_time(), request.recorded_until_time());
  RETURN_IF_ERROR(check.ToStatus());
  if (records.empty()) {
    return Not(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_AUDIT",
               "there is no record in that scope");
  }
  if (records.size() > kMostAudited) {
    return Not(absl::StatusCode::kFailedPrecondition, "AUDIT_TOO_LARGE",
               "there are more than 5000 records in that scope; take it in parts",
               {{"kind", "narrows it"},
                {"recorded_from_time", "narrows it"},
                {"recorded_until_time", "narrows it"}});
  }
  Facts facts(1);
  auto* started = facts[0].mutable_audit_started();
  started->set_audit_id(std::string(audit_id));
  started->set_scope(request.scope());
  started->set_started_by(std::string(actor));
  *started->mutable_started_time() = clock::ToProto(now);
  started->set_form_version(FormInUse(forms, now).version());
  started->set_kind(request.kind());
  if (request.has_recorded_from_time()) {
    *started->mutable_recorded_from_time() = request.recorded_from_time();
  }
  if (request.has_recorded_until_time()) {
    *started->mutable_recorded_until_time() = request.recorded_until_time();
  }
  for (AuditedRecord& record : records) *started->add_records() = std::move(record);
  if (request.scope() == Audit::SCOPE_LAST_12_MONTHS) {
    *started->mutable_since_time() = clock::ToProto(since);
  }
  return facts;
}

absl::StatusOr<Facts> GradeRecord(const Audit& audit, const v1::GradeRecordRequest& request,
                                  absl::string_view actor, const People& people,
                                  const v1::AuditForms& forms,
                                  const clock::WorkingCalendar& calendar, absl::Time now,
                                  NewId new_id) {
  if (audit.state() == Audit::STATE_COMPLETED) {
    return Not(absl::StatusCode::kFailedPrecondition, "AUDIT_COMPLETED",
               "the audit has been completed");
  }
  const auto record = std::find_if(
      audit.records().begin(), audit.records().end(), [&](const AuditedRecord& candidate) {
        return candidate.kind() == request.kind() && candidate.record_id() == request.record_id();
      });
  if (record == audit.records().end()) {
    return Not(absl::StatusCode::kNotFound, "UNKNOWN_RECORD", "the audit has no such record");
  }
  if (!record->graded_by().empty()) {
    return Not(absl::StatusCode::kFailedPrecondition, "GRADED_BEFORE",
               "the record has been graded before");
  }
  // A form that the data no longer has cannot be graded on: an edition is never taken away.
  const AuditForm* form = FindForm(forms, audit.form_version());
  if (form == nullptr) {
    return Not(absl::StatusCode::kInternal, "FORM_MISSING", "the form of the audit is missing");
  }
  FieldCheck check;
  CheckAnswers(check, request, *form);
  CheckFindings(check, request, *form, people, now);
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto* fact = facts[0].mutable_record_graded();
  fact->set_audit_id(audit.audit_id());
  AuditedRecord& graded = *fact->mutable_record();
  graded.set_kind(request.kind());
  graded.set_record_id(request.record_id());
  *graded.mutable_answers() = request.answers();
  graded.set_graded_by(std::string(actor));
  *graded.mutable_graded_time() = clock::ToProto(now);
  ASSIGN_OR_RETURN(const auto deadline,
                   clock::AddWorkingDays(now, form->finding_working_days(), calendar));
  const clock::RuleReference rule = {"graded_time", "AUDIT_FINDING_DUE", form->version(),
                                     form->source(),
                                     form->grade() == "H"   ? "high"
                                     : form->grade() == "M" ? "medium"
                                                            : "low"};
  for (const auto& asked : request.findings()) {
    v1::AuditFinding& finding = *graded.add_findings();
    finding.set_question_id(asked.question_id());
    ASSIGN_OR_RETURN(
        *finding.mutable_action(),
        actions::Add(new_id(), asked.description(), asked.owner_id(), deadline.due(), now));
    *finding.mutable_explanation() = clock::Explain(rule, now, deadline);
  }
  return facts;
}

absl::StatusOr<Facts> CloseFinding(const Audit& audit, const v1::CloseFindingRequest& request,
                                   absl::string_view actor, absl::Time now) {
  for (const AuditedRecord& record : audit.records()) {
    for (const auto& finding : record.findings()) {
      if (finding.action().action_id() != request.action_id()) continue;
      ASSIGN_OR_RETURN(const Action closed, actions::Close(finding.action(), request.dropped(),
                                                           request.evidence(), actor, now));
      Facts facts(1);
      facts[0].mutable_finding_closed()->set_audit_id(audit.audit_id());
      *facts[0].mutable_finding_closed()->mutable_action() = closed;
      if (IsRaised(audit, closed.action_id())) {
        auto* settled = facts.emplace_back().mutable_attention_settled();
        settled->set_attention_id(FindingAttentionId(audit, closed.action_id()));
        settled->set_subject_id(audit.audit_id());
      }
      return facts;
    }
  }
  return Not(absl::StatusCode::kNotFound, "UNKNOWN_ACTION", "the audit has no such action");
}

absl::StatusOr<Facts> CompleteAudit(const Audit& audit, const v1::CompleteAuditRequest& request,
                                    absl::string_view actor, absl::Time now) {
  if (audit.state() == Audit::STATE_COMPLETED) {
    return Not(absl::StatusCode::kFailedPrecondition, "AUDIT_COMPLETED",
               "the audit has been completed");
  }
  FieldCheck check;
  check.Require("summary", request.summary(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());
  std::vector<Violation> missing;
  for (const AuditedRecord& record : audit.records()) {
    if (record.graded_by().empty() && missing.size() < kNamed) {
      missing.push_back({absl::StrCat("records[", record.record_id(), "]"), "is not graded"});
    }
  }
  if (!missing.empty()) {
    return Not(absl::StatusCode::kFailedPrecondition, "RECORDS_NOT_GRADED",
               "the audit has records that nobody has graded", std::move(missing));
  }
  Facts facts(1);
  auto* completed = facts[0].mutable_audit_completed();
  completed->set_audit_id(audit.audit_id());
  completed->set_completed_by(std::string(actor));
  *completed->mutable_completed_time() = clock::ToProto(now);
  completed->set_summary(request.summary());
  return facts;
}

}  // namespace fosterwatch::allegations::domain
