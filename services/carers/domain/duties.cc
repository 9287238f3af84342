#include "services/carers/domain/duties.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "services/carers/domain/approval.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/decision.h"
#include "services/carers/domain/duties_of_approved.h"
#include "services/carers/domain/duty_list.h"
#include "services/carers/domain/policy.h"
#include "services/carers/domain/register.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;

void AddOfApplication(const Carer& carer, DutyList& duties) {
  const v1::Application& application = carer.application();
  if (application.state() != v1::Application::STATE_OPEN) return;
  const auto complete = ParseDay(application.stage_one_complete_date());
  if (complete && application.stage_two_begun_date().empty()) {
    duties.Add(v1::DUTY_KIND_STAGE_ONE_OUTCOME, "", StartOf(*complete), "stage_one_complete_date");
  }
  const auto received = ParseDay(application.received_date());
  const bool recommended = std::any_of(
      carer.recommendations().begin(), carer.recommendations().end(),
      [&](const auto& given) { return given.application_id() == application.application_id(); });
  if (received && !recommended) {
    duties.Add(v1::DUTY_KIND_PANEL_RECOMMENDATION, "", StartOf(*received), "received_date");
  }
}

void AddOfDecisions(const Carer& carer, DutyList& duties) {
  for (const v1::Recommendation& given : carer.recommendations()) {
    if (!given.decision_id().empty() || !AwaitsDecision(carer, given)) continue;
    duties.Add(v1::DUTY_KIND_DECISION, given.recommendation_id(),
               clock::FromProto(given.minutes_received_time()), "minutes_received_time");
  }
  for (const v1::Decision& decision : carer.decisions()) {
    const std::string& id = decision.decision_id();
    const absl::Time decided = clock::FromProto(decision.decided_time());
    // Each is owed by itself: the written one makes up for what nobody said only where the rule did
    // not hold yet.
    if (!decision.has_oral_notice() &&
        (!decision.has_written_notice() ||
         duties.HoldsFor(v1::DUTY_KIND_ORAL_NOTICE, clock::LondonDay(decided)))) {
      duties.Add(v1::DUTY_KIND_ORAL_NOTICE, id, decided, "decided_time");
    }
    if (!decision.has_written_notice()) {
      duties.Add(v1::DUTY_KIND_WRITTEN_NOTICE, id, decided, "decided_time");
    }
    if (!IsOpenProposal(carer, decision)) continue;
    const v1::DecisionAnswer& answer = decision.answer();
    if (answer.kind() == v1::DecisionAnswer::KIND_INDEPENDENT_REVIEW &&
        !answer.has_papers_sent_time()) {
      duties.Add(v1::DUTY_KIND_REVIEW_PAPERS, id, clock::FromProto(answer.received_time()),
                 "received_time");
    }
    if (answer.kind() == v1::DecisionAnswer::KIND_AGREED) {
      duties.Add(v1::DUTY_KIND_DECISION, id, clock::FromProto(answer.received_time()),
                 "received_time");
    } else if (!decision.has_answer() && decision.has_answer_until_time()) {
      // The last moment of its last day, so that the day itself is the trigger's.
      duties.Add(v1::DUTY_KIND_DECISION, id,
                 clock::FromProto(decision.answer_until_time()) - absl::Microseconds(1),
                 "answer_until_time");
    }
  }
}

void AddSingle(const Carer& carer, DutyList& duties) {
  for (const type::v1::Action& action : carer.actions()) {
    if (action.state() != type::v1::Action::STATE_OPEN) continue;
    absl::Time found = absl::UnixEpoch();
    const auto is_of = [&](const auto& ids) {
      return std::find(ids.begin(), ids.end(), action.action_id()) != ids.end();
    };
    for (const v1::Visit& visit : carer.visits()) {
      if (is_of(visit.action_ids())) found = clock::FromProto(visit.recorded_time());
    }
    for (const v1::EndingReview& review : carer.ending_reviews()) {
      if (is_of(review.action_ids())) found = clock::FromProto(review.recorded_time());
    }
    duties.Keep(absl::StrCat(Name(v1::DUTY_KIND_ACTION), "/", action.action_id()),
                v1::DUTY_KIND_ACTION, action.action_id(), found, "recorded_time");
  }
  for (const v1::EndingReview& review : carer.ending_reviews()) {
    const auto ended = ParseDay(review.end_date());
    if (review.state() == v1::EndingReview::STATE_OPEN && ended) {
      duties.Add(v1::DUTY_KIND_ENDING_REVIEW, review.placement_id(), StartOf(*ended), "end_date");
    }
  }
  for (const v1::AccessRequest& request : carer.access_requests()) {
    const auto received = ParseDay(request.received_date());
    if (request.state() == v1::AccessRequest::STATE_OPEN && received) {
      duties.Add(v1::DUTY_KIND_ACCESS_REQUEST, request.access_request_id(), StartOf(*received),
                 "received_date");
    }
  }
}

}  // namespace

std::vector<v1::CarerDuty> OpenWork(const Carer& carer, const Context& context) {
  DutyList duties(carer, context);
  AddOfDecisions(carer, duties);
  AddSingle(carer, duties);
  return duties.Take();
}

std::vector<v1::CarerDuty> DutiesOf(const Carer& carer, const Context& context) {
  // The household goes on in another record, and owes what it owes there.
  if (!carer.merged_into_carer_id().empty()) return OpenWork(carer, context);
  DutyList duties(carer, context);
  if (carer.status() == Carer::STATUS_APPROVED || carer.status() == Carer::STATUS_SUSPENDED) {
    AddOfApproved(carer, duties);
  }
  if (carer.status() == Carer::STATUS_TEMPORARILY_APPROVED) {
    const auto from = ParseDay(carer.temporary_approval().from_date());
    v1::CarerDuty& duty =
        duties.Add(v1::DUTY_KIND_TEMPORARY_APPROVAL, "", StartOf(*from), "from_date");
    *duty.mutable_explanation() = ExplainTemporary(carer.temporary_approval(), context);
    *duty.mutable_due_time() = carer.temporary_approval().ends_time();
    *duty.mutable_attention_time() = duty.due_time();
    duties.Warn(duty, StartOf(*from));
  }
  AddOfApplication(carer, duties);
  AddOfDecisions(carer, duties);
  AddSingle(carer, duties);
  return duties.Take();
}

v1::Standing StandingOf(const Carer& carer, const Context& context) {
  v1::Standing standing;
  standing.set_carer_id(carer.carer_id());
  standing.set_kind(carer.kind());
  standing.set_status(carer.status());
  standing.set_approved_date(carer.approved_date());
  standing.set_ended_date(carer.ended_date());
  for (auto& terms : TermsOf(carer)) {
    terms.mutable_terms()->clear_note();
    *standing.add_terms() = std::move(terms);
  }
  for (auto& exemption : ExemptionsOf(carer)) {
    exemption.clear_reason();
    *standing.add_exemptions() = std::move(exemption);
  }
  standing.set_usual_limit(InForce(*context.policies, context.now).usual_limit());
  if (!carer.merged_into_carer_id().empty() && standing.ended_date().empty()) {
    standing.set_status(Carer::STATUS_ENDED);
    for (const v1::RegisterChange* change : Standing(carer, absl::InfiniteFuture())) {
      if (change->has_merged_into()) standing.set_ended_date(change->effective_date());
    }
  }
  if (const auto ends = EndsByItself(carer)) *standing.mutable_ends_time() = clock::ToProto(*ends);
  return standing;
}

}  // namespace fosterwatch::carers::domain
