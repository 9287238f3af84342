#include "services/notifiable_events/domain/notices.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/check.h"
#include "services/notifiable_events/domain/confirmation.h"
#include "services/notifiable_events/domain/evolve.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

// The bodies of one recipient of a cause, and why it is told.
struct Addressed {
  v1::Basis basis;
  std::set<std::string> bodies;
};

std::map<v1::Recipient, Addressed> WhoIsTold(const Cause& cause, const v1::NotifiableEvent& event,
                                             const Law& law, const Circumstances& circumstances) {
  std::map<v1::Recipient, Addressed> told;
  for (const Told& one : law.ToldOf(cause.kind, cause.became_aware)) {
    auto& addressed = told[one.recipient];
    addressed.basis = one.basis;
    for (std::string& body_id : BodiesOf(cause.kind, one.recipient, circumstances)) {
      addressed.bodies.insert(std::move(body_id));
    }
  }
  if (cause.moment != v1::MOMENT_ENQUIRY_OUTCOME) return told;
  for (const auto& notice : event.notices()) {
    if (notice.kind() != cause.kind || notice.moment() != v1::MOMENT_EVENT) continue;
    const auto [one, added] = told.try_emplace(notice.recipient());
    if (added) one->second.basis = BasisOf(notice);
    one->second.bodies.insert(notice.body_id());
  }
  // One of the two moments knew a body that the other did not.
  for (auto& [recipient, addressed] : told) {
    if (addressed.bodies.size() > 1) addressed.bodies.erase("");
  }
  return told;
}

absl::Status UnknownNotice() {
  return Error(absl::StatusCode::kNotFound, "UNKNOWN_NOTICE", "the event has no such notice");
}

absl::Time AwarenessOf(const v1::Notice& notice) {
  return clock::FromProto(notice.explanation().trigger_time());
}

// All that a reader of the fact needs to judge it by itself; how it came about stands in
// NoticesOwed.
v1::Notice WithoutHistory(const v1::Notice& notice) {
  v1::Notice bare = notice;
  bare.clear_explanation();
  bare.clear_in_time_explanation();
  bare.clear_attempts();
  bare.mutable_written_confirmation()->clear_explanation();
  bare.mutable_written_confirmation()->clear_in_time_explanation();
  if (!notice.has_written_confirmation()) bare.clear_written_confirmation();
  return bare;
}

struct Giving {
  absl::Time given_time;
  type::v1::Channel channel;
  std::string reference;
  std::string result_code;
};

v1::NotifiableEventFact NoticeGiven(const v1::NotifiableEvent& event, const v1::Notice& notice,
                                    const Actor& actor, const Giving& giving) {
  v1::NotifiableEventFact fact;
  auto* given = fact.mutable_notice_given();
  given->set_event_id(event.event_id());
  given->set_notice_id(notice.notice_id());
  v1::Notice* after = given->mutable_notice();
  *after = WithoutHistory(notice);
  after->set_state(v1::Notice::STATE_GIVEN);
  *after->mutable_given_time() = clock::ToProto(giving.given_time);
  after->set_given_by(actor.id);
  after->set_given_channel(giving.channel);
  after->set_given_reference(giving.reference);
  auto* attempt = after->add_attempts();
  *attempt->mutable_attempt_time() = after->given_time();
  attempt->set_channel(giving.channel);
  attempt->set_succeeded(true);
  attempt->set_result_code(giving.result_code);
  return fact;
}

v1::NotifiableEventFact NoticeAttempted(const v1::NotifiableEvent& event,
                                        const std::string& notice_id, const Delivery& delivery,
                                        bool succeeded) {
  v1::NotifiableEventFact fact;
  auto* attempted = fact.mutable_notice_attempted();
  attempted->set_event_id(event.event_id());
  attempted->set_notice_id(notice_id);
  auto* attempt = attempted->mutable_attempt();
  *attempt->mutable_attempt_time() = clock::ToProto(delivery.attempt_time);
  attempt->set_channel(delivery.channel);
  attempt->set_succeeded(succeeded);
  attempt->set_result_code(delivery.result_code);
  return fact;
}

}  // namespace

