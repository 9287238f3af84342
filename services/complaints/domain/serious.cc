#include "services/complaints/domain/serious.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "libs/clock/check_time.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/evolve.h"
#include "services/complaints/domain/part.h"

namespace fosterwatch::complaints::domain {
namespace {

v1::ComplaintFact Attention(const v1::Complaint& complaint, const std::string& attention_id,
                            const char* code) {
  v1::ComplaintFact fact;
  auto* needed = fact.mutable_attention_needed();
  needed->set_attention_id(attention_id);
  needed->set_code(code);
  needed->set_subject_id(complaint.complaint_id());
  needed->set_urgent(true);
  Address(complaint, *needed);
  return fact;
}

absl::Status CheckNotCompliment(const v1::Complaint& complaint) {
  return complaint.state() == v1::Complaint::STATE_RECORDED ? CheckOpen(complaint)
                                                            : absl::OkStatus();
}

bool NeedsProposal(const v1::Complaint& complaint) {
  if (complaint.report().subject().kind() != v1::SUBJECT_KIND_CARER) return false;
  for (const v1::EventProposal& proposal : complaint.event_proposals()) {
    if (proposal.state() == v1::EventProposal::STATE_OPEN ||
        proposal.state() == v1::EventProposal::STATE_ACCEPTED) {
      return false;
    }
  }
  return true;
}

absl::StatusOr<Facts> Propose(const v1::Complaint& complaint, const Given& given) {
  const Book::Edition& edition = InForce(given.book, given.now);
  const Book::Hours& limit = edition.event_proposal();
  ASSIGN_OR_RETURN(const auto due, clock::AddElapsed(given.now, absl::Hours(limit.hours())));
  Facts facts(1);
  auto* proposed = facts[0].mutable_event_proposed();
  proposed->set_complaint_id(complaint.complaint_id());
  v1::EventProposal* proposal = proposed->mutable_proposal();
  proposal->set_proposal_id(given.new_id());
  proposal->set_state(v1::EventProposal::STATE_OPEN);
  proposal->set_carer_id(complaint.report().subject().carer_id());
  proposal->set_child_id(complaint.report().subject().child_id());
  *proposal->mutable_became_aware_time() = complaint.report().received_time();
  const std::string proposal_id = proposal->proposal_id();
  *proposed->mutable_duty() = MakeDuty(
      v1::DUTY_KIND_EVENT_PROPOSAL, given.new_id(),
      {due.due(),
       clock::Explain(Reference("judged_time", "EVENT_PROPOSAL_DUE", edition, limit.origin()),
                      given.now, due)});
  facts.push_back(Attention(complaint, proposal_id, "EVENT_PROPOSED"));
  return facts;
}

v1::ComplaintFact FallenAway(const v1::Complaint& complaint, const v1::EventProposal& proposal,
                             const std::string& reason, const Actor& actor, absl::Time now) {
  v1::ComplaintFact fact;
  auto* gone = fact.mutable_event_proposal_declined();
  gone->set_complaint_id(complaint.complaint_id());
  gone->set_proposal_id(proposal.proposal_id());
  gone->set_decided_by(actor.id);
  *gone->mutable_decided_time() = clock::ToProto(now);
  gone->set_reason(reason);
  gone->set_fallen_away(true);
  return fact;
}

absl::StatusOr<const v1::EventProposal*> ToDecide(const v1::Complaint& complaint,
                                                  const std::string& proposal_id,
                                                  const std::string& reason, const Actor& actor) {
  RETURN_IF_ERROR(CheckPart(complaint, actor, Part::kConsidering));
  const v1::EventProposal* found = nullptr;
  for (const v1::EventProposal& proposal : complaint.event_proposals()) {
    if (proposal.proposal_id() == proposal_id) found = &proposal;
  }
  FieldCheck check;
  if (found == nullptr) {
    check.Refuse("proposal_id", "UNKNOWN_PROPOSAL", "names no proposal of this complaint");
  }
  check.Require("reason", reason, kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  if (found->state() != v1::EventProposal::STATE_OPEN) {
    return Error(absl::StatusCode::kFailedPrecondition, "DECIDED_BEFORE",
                 "the proposal has been decided before");
  }
  return found;
}

}  // namespace

absl::StatusOr<Facts> JudgeSeriousness(const v1::Complaint& complaint,
                                       const v1::JudgeSeriousnessRequest& request,
                                       const Actor& actor, const Given& given) {
  RETURN_IF_ERROR(CheckNotCompliment(complaint));
  RETURN_IF_ERROR(CheckPart(complaint, actor, Part::kConsidering));
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto* judged = facts[0].mutable_seriousness_judged();
  judged->set_complaint_id(complaint.complaint_id());
  judged->mutable_seriousness()->set_serious(request.serious());
  judged->mutable_seriousness()->set_reason(request.reason());
  judged->mutable_seriousness()->set_judged_by(actor.id);
  *judged->mutable_seriousness()->mutable_judged_time() = clock::ToProto(given.now);
  if (const v1::EventProposal* open = OpenProposal(complaint);
      !request.serious() && open != nullptr) {
    facts.push_back(FallenAway(complaint, *open, request.reason(), actor, given.now));
  }
  if (!request.serious() || !NeedsProposal(complaint)) return facts;
  ASSIGN_OR_RETURN(Facts proposed, Propose(complaint, given));
  std::move(proposed.begin(), proposed.end(), std::back_inserter(facts));
  return facts;
}

absl::StatusOr<Facts> Unlink(const v1::Complaint& complaint, const v1::Sighting& sighting,
                             const std::string& reason, const Actor& actor, const Given& given) {
  Facts facts;
  if (std::find(complaint.sighting_ids().begin(), complaint.sighting_ids().end(),
                sighting.sighting_id()) != complaint.sighting_ids().end()) {
    auto* said = facts.emplace_back().mutable_sighting_unlinked();
    said->set_complaint_id(complaint.complaint_id());
    said->set_sighting_id(sighting.sighting_id());
  }
  if (sighting.source() != v1::SIGHTING_SOURCE_EVENT) return facts;
  for (const v1::EventProposal& proposal : complaint.event_proposals()) {
    if (proposal.state() != v1::EventProposal::STATE_ACCEPTED ||
        proposal.event_id() != sighting.source_id()) {
      continue;
    }
    if (sighting.matched_by() == v1::MATCHED_BY_ID) {
      return Error(absl::StatusCode::kFailedPrecondition, "EVENT_OF_COMPLAINT",
                   "that event was reported from this complaint");
    }
    facts.push_back(FallenAway(complaint, proposal, reason, actor, given.now));
    if (!complaint.seriousness().serious()) continue;
    ASSIGN_OR_RETURN(Facts proposed, Propose(complaint, given));
    std::move(proposed.begin(), proposed.end(), std::back_inserter(facts));
  }
  return facts;
}

absl::StatusOr<Facts> AcceptEventProposal(const v1::Complaint& complaint,
                                          const v1::AcceptEventProposalRequest& request,
                                          const std::string& reported_event_id, const Actor& actor,
                                          const Given& given) {
  ASSIGN_OR_RETURN(const v1::EventProposal* proposal,
                   ToDecide(complaint, request.proposal_id(), request.reason(), actor));
  Facts facts(1);
  auto* said = facts[0].mutable_event_proposal_accepted();
  said->set_complaint_id(complaint.complaint_id());
  said->set_proposal_id(proposal->proposal_id());
  said->set_event_id(reported_event_id.empty() ? given.new_id() : reported_event_id);
  said->set_carer_id(proposal->carer_id());
  said->set_child_id(proposal->child_id());
  *said->mutable_became_aware_time() = proposal->became_aware_time();
  said->set_case_number(complaint.case_number().text());
  said->set_decided_by(actor.id);
  *said->mutable_decided_time() = clock::ToProto(given.now);
  said->set_reason(request.reason());
  return facts;
}

absl::StatusOr<Facts> DeclineEventProposal(const v1::Complaint& complaint,
                                           const v1::DeclineEventProposalRequest& request,
                                           const Actor& actor, const Given& given) {
  ASSIGN_OR_RETURN(const v1::EventProposal* proposal,
                   ToDecide(complaint, request.proposal_id(), request.reason(), actor));
  Facts facts(1);
  auto* said = facts[0].mutable_event_proposal_declined();
  said->set_complaint_id(complaint.complaint_id());
  said->set_proposal_id(proposal->proposal_id());
  said->set_decided_by(actor.id);
  *said->mutable_decided_time() = clock::ToProto(given.now);
  said->set_reason(request.reason());
  return facts;
}

Facts Disclosed(const v1::Complaint& complaint, const std::string& text, absl::Time aware,
                const Actor& actor, std::string disclosure_id) {
  Facts facts(1);
  auto* said = facts[0].mutable_harm_disclosed();
  const v1::Subject& subject = complaint.report().subject();
  said->set_complaint_id(complaint.complaint_id());
  said->set_carer_id(subject.carer_id());
  said->set_child_id(subject.child_id());
  // Whom it is about: a member of staff who is named beside a carer is not complained of.
  if (subject.kind() == v1::SUBJECT_KIND_STAFF || subject.carer_id().empty()) {
    said->set_staff_id(subject.staff_id());
  }
  *said->mutable_became_aware_time() = clock::ToProto(aware);
  said->set_disclosure_id(disclosure_id);
  said->set_text(text);
  said->set_recorded_by(actor.id);
  facts.push_back(Attention(complaint, disclosure_id, "HARM_DISCLOSED"));
  return facts;
}

absl::StatusOr<Facts> DiscloseHarm(const v1::Complaint& complaint,
                                   const v1::DiscloseHarmRequest& request, const Actor& actor,
                                   const Given& given) {
  // Anybody may, but not see by it what is kept from them.
  if (IsHiddenFrom(complaint, actor.id)) {
    return CheckPart(complaint, actor, Part::kConsidering);
  }
  FieldCheck check;
  check.Require("text", request.text(), kMaxNarrative);
  std::optional<absl::Time> aware = given.now;
  if (request.has_became_aware_time()) {
    aware =
        clock::CheckTime(check, "became_aware_time", true, request.became_aware_time(), given.now);
  }
  RETURN_IF_ERROR(check.ToStatus());
  return Disclosed(complaint, request.text(), *aware, actor, given.new_id());
}

Facts LinkAllegation(const v1::Complaint& complaint, const std::string& allegation_id) {
  bool waits = false;
  for (const v1::Disclosure& disclosure : complaint.disclosures()) {
    if (disclosure.allegation_id() == allegation_id) return {};
    waits = waits || disclosure.allegation_id().empty();
  }
  if (!waits) return {};
  Facts facts(1);
  facts[0].mutable_allegation_linked()->set_complaint_id(complaint.complaint_id());
  facts[0].mutable_allegation_linked()->set_allegation_id(allegation_id);
  return facts;
}

}  // namespace fosterwatch::complaints::domain
