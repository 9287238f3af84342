#include "services/carers/domain/evolve.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/decision.h"
#include "services/carers/domain/register.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;

// Puts `value` in the place of the one with its id, or behind the others.
template <typename Values, typename Value, typename Id>
void Set(Values* values, const Value& value, Id id) {
  for (auto& known : *values) {
    if (id(known) == id(value)) {
      known = value;
      return;
    }
  }
  *values->Add() = value;
}

v1::Decision* DecisionOf(Carer& carer, const std::string& id) {
  for (auto& decision : *carer.mutable_decisions()) {
    if (decision.decision_id() == id) return &decision;
  }
  return nullptr;
}

// Recorded in order, whatever the machine's clock did: what was recorded later was known later.
void Append(Carer& carer, v1::RegisterChange change, const Stamp& stamp) {
  absl::Time recorded = stamp.recorded;
  if (!carer.register_changes().empty()) {
    recorded =
        std::max(recorded, clock::FromProto(carer.register_changes().rbegin()->recorded_time()));
  }
  *change.mutable_recorded_time() = clock::ToProto(recorded);
  if (change.recorded_by().empty()) change.set_recorded_by(stamp.actor);
  *carer.add_register_changes() = std::move(change);
}

// The carer's own fields say what the register says last.
void ShowLast(Carer& carer) {
  const auto standing = Standing(carer, absl::InfiniteFuture());
  const v1::RegisterChange* household = nullptr;
  const v1::RegisterChange* kind = nullptr;
  carer.clear_merged_into_carer_id();
  for (const v1::RegisterChange* change : standing) {
    if (change->has_particulars()) household = change;
    if (change->has_carer_kind()) kind = change;
    if (change->has_merged_into()) {
      carer.set_merged_into_carer_id(change->merged_into().carer_id());
    }
    if (change->has_approval_begin() && !change->approval_begin().temporary()) {
      carer.set_approved_date(change->effective_date());
    }
  }
  if (household != nullptr) {
    carer.set_name(HouseholdName(household->particulars()));
    carer.set_address(household->particulars().address());
    *carer.mutable_foster_parents() = household->particulars().foster_parents();
  }
  if (kind != nullptr) {
    carer.set_kind(kind->carer_kind().connected() ? Carer::KIND_CONNECTED : Carer::KIND_MAINSTREAM);
  }
  carer.clear_exemptions();
  for (auto& exemption : ExemptionsOf(carer)) *carer.add_exemptions() = std::move(exemption);
}

// Whether ShowLast may find something else after this change than before it.
bool MayShow(const v1::RegisterChange& change) {
  return !change.replaces_change_id().empty() || (!change.has_terms() && !change.has_review());
}

// What a case system says of a carer, as lines of the register.
void Recorded(Carer& carer, const Carer& told, const Stamp& stamp) {
  const bool first = carer.carer_id().empty();
  const std::string today = ShowDay(clock::LondonDay(stamp.recorded));
  if (first) {
    carer.set_carer_id(told.carer_id());
    *carer.mutable_recorded_time() = clock::ToProto(stamp.recorded);
    carer.set_taken_over(!told.approved_date().empty() && told.approved_date() < today);
  }
  if (carer.kind() != told.kind()) {
    v1::RegisterChange change;
    change.set_change_id(absl::StrCat(stamp.fact_id, "/kind"));
    change.set_effective_date(first && !told.approved_date().empty() ? told.approved_date()
                                                                     : today);
    change.mutable_carer_kind()->set_connected(told.kind() == Carer::KIND_CONNECTED);
    Append(carer, std::move(change), stamp);
    carer.set_kind(told.kind());
  }
  if (first &&
      told.approved_date().empty()) {  // not approved yet: an application has its own facts
    carer.set_name(told.name());
    carer.set_address(told.address());
    return;
  }
  if (first || carer.name() != told.name() || carer.address() != told.address()) {
    v1::RegisterChange change;
    change.set_change_id(absl::StrCat(stamp.fact_id, "/particulars"));
    change.set_effective_date(first ? told.approved_date() : today);
    auto* particulars = change.mutable_particulars();
    particulars->set_name(told.name());
    particulars->set_address(told.address());
    *particulars->mutable_foster_parents() = carer.foster_parents();
    Append(carer, std::move(change), stamp);
  }
  if (!told.approved_date().empty() && carer.approved_date() != told.approved_date()) {
    v1::RegisterChange change;
    change.set_change_id(absl::StrCat(stamp.fact_id, "/approval"));
    change.set_effective_date(told.approved_date());
    change.mutable_approval_begin();
    for (const v1::RegisterChange* standing : Standing(carer, absl::InfiniteFuture())) {
      if (standing->has_approval_begin()) change.set_replaces_change_id(standing->change_id());
    }
    Append(carer, std::move(change), stamp);
  }
  if (carer.status() == Carer::STATUS_UNSPECIFIED) carer.set_status(Carer::STATUS_APPROVED);
  ShowLast(carer);
}

