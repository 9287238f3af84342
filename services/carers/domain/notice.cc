#include "services/carers/domain/notice.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/decision.h"
#include "services/carers/domain/policy.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;
using v1::Decision;
using v1::DecisionAnswer;

const Decision* Find(const Carer& carer, const std::string& decision_id) {
  for (const auto& decision : carer.decisions()) {
    if (decision.decision_id() == decision_id) return &decision;
  }
  return nullptr;
}

absl::Status UnknownDecision() {
  return InvalidField("decision_id", "UNKNOWN_DECISION", "names no decision about this carer");
}

}  // namespace

absl::StatusOr<Facts> GiveDecisionNotice(const Carer& carer,
                                         const v1::GiveDecisionNoticeRequest& request,
                                         const Context& context) {
  const Decision* decision = Find(carer, request.decision_id());
  if (decision == nullptr) return UnknownDecision();
  FieldCheck check;
  const auto given =
      CheckTime(check, "given_time", request.has_given_time(), request.given_time(), context.now);
  if (given && *given < clock::FromProto(decision->decided_time())) {
    check.Refuse("given_time", "BEFORE_THE_DECISION", "is before the decision");
  }
  if (!check.ok()) return check.ToStatus();
  if (request.written() ? decision->has_written_notice() : decision->has_oral_notice()) {
    return Refused("TOLD_BEFORE", "the decision was told in that way before");
  }
  Facts facts;
  auto* told = facts.emplace_back().mutable_decision_notice_given();
  told->set_carer_id(carer.carer_id());
  told->set_decision_id(request.decision_id());
  told->set_written(request.written());
  *told->mutable_notice()->mutable_given_time() = request.given_time();
  told->mutable_notice()->set_given_by(context.actor);
  if (request.written() && IsProposal(*decision)) {
    const v1::CarerPolicy& policy = InForce(*context.policies, *given);
    *told->mutable_answer_until_time() = clock::ToProto(
        DueAfter(*given, "given_time", "ANSWER", policy, policy.answer(), *context.calendar).due);
  }
  return facts;
}

absl::StatusOr<Facts> RecordDecisionAnswer(const Carer& carer,
                                           const v1::RecordDecisionAnswerRequest& request,
                                           const Context& context) {
  const Decision* decision = Find(carer, request.decision_id());
  if (decision == nullptr) return UnknownDecision();
  FieldCheck check;
  if (request.kind() == DecisionAnswer::KIND_UNSPECIFIED ||
      !DecisionAnswer::Kind_IsValid(request.kind())) {
    check.Refuse("kind", "REQUIRED", "is missing or unknown");
  }
  const auto received = CheckTime(check, "received_time", request.has_received_time(),
                                  request.received_time(), context.now);
  check.AtMost("note", request.note(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  if (!IsOpenProposal(carer, *decision)) return Refused("NO_PROPOSAL", "nothing is proposed by it");
  if (decision->has_answer()) return Refused("ANSWERED_BEFORE", "it was answered before");
  if (!decision->has_written_notice()) {
    return Refused("NOT_TOLD", "the proposal has not been told in writing");
  }
  if (*received < clock::FromProto(decision->written_notice().given_time())) {
    return InvalidField("received_time", "BEFORE_THE_NOTICE", "is before the written notice");
  }
  if (*received >= clock::FromProto(decision->answer_until_time())) {
    return Refused("ANSWER_PERIOD_OVER", "the days to answer were over");
  }
  Facts facts;
  auto* answered = facts.emplace_back().mutable_decision_answered();
  answered->set_carer_id(carer.carer_id());
  answered->set_decision_id(request.decision_id());
  DecisionAnswer* answer = answered->mutable_answer();
  answer->set_kind(request.kind());
  *answer->mutable_received_time() = request.received_time();
  answer->set_recorded_by(context.actor);
  answer->set_note(request.note());
  return facts;
}

absl::StatusOr<Facts> SendReviewPapers(const Carer& carer,
                                       const v1::SendReviewPapersRequest& request,
                                       const Context& context) {
  const Decision* decision = Find(carer, request.decision_id());
  if (decision == nullptr) return UnknownDecision();
  FieldCheck check;
  const auto sent =
      CheckTime(check, "sent_time", request.has_sent_time(), request.sent_time(), context.now);
  if (!check.ok()) return check.ToStatus();
  const DecisionAnswer& answer = decision->answer();
  if (answer.kind() != DecisionAnswer::KIND_INDEPENDENT_REVIEW) {
    return Refused("NO_REVIEW", "nobody has applied to the independent review mechanism");
  }
  if (answer.has_papers_sent_time()) return Refused("SENT_BEFORE", "the papers were sent before");
  if (*sent < clock::FromProto(answer.received_time())) {
    return InvalidField("sent_time", "BEFORE_THE_ANSWER", "is before the application");
  }
  Facts facts;
  auto* papers = facts.emplace_back().mutable_papers_sent();
  papers->set_carer_id(carer.carer_id());
  papers->set_decision_id(request.decision_id());
  *papers->mutable_sent_time() = request.sent_time();
  return facts;
}

}  // namespace fosterwatch::carers::domain
