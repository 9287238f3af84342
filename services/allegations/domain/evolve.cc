#include "services/allegations/domain/evolve.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/clock/proto_time.h"

namespace fosterwatch::allegations::domain {
namespace {

using v1::Allegation;
using v1::AllegationFact;

// Ends what the state before asked for, at `done`, and begins what the new one asks for.
template <typename Fact>
void MoveOn(Allegation& allegation, Allegation::State state, const Fact& fact,
            const google::protobuf::Timestamp& done) {
  allegation.set_state(state);
  for (v1::Duty& duty : *allegation.mutable_duties()) {
    if (!duty.has_done_time()) *duty.mutable_done_time() = done;
  }
  if (fact.has_duty()) *allegation.add_duties() = fact.duty();
}

void Receive(Allegation& allegation, const v1::AllegationReceived& fact) {
  allegation.set_allegation_id(fact.allegation_id());
  allegation.set_state(Allegation::STATE_RECEIVED);
  *allegation.mutable_report() = fact.report();
  allegation.set_carer_id(fact.report().carer_id());
  allegation.set_person_id(fact.report().person_id());
  allegation.set_child_id(fact.report().child_id());
  allegation.set_received_by(fact.received_by());
  *allegation.mutable_received_time() = fact.received_time();
  allegation.set_complaint_id(fact.complaint_id());
  allegation.set_placed_with_carer_id(fact.placed_with_carer_id());
  *allegation.mutable_links() = fact.links();
  if (fact.has_duty()) *allegation.add_duties() = fact.duty();
}

void Amend(Allegation& allegation, const v1::Amendment& amendment) {
  *allegation.add_amendments() = amendment;
  if (amendment.corrects_subject()) {
    allegation.clear_carer_id();
    allegation.clear_person_id();
  }
  if (!amendment.carer_id().empty()) allegation.set_carer_id(amendment.carer_id());
  if (!amendment.person_id().empty()) allegation.set_person_id(amendment.person_id());
  if (!amendment.child_id().empty()) allegation.set_child_id(amendment.child_id());
}

v1::ChecklistItem* ItemOf(Allegation& allegation, const std::string& action_id) {
  for (v1::ChecklistItem& item : *allegation.mutable_checklist()) {
    if (item.action().action_id() == action_id) return &item;
  }
  return nullptr;
}

// For the timeline: the code of the item, where there is one.
std::string CodeOf(Allegation& allegation, const std::string& action_id) {
  const v1::ChecklistItem* item = ItemOf(allegation, action_id);
  return item == nullptr ? action_id : item->code();
}

void Move(Allegation& allegation, const v1::AllegationDueTimesMoved& moved) {
  for (const v1::Duty& again : moved.duties()) {
    for (v1::Duty& duty : *allegation.mutable_duties()) {
      if (duty.duty_id() == again.duty_id()) duty = again;
    }
  }
  for (const v1::MovedItem& again : moved.items()) {
    v1::ChecklistItem* item = ItemOf(allegation, again.action_id());
    if (item == nullptr) continue;
    *item->mutable_action()->mutable_due_time() = again.due_time();
    *item->mutable_explanation() = again.explanation();
  }
  for (const v1::MovedTelling& again : moved.tellings()) {
    for (v1::Telling& telling : *allegation.mutable_tellings()) {
      if (telling.party() != again.party()) continue;
      *telling.mutable_due_time() = again.due_time();
      *telling.mutable_explanation() = again.explanation();
    }
  }
}

void Reopen(Allegation& allegation, const v1::AllegationReopened& fact) {
  v1::Reopening& reopening = *allegation.add_reopenings();
  reopening.set_reopened_by(fact.reopened_by());
  *reopening.mutable_reopened_time() = fact.reopened_time();
  reopening.set_reason(fact.reason());
  *reopening.mutable_conclusion() = allegation.conclusion();
  *reopening.mutable_closure() = allegation.closure();
  allegation.clear_conclusion();
  allegation.clear_closure();
  allegation.clear_tellings();
  allegation.clear_review_started_by();
  allegation.clear_review_started_time();
  MoveOn(allegation, Allegation::STATE_INVESTIGATION, fact, fact.reopened_time());
}

void Raise(Allegation& allegation, const type::v1::AttentionNeeded& needed,
           const FactStamp& stamp) {
  v1::RaisedAttention& raised = *allegation.add_attention();
  raised.set_attention_id(needed.attention_id());
  raised.set_code(needed.code());
  // "<allegation_id>.<duty_id><episode>"
  absl::string_view duty = needed.attention_id();
  absl::ConsumeSuffix(&duty, SubjectEpisode(allegation));
  if (absl::ConsumePrefix(&duty, absl::StrCat(allegation.allegation_id(), "."))) {
    raised.set_duty_id(std::string(duty));
  }
  *raised.mutable_raised_time() = clock::ToProto(stamp.recorded_time);
}

// Applies the fact and says, for the timeline, what it was about.
std::string Apply(Allegation& allegation, const AllegationFact& fact, const FactStamp& stamp) {
  switch (fact.fact_case()) {
    case AllegationFact::kAllegationReceived:
      Receive(allegation, fact.allegation_received());
      return fact.allegation_received().complaint_id();
    case AllegationFact::kAllegationAmended:
      Amend(allegation, fact.allegation_amended().amendment());
      return "";
    case AllegationFact::kAllegationLinked: {
      const v1::Link& link = fact.allegation_linked().link();
      *allegation.add_links() = link;
      return absl::StrCat(v1::Link::Kind_Name(link.kind()), " ", link.id());
    }
    case AllegationFact::kAllegationReferred: {
      const auto& referred = fact.allegation_referred();
      *allegation.mutable_referral() = referred.referral();
      MoveOn(allegation, Allegation::STATE_REFERRED, referred, referred.referral().referred_time());
      return referred.referral().body_id();
    }
    case AllegationFact::kStrategyMeetingHeld: {
      const auto& held = fact.strategy_meeting_held();
      *allegation.add_strategy_meetings() = held.meeting();
      if (allegation.state() == Allegation::STATE_REFERRED) {
        MoveOn(allegation, Allegation::STATE_STRATEGY, held, held.meeting().held_time());
      }
      return "";
    }
    case AllegationFact::kInvestigationStarted: {
      const auto& started = fact.investigation_started();
      *allegation.mutable_investigation() = started.investigation();
      MoveOn(allegation, Allegation::STATE_INVESTIGATION, started,
             started.investigation().started_time());
      return "";
    }
    case AllegationFact::kOfficerConcluded: {
      const auto& concluded = fact.officer_concluded();
      *allegation.mutable_conclusion() = concluded.conclusion();
      MoveOn(allegation, Allegation::STATE_OFFICER_CONCLUDED, concluded,
             concluded.conclusion().concluded_time());
      return v1::Outcome_Name(concluded.conclusion().outcome());
    }
    case AllegationFact::kChecklistOpened:
      allegation.mutable_checklist()->MergeFrom(fact.checklist_opened().items());
      *allegation.mutable_tellings() = fact.checklist_opened().tellings();
      return "";
    case AllegationFact::kAgencyReviewStarted: {
      const auto& started = fact.agency_review_started();
      allegation.set_review_started_by(started.started_by());
      *allegation.mutable_review_started_time() = started.started_time();
      MoveOn(allegation, Allegation::STATE_AGENCY_REVIEW, started, started.started_time());
      return "";
    }
    case AllegationFact::kChecklistItemClosed: {
      const type::v1::Action& action = fact.checklist_item_closed().action();
      if (v1::ChecklistItem* item = ItemOf(allegation, action.action_id())) {
        *item->mutable_action() = action;
      }
      return CodeOf(allegation, action.action_id());
    }
    case AllegationFact::kChecklistItemAssigned: {
      const auto& assigned = fact.checklist_item_assigned();
      if (v1::ChecklistItem* item = ItemOf(allegation, assigned.item_id())) {
        item->mutable_action()->set_owner_id(assigned.owner_id());
      }
      return CodeOf(allegation, assigned.item_id());
    }
    case AllegationFact::kChecklistItemAdded:
      *allegation.add_checklist() = fact.checklist_item_added().item();
      return fact.checklist_item_added().item().code();
    case AllegationFact::kOutcomeTold: {
      const v1::Telling& told = fact.outcome_told().telling();
      for (v1::Telling& telling : *allegation.mutable_tellings()) {
        if (telling.party() == told.party()) telling = told;
      }
      return told.party();
    }
    case AllegationFact::kLearningRecorded:
      *allegation.mutable_learning() = fact.learning_recorded().learning();
      return "";
    case AllegationFact::kAllegationClosed: {
      const v1::Closure& closure = fact.allegation_closed().closure();
      *allegation.mutable_closure() = closure;
      for (v1::Duty& duty : *allegation.mutable_duties()) {
        if (!duty.has_done_time()) *duty.mutable_done_time() = closure.closed_time();
      }
      allegation.set_state(Allegation::STATE_CLOSED);
      return "";
    }
    case AllegationFact::kAllegationReopened:
      Reopen(allegation, fact.allegation_reopened());
      return "";
    case AllegationFact::kAllegationDueTimesMoved:
      Move(allegation, fact.allegation_due_times_moved());
      return "";
    case AllegationFact::kAttentionNeeded:
      Raise(allegation, fact.attention_needed(), stamp);
      return fact.attention_needed().code();
    case AllegationFact::kAttentionSettled:
      for (v1::RaisedAttention& raised : *allegation.mutable_attention()) {
        if (raised.attention_id() == fact.attention_settled().attention_id() &&
            !raised.has_settled_time()) {
          *raised.mutable_settled_time() = clock::ToProto(stamp.recorded_time);
          return raised.code();
        }
      }
      return "";
    // Of an audit.
    case AllegationFact::kAuditStarted:
    case AllegationFact::kRecordGraded:
    case AllegationFact::kFindingClosed:
    case AllegationFact::kAuditCompleted:
    case AllegationFact::kFindingDueTimesMoved:
    case AllegationFact::FACT_NOT_SET:
      return "";
  }
  return "";
}

}  // namespace

std::string SubjectEpisode(const Allegation& allegation) {
  const auto named = std::count_if(
      allegation.amendments().begin(), allegation.amendments().end(), [](const auto& amendment) {
        return !amendment.carer_id().empty() || !amendment.person_id().empty();
      });
  return named == 0 ? "" : absl::StrCat("-s", named);
}

void Evolve(Allegation& allegation, const AllegationFact& fact, const FactStamp& stamp) {
  std::string subject = Apply(allegation, fact, stamp);
  allegation.set_version(allegation.version() + 1);
  v1::AllegationTimelineEntry& entry = *allegation.add_timeline();
  entry.set_fact_id(stamp.fact_id);
  const auto* field = fact.GetDescriptor()->FindFieldByNumber(fact.fact_case());
  if (field != nullptr) entry.set_fact(field->name());
  *entry.mutable_recorded_time() = clock::ToProto(stamp.recorded_time);
  entry.set_actor(stamp.actor);
  entry.set_subject(std::move(subject));
}

}  // namespace fosterwatch::allegations::domain
