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
  if (notice->moment() == v1::MOMENT_ENQUIRY_OUTCOME) {
    absl::StrAppend(&about, " ", Name(notice->moment()));
  }
  return about;
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
        notice->mutable_attempts()->MergeFrom(given.notice().attempts());
      }
      return AboutNotice(event, given.notice_id());
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
