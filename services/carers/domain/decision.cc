#include "services/carers/domain/decision.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/application.h"
#include "services/carers/domain/approval.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/named.h"
#include "services/carers/domain/policy.h"
#include "services/carers/domain/register.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;
using v1::Decision;
using v1::DecisionAnswer;
using v1::Recommendation;

// Whether what was said of an application is said of the one that is open now.
bool Applies(const Carer& carer, const std::string& application_id) {
  return carer.application().state() == v1::Application::STATE_OPEN &&
         carer.application().application_id() == application_id;
}

// Of those that may review, change or end it: not the temporarily approved.
bool IsFullyApproved(const Carer& carer) {
  return carer.status() == Carer::STATUS_APPROVED || carer.status() == Carer::STATUS_SUSPENDED;
}

const Recommendation* Awaiting(const Carer& carer, bool on_approval) {
  const Recommendation* found = nullptr;
  for (const auto& given : carer.recommendations()) {
    if (AwaitsDecision(carer, given) && (given.matter() == v1::MATTER_APPROVAL) == on_approval) {
      found = &given;
    }
  }
  return found;
}

absl::Status CheckInformation(const Carer& carer, const Context& context) {
  const auto missing = MissingOf(carer, PolicyOf(carer.application(), context), 0);
  if (missing.empty()) return absl::OkStatus();
  std::vector<Violation> violations;
  for (const std::string& code : missing) {
    violations.push_back({absl::StrCat("information.", code), "is missing"});
  }
  return Error(absl::StatusCode::kFailedPrecondition, "INFORMATION_MISSING",
               "information of Schedule 3 is missing", std::move(violations));
}

absl::Status CheckMatter(const Carer& carer, const v1::RecordRecommendationRequest& request,
                         const Context& context) {
  const Decision* proposal = OpenProposal(carer);
  if (request.matter() == v1::MATTER_APPROVAL) {
    RETURN_IF_ERROR(CheckApplies(carer));
    if (carer.application().stage_two_begun_date().empty()) {
      return Refused("STAGE_TWO_NOT_BEGUN", "stage 2 has not begun");
    }
    // A brief report is enough where they are clearly unsuitable.
    if (request.suitable()) RETURN_IF_ERROR(CheckInformation(carer, context));
  } else if (!IsFullyApproved(carer)) {
    return Refused("NOT_APPROVED", "the carer is not approved");
  }
  if (Awaiting(carer, request.matter() == v1::MATTER_APPROVAL) != nullptr) {
    return Refused("RECOMMENDATION_OPEN", "a recommendation has not been decided on");
  }
  const auto answer =
      proposal == nullptr ? DecisionAnswer::KIND_UNSPECIFIED : proposal->answer().kind();
  if (request.body() == Recommendation::BODY_REVIEW_MECHANISM) {
    if (answer == DecisionAnswer::KIND_INDEPENDENT_REVIEW) return absl::OkStatus();
    return Refused("NO_REVIEW", "nobody has applied to the independent review mechanism");
  }
  if (proposal != nullptr && answer != DecisionAnswer::KIND_REPRESENTATIONS) {
    return Refused("PROPOSAL_OPEN", "a proposal is open");
  }
  if (request.matter() == v1::MATTER_REVIEW &&
      std::none_of(carer.reviews().begin(), carer.reviews().end(), [](const v1::Review& review) {
        return review.to_panel() && review.recommendation_id().empty();
      })) {
    return Refused("NO_REVIEW_REPORT", "no report of a review is before the panel");
  }
  return absl::OkStatus();
}

// Whether what is proposed may be confirmed at that moment.
absl::Status CheckHeard(const Carer& carer, const Decision& proposal, absl::Time decided) {
  if (!proposal.has_written_notice()) {
    return Refused("NOT_TOLD", "the proposal has not been told in writing");
  }
  switch (proposal.answer().kind()) {
    case DecisionAnswer::KIND_AGREED:
      return absl::OkStatus();
    case DecisionAnswer::KIND_REPRESENTATIONS:
    case DecisionAnswer::KIND_INDEPENDENT_REVIEW:
      if (Awaiting(carer, proposal.matter() == v1::MATTER_APPROVAL) != nullptr) {
        return absl::OkStatus();
      }
      return Refused("NOT_HEARD", "nobody has recommended anything on the answer");
    default:
      if (decided >= clock::FromProto(proposal.answer_until_time())) return absl::OkStatus();
      return Refused("ANSWER_PERIOD_OPEN", "the proposal may still be answered");
  }
}

