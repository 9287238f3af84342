#include "services/carers/domain/duties.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "services/carers/domain/approval.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/decision.h"
#include "services/carers/domain/occupancy.h"
#include "services/carers/domain/policy.h"
#include "services/carers/domain/register.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;

std::string DayOf(const google::protobuf::Timestamp& time) {
  return ShowDay(clock::LondonDay(clock::FromProto(time)));
}

// Collects the duties of one carer.
class Duties {
 public:
  Duties(const Carer& carer, const Context& context)
      : carer_(carer), context_(context), policy_(InForce(*context.policies, context.now)) {}

  const v1::CarerPolicy& policy() const { return policy_; }

  v1::CarerDuty& Add(v1::DutyKind kind, const std::string& about, absl::Time start,
                     absl::string_view trigger) {
    const auto& rule = RuleOf(policy_, kind, carer_.kind());
    const DueTime due =
        DueAfter(start, trigger, Name(kind), policy_, rule.limit(), *context_.calendar);
    v1::CarerDuty& duty = duties_.emplace_back();
    duty.set_duty_id(about.empty() ? Name(kind) : absl::StrCat(Name(kind), "/", about));
    duty.set_kind(kind);
    duty.set_basis(rule.basis());
    duty.set_about_id(about);
    *duty.mutable_due_time() = clock::ToProto(due.due);
    *duty.mutable_attention_time() = duty.due_time();
    *duty.mutable_explanation() = due.explanation;
    Warn(duty, start);
    return duty;
  }

  // The warnings of its policy, none before a moment, and none once it counts as overdue.
  void Warn(v1::CarerDuty& duty, absl::Time not_before) const {
    duty.clear_warning_times();
    const absl::CivilDay last =
        clock::LondonDay(clock::FromProto(duty.due_time()) - absl::Microseconds(1));
    const absl::Time end = clock::FromProto(duty.attention_time());
    for (const int days : RuleOf(policy_, duty.kind(), carer_.kind()).warning().days_before()) {
      const absl::Time at = std::max(StartOf(last - days), not_before);
      if (at < end) *duty.add_warning_times() = clock::ToProto(at);
    }
  }

  // One that comes again: from the day on which it was done last, else from the approval; where it
  // is owed only while a child is placed, not from before one was.
  void AddRecurring(v1::DutyKind kind, const std::string& about, const std::string& last,
                    absl::string_view last_name) {
    if (RuleOf(policy_, kind, carer_.kind()).while_placed()) {
      const std::string placed = PlacedSince(carer_);
      if (placed.empty()) return;
      if (placed > last) {
        v1::CarerDuty& duty = Add(kind, about, StartOf(*ParseDay(placed)), "placed_date");
        duty.set_last_done_date(last);
        if (last.empty()) AwaitRecords(duty);
        return;
      }
    }
    if (const auto day = ParseDay(last)) {
      Add(kind, about, StartOf(*day), last_name).set_last_done_date(last);
      return;
    }
    AddFromApproval(kind, about);
  }

  void AddFromApproval(v1::DutyKind kind, const std::string& about) {
    const auto approved = ParseDay(carer_.approved_date());
    if (!approved) return;
    AwaitRecords(Add(kind, about, StartOf(*approved), "approved_date"));
  }

  // The first certificate of one who joined after the approval.
  void AddFromJoining(v1::DutyKind kind, const std::string& person, const std::string& joined) {
    v1::CarerDuty& duty = Add(kind, person, StartOf(*ParseDay(joined)), "joined_date");
    const auto& rule = RuleOf(policy_, kind, carer_.kind());
    if (!rule.has_on_joining()) return;
    const absl::Time start = StartOf(*ParseDay(joined));
    const DueTime due =
        DueAfter(start, "joined_date", Name(kind), policy_, rule.on_joining(), *context_.calendar);
    *duty.mutable_due_time() = clock::ToProto(due.due);
    *duty.mutable_attention_time() = duty.due_time();
    *duty.mutable_explanation() = due.explanation;
    Warn(duty, start);
  }

  // As it was set when it came about.
  void Keep(const std::string& duty_id, v1::DutyKind kind, const std::string& about,
            absl::Time start, absl::string_view trigger) {
    for (const auto& known : carer_.duties()) {
      if (known.duty_id() == duty_id) {
        duties_.push_back(known);
        return;
      }
    }
    Add(kind, about, start, trigger);
  }

  std::vector<v1::CarerDuty> Take() {
    std::sort(duties_.begin(), duties_.end(), [](const auto& a, const auto& b) {
      return std::make_pair(clock::FromProto(a.due_time()), a.duty_id()) <
             std::make_pair(clock::FromProto(b.due_time()), b.duty_id());
    });
    return std::move(duties_);
  }

