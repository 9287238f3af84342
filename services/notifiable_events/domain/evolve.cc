#include "services/notifiable_events/domain/evolve.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/clock/proto_time.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

v1::Notice* MutableNotice(v1::NotifiableEvent& event, absl::string_view notice_id) {
  for (auto& notice : *event.mutable_notices()) {
    if (notice.notice_id() == notice_id) return &notice;
  }
  return nullptr;
}

void AddKinds(v1::NotifiableEvent& event, const v1::EventReport& report) {
  std::set<int> kinds(event.kinds().begin(), event.kinds().end());
  kinds.insert(report.kinds().begin(), report.kinds().end());
  event.mutable_kinds()->Assign(kinds.begin(), kinds.end());
}

std::string AboutNotice(const v1::NotifiableEvent& event, absl::string_view notice_id) {
  const v1::Notice* notice = FindNotice(event, notice_id);
  if (notice == nullptr) return std::string(notice_id);
  std::string about = absl::StrCat(Name(notice->kind()), " ", Name(notice->recipient()));
  if (!notice->body_id().empty()) absl::StrAppend(&about, " ", notice->body_id());
  if (notice->moment() > v1::MOMENT_EVENT) {
    absl::StrAppend(&about, " ", Name(notice->moment()));
  }
  return about;
}

// The notice or stage whose due time passed, where it is one; else the duty's id.
std::string AboutDuty(const v1::NotifiableEvent& event, const std::string& duty_id) {
  for (const auto& notice : event.notices()) {
    if (notice.notice_id() == duty_id ||
        notice.written_confirmation().confirmation_id() == duty_id) {
      return AboutNotice(event, notice.notice_id());
    }
  }
  for (const auto& sign_off : event.sign_offs()) {
    if (sign_off.sign_off_id() == duty_id) return Name(sign_off.stage());
  }
  return duty_id;
}

template <typename Kinds>
std::string JoinKinds(const Kinds& kinds) {
  return absl::StrJoin(kinds, " ", [](std::string* out, int kind) {
    out->append(Name(static_cast<v1::EventKind>(kind)));
  });
}

