#include "services/complaints/domain/evolve.h"

#include <algorithm>
#include <vector>

#include "libs/clock/proto_time.h"
#include "services/complaints/domain/duties.h"

namespace fosterwatch::complaints::domain {
namespace {

using google::protobuf::Timestamp;
using v1::Complaint;
using v1::ComplaintFact;

v1::Stage* MutableStage(Complaint& complaint, int number) {
  for (v1::Stage& stage : *complaint.mutable_stages()) {
    if (stage.number() == number) return &stage;
  }
  return nullptr;
}

void Handled(v1::Stage& stage, const std::string& person_id) {
  if (person_id.empty()) return;
  for (const std::string& handler : stage.handler_ids()) {
    if (handler == person_id) return;
  }
  stage.add_handler_ids(person_id);
}

v1::LearningReview* MutableReview(Complaint& complaint, absl::string_view review_id) {
  for (v1::LearningReview& review : *complaint.mutable_learning_reviews()) {
    if (review.review_id() == review_id) return &review;
  }
  return nullptr;
}

void Decided(Complaint& complaint, const std::string& proposal_id, v1::EventProposal::State state,
             const std::string& by, const Timestamp& when, const std::string& reason) {
  for (v1::EventProposal& proposal : *complaint.mutable_event_proposals()) {
    if (proposal.proposal_id() != proposal_id) continue;
    proposal.set_state(state);
    proposal.set_decided_by(by);
    *proposal.mutable_decided_time() = when;
    proposal.set_reason(reason);
    if (state == v1::EventProposal::STATE_FALLEN_AWAY) proposal.clear_event_id();
  }
  if (state == v1::EventProposal::STATE_FALLEN_AWAY) {
    FallAway(complaint, OfKind(v1::DUTY_KIND_EVENT_PROPOSAL));
  } else {
    Done(complaint, when, OfKind(v1::DUTY_KIND_EVENT_PROPOSAL));
  }
}

void Answered(Complaint& complaint, const v1::StageAnswered& said) {
  v1::Stage* stage = MutableStage(complaint, said.stage_number());
  if (stage == nullptr) return;
  *stage->add_steps_done() = said.step();
  *stage->mutable_answered_time() = said.step().done_time();
  stage->set_answered_by(said.step().done_by());
  stage->set_answer(said.answer());
  stage->set_within_first_limit(said.within_first_limit());
  stage->set_within_extended_limit(said.within_extended_limit());
  if (said.has_request_until_time()) {
    *stage->mutable_request_until_time() = said.request_until_time();
    *stage->mutable_request_explanation() = said.request_explanation();
  }
  Handled(*stage, said.step().done_by());
  Done(complaint, said.step().done_time(), [&](const v1::Duty& duty) {
    return (duty.kind() == v1::DUTY_KIND_STEP && duty.stage_number() == said.stage_number()) ||
           duty.kind() == v1::DUTY_KIND_REOPENED ||
           // Whoever is answered knows that it was received.
           duty.kind() == v1::DUTY_KIND_ACKNOWLEDGEMENT;
  });
  Put(complaint, said.duties());
}

void Withdrawn(Complaint& complaint, const v1::ComplaintWithdrawn& said) {
  complaint.set_state(Complaint::STATE_WITHDRAWN);
  *complaint.mutable_withdrawal() = said.withdrawal();
  for (v1::Point& point : *complaint.mutable_points()) {
    if (point.outcome() == v1::POINT_OUTCOME_UNSPECIFIED) {
      point.set_outcome(v1::POINT_OUTCOME_WITHDRAWN);
    }
  }
  FallAway(complaint, OwedUntilItEnds);
}

void Reopened(Complaint& complaint, const v1::ComplaintReopened& said) {
  complaint.set_state(Complaint::STATE_OPEN);
  complaint.clear_closure();
  complaint.clear_withdrawal();
  *complaint.add_reopenings() = said.reopening();
  for (v1::Point& point : *complaint.mutable_points()) {
    // Withdrawn with the whole, not by a decision.
    if (point.outcome() == v1::POINT_OUTCOME_WITHDRAWN && point.decided_by().empty()) {
      point.clear_outcome();
    }
  }
  Put(complaint, said.duties());
}

void TimeDecided(Complaint& complaint, const v1::OutOfTimeDecided& said) {
  *complaint.mutable_out_of_time() = said.out_of_time();
  Done(complaint, said.out_of_time().decided_time(), OfKind(v1::DUTY_KIND_OUT_OF_TIME));
  if (said.out_of_time().decision() == v1::OutOfTime::DECISION_DECLINED) {
    FallAway(complaint, OfConsideration);
  }
  Put(complaint, said.duties());
}

void Apply(Complaint& complaint, const ComplaintFact& fact, const FactStamp& stamp) {
  const Timestamp recorded = clock::ToProto(stamp.recorded_time);
  switch (fact.fact_case()) {
    case ComplaintFact::kComplaintRecorded: {
      const auto& said = fact.complaint_recorded();
      complaint.set_complaint_id(said.complaint_id());
      *complaint.mutable_case_number() = said.case_number();
      complaint.set_state(said.report().kind() == v1::COMPLAINT_KIND_COMPLIMENT
                              ? Complaint::STATE_RECORDED
                              : Complaint::STATE_OPEN);
      *complaint.mutable_report() = said.report();
      complaint.set_recorded_by(said.recorded_by());
      *complaint.mutable_recorded_time() = recorded;
      *complaint.mutable_points() = said.points();
      if (said.has_stage()) *complaint.add_stages() = said.stage();
      *complaint.mutable_duties() = said.duties();
      complaint.set_placement_type(said.placement_type());
      complaint.set_carer_unchecked(said.carer_unchecked());
      if (said.has_other_route()) *complaint.mutable_other_route() = said.other_route();
      return;
    }
    case ComplaintFact::kComplaintAcknowledged: {
      const auto& said = fact.complaint_acknowledged();
      *complaint.mutable_acknowledged_time() = said.acknowledged_time();
      complaint.set_acknowledged_by(said.acknowledged_by());
      if (said.advocate_offered()) {
        *complaint.mutable_advocate_offered_time() = said.acknowledged_time();
      }
      Done(complaint, said.acknowledged_time(), OfKind(v1::DUTY_KIND_ACKNOWLEDGEMENT));
      return;
    }
    case ComplaintFact::kInvestigatorAssigned: {
      const auto& said = fact.investigator_assigned();
      if (v1::Stage* stage = MutableStage(complaint, said.stage_number())) {
        *stage->mutable_investigator() = said.investigator();
        Handled(*stage, said.investigator().person_id());
      }
      return;
    }
    case ComplaintFact::kIndependentNamed: {
      const auto& said = fact.independent_named();
      if (v1::Stage* stage = MutableStage(complaint, said.stage_number())) {
        auto& all = *stage->mutable_independents();
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const v1::Independent& each) {
                                   return each.independent_id() == said.replaces_id();
                                 }),
                  all.end());
        *all.Add() = said.independent();
      }
      return;
    }
    case ComplaintFact::kInformalPartAllowed:
      complaint.set_informal_part_allowed_by(fact.informal_part_allowed().allowed_by());
      return;
    case ComplaintFact::kStepCompleted: {
      const auto& said = fact.step_completed();
      if (v1::Stage* stage = MutableStage(complaint, said.stage_number())) {
        *stage->add_steps_done() = said.step();
        Handled(*stage, said.step().done_by());
      }
      Done(complaint, said.step().done_time(), [&](const v1::Duty& duty) {
        return duty.kind() == v1::DUTY_KIND_STEP && duty.stage_number() == said.stage_number() &&
               duty.step_id() == said.step().step_id();
      });
      Put(complaint, said.duties());
      return;
    }
    case ComplaintFact::kStageAnswered:
      Answered(complaint, fact.stage_answered());
      return;
    case ComplaintFact::kStageExtended: {
      const auto& said = fact.stage_extended();
      if (v1::Stage* stage = MutableStage(complaint, said.stage_number())) {
        *stage->add_extensions() = said.extension();
      }
      Put(complaint, std::vector<v1::Duty>{said.duty()});
      return;
    }
    case ComplaintFact::kStagePaused: {
      const auto& said = fact.stage_paused();
      if (v1::Stage* stage = MutableStage(complaint, said.stage_number())) {
        *stage->add_pauses() = said.pause();
      }
      Suspend(complaint, said.stage_number(), said.pause().from_time());
      Put(complaint, said.duties());
      return;
    }
    case ComplaintFact::kStageResumed: {
      const auto& said = fact.stage_resumed();
      v1::Stage* stage = MutableStage(complaint, said.stage_number());
      if (stage != nullptr && !stage->pauses().empty()) {
        *stage->mutable_pauses()->rbegin() = said.pause();
      }
      Unsuspend(complaint, said.stage_number());
      Done(complaint, said.pause().until_time(), OfKind(v1::DUTY_KIND_PAUSE_REMINDER));
      Put(complaint, said.duties());
      return;
    }
    case ComplaintFact::kStageStarted: {
      const auto& said = fact.stage_started();
      Done(complaint, recorded, [](const v1::Duty& duty) {
        return duty.kind() == v1::DUTY_KIND_CLOSING || duty.kind() == v1::DUTY_KIND_REOPENED;
      });
      *complaint.add_stages() = said.stage();
      Put(complaint, said.duties());
      return;
    }
    case ComplaintFact::kFoundOutOfTime:
      *complaint.mutable_out_of_time() = fact.found_out_of_time().out_of_time();
      Put(complaint, std::vector<v1::Duty>{fact.found_out_of_time().duty()});
      return;
    case ComplaintFact::kOutOfTimeDecided:
      TimeDecided(complaint, fact.out_of_time_decided());
      return;
    case ComplaintFact::kPointAdded:
      *complaint.add_points() = fact.point_added().point();
      return;
    case ComplaintFact::kPointDecided: {
      const v1::Point& said = fact.point_decided().point();
      for (v1::Point& point : *complaint.mutable_points()) {
        if (point.point_id() != said.point_id()) continue;
        const std::string text = point.text();
        point = said;
        point.set_text(text);
      }
      if (v1::Stage* stage = MutableStage(complaint, said.stage_number())) {
        Handled(*stage, said.decided_by());
      }
      return;
    }
    case ComplaintFact::kActionTakenRecorded:
      *complaint.add_actions_taken() = fact.action_taken_recorded().action_taken();
      return;
    case ComplaintFact::kComplaintClosed: {
      const auto& said = fact.complaint_closed();
      complaint.set_state(Complaint::STATE_CLOSED);
      *complaint.mutable_closure() = said.closure();
      Done(complaint, said.closure().closed_time(), OwedUntilItEnds);
      if (said.has_learning_review()) *complaint.add_learning_reviews() = said.learning_review();
      Put(complaint, said.duties());
      return;
    }
    case ComplaintFact::kComplaintWithdrawn:
      Withdrawn(complaint, fact.complaint_withdrawn());
      return;
    case ComplaintFact::kComplaintReopened:
      Reopened(complaint, fact.complaint_reopened());
      return;
    case ComplaintFact::kComplaintReclassified: {
      const auto& said = fact.complaint_reclassified().reclassification();
      *complaint.add_reclassifications() = said;
      complaint.clear_informal_part_allowed_by();
      if (said.to_allegation()) {
        complaint.set_state(Complaint::STATE_RECLASSIFIED);
        FallAway(complaint, OwedUntilItEnds);
      } else {
        complaint.mutable_report()->set_procedure_id(said.to_procedure_id());
        complaint.clear_out_of_time();
        FallAway(complaint, OfConsideration);
      }
      return;
    }
    case ComplaintFact::kSeriousnessJudged:
      *complaint.mutable_seriousness() = fact.seriousness_judged().seriousness();
      return;
    case ComplaintFact::kEventProposed:
      *complaint.add_event_proposals() = fact.event_proposed().proposal();
      Put(complaint, std::vector<v1::Duty>{fact.event_proposed().duty()});
      return;
    case ComplaintFact::kEventProposalAccepted: {
      const auto& said = fact.event_proposal_accepted();
      Decided(complaint, said.proposal_id(), v1::EventProposal::STATE_ACCEPTED, said.decided_by(),
              said.decided_time(), said.reason());
      for (v1::EventProposal& proposal : *complaint.mutable_event_proposals()) {
        if (proposal.proposal_id() == said.proposal_id()) proposal.set_event_id(said.event_id());
      }
      return;
    }
    case ComplaintFact::kEventProposalDeclined: {
      const auto& said = fact.event_proposal_declined();
      Decided(complaint, said.proposal_id(),
              said.fallen_away() ? v1::EventProposal::STATE_FALLEN_AWAY
                                 : v1::EventProposal::STATE_DECLINED,
              said.decided_by(), said.decided_time(), said.reason());
      return;
    }
    case ComplaintFact::kHarmDisclosed: {
      const auto& said = fact.harm_disclosed();
      v1::Disclosure* disclosure = complaint.add_disclosures();
      disclosure->set_disclosure_id(said.disclosure_id());
      *disclosure->mutable_became_aware_time() = said.became_aware_time();
      disclosure->set_text(said.text());
      disclosure->set_recorded_by(said.recorded_by());
      *disclosure->mutable_recorded_time() = recorded;
      return;
    }
    case ComplaintFact::kAllegationLinked: {
      const auto& said = fact.allegation_linked();
      for (v1::Disclosure& disclosure : *complaint.mutable_disclosures()) {
        if (!disclosure.allegation_id().empty()) continue;
        disclosure.set_allegation_id(said.allegation_id());
        break;
      }
      return;
    }
    case ComplaintFact::kLearningRecorded: {
      const auto& said = fact.learning_recorded();
      if (v1::LearningReview* review = MutableReview(complaint, said.review_id())) {
        review->set_learning(said.learning());
        review->set_published_learning(said.published_learning());
      }
      return;
    }
    case ComplaintFact::kLearningActionAdded: {
      const auto& said = fact.learning_action_added();
      if (v1::LearningReview* review = MutableReview(complaint, said.review_id())) {
        *review->add_actions() = said.action();
      }
      v1::Duty duty;
      duty.set_duty_id(said.action().action_id());
      duty.set_kind(v1::DUTY_KIND_LEARNING_ACTION);
      *duty.mutable_due_time() = said.action().due_time();
      duty.set_in_digest(true);
      type::v1::Explanation& explanation = *duty.mutable_explanation();
      explanation.set_trigger("learning_action_added");
      *explanation.mutable_trigger_time() = recorded;
      explanation.set_rule("ACTION_DUE");
      explanation.set_source("as its owner was given it");
      *explanation.mutable_due_time() = said.action().due_time();
      Put(complaint, std::vector<v1::Duty>{duty});
      return;
    }
    case ComplaintFact::kLearningActionClosed: {
      const auto& said = fact.learning_action_closed();
      if (v1::LearningReview* review = MutableReview(complaint, said.review_id())) {
        for (auto& action : *review->mutable_actions()) {
          if (action.action_id() == said.action().action_id()) action = said.action();
        }
      }
      Done(complaint, said.action().closed_time(),
           [&](const v1::Duty& duty) { return duty.duty_id() == said.action().action_id(); });
      return;
    }
    case ComplaintFact::kLearningReviewClosed: {
      const auto& said = fact.learning_review_closed();
      if (v1::LearningReview* review = MutableReview(complaint, said.review_id())) {
        review->set_closed_by(said.closed_by());
        *review->mutable_closed_time() = said.closed_time();
      }
      Done(complaint, said.closed_time(), OfKind(v1::DUTY_KIND_LEARNING_REVIEW));
      return;
    }
    case ComplaintFact::kDueTimesMoved:
      Put(complaint, fact.due_times_moved().duties());
      return;
    case ComplaintFact::kAttentionNeeded:
      SetAttention(complaint, fact.attention_needed().attention_id(), true);
      return;
    case ComplaintFact::kAttentionSettled:
      SetAttention(complaint, fact.attention_settled().attention_id(), false);
      return;
    case ComplaintFact::kSightingLinked:
      complaint.add_sighting_ids(fact.sighting_linked().sighting_id());
      return;
    case ComplaintFact::kSightingUnlinked: {
      auto& ids = *complaint.mutable_sighting_ids();
      ids.erase(std::remove(ids.begin(), ids.end(), fact.sighting_unlinked().sighting_id()),
                ids.end());
      return;
    }
    default:
      // Numbers, sightings and parked records are about no complaint of their own.
      return;
  }
}

}  // namespace

void Evolve(Complaint& complaint, const ComplaintFact& fact, const FactStamp& stamp) {
  Apply(complaint, fact, stamp);
  complaint.set_version(complaint.version() + 1);
  v1::HistoryEntry* entry = complaint.add_history();
  entry->set_fact_id(stamp.fact_id);
  const auto* field = fact.GetDescriptor()->FindFieldByNumber(fact.fact_case());
  entry->set_fact(field == nullptr ? "" : field->name());
  *entry->mutable_recorded_time() = clock::ToProto(stamp.recorded_time);
  entry->set_actor(stamp.actor);
}

}  // namespace fosterwatch::complaints::domain