v1::Basis BasisOf(const v1::Notice& notice) {
  return notice.basis() == v1::BASIS_UNSPECIFIED ? v1::BASIS_STATUTORY : notice.basis();
}

NoticeKey KeyOf(const v1::Notice& notice) {
  return {notice.kind(), notice.recipient(), notice.body_id(), notice.moment()};
}

absl::StatusOr<std::vector<v1::Notice>> NoticesFor(const std::vector<Cause>& causes,
                                                   const v1::NotifiableEvent& event, const Law& law,
                                                   const Circumstances& circumstances,
                                                   absl::Time now, NewId new_id) {
  std::map<NoticeKey, std::pair<const Cause*, v1::Basis>> owed;
  for (const Cause& cause : causes) {
    for (const auto& [recipient, addressed] : WhoIsTold(cause, event, law, circumstances)) {
      for (const std::string& body_id : addressed.bodies) {
        owed.emplace(NoticeKey{cause.kind, recipient, body_id, cause.moment},
                     std::pair(&cause, addressed.basis));
      }
    }
  }
  for (const auto& notice : event.notices()) owed.erase(KeyOf(notice));

  std::vector<v1::Notice> notices;
  for (const auto& [key, why] : owed) {
    const auto& [cause, basis] = why;
    ASSIGN_OR_RETURN(const NoticeTimes times,
                     law.TimesOf(key.kind, key.recipient, cause->trigger, cause->became_aware,
                                 cause->start ? &*cause->start : nullptr));
    const Way way = WayTo(key.body_id, circumstances);
    v1::Notice& notice = notices.emplace_back();
    notice.set_notice_id(new_id());
    notice.set_kind(key.kind);
    notice.set_recipient(key.recipient);
    notice.set_body_id(key.body_id);
    notice.set_moment(key.moment);
    notice.set_basis(basis);
    *notice.mutable_due_time() = clock::ToProto(times.due);
    *notice.mutable_in_time_until() = clock::ToProto(times.in_time_until);
    *notice.mutable_explanation() = times.explanation;
    if (times.in_time_until != times.due) {
      *notice.mutable_in_time_explanation() = times.in_time_explanation;
    }
    notice.set_channel(way.channel);
    notice.set_released_by_person(way.released_by_person);
    notice.set_state(v1::Notice::STATE_OWED);
    *notice.mutable_owed_time() = clock::ToProto(now);
  }
  return notices;
}

absl::StatusOr<Facts> GiveNotice(const v1::NotifiableEvent& event,
                                 const v1::GiveNoticeRequest& request, const Actor& actor,
                                 const Law& law, absl::Time now, NewId new_id) {
  const v1::Notice* notice = FindNotice(event, request.notice_id());
  if (notice == nullptr) return UnknownNotice();
  if (notice->state() == v1::Notice::STATE_FALLEN_AWAY) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOTICE_FALLEN_AWAY",
                 "the notice is owed no longer: the event was withdrawn");
  }
  if (notice->state() != v1::Notice::STATE_OWED) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOTICE_GIVEN_BEFORE",
                 "the notice has been given before");
  }
  FieldCheck check;
  if (request.channel() == type::v1::CHANNEL_UNSPECIFIED ||
      !type::v1::Channel_IsValid(request.channel())) {
    check.Refuse("channel", "REQUIRED", "is required");
  }
  absl::Time given_time = now;
  if (request.has_given_time()) {
    const auto time = CheckTime(check, "given_time", true, request.given_time(), now);
    if (time && *time < AwarenessOf(*notice)) {
      check.Refuse("given_time", "BEFORE_AWARENESS", "is before the agency became aware");
    }
    given_time = time.value_or(now);
  }
  if (notice->body_id().empty()) {
    check.Require("reference", request.reference(), kMaxReference);
  } else {
    check.AtMost("reference", request.reference(), kMaxReference);
  }
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts = {NoticeGiven(event, *notice, actor,
                             {given_time, request.channel(), request.reference(), "BY_PERSON"})};
  // Regulation 36(2) is about what the law has told, not about what policy adds.
  if (request.channel() == type::v1::CHANNEL_TELEPHONE && BasisOf(*notice) != v1::BASIS_POLICY) {
    ASSIGN_OR_RETURN(
        *facts[0].mutable_notice_given()->mutable_notice()->mutable_written_confirmation(),
        ConfirmationFor(law, given_time, new_id));
  }
  return facts;
}