 private:
  // What another register knew may still be to be recorded here.
  void AwaitRecords(v1::CarerDuty& duty) const {
    if (!carer_.taken_over()) return;
    const absl::Time settled_in =
        DueAfter(clock::FromProto(carer_.recorded_time()), "recorded_time", "TAKE_OVER", policy_,
                 policy_.take_over(), *context_.calendar)
            .due;
    *duty.mutable_attention_time() =
        clock::ToProto(std::max(clock::FromProto(duty.due_time()), settled_in));
    Warn(duty, settled_in);
  }

  const Carer& carer_;
  const Context& context_;
  const v1::CarerPolicy& policy_;
  std::vector<v1::CarerDuty> duties_;
};

bool IsSomebodyOfTheHome(const v1::Visit::Seen& seen) {
  return !seen.foster_parent_id().empty() || !seen.child_id().empty();
}

bool Meets(const v1::Visit& visit, const v1::CarerPolicy::VisitCondition& condition) {
  // Another register held those that were taken over to its own conditions; they name no visitor.
  if (visit.visitor_id().empty()) return true;
  const auto& seen = visit.seen();
  if (condition.unannounced() && !visit.unannounced()) return false;
  if (condition.somebody_seen() && std::none_of(seen.begin(), seen.end(), IsSomebodyOfTheHome)) {
    return false;
  }
  return !condition.foster_parent_seen() ||
         std::any_of(seen.begin(), seen.end(), [](const v1::Visit::Seen& person) {
           return !person.foster_parent_id().empty();
         });
}

// The last one that was for this and met what the policy asks of it.
std::string LastVisit(const Carer& carer, v1::DutyKind kind, bool (v1::Visit::*which)() const,
                      const v1::CarerPolicy& policy) {
  const auto& condition = RuleOf(policy, kind, carer.kind()).visit();
  std::string last;
  for (const v1::Visit& visit : carer.visits()) {
    if ((visit.*which)() && Meets(visit, condition)) {
      last = std::max(last, DayOf(visit.visited_time()));
    }
  }
  return last;
}

// Of a foster parent, or of the household. What an application obtained counts.
std::string LastCheck(const Carer& carer, v1::CheckKind kind, const std::string& foster_parent_id,
                      const v1::CarerPolicy& policy) {
  std::string last;
  for (const v1::Check& check : carer.checks()) {
    if (check.kind() == kind && check.foster_parent_id() == foster_parent_id) {
      last = std::max(last, check.done_date());
    }
  }
  for (const auto& rule : policy.information()) {
    if (rule.check() != kind) continue;
    for (const auto& item : carer.application().items()) {
      if (item.code() == rule.code() && item.foster_parent_id() == foster_parent_id) {
        last = std::max(last, item.obtained_date());
      }
    }
  }
  return last;
}

void AddReview(const Carer& carer, Duties& duties) {
  const auto dates = ReviewDatesOf(carer);
  bool answered = true;
  for (const v1::Review& review : carer.reviews()) {
    if (!AwaitsAnswer(review)) continue;
    answered = false;
    const auto held = ParseDay(review.review_date());
    // Once the panel has recommended something, that is decided on.
    if (held && review.recommendation_id().empty()) {
      duties.Add(v1::DUTY_KIND_REVIEW_DECISION, review.review_id(), StartOf(*held), "review_date");
    }
  }
  if (dates.empty()) {
    duties.AddFromApproval(v1::DUTY_KIND_FIRST_REVIEW, "");
  } else if (answered) {
    duties.AddRecurring(v1::DUTY_KIND_ANNUAL_REVIEW, "", dates.back(), "review_date");
  }
  for (const v1::Review& review : carer.reviews()) {
    const auto held = ParseDay(review.review_date());
    if (review.to_panel() && review.recommendation_id().empty() && held) {
      duties.Add(v1::DUTY_KIND_REVIEW_TO_PANEL, review.review_id(), StartOf(*held), "review_date");
    }
  }
}

void AddAgreement(const Carer& carer, Duties& duties) {
  if (carer.agreements().empty()) {
    duties.AddFromApproval(v1::DUTY_KIND_AGREEMENT_ISSUE, "");
    return;
  }
  const v1::Agreement& last = *carer.agreements().rbegin();
  const auto issued = ParseDay(last.issued_date());
  if (last.returned_date().empty() && issued) {
    duties.Add(v1::DUTY_KIND_AGREEMENT_RETURN, last.agreement_id(), StartOf(*issued),
               "issued_date");
  }
  // Another edition of Schedule 5 asks for another agreement.
  const auto edition = ParseDay(duties.policy().effective_from());
  if (last.schedule_version() != duties.policy().agreement_version() && edition && issued &&
      *issued < *edition) {
    duties.Add(v1::DUTY_KIND_AGREEMENT_ISSUE, "", StartOf(*edition), "effective_from")
        .set_last_done_date(last.issued_date());
  }
}

using Joiners = std::map<std::string, std::string>;

