#include "services/notifiable_events/domain/confirmation.h"

#include <algorithm>
#include <utility>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/check.h"
#include "services/notifiable_events/domain/evolve.h"

namespace fosterwatch::notifiable_events::domain {

absl::StatusOr<v1::WrittenConfirmation> ConfirmationFor(const Law& law, absl::Time given,
                                                        NewId new_id) {
  ASSIGN_OR_RETURN(const DutyTime due,
                   law.DutyDue(v1::TimeRule::NAME_CONFIRMATION_DUE, "given_time", given));
  ASSIGN_OR_RETURN(const DutyTime in_time,
                   law.DutyDue(v1::TimeRule::NAME_CONFIRMATION_IN_TIME, "given_time", given));
  v1::WrittenConfirmation confirmation;
  confirmation.set_confirmation_id(new_id());
  *confirmation.mutable_due_time() = clock::ToProto(due.due);
  *confirmation.mutable_explanation() = due.explanation;
  *confirmation.mutable_in_time_until() = clock::ToProto(in_time.due);
  *confirmation.mutable_in_time_explanation() = in_time.explanation;
  return confirmation;
}

v1::NotifiableEventFact ConfirmedInWriting(const v1::NotifiableEvent& event,
                                           const v1::Notice& notice, const std::string& by,
                                           const Confirming& confirming) {
  v1::NotifiableEventFact fact;
  auto* confirmed = fact.mutable_notice_confirmed_in_writing();
  confirmed->set_event_id(event.event_id());
  confirmed->set_notice_id(notice.notice_id());
  auto* confirmation = confirmed->mutable_confirmation();
  *confirmation = notice.written_confirmation();
  confirmation->clear_explanation();
  confirmation->clear_in_time_explanation();
  *confirmation->mutable_confirmed_time() = clock::ToProto(confirming.time);
  confirmation->set_confirmed_by(by);
  confirmation->set_channel(confirming.channel);
  confirmation->set_reference(confirming.reference);
  return fact;
}

absl::StatusOr<Facts> ConfirmInWriting(const v1::NotifiableEvent& event,
                                       const v1::ConfirmNoticeInWritingRequest& request,
                                       const Actor& actor, absl::Time now) {
  const v1::Notice* notice = FindNotice(event, request.notice_id());
  if (notice == nullptr) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_NOTICE", "the event has no such notice");
  }
  if (!notice->has_written_confirmation()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_CONFIRMATION_OWED",
                 "the notice was not given by telephone");
  }
  if (notice->written_confirmation().has_confirmed_time()) {
    return Error(absl::StatusCode::kFailedPrecondition, "CONFIRMED_BEFORE",
                 "the notice has been confirmed in writing before");
  }
  const absl::Time given = clock::FromProto(notice->given_time());
  FieldCheck check;
  if (request.channel() == type::v1::CHANNEL_UNSPECIFIED ||
      !type::v1::Channel_IsValid(request.channel())) {
    check.Refuse("channel", "REQUIRED", "is required");
  } else if (request.channel() == type::v1::CHANNEL_TELEPHONE) {
    check.Refuse("channel", "NOT_IN_WRITING", "is no writing");
  }
  // Another clock may have said when it was given, a little after now.
  Confirming confirming{std::max(now, given), request.channel(), request.reference()};
  if (request.has_confirmed_time()) {
    const auto time = CheckTime(check, "confirmed_time", true, request.confirmed_time(), now);
    if (time && *time < given) {
      check.Refuse("confirmed_time", "BEFORE_GIVEN", "is before the notice was given");
    }
    confirming.time = time.value_or(now);
  }
  check.AtMost("reference", request.reference(), kMaxReference);
  RETURN_IF_ERROR(check.ToStatus());
  return Facts{ConfirmedInWriting(event, *notice, actor.id, confirming)};
}

}  // namespace fosterwatch::notifiable_events::domain