absl::Status CheckOutcome(const Carer& carer, const v1::RecordDecisionRequest& request,
                          absl::Time decided, const Context& context) {
  const Decision* proposal = OpenProposal(carer);
  const bool on_approval = request.outcome() == Decision::OUTCOME_APPROVED ||
                           request.outcome() == Decision::OUTCOME_REFUSAL_PROPOSED;
  const Recommendation* given = Awaiting(carer, on_approval);
  const auto no_recommendation = [] {
    return Refused("NO_RECOMMENDATION", "there is no recommendation to decide on");
  };
  switch (request.outcome()) {
    case Decision::OUTCOME_APPROVED:
      RETURN_IF_ERROR(CheckApplies(carer));
      if (given == nullptr) return no_recommendation();
      return CheckInformation(carer, context);
    case Decision::OUTCOME_REFUSAL_PROPOSED:
      RETURN_IF_ERROR(CheckApplies(carer));
      if (given == nullptr) return no_recommendation();
      break;
    case Decision::OUTCOME_CONTINUED:
      if (!IsFullyApproved(carer)) return CheckApproved(Carer());
      // The decision maker need not agree with the review.
      if (given == nullptr &&
          std::none_of(carer.reviews().begin(), carer.reviews().end(), AwaitsAnswer)) {
        return no_recommendation();
      }
      break;
    case Decision::OUTCOME_TERMINATION_PROPOSED:
    case Decision::OUTCOME_TERMS_PROPOSED: {
      if (!IsFullyApproved(carer)) return CheckApproved(Carer());
      const bool ends = request.outcome() == Decision::OUTCOME_TERMINATION_PROPOSED;
      const bool reviewed = std::any_of(
          carer.reviews().begin(), carer.reviews().end(), [&](const v1::Review& review) {
            return ends ? !review.still_suitable() : !review.terms_appropriate();
          });
      if (given == nullptr && !reviewed) return no_recommendation();
      break;
    }
    default:
      if (proposal == nullptr) return Refused("NO_PROPOSAL", "nothing is proposed");
      if (decided < clock::FromProto(proposal->decided_time())) {
        return InvalidField("decided_time", "BEFORE_THE_PROPOSAL", "is before the proposal");
      }
      return request.outcome() == Decision::OUTCOME_CONFIRMED
                 ? CheckHeard(carer, *proposal, decided)
                 : absl::OkStatus();
  }
  if (proposal != nullptr) return Refused("PROPOSAL_OPEN", "a proposal is open");
  return absl::OkStatus();
}

v1::Matter MatterOf(const v1::RecordDecisionRequest& request, const Decision* proposal,
                    const Recommendation* given) {
  switch (request.outcome()) {
    case Decision::OUTCOME_APPROVED:
    case Decision::OUTCOME_REFUSAL_PROPOSED:
      return v1::MATTER_APPROVAL;
    case Decision::OUTCOME_TERMINATION_PROPOSED:
      return v1::MATTER_TERMINATION;
    case Decision::OUTCOME_TERMS_PROPOSED:
      return v1::MATTER_TERMS;
    case Decision::OUTCOME_CONTINUED:
      return given == nullptr ? v1::MATTER_REVIEW : given->matter();
    default:
      return proposal->matter();
  }
}

void SetTerms(Facts& facts, const Carer& carer, const Context& context,
              const std::string& change_id, const std::string& day, const v1::Terms& terms) {
  *AddChange(facts, carer.carer_id(), context, change_id, day)->mutable_terms() = terms;
}

// What a decision brings about at once.
void AddEffects(const Carer& carer, const Decision& decision, const Decision* proposal,
                const Context& context, NewId new_id, Facts& facts) {
  const std::string day = ShowDay(clock::LondonDay(clock::FromProto(decision.decided_time())));
  if (decision.outcome() == Decision::OUTCOME_APPROVED) {
    auto* granted = facts.emplace_back().mutable_approval_granted();
    granted->set_carer_id(carer.carer_id());
    granted->set_approved_date(day);
    AddChange(facts, carer.carer_id(), context, new_id(), day)->mutable_approval_begin();
    SetTerms(facts, carer, context, new_id(), day, decision.terms());
  } else if (decision.outcome() == Decision::OUTCOME_CONFIRMED) {
    switch (proposal->outcome()) {
      case Decision::OUTCOME_REFUSAL_PROPOSED: {
        auto* ended = facts.emplace_back().mutable_application_ended();
        ended->set_carer_id(carer.carer_id());
        ended->set_state(v1::Application::STATE_REFUSED);
        ended->set_ended_date(day);
        ended->set_reason(decision.reasons());
        break;
      }
      case Decision::OUTCOME_TERMINATION_PROPOSED:
        AddEnd(carer, day, v1::END_REASON_TERMINATION, context, facts);
        break;
      default:
        SetTerms(facts, carer, context, new_id(), std::max(day, proposal->effective_date()),
                 proposal->terms());
    }
  }
}

}  // namespace

