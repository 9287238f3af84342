#include "services/allegations/domain/steps.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/clock/check_time.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::allegations::domain {
namespace {

using v1::Allegation;

// Puts what the new state asks for into the fact that reaches it.
template <typename Fact>
absl::Status OpenDuty(Fact& fact, Allegation::State state, absl::string_view trigger,
                      absl::Time begin, const Rules& rules, absl::Time now, NewId new_id) {
  ASSIGN_OR_RETURN(const auto duties, DutiesOf(state, trigger, begin, rules, now, new_id));
  if (!duties.empty()) *fact.mutable_duty() = duties[0];
  return absl::OkStatus();
}

// The moment in a field, refused before `earliest`.
std::optional<absl::Time> CheckNotBefore(FieldCheck& check, absl::string_view field, bool present,
                                         const google::protobuf::Timestamp& time,
                                         const google::protobuf::Timestamp& earliest,
                                         absl::string_view reason, absl::string_view what,
                                         absl::Time now) {
  const auto moment = clock::CheckTime(check, field, present, time, now);
  if (moment && *moment < clock::FromProto(earliest)) {
    check.Refuse(field, reason, what);
    return std::nullopt;
  }
  return moment;
}

}  // namespace

absl::Status CheckState(const Allegation& allegation,
                        std::initializer_list<Allegation::State> states) {
  if (std::find(states.begin(), states.end(), allegation.state()) != states.end()) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, "WRONG_STATE",
               "the allegation is in another state than this step follows");
}

absl::StatusOr<Facts> Refer(const Allegation& allegation, const v1::ReferAllegationRequest& request,
                            absl::string_view actor, bool body_known, const Rules& rules,
                            absl::Time now, NewId new_id) {
  RETURN_IF_ERROR(CheckState(allegation, {Allegation::STATE_RECEIVED}));
  FieldCheck check;
  const auto referred =
      CheckNotBefore(check, "referred_time", request.has_referred_time(), request.referred_time(),
                     allegation.report().became_aware_time(), "BEFORE_AWARENESS",
                     "is before it became known", now);
  if (!request.body_id().empty() && !body_known) {
    check.Refuse("body_id", "UNKNOWN_BODY", "is no local authority of this agency's directory");
  }
  check.Require("officer_name", request.officer_name(), kMaxReference);
  if (request.channel() == type::v1::CHANNEL_UNSPECIFIED ||
      !type::v1::Channel_IsValid(request.channel())) {
    check.Refuse("channel", "REQUIRED", "is missing or unknown");
  }
  check.AtMost("reference", request.reference(), kMaxReference);
  check.AtMost("advice", request.advice(), kMaxNarrative);
  bool late = false;
  for (const v1::Duty& duty : allegation.duties()) {
    late = late || (referred && *referred > clock::FromProto(duty.due_time()));
  }
  check.AtMost("late_reason", request.late_reason(), kMaxNarrative);
  if (late && IsBlank(request.late_reason())) {
    check.Refuse("late_reason", "LATE_REASON_REQUIRED", "is required after the due time");
  }
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto& fact = *facts[0].mutable_allegation_referred();
  fact.set_allegation_id(allegation.allegation_id());
  v1::Referral& referral = *fact.mutable_referral();
  referral.set_referred_by(std::string(actor));
  *referral.mutable_referred_time() = request.referred_time();
  *referral.mutable_recorded_time() = clock::ToProto(now);
  referral.set_body_id(request.body_id());
  referral.set_officer_name(request.officer_name());
  referral.set_channel(request.channel());
  referral.set_reference(request.reference());
  referral.set_advice(request.advice());
  referral.set_late(late);
  referral.set_late_reason(request.late_reason());
  RETURN_IF_ERROR(
      OpenDuty(fact, Allegation::STATE_REFERRED, "referred_time", *referred, rules, now, new_id));
  return facts;
}