// Applies the fact and says, for the timeline, what it was about.
std::string Apply(v1::NotifiableEvent& event, const v1::NotifiableEventFact& fact,
                  const FactStamp& stamp) {
  switch (fact.fact_case()) {
    case v1::NotifiableEventFact::kEventReported: {
      const auto& reported = fact.event_reported();
      event.set_event_id(reported.event_id());
      event.set_state(v1::NotifiableEvent::STATE_OPEN);
      *event.mutable_report() = reported.report();
      AddKinds(event, reported.report());
      event.set_reporter_id(reported.reporter_id());
      *event.mutable_recorded_time() = clock::ToProto(stamp.recorded_time);
      *event.mutable_sign_offs() = reported.sign_offs();
      event.set_source(reported.source());
      event.set_placed_with_carer_id(reported.placed_with_carer_id());
      event.set_from_decision_id(reported.from_decision_id());
      *event.mutable_unanswered() = reported.unanswered();
      if (reported.has_manager_absence()) {
        *event.mutable_manager_absence() = reported.manager_absence();
      }
      if (reported.has_provisional()) *event.mutable_provisional() = reported.provisional();
      if (reported.has_repeat_question()) {
        *event.mutable_possible_repeats() = reported.repeat_question();
      } else if (!reported.repeats_denied_of().empty()) {
        auto* question = event.mutable_possible_repeats();
        *question->mutable_event_ids() = reported.repeats_denied_of();
        question->set_answer(v1::RepeatQuestion::ANSWER_NEW);
        question->set_decided_by(reported.reporter_id());
        *question->mutable_decided_time() = event.recorded_time();
      }
      if (reported.has_discussion()) *event.mutable_discussion() = reported.discussion();
      return JoinKinds(event.kinds());
    }
    case v1::NotifiableEventFact::kNoticesOwed: {
      const auto& owed = fact.notices_owed();
      std::set<v1::Recipient> recipients;
      for (const auto& notice : owed.notices()) {
        *event.add_notices() = notice;
        recipients.insert(notice.recipient());
      }
      if (event.matrix_version().empty()) event.set_matrix_version(owed.matrix_version());
      return absl::StrJoin(recipients, " ", [](std::string* out, v1::Recipient recipient) {
        out->append(Name(recipient));
      });
    }
    case v1::NotifiableEventFact::kNoticeAttempted: {
      const auto& attempted = fact.notice_attempted();
      if (auto* notice = MutableNotice(event, attempted.notice_id())) {
        *notice->add_attempts() = attempted.attempt();
      }
      return absl::StrCat(AboutNotice(event, attempted.notice_id()), " ",
                          attempted.attempt().result_code());
    }
    case v1::NotifiableEventFact::kNoticeGiven: {
      const auto& given = fact.notice_given();
      if (auto* notice = MutableNotice(event, given.notice_id())) {
        notice->set_state(v1::Notice::STATE_GIVEN);
        *notice->mutable_given_time() = given.notice().given_time();
        notice->set_given_by(given.notice().given_by());
        notice->set_given_channel(given.notice().given_channel());
        notice->set_given_reference(given.notice().given_reference());
        if (given.notice().has_written_confirmation()) {
          *notice->mutable_written_confirmation() = given.notice().written_confirmation();
        }
        notice->mutable_attempts()->MergeFrom(given.notice().attempts());
      }
      return AboutNotice(event, given.notice_id());
    }
    case v1::NotifiableEventFact::kNoticeReturned: {
      const auto& returned = fact.notice_returned();
      if (auto* notice = MutableNotice(event, returned.notice_id())) {
        notice->set_state(v1::Notice::STATE_OWED);
        notice->clear_given_time();
        notice->clear_given_by();
        notice->clear_given_channel();
        notice->clear_given_reference();
        *notice->add_attempts() = returned.attempt();
      }
      return absl::StrCat(AboutNotice(event, returned.notice_id()), " ",
                          returned.attempt().result_code());
    }
    case v1::NotifiableEventFact::kNoticeAcknowledged: {
      const auto& acknowledged = fact.notice_acknowledged();
      if (auto* notice = MutableNotice(event, acknowledged.notice_id())) {
        notice->set_state(v1::Notice::STATE_ACKNOWLEDGED);
        *notice->mutable_acknowledged_time() = acknowledged.notice().acknowledged_time();
        notice->set_acknowledgement_reference(acknowledged.notice().acknowledgement_reference());
      }
      return AboutNotice(event, acknowledged.notice_id());
    }
    case v1::NotifiableEventFact::kSignedOff: {
      const auto& signed_off = fact.signed_off().sign_off();
      for (auto& sign_off : *event.mutable_sign_offs()) {
        if (sign_off.stage() != signed_off.stage()) continue;
        sign_off.set_signed_by(signed_off.signed_by());
        *sign_off.mutable_signed_time() = signed_off.signed_time();
        sign_off.set_comment(signed_off.comment());
        sign_off.set_delegation_id(signed_off.delegation_id());
        sign_off.set_signed_role(signed_off.signed_role());
      }
      return Name(signed_off.stage());
    }
    case v1::NotifiableEventFact::kEnquiryOutcomeRecorded:
      *event.mutable_enquiry_outcome() = fact.enquiry_outcome_recorded().outcome();
      return "";
    case v1::NotifiableEventFact::kChildReturned:
      *event.mutable_child_return() = fact.child_returned().child_return();
      return "";
    case v1::NotifiableEventFact::kEventCorrected: {
      const auto& correction = fact.event_corrected().correction();
      *event.add_corrections() = correction;
      AddKinds(event, correction.report());
      *event.mutable_unanswered() = fact.event_corrected().unanswered();
      return JoinKinds(correction.report().kinds());
    }
    case v1::NotifiableEventFact::kActionAdded:
      *event.add_actions() = fact.action_added().action();
      return fact.action_added().action().action_id();
    case v1::NotifiableEventFact::kActionClosed: {
      const auto& closed = fact.action_closed().action();
      for (auto& action : *event.mutable_actions()) {
        if (action.action_id() == closed.action_id()) action = closed;
      }
      return absl::StrCat(closed.action_id(), " ",
                          closed.state() == type::v1::Action::STATE_DROPPED ? "DROPPED" : "DONE");
    }
    case v1::NotifiableEventFact::kEventConcluded:
      *event.mutable_conclusion() = fact.event_concluded().conclusion();
      event.set_state(v1::NotifiableEvent::STATE_CONCLUDED);
      return "";
    case v1::NotifiableEventFact::kDutyOverdue: {
      const auto& passed = fact.duty_overdue();
      auto* overdue = event.add_overdue();
      overdue->set_kind(passed.kind());
      overdue->set_duty_id(passed.duty_id());
      *overdue->mutable_due_time() = passed.due_time();
      return absl::StrCat(Name(passed.kind()), " ", AboutDuty(event, passed.duty_id()));
    }
    case v1::NotifiableEventFact::kDutySettled: {
      const std::string& duty_id = fact.duty_settled().duty_id();
      for (auto& overdue : *event.mutable_overdue()) {
        if (overdue.duty_id() != duty_id) continue;
        *overdue.mutable_settled_time() = clock::ToProto(stamp.recorded_time);
        return absl::StrCat(Name(overdue.kind()), " ", AboutDuty(event, duty_id));
      }
      return duty_id;
    }
    case v1::NotifiableEventFact::kNoticeConfirmedInWriting: {
      const auto& confirmed = fact.notice_confirmed_in_writing();
      if (auto* notice = MutableNotice(event, confirmed.notice_id())) {
        auto* confirmation = notice->mutable_written_confirmation();
        *confirmation->mutable_confirmed_time() = confirmed.confirmation().confirmed_time();
        confirmation->set_confirmed_by(confirmed.confirmation().confirmed_by());
        confirmation->set_channel(confirmed.confirmation().channel());
        confirmation->set_reference(confirmed.confirmation().reference());
      }
      return AboutNotice(event, confirmed.notice_id());
    }
    case v1::NotifiableEventFact::kDiscussionOwed:
      *event.mutable_discussion() = fact.discussion_owed().discussion();
      return "";
    case v1::NotifiableEventFact::kDiscussionHeld: {
      const auto& held = fact.discussion_held().discussion();
      auto* discussion = event.mutable_discussion();
      *discussion->mutable_discussed_time() = held.discussed_time();
      discussion->set_discussed_with(held.discussed_with());
      discussion->set_agreed(held.agreed());
      discussion->set_recorded_by(held.recorded_by());
      *discussion->mutable_recorded_time() = held.recorded_time();
      return "";
    }
    case v1::NotifiableEventFact::kOutcomeRecorded:
      *event.mutable_outcome() = fact.outcome_recorded().outcome();
      return event.outcome().regulator_update() == v1::REGULATOR_UPDATE_UNSPECIFIED
                 ? ""
                 : absl::StrCat("UPDATE_", Name(event.outcome().regulator_update()));
    case v1::NotifiableEventFact::kReportCompleted: {
      const auto& completion = fact.report_completed().completion();
      *event.add_corrections() = completion;
      AddKinds(event, completion.report());
      *event.mutable_unanswered() = fact.report_completed().unanswered();
      event.mutable_provisional()->set_completed_by(completion.corrected_by());
      *event.mutable_provisional()->mutable_completed_time() = completion.corrected_time();
      return JoinKinds(completion.report().kinds());
    }
    case v1::NotifiableEventFact::kDueTimesMoved:
      for (const auto& moved : fact.due_times_moved().notices()) {
        v1::Notice* notice = MutableNotice(event, moved.notice_id());
        if (notice == nullptr) continue;
        *notice->mutable_due_time() = moved.due_time();
        *notice->mutable_in_time_until() = moved.in_time_until();
        *notice->mutable_explanation() = moved.explanation();
        notice->clear_in_time_explanation();
        if (moved.has_in_time_explanation()) {
          *notice->mutable_in_time_explanation() = moved.in_time_explanation();
        }
      }
      return absl::StrJoin(fact.due_times_moved().notices(), ", ",
                           [&](std::string* out, const v1::Notice& moved) {
                             out->append(AboutNotice(event, moved.notice_id()));
                           });
    case v1::NotifiableEventFact::kRepeatDecided: {
      const auto& question = fact.repeat_decided().question();
      *event.mutable_possible_repeats() = question;
      return question.answer() == v1::RepeatQuestion::ANSWER_SAME
                 ? absl::StrCat("SAME ", question.same_as_event_id())
                 : "NEW";
    }
    case v1::NotifiableEventFact::kRepeatSuspected: {
      const auto& question = fact.repeat_suspected().question();
      *event.mutable_possible_repeats() = question;
      return absl::StrJoin(question.event_ids(), " ");
    }
    case v1::NotifiableEventFact::kManagerAbsenceChanged:
      *event.mutable_manager_absence() = fact.manager_absence_changed().absence();
      return "";
    case v1::NotifiableEventFact::kEventWithdrawn:
      *event.mutable_withdrawal() = fact.event_withdrawn().withdrawal();
      event.set_state(v1::NotifiableEvent::STATE_WITHDRAWN);
      for (const std::string& notice_id : fact.event_withdrawn().notice_ids()) {
        if (v1::Notice* notice = MutableNotice(event, notice_id)) {
          notice->set_state(v1::Notice::STATE_FALLEN_AWAY);
        }
      }
      return event.withdrawal().repeat_of_event_id();
    case v1::NotifiableEventFact::kEvidenceAdded:
      *event.add_evidence() = fact.evidence_added().evidence();
      return fact.evidence_added().evidence().evidence_id();
    case v1::NotifiableEventFact::kDecisionRecorded:
    case v1::NotifiableEventFact::kDecisionAgreed:
    case v1::NotifiableEventFact::kDecisionReversed:
    case v1::NotifiableEventFact::kPolicyRecipientSwitched:
    case v1::NotifiableEventFact::kLawAdopted:
      return "";
    case v1::NotifiableEventFact::kIntakeRecordParked:
      return fact.intake_record_parked().reason_code();
    case v1::NotifiableEventFact::FACT_NOT_SET:
      break;
  }
  return "";
}

