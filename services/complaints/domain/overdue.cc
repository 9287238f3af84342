#include "services/complaints/domain/overdue.h"

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "services/complaints/domain/evolve.h"
#include "services/complaints/domain/part.h"

namespace fosterwatch::complaints::domain {
namespace {

bool CanBeOverdue(const v1::Duty& duty) {
  return IsOpen(duty) && !duty.suspended() && !duty.attention_open();
}

// Whether an attention that belongs to no duty is still needed.
bool IsStillNeeded(const v1::Complaint& complaint, const std::string& attention_id) {
  for (const v1::EventProposal& proposal : complaint.event_proposals()) {
    if (proposal.proposal_id() == attention_id) {
      return proposal.state() == v1::EventProposal::STATE_OPEN;
    }
  }
  for (const v1::Disclosure& disclosure : complaint.disclosures()) {
    if (disclosure.disclosure_id() == attention_id) return disclosure.allegation_id().empty();
  }
  return false;
}

}  // namespace

std::string OverdueCode(v1::DutyKind kind) {
  switch (kind) {
    case v1::DUTY_KIND_ACKNOWLEDGEMENT:
      return "COMPLAINT_ACKNOWLEDGEMENT_OVERDUE";
    case v1::DUTY_KIND_CLOSING:
      return "COMPLAINT_CLOSING_OVERDUE";
    case v1::DUTY_KIND_EVENT_PROPOSAL:
      return "EVENT_PROPOSAL_OVERDUE";
    case v1::DUTY_KIND_REOPENED:
      return "COMPLAINT_REOPENED_OVERDUE";
    case v1::DUTY_KIND_OUT_OF_TIME:
      return "COMPLAINT_OUT_OF_TIME_UNDECIDED";
    case v1::DUTY_KIND_PAUSE_REMINDER:
      return "COMPLAINT_STILL_PAUSED";
    case v1::DUTY_KIND_LEARNING_REVIEW:
      return "LEARNING_REVIEW_OVERDUE";
    case v1::DUTY_KIND_LEARNING_ACTION:
      return "LEARNING_ACTION_OVERDUE";
    default:
      return "COMPLAINT_ANSWER_OVERDUE";
  }
}

std::optional<absl::Time> NextOverdue(const v1::Complaint& complaint) {
  std::optional<absl::Time> next;
  for (const v1::Duty& duty : complaint.duties()) {
    if (!CanBeOverdue(duty)) continue;
    const absl::Time due = clock::FromProto(duty.due_time());
    if (!next || due < *next) next = due;
  }
  return next;
}

Facts RecordOverdue(const v1::Complaint& complaint, absl::Time now) {
  Facts facts;
  for (const v1::Duty& duty : complaint.duties()) {
    if (!CanBeOverdue(duty) || now < clock::FromProto(duty.due_time())) continue;
    auto* needed = facts.emplace_back().mutable_attention_needed();
    needed->set_attention_id(absl::StrCat(duty.duty_id(), ".", duty.attentions() + 1));
    needed->set_code(OverdueCode(duty.kind()));
    needed->set_subject_id(complaint.complaint_id());
    *needed->mutable_due_time() = duty.due_time();
    needed->set_in_digest(duty.in_digest());
    needed->set_urgent(duty.kind() == v1::DUTY_KIND_EVENT_PROPOSAL);
    Address(complaint, *needed);
  }
  return facts;
}

Facts RecordSettled(const v1::Complaint& complaint, const Facts& facts, absl::Time now) {
  Facts settled;
  if (facts.empty()) return settled;
  v1::Complaint after = complaint;
  for (const auto& fact : facts) Evolve(after, fact, {"", now, ""});
  const auto settle = [&](const std::string& attention_id) {
    auto* said = settled.emplace_back().mutable_attention_settled();
    said->set_attention_id(attention_id);
    said->set_subject_id(after.complaint_id());
  };
  for (const v1::Duty& duty : after.duties()) {
    if (!duty.attention_open()) continue;
    const bool overdue =
        IsOpen(duty) && !duty.suspended() && clock::FromProto(duty.due_time()) <= now;
    if (!overdue) settle(absl::StrCat(duty.duty_id(), ".", duty.attentions()));
  }
  for (const std::string& attention_id : after.open_attention_ids()) {
    if (!IsStillNeeded(after, attention_id)) settle(attention_id);
  }
  return settled;
}

}  // namespace fosterwatch::complaints::domain