// An approval begins; one that ended before, and what ended it, is history.
void Begins(Carer& carer) {
  if (carer.status() != Carer::STATUS_APPLICANT) return;
  carer.clear_resignation();
  carer.clear_ended_date();
  carer.clear_end_reason();
}

void Ended(Carer& carer, const v1::ApprovalEnded& ended) {
  carer.set_ended_date(ended.ended_date());
  carer.set_end_reason(ended.reason());
  const bool applies = carer.application().state() == v1::Application::STATE_OPEN;
  carer.set_status(applies ? Carer::STATUS_APPLICANT : Carer::STATUS_ENDED);
  if (carer.has_suspension() && carer.suspension().until_date().empty()) {
    carer.mutable_suspension()->set_until_date(ended.ended_date());
  }
}

void ApplicationEnded(Carer& carer, const v1::ApplicationEnded& ended) {
  auto* application = carer.mutable_application();
  application->set_state(ended.state());
  application->set_ended_date(ended.ended_date());
  application->set_end_reason(ended.reason());
  if (carer.status() == Carer::STATUS_APPLICANT) {
    carer.set_status(ended.state() == v1::Application::STATE_WITHDRAWN ? Carer::STATUS_WITHDRAWN
                                                                       : Carer::STATUS_REFUSED);
  }
}

void Decided(Carer& carer, const v1::Decision& decision) {
  for (auto& recommendation : *carer.mutable_recommendations()) {
    if (recommendation.recommendation_id() == decision.recommendation_id()) {
      recommendation.set_decision_id(decision.decision_id());
    }
  }
  if (auto* proposal = DecisionOf(carer, decision.concludes_decision_id())) {
    proposal->set_concluded(true);
  }
  *carer.add_decisions() = decision;
  if (decision.matter() == v1::MATTER_APPROVAL) return;
  for (auto& review : *carer.mutable_reviews()) {
    if (AwaitsAnswer(review)) review.set_answered_by_id(decision.decision_id());
  }
}

// Terms that were agreed to answer a review that asked for no more than other terms.
void TermsChanged(Carer& carer, const v1::RegisterChange& change) {
  if (!change.has_terms() || !change.replaces_change_id().empty()) return;
  for (auto& review : *carer.mutable_reviews()) {
    if (AwaitsAnswer(review) && review.still_suitable()) {
      review.set_answered_by_id(change.change_id());
    }
  }
}

void Recommended(Carer& carer, const v1::Recommendation& recommendation) {
  *carer.add_recommendations() = recommendation;
  if (recommendation.matter() != v1::MATTER_REVIEW) return;
  for (auto& review : *carer.mutable_reviews()) {
    if (review.to_panel() && review.recommendation_id().empty()) {
      review.set_recommendation_id(recommendation.recommendation_id());
    }
  }
}