absl::StatusOr<Facts> RecordStrategyMeeting(const Allegation& allegation,
                                            const v1::RecordStrategyMeetingRequest& request,
                                            absl::string_view actor, const Rules& rules,
                                            absl::Time now, NewId new_id) {
  RETURN_IF_ERROR(CheckState(allegation, {Allegation::STATE_REFERRED, Allegation::STATE_STRATEGY,
                                          Allegation::STATE_INVESTIGATION}));
  FieldCheck check;
  const auto held = CheckNotBefore(check, "held_time", request.has_held_time(), request.held_time(),
                                   allegation.referral().referred_time(), "BEFORE_REFERRAL",
                                   "is before it was referred", now);
  check.Require("decisions", request.decisions(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto& fact = *facts[0].mutable_strategy_meeting_held();
  fact.set_allegation_id(allegation.allegation_id());
  v1::StrategyMeeting& meeting = *fact.mutable_meeting();
  meeting.set_meeting_id(new_id());
  *meeting.mutable_held_time() = request.held_time();
  meeting.set_decisions(request.decisions());
  meeting.set_recorded_by(std::string(actor));
  *meeting.mutable_recorded_time() = clock::ToProto(now);
  if (allegation.state() == Allegation::STATE_REFERRED) {
    RETURN_IF_ERROR(
        OpenDuty(fact, Allegation::STATE_STRATEGY, "held_time", *held, rules, now, new_id));
  }
  return facts;
}

absl::StatusOr<Facts> StartInvestigation(const Allegation& allegation,
                                         const v1::StartInvestigationRequest& request,
                                         absl::string_view actor, const Rules& rules,
                                         absl::Time now, NewId new_id) {
  RETURN_IF_ERROR(CheckState(allegation, {Allegation::STATE_REFERRED, Allegation::STATE_STRATEGY}));
  FieldCheck check;
  std::set<int> kinds;
  for (const int kind : request.kinds()) {
    if (kind == v1::Investigation::KIND_UNSPECIFIED || !v1::Investigation::Kind_IsValid(kind)) {
      check.Refuse("kinds", "UNKNOWN_KIND", "has a kind that is unknown");
    } else if (!kinds.insert(kind).second) {
      check.Refuse("kinds", "DUPLICATE", "has a kind twice");
    }
  }
  if (request.kinds().empty()) check.Refuse("kinds", "REQUIRED", "is required");
  const auto started =
      CheckNotBefore(check, "started_time", request.has_started_time(), request.started_time(),
                     allegation.report().became_aware_time(), "BEFORE_AWARENESS",
                     "is before it became known", now);
  check.AtMost("lead", request.lead(), kMaxReference);
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto& fact = *facts[0].mutable_investigation_started();
  fact.set_allegation_id(allegation.allegation_id());
  v1::Investigation& investigation = *fact.mutable_investigation();
  *investigation.mutable_kinds() = request.kinds();
  *investigation.mutable_started_time() = request.started_time();
  investigation.set_lead(request.lead());
  investigation.set_recorded_by(std::string(actor));
  *investigation.mutable_recorded_time() = clock::ToProto(now);
  RETURN_IF_ERROR(OpenDuty(fact, Allegation::STATE_INVESTIGATION, "started_time", *started, rules,
                           now, new_id));
  return facts;
}

absl::StatusOr<Facts> RecordOfficerConclusion(const Allegation& allegation,
                                              const v1::RecordOfficerConclusionRequest& request,
                                              absl::string_view actor, const People& people,
                                              const Rules& rules, absl::Time now, NewId new_id) {
  RETURN_IF_ERROR(CheckState(allegation, {Allegation::STATE_REFERRED, Allegation::STATE_STRATEGY,
                                          Allegation::STATE_INVESTIGATION}));
  FieldCheck check;
  if (request.outcome() == v1::OUTCOME_UNSPECIFIED || !v1::Outcome_IsValid(request.outcome())) {
    check.Refuse("outcome", "REQUIRED", "is missing or unknown");
  }
  const bool again = !allegation.reopenings().empty();
  const auto concluded = CheckNotBefore(
      check, "concluded_time", request.has_concluded_time(), request.concluded_time(),
      again ? allegation.reopenings(allegation.reopenings_size() - 1).reopened_time()
            : allegation.referral().referred_time(),
      again ? "BEFORE_REOPENING" : "BEFORE_REFERRAL",
      again ? "is before it was reopened" : "is before it was referred", now);
  check.Require("reasons", request.reasons(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());
  if (allegation.carer_id().empty() && allegation.person_id().empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "SUBJECT_UNKNOWN",
                 "nobody has said yet whom the allegation is about");
  }
  Facts facts(2);
  auto& fact = *facts[0].mutable_officer_concluded();
  fact.set_allegation_id(allegation.allegation_id());
  v1::OfficerConclusion& conclusion = *fact.mutable_conclusion();
  conclusion.set_outcome(request.outcome());
  *conclusion.mutable_concluded_time() = request.concluded_time();
  conclusion.set_reasons(request.reasons());
  conclusion.set_recorded_by(std::string(actor));
  *conclusion.mutable_recorded_time() = clock::ToProto(now);
  RETURN_IF_ERROR(OpenDuty(fact, Allegation::STATE_OFFICER_CONCLUDED, "concluded_time", *concluded,
                           rules, now, new_id));
  ASSIGN_OR_RETURN(
      *facts[1].mutable_checklist_opened(),
      OpenChecklist(allegation, request.outcome(), *concluded, actor, people, rules, now, new_id));
  conclusion.set_policy_version(facts[1].checklist_opened().policy_version());
  return facts;
}

absl::StatusOr<Facts> StartAgencyReview(const Allegation& allegation, absl::string_view actor,
                                        const Rules& rules, absl::Time now, NewId new_id) {
  RETURN_IF_ERROR(CheckState(allegation, {Allegation::STATE_OFFICER_CONCLUDED}));
  Facts facts(1);
  auto& fact = *facts[0].mutable_agency_review_started();
  fact.set_allegation_id(allegation.allegation_id());
  fact.set_started_by(std::string(actor));
  *fact.mutable_started_time() = clock::ToProto(now);
  RETURN_IF_ERROR(OpenDuty(fact, Allegation::STATE_AGENCY_REVIEW, "review_started_time", now, rules,
                           now, new_id));
  return facts;
}

absl::StatusOr<Facts> Reopen(const Allegation& allegation,
                             const v1::ReopenAllegationRequest& request, absl::string_view actor,
                             const Rules& rules, absl::Time now, NewId new_id) {
  if (allegation.state() != Allegation::STATE_CLOSED) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_CLOSED",
                 "the allegation has not been closed");
  }
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto& fact = *facts[0].mutable_allegation_reopened();
  fact.set_allegation_id(allegation.allegation_id());
  fact.set_reopened_by(std::string(actor));
  *fact.mutable_reopened_time() = clock::ToProto(now);
  fact.set_reason(request.reason());
  RETURN_IF_ERROR(
      OpenDuty(fact, Allegation::STATE_INVESTIGATION, "reopened_time", now, rules, now, new_id));
  return facts;
}

}  // namespace fosterwatch::allegations::domain
