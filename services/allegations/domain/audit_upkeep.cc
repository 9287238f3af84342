// What becomes of an audit by its facts, and of its open actions by time and new bank holidays.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/recount.h"
#include "libs/status/status_macros.h"
#include "services/allegations/domain/audit.h"

namespace fosterwatch::allegations::domain {
namespace {

using type::v1::Action;
using v1::Audit;
using v1::AuditedRecord;

AuditedRecord* Find(Audit& audit, AuditedRecord::Kind kind, absl::string_view id) {
  for (AuditedRecord& record : *audit.mutable_records()) {
    if (record.kind() == kind && record.record_id() == id) return &record;
  }
  return nullptr;
}

template <typename Visit>
void EachFinding(Audit& audit, Visit visit) {
  for (AuditedRecord& record : *audit.mutable_records()) {
    for (v1::AuditFinding& finding : *record.mutable_findings()) visit(finding);
  }
}

// Open, late or not, and never alerted of.
template <typename Visit>
void EachUnraised(const Audit& audit, Visit visit) {
  if (audit.open_action_count() == 0) return;
  for (const AuditedRecord& record : audit.records()) {
    for (const auto& finding : record.findings()) {
      const Action& action = finding.action();
      if (action.state() != Action::STATE_OPEN || IsRaised(audit, action.action_id())) continue;
      visit(action);
    }
  }
}

}  // namespace

std::string FindingAttentionId(const Audit& audit, absl::string_view action_id) {
  return absl::StrCat(audit.audit_id(), ".", action_id);
}

bool IsRaised(const Audit& audit, absl::string_view action_id) {
  return std::find(audit.raised_action_ids().begin(), audit.raised_action_ids().end(), action_id) !=
         audit.raised_action_ids().end();
}

std::optional<absl::Time> NextAttention(const Audit& audit) {
  std::optional<absl::Time> next;
  EachUnraised(audit, [&](const Action& action) {
    const absl::Time passed = clock::FromProto(action.due_time()) + absl::Microseconds(1);
    if (!next || passed < *next) next = passed;
  });
  return next;
}

Facts RaiseAttention(const Audit& audit, absl::Time now) {
  Facts facts;
  EachUnraised(audit, [&](const Action& action) {
    if (now <= clock::FromProto(action.due_time())) return;
    auto* needed = facts.emplace_back().mutable_attention_needed();
    needed->set_attention_id(FindingAttentionId(audit, action.action_id()));
    needed->set_code("AUDIT_FINDING_OVERDUE");
    needed->set_subject_id(audit.audit_id());
    *needed->mutable_due_time() = action.due_time();
    needed->set_in_digest(true);
  });
  return facts;
}

absl::StatusOr<Facts> MoveFindings(const Audit& audit, const clock::WorkingCalendar& calendar) {
  v1::FindingDueTimesMoved moved;
  for (const AuditedRecord& record : audit.records()) {
    for (const v1::AuditFinding& finding : record.findings()) {
      if (finding.action().state() != Action::STATE_OPEN ||
          !clock::IsCountedOtherwise(finding.explanation(), calendar)) {
        continue;
      }
      v1::MovedItem* now = moved.add_items();
      now->set_action_id(finding.action().action_id());
      *now->mutable_explanation() = finding.explanation();
      *now->mutable_due_time() = finding.action().due_time();
      RETURN_IF_ERROR(
          clock::Recount(*now->mutable_explanation(), *now->mutable_due_time(), {}, calendar));
    }
  }
  if (moved.items().empty()) return Facts{};
  moved.set_audit_id(audit.audit_id());
  moved.set_calendar_version(calendar.version());
  Facts facts(1);
  *facts[0].mutable_finding_due_times_moved() = std::move(moved);
  return facts;
}

void EvolveAudit(Audit& audit, const v1::AllegationFact& fact) {
  audit.set_version(audit.version() + 1);
  switch (fact.fact_case()) {
    case v1::AllegationFact::kAuditStarted: {
      const auto& started = fact.audit_started();
      audit.set_audit_id(started.audit_id());
      audit.set_state(Audit::STATE_RUNNING);
      audit.set_scope(started.scope());
      audit.set_started_by(started.started_by());
      *audit.mutable_started_time() = started.started_time();
      if (started.has_since_time()) *audit.mutable_since_time() = started.since_time();
      audit.set_kind(started.kind());
      if (started.has_recorded_from_time()) {
        *audit.mutable_recorded_from_time() = started.recorded_from_time();
      }
      if (started.has_recorded_until_time()) {
        *audit.mutable_recorded_until_time() = started.recorded_until_time();
      }
      audit.set_form_version(started.form_version());
      *audit.mutable_records() = started.records();
      return;
    }
    case v1::AllegationFact::kRecordGraded: {
      const AuditedRecord& graded = fact.record_graded().record();
      AuditedRecord* record = Find(audit, graded.kind(), graded.record_id());
      if (record == nullptr) return;
      *record = graded;
      audit.set_graded_count(audit.graded_count() + 1);
      audit.set_open_action_count(audit.open_action_count() + graded.findings_size());
      return;
    }
    case v1::AllegationFact::kFindingClosed: {
      const Action& closed = fact.finding_closed().action();
      EachFinding(audit, [&](v1::AuditFinding& finding) {
        if (finding.action().action_id() != closed.action_id()) return;
        *finding.mutable_action() = closed;
        audit.set_open_action_count(audit.open_action_count() - 1);
      });
      return;
    }
    case v1::AllegationFact::kFindingDueTimesMoved:
      for (const v1::MovedItem& again : fact.finding_due_times_moved().items()) {
        EachFinding(audit, [&](v1::AuditFinding& finding) {
          if (finding.action().action_id() != again.action_id()) return;
          *finding.mutable_action()->mutable_due_time() = again.due_time();
          *finding.mutable_explanation() = again.explanation();
        });
      }
      return;
    case v1::AllegationFact::kAuditCompleted: {
      const auto& completed = fact.audit_completed();
      audit.set_state(Audit::STATE_COMPLETED);
      audit.set_completed_by(completed.completed_by());
      *audit.mutable_completed_time() = completed.completed_time();
      audit.set_summary(completed.summary());
      return;
    }
    case v1::AllegationFact::kAttentionNeeded: {
      absl::string_view id = fact.attention_needed().attention_id();
      id.remove_prefix(std::min(id.size(), audit.audit_id().size() + 1));
      audit.add_raised_action_ids(std::string(id));
      return;
    }
    default:
      return;
  }
}

}  // namespace fosterwatch::allegations::domain