void DutiesChanged(Carer& carer, const v1::DutiesChanged& changed) {
  auto* duties = carer.mutable_duties();
  for (const std::string& id : changed.gone_duty_ids()) {
    duties->erase(std::remove_if(duties->begin(), duties->end(),
                                 [&](const auto& duty) { return duty.duty_id() == id; }),
                  duties->end());
  }
  for (const auto& duty : changed.duties()) {
    Set(duties, duty, [](const v1::CarerDuty& d) { return d.duty_id(); });
  }
  carer.set_policy_version(changed.policy_version());
}

}  // namespace

void Evolve(Carer& carer, const v1::CarersFact& fact, const Stamp& stamp) {
  switch (fact.fact_case()) {
    case v1::CarersFact::kCarerRecorded:
      return Recorded(carer, fact.carer_recorded().carer(), stamp);
    case v1::CarersFact::kCarerTakenOver:
      carer.set_taken_over(true);
      if (carer.status() == Carer::STATUS_UNSPECIFIED) carer.set_status(Carer::STATUS_APPROVED);
      return carer.set_content_hash(fact.carer_taken_over().content_hash());
    case v1::CarersFact::kStandingChanged:
      *carer.mutable_standing() = fact.standing_changed().standing();
      return;
    case v1::CarersFact::kRegisterChanged:
      Append(carer, fact.register_changed().change(), stamp);
      if (MayShow(fact.register_changed().change())) ShowLast(carer);
      TermsChanged(carer, fact.register_changed().change());
      return;
    case v1::CarersFact::kApplicationReceived:
      *carer.mutable_application() = fact.application_received().application();
      if (carer.status() == Carer::STATUS_UNSPECIFIED) carer.set_status(Carer::STATUS_APPLICANT);
      return;
    case v1::CarersFact::kInformationObtained: {
      const auto& obtained = fact.information_obtained();
      auto* application = carer.mutable_application();
      Set(application->mutable_items(), obtained.item(), [](const v1::InformationItem& item) {
        return absl::StrCat(item.code(), "/", item.foster_parent_id());
      });
      if (!obtained.stage_one_complete_date().empty()) {
        application->set_stage_one_complete_date(obtained.stage_one_complete_date());
      }
      if (!obtained.stage_two_complete_date().empty()) {
        application->set_stage_two_complete_date(obtained.stage_two_complete_date());
      }
      return;
    }
    case v1::CarersFact::kStageTwoBegun:
      return carer.mutable_application()->set_stage_two_begun_date(
          fact.stage_two_begun().begun_date());
    case v1::CarersFact::kApplicationEnded:
      return ApplicationEnded(carer, fact.application_ended());
    case v1::CarersFact::kRecommendationMade:
      return Recommended(carer, fact.recommendation_made().recommendation());
    case v1::CarersFact::kDecisionMade:
      return Decided(carer, fact.decision_made().decision());
    case v1::CarersFact::kDecisionNoticeGiven: {
      const auto& given = fact.decision_notice_given();
      auto* decision = DecisionOf(carer, given.decision_id());
      if (decision == nullptr) return;
      *(given.written() ? decision->mutable_written_notice() : decision->mutable_oral_notice()) =
          given.notice();
      if (given.has_answer_until_time()) {
        *decision->mutable_answer_until_time() = given.answer_until_time();
      }
      return;
    }
    case v1::CarersFact::kDecisionAnswered:
      if (auto* decision = DecisionOf(carer, fact.decision_answered().decision_id())) {
        *decision->mutable_answer() = fact.decision_answered().answer();
      }
      return;
    case v1::CarersFact::kPapersSent:
      if (auto* decision = DecisionOf(carer, fact.papers_sent().decision_id())) {
        *decision->mutable_answer()->mutable_papers_sent_time() = fact.papers_sent().sent_time();
      }
      return;
    case v1::CarersFact::kApprovalGranted:
      Begins(carer);
      carer.set_status(Carer::STATUS_APPROVED);
      carer.set_approved_date(fact.approval_granted().approved_date());
      carer.mutable_application()->set_state(v1::Application::STATE_APPROVED);
      return;
    case v1::CarersFact::kTemporaryApprovalSet:
      Begins(carer);
      *carer.mutable_temporary_approval() = fact.temporary_approval_set().temporary_approval();
      carer.set_status(Carer::STATUS_TEMPORARILY_APPROVED);
      return;
    case v1::CarersFact::kSuspensionSet:
      *carer.mutable_suspension() = fact.suspension_set().suspension();
      carer.set_status(carer.suspension().until_date().empty() ? Carer::STATUS_SUSPENDED
                                                               : Carer::STATUS_APPROVED);
      return;
    case v1::CarersFact::kResignationReceived:
      *carer.mutable_resignation() = fact.resignation_received().resignation();
      return;
    case v1::CarersFact::kApprovalEnded:
      return Ended(carer, fact.approval_ended());
    case v1::CarersFact::kReviewHeld:
      *carer.add_reviews() = fact.review_held().review();
      return;
    case v1::CarersFact::kAgreementSet:
      return Set(carer.mutable_agreements(), fact.agreement_set().agreement(),
                 [](const v1::Agreement& agreement) { return agreement.agreement_id(); });
    case v1::CarersFact::kVisitRecorded:
      *carer.add_visits() = fact.visit_recorded().visit();
      return;
    case v1::CarersFact::kActionAdded:
      *carer.add_actions() = fact.action_added().action();
      return;
    case v1::CarersFact::kActionClosed:
      return Set(carer.mutable_actions(), fact.action_closed().action(),
                 [](const type::v1::Action& action) { return action.action_id(); });
    case v1::CarersFact::kCheckRecorded:
      *carer.add_checks() = fact.check_recorded().check();
      return;
    case v1::CarersFact::kAccessRequestSet:
      return Set(carer.mutable_access_requests(), fact.access_request_set().access_request(),
                 [](const v1::AccessRequest& request) { return request.access_request_id(); });
    case v1::CarersFact::kLegalHoldSet:
      return Set(carer.mutable_legal_holds(), fact.legal_hold_set().legal_hold(),
                 [](const v1::LegalHold& hold) { return hold.hold_id(); });
    case v1::CarersFact::kDutiesChanged:
      return DutiesChanged(carer, fact.duties_changed());
    case v1::CarersFact::kAttentionNeeded: {
      auto* open = carer.add_open_attentions();
      open->set_attention_id(fact.attention_needed().attention_id());
      return;
    }
    case v1::CarersFact::kAttentionSettled: {
      auto* open = carer.mutable_open_attentions();
      open->erase(std::remove_if(open->begin(), open->end(),
                                 [&](const auto& attention) {
                                   return attention.attention_id() ==
                                          fact.attention_settled().attention_id();
                                 }),
                  open->end());
      return;
    }
    case v1::CarersFact::kOccupantsChanged:
      *carer.mutable_occupants() = fact.occupants_changed().occupants();
      return;
    case v1::CarersFact::kEndingReviewSet:
      return Set(carer.mutable_ending_reviews(), fact.ending_review_set().review(),
                 [](const v1::EndingReview& review) { return review.placement_id(); });
    case v1::CarersFact::kMergedCarersSet:
      *carer.mutable_merged_carer_ids() = fact.merged_carers_set().carer_ids();
      return;
    case v1::CarersFact::kDistinctCarersSet:
      *carer.mutable_distinct_carer_ids() = fact.distinct_carers_set().carer_ids();
      return;
    case v1::CarersFact::kSupervisorAssigned:
      *carer.add_supervisions() = fact.supervisor_assigned().supervision();
      return;
    case v1::CarersFact::kEmergencySet:
      return Set(carer.mutable_emergencies(), fact.emergency_set().emergency(),
                 [](const v1::EmergencyAccess& access) { return access.emergency_id(); });
    case v1::CarersFact::kCaseloadChanged:
      *carer.mutable_caseload() = fact.caseload_changed().grants();
      return;
    case v1::CarersFact::FACT_NOT_SET:
      return;
  }
}

}  // namespace fosterwatch::carers::domain