bool IsProposal(const Decision& decision) {
  return decision.outcome() == Decision::OUTCOME_REFUSAL_PROPOSED ||
         decision.outcome() == Decision::OUTCOME_TERMINATION_PROPOSED ||
         decision.outcome() == Decision::OUTCOME_TERMS_PROPOSED;
}

bool IsOpenProposal(const Carer& carer, const Decision& decision) {
  if (!IsProposal(decision) || decision.concluded()) return false;
  return decision.matter() == v1::MATTER_APPROVAL ? Applies(carer, decision.application_id())
                                                  : IsFullyApproved(carer);
}

const Decision* OpenProposal(const Carer& carer) {
  for (const Decision& decision : carer.decisions()) {
    if (IsOpenProposal(carer, decision)) return &decision;
  }
  return nullptr;
}

bool AwaitsDecision(const Carer& carer, const Recommendation& recommendation) {
  if (!recommendation.decision_id().empty()) return false;
  return recommendation.matter() == v1::MATTER_APPROVAL
             ? Applies(carer, recommendation.application_id())
             : IsFullyApproved(carer);
}

bool AwaitsAnswer(const v1::Review& review) {
  return (!review.still_suitable() || !review.terms_appropriate()) &&
         review.answered_by_id().empty();
}

absl::StatusOr<Facts> RecordRecommendation(const Carer& carer,
                                           const v1::RecordRecommendationRequest& request,
                                           const Context& context, NewId new_id) {
  FieldCheck check;
  if (request.body() == Recommendation::BODY_UNSPECIFIED ||
      !Recommendation::Body_IsValid(request.body())) {
    check.Refuse("body", "REQUIRED", "is missing or unknown");
  }
  if (request.matter() == v1::MATTER_UNSPECIFIED || !v1::Matter_IsValid(request.matter())) {
    check.Refuse("matter", "REQUIRED", "is missing or unknown");
  }
  const auto met = CheckDay(check, "meeting_date", request.meeting_date(), context.now);
  const auto received =
      CheckTime(check, "minutes_received_time", request.has_minutes_received_time(),
                request.minutes_received_time(), context.now);
  if (met && received && *received < StartOf(*met)) {
    check.Refuse("minutes_received_time", "BEFORE_THE_MEETING", "is before the meeting");
  }
  if (!request.papers_sent_date().empty()) {
    const auto sent = CheckDay(check, "papers_sent_date", request.papers_sent_date(), context.now);
    if (met && sent && *sent > *met) {
      check.Refuse("papers_sent_date", "AFTER_THE_MEETING", "is after the meeting");
    }
  }
  CheckIds(check, "member_ids", request.member_ids(), true);
  check.Require("reasons", request.reasons(), kMaxText);
  const bool on_terms = request.matter() == v1::MATTER_TERMS ||
                        (request.matter() == v1::MATTER_APPROVAL && request.suitable());
  if (request.has_terms()) {
    CheckTerms(check, "terms", request.terms());
  } else if (on_terms) {
    check.Refuse("terms", "TERMS_REQUIRED", "is missing");
  }
  if (!check.ok()) return check.ToStatus();
  RETURN_IF_ERROR(CheckMatter(carer, request, context));

  Facts facts;
  auto* made = facts.emplace_back().mutable_recommendation_made();
  made->set_carer_id(carer.carer_id());
  Recommendation* given = made->mutable_recommendation();
  given->set_recommendation_id(new_id());
  given->set_body(request.body());
  given->set_matter(request.matter());
  given->set_meeting_date(request.meeting_date());
  *given->mutable_minutes_received_time() = request.minutes_received_time();
  given->set_suitable(request.suitable());
  if (request.has_terms()) *given->mutable_terms() = request.terms();
  given->set_reasons(request.reasons());
  *given->mutable_member_ids() = request.member_ids();
  given->set_recorded_by(context.actor);
  given->set_papers_sent_date(request.papers_sent_date());
  if (request.matter() == v1::MATTER_APPROVAL) {
    given->set_application_id(carer.application().application_id());
  }
  return facts;
}