// One workbook may serve those who were approved together; one who joins has to catch up.
void AddTraining(const Carer& carer, const Joiners& joiners, Duties& duties) {
  const auto trained = [&](const auto& counts) {
    return std::any_of(carer.checks().begin(), carer.checks().end(), [&](const v1::Check& check) {
      return check.kind() == v1::CHECK_KIND_TRAINING_STANDARDS && counts(check);
    });
  };
  if (!trained(
          [&](const v1::Check& check) { return !joiners.contains(check.foster_parent_id()); })) {
    duties.AddFromApproval(v1::DUTY_KIND_TRAINING_STANDARDS, "");
  }
  for (const auto& person : carer.foster_parents()) {
    const auto joiner = joiners.find(person.foster_parent_id());
    if (joiner == joiners.end()) continue;
    const auto& [id, joined] = *joiner;
    const auto counts = [&id = id, &joined = joined](const v1::Check& check) {
      return check.foster_parent_id() == id ||
             (check.foster_parent_id().empty() && check.done_date() >= joined);
    };
    if (!trained(counts)) duties.AddFromJoining(v1::DUTY_KIND_TRAINING_STANDARDS, id, joined);
  }
}

// Certificates are of a person, and count from when that person was approved.
void AddOfPersons(const Carer& carer, const Joiners& joiners, Duties& duties) {
  std::vector<std::string> persons;
  for (const auto& person : carer.foster_parents()) persons.push_back(person.foster_parent_id());
  if (persons.empty()) persons.emplace_back();  // only the household is known
  for (const std::string& person : persons) {
    const auto joiner = joiners.find(person);
    for (const auto& [check, kind] :
         {std::pair{v1::CHECK_KIND_DBS, v1::DUTY_KIND_DBS_RENEWAL},
          std::pair{v1::CHECK_KIND_MEDICAL, v1::DUTY_KIND_MEDICAL_RENEWAL}}) {
      const std::string last = LastCheck(carer, check, person, duties.policy());
      if (last.empty() && joiner != joiners.end()) {
        duties.AddFromJoining(kind, person, joiner->second);
      } else {
        duties.AddRecurring(kind, person, last, "done_date");
      }
    }
  }
}

void AddOfApproved(const Carer& carer, Duties& duties) {
  AddReview(carer, duties);
  AddAgreement(carer, duties);
  using Which = bool (v1::Visit::*)() const;
  const std::pair<v1::DutyKind, Which> visits[] = {
      {v1::DUTY_KIND_UNANNOUNCED_VISIT, &v1::Visit::unannounced},
      {v1::DUTY_KIND_SUPERVISION_VISIT, &v1::Visit::supervision},
      {v1::DUTY_KIND_HOME_SAFETY, &v1::Visit::home_safety}};
  for (const auto& [kind, which] : visits) {
    duties.AddRecurring(kind, "", LastVisit(carer, kind, which, duties.policy()), "visited_time");
  }
  const Joiners joiners = JoinersOf(carer);
  AddTraining(carer, joiners, duties);
  AddOfPersons(carer, joiners, duties);
}

void AddOfApplication(const Carer& carer, Duties& duties) {
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

void AddOfDecisions(const Carer& carer, Duties& duties) {
  for (const v1::Recommendation& given : carer.recommendations()) {
    if (!given.decision_id().empty() || !AwaitsDecision(carer, given)) continue;
    duties.Add(v1::DUTY_KIND_DECISION, given.recommendation_id(),
               clock::FromProto(given.minutes_received_time()), "minutes_received_time");
  }
  for (const v1::Decision& decision : carer.decisions()) {
    const std::string& id = decision.decision_id();
    const absl::Time decided = clock::FromProto(decision.decided_time());
    // Each is owed by itself: the written one does not make up for what nobody said.
    if (!decision.has_oral_notice()) {
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

void AddSingle(const Carer& carer, Duties& duties) {
  for (const type::v1::Action& action : carer.actions()) {
    if (action.state() != type::v1::Action::STATE_OPEN) continue;
    absl::Time found = absl::UnixEpoch();
    for (const v1::Visit& visit : carer.visits()) {
      const auto& ids = visit.action_ids();
      if (std::find(ids.begin(), ids.end(), action.action_id()) != ids.end()) {
        found = clock::FromProto(visit.recorded_time());
      }
    }
    duties.Keep(absl::StrCat(Name(v1::DUTY_KIND_ACTION), "/", action.action_id()),
                v1::DUTY_KIND_ACTION, action.action_id(), found, "recorded_time");
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

std::vector<v1::CarerDuty> DutiesOf(const Carer& carer, const Context& context) {
  Duties duties(carer, context);
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
  if (const auto ends = EndsByItself(carer)) *standing.mutable_ends_time() = clock::ToProto(*ends);
  return standing;
}

}  // namespace fosterwatch::carers::domain