std::string NameOf(const v1::NotifiableEventFact& fact) {
  const auto* field = v1::NotifiableEventFact::descriptor()->FindFieldByNumber(fact.fact_case());
  return field == nullptr ? "unknown" : field->name();
}

}  // namespace

void Evolve(v1::NotifiableEvent& event, const v1::NotifiableEventFact& fact,
            const FactStamp& stamp) {
  std::string subject = Apply(event, fact, stamp);
  event.set_version(event.version() + 1);
  auto* entry = event.add_timeline();
  entry->set_fact_id(stamp.fact_id);
  entry->set_fact(NameOf(fact));
  *entry->mutable_recorded_time() = clock::ToProto(stamp.recorded_time);
  entry->set_actor(stamp.actor);
  entry->set_subject(std::move(subject));
}

v1::EventReport EffectiveReport(const v1::NotifiableEvent& event) {
  v1::EventReport report = event.report();
  for (const auto& correction : event.corrections()) {
    const auto& later = correction.report();
    if (!later.child_id().empty()) report.set_child_id(later.child_id());
    if (!later.carer_id().empty()) report.set_carer_id(later.carer_id());
    if (later.has_occurred_time()) *report.mutable_occurred_time() = later.occurred_time();
    if (later.has_became_aware_time()) {
      *report.mutable_became_aware_time() = later.became_aware_time();
    }
    if (!later.place().empty()) report.set_place(later.place());
    if (!later.summary().empty()) report.set_summary(later.summary());
    for (const auto& answer : later.answers()) {
      auto* answers = report.mutable_answers();
      const auto same = std::find_if(answers->begin(), answers->end(), [&](const auto& earlier) {
        return earlier.question_id() == answer.question_id();
      });
      *(same == answers->end() ? answers->Add() : &*same) = answer;
    }
    if (!later.immediate_actions().empty()) {
      report.set_immediate_actions(later.immediate_actions());
    }
  }
  *report.mutable_kinds() = event.kinds();
  return report;
}

const v1::Notice* FindNotice(const v1::NotifiableEvent& event, absl::string_view notice_id) {
  for (const auto& notice : event.notices()) {
    if (notice.notice_id() == notice_id) return &notice;
  }
  return nullptr;
}

bool HasKind(const v1::NotifiableEvent& event, v1::EventKind kind) {
  return std::find(event.kinds().begin(), event.kinds().end(), kind) != event.kinds().end();
}

}  // namespace fosterwatch::notifiable_events::domain