absl::StatusOr<Facts> RecordSent(const v1::NotifiableEvent& event, const Delivery& delivery,
                                 const Actor& actor) {
  Facts facts;
  for (const std::string& notice_id : delivery.notice_ids) {
    const v1::Notice* notice = FindNotice(event, notice_id);
    if (notice == nullptr) return UnknownNotice();
    // One that fell away may have been on its way already: then the body knows.
    if (notice->state() == v1::Notice::STATE_OWED ||
        notice->state() == v1::Notice::STATE_FALLEN_AWAY) {
      facts.push_back(NoticeGiven(
          event, *notice, actor,
          {delivery.attempt_time, delivery.channel, delivery.reference, delivery.result_code}));
    } else {
      facts.push_back(NoticeAttempted(event, notice_id, delivery, true));
      if (notice->has_written_confirmation() &&
          !notice->written_confirmation().has_confirmed_time()) {
        facts.push_back(
            ConfirmedInWriting(event, *notice, actor.id,
                               {delivery.attempt_time, delivery.channel, delivery.reference}));
      }
    }
  }
  return facts;
}

absl::StatusOr<Facts> RecordAttempt(const v1::NotifiableEvent& event, const Delivery& delivery) {
  Facts facts;
  for (const std::string& notice_id : delivery.notice_ids) {
    const v1::Notice* notice = FindNotice(event, notice_id);
    if (notice == nullptr) return UnknownNotice();
    v1::NotifiableEventFact attempted = NoticeAttempted(event, notice_id, delivery, false);
    if (delivery.returned && notice->state() == v1::Notice::STATE_GIVEN &&
        notice->given_reference() == delivery.reference) {
      v1::NoticeAttempted attempt = attempted.notice_attempted();
      v1::NoticeReturned* returned = attempted.mutable_notice_returned();
      returned->set_event_id(attempt.event_id());
      returned->set_notice_id(attempt.notice_id());
      *returned->mutable_attempt() = attempt.attempt();
    }
    facts.push_back(std::move(attempted));
  }
  return facts;
}

absl::StatusOr<Facts> AcknowledgeNotice(const v1::NotifiableEvent& event,
                                        const v1::AcknowledgeNoticeRequest& request,
                                        absl::Time now) {
  const v1::Notice* notice = FindNotice(event, request.notice_id());
  if (notice == nullptr) return UnknownNotice();
  if (notice->state() == v1::Notice::STATE_OWED ||
      notice->state() == v1::Notice::STATE_FALLEN_AWAY) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOTICE_NOT_GIVEN",
                 "the notice has not been given");
  }
  if (notice->state() == v1::Notice::STATE_ACKNOWLEDGED) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOTICE_ACKNOWLEDGED_BEFORE",
                 "the notice has been acknowledged before");
  }
  const absl::Time given_time = clock::FromProto(notice->given_time());
  FieldCheck check;
  // Another clock may have said when it was given, a little after now.
  absl::Time acknowledged_time = std::max(now, given_time);
  if (request.has_acknowledged_time()) {
    const auto time = CheckTime(check, "acknowledged_time", true, request.acknowledged_time(), now);
    if (time && *time < given_time) {
      check.Refuse("acknowledged_time", "BEFORE_GIVEN", "is before the notice was given");
    }
    acknowledged_time = time.value_or(now);
  }
  check.AtMost("reference", request.reference(), kMaxReference);
  RETURN_IF_ERROR(check.ToStatus());

  v1::NotifiableEventFact fact;
  auto* acknowledged = fact.mutable_notice_acknowledged();
  acknowledged->set_event_id(event.event_id());
  acknowledged->set_notice_id(notice->notice_id());
  v1::Notice* after = acknowledged->mutable_notice();
  *after = WithoutHistory(*notice);
  after->set_state(v1::Notice::STATE_ACKNOWLEDGED);
  *after->mutable_acknowledged_time() = clock::ToProto(acknowledged_time);
  after->set_acknowledgement_reference(request.reference());
  return Facts{fact};
}

}  // namespace fosterwatch::notifiable_events::domain