absl::StatusOr<Facts> RecordDecision(const Carer& carer, const v1::RecordDecisionRequest& request,
                                     const Context& context, NewId new_id) {
  FieldCheck check;
  const auto outcome = request.outcome();
  if (outcome == Decision::OUTCOME_UNSPECIFIED || !Decision::Outcome_IsValid(outcome)) {
    check.Refuse("outcome", "REQUIRED", "is missing or unknown");
  }
  const auto decided = CheckTime(check, "decided_time", request.has_decided_time(),
                                 request.decided_time(), context.now);
  CheckId(check, "decision_maker_id", request.decision_maker_id());
  CheckHolder(check, "decision_maker_id", request.decision_maker_id(),
              decided.value_or(context.now), context);
  check.Require("reasons", request.reasons(), kMaxText);
  const bool sets_terms =
      outcome == Decision::OUTCOME_APPROVED || outcome == Decision::OUTCOME_TERMS_PROPOSED;
  if (request.has_terms() && !sets_terms) {
    check.Refuse("terms", "NO_TERMS_HERE", "is given with a decision that sets none");
  } else if (request.has_terms()) {
    CheckTerms(check, "terms", request.terms());
  } else if (sets_terms) {
    check.Refuse("terms", "TERMS_REQUIRED", "is missing");
  }
  if (!request.effective_date().empty()) {
    const auto day = CheckDay(check, "effective_date", request.effective_date(), context.now, true);
    if (outcome != Decision::OUTCOME_TERMS_PROPOSED) {
      check.Refuse("effective_date", "EFFECTIVE_AT_ONCE", "is given with what holds at once");
    } else if (day && decided && *day < clock::LondonDay(*decided)) {
      check.Refuse("effective_date", "BEFORE_THE_DECISION", "is before the decision");
    }
  }
  const Decision* proposal = OpenProposal(carer);
  const bool on_approval = outcome == Decision::OUTCOME_APPROVED ||
                           outcome == Decision::OUTCOME_REFUSAL_PROPOSED ||
                           (outcome >= Decision::OUTCOME_CONFIRMED && proposal != nullptr &&
                            proposal->matter() == v1::MATTER_APPROVAL);
  const Recommendation* given = Awaiting(carer, on_approval);
  if (given != nullptr) {
    const auto& members = given->member_ids();
    if (std::find(members.begin(), members.end(), request.decision_maker_id()) != members.end()) {
      check.Refuse("decision_maker_id", "MAKER_ON_PANEL", "sat on the panel that recommends");
    }
    if (decided && *decided < clock::FromProto(given->minutes_received_time())) {
      check.Refuse("decided_time", "BEFORE_THE_RECOMMENDATION",
                   "is before the final minutes were received");
    }
  }
  if (!check.ok()) return check.ToStatus();
  RETURN_IF_ERROR(CheckOutcome(carer, request, *decided, context));

  Facts facts;
  auto* made = facts.emplace_back().mutable_decision_made();
  made->set_carer_id(carer.carer_id());
  Decision* decision = made->mutable_decision();
  decision->set_decision_id(new_id());
  decision->set_matter(MatterOf(request, proposal, given));
  decision->set_outcome(outcome);
  *decision->mutable_decided_time() = request.decided_time();
  decision->set_decision_maker_id(request.decision_maker_id());
  decision->set_reasons(request.reasons());
  if (request.has_terms()) *decision->mutable_terms() = request.terms();
  decision->set_effective_date(request.effective_date());
  if (given != nullptr) decision->set_recommendation_id(given->recommendation_id());
  // An approval after a refusal was proposed says by itself that the refusal is not pursued.
  if (proposal != nullptr) decision->set_concludes_decision_id(proposal->decision_id());
  decision->set_recorded_by(context.actor);
  if (decision->matter() == v1::MATTER_APPROVAL) {
    decision->set_application_id(carer.application().application_id());
  }
  const Decision copy = *decision;  // effects add to the facts
  AddEffects(carer, copy, proposal, context, new_id, facts);
  return facts;
}

}  // namespace fosterwatch::carers::domain
