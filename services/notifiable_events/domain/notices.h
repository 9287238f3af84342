// A notice: the duty to tell one body about one kind of event, from owed to given to acknowledged.
// Regulation 36(1) and Schedule 7; 36(2) for what is given by word of mouth. A notice never waits
// for sign-off.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {

// What brings a notice about.
struct Cause {
  v1::EventKind kind;
  v1::Moment moment;
  std::string trigger;  // "became_aware_time", "enquiry_outcome.became_aware_time"
  absl::Time became_aware;
  // Where the clock does not start at awareness.
  std::optional<Start> start = std::nullopt;
};

// Whom one notice tells of what. Two notices of one event never share a key.
struct NoticeKey {
  v1::EventKind kind;
  v1::Recipient recipient;
  std::string body_id;
  v1::Moment moment;
  auto operator<=>(const NoticeKey&) const = default;
};
NoticeKey KeyOf(const v1::Notice& notice);

// What asks for it. Facts from before there was a choice are statutory.
v1::Basis BasisOf(const v1::Notice& notice);

// The notices that `causes` bring about and that `event` does not have yet, sorted by key, so that
// neither the order of the kinds nor of the bodies matters. For an enquiry's outcome each body that
// was told of its beginning is among the recipients, wherever the child lives by then.
absl::StatusOr<std::vector<v1::Notice>> NoticesFor(const std::vector<Cause>& causes,
                                                   const v1::NotifiableEvent& event, const Law& law,
                                                   const Circumstances& circumstances,
                                                   absl::Time now, NewId new_id);

// A person has given it: NoticeGiven, with the written confirmation that a telephone call brings
// about. NOT_FOUND (UNKNOWN_NOTICE); FAILED_PRECONDITION
// (NOTICE_GIVEN_BEFORE, NOTICE_FALLEN_AWAY); INVALID_ARGUMENT for a missing channel, a given_time
// in the future or before awareness, a reference too long, or none where the notice has no body:
// somebody must be named who was told.
absl::StatusOr<Facts> GiveNotice(const v1::NotifiableEvent& event,
                                 const v1::GiveNoticeRequest& request, const Actor& actor,
                                 const Law& law, absl::Time now, NewId new_id);

// What a sending service says of one attempt at a message; one message may carry several notices.
struct Delivery {
  std::vector<std::string> notice_ids;
  type::v1::Channel channel = type::v1::CHANNEL_UNSPECIFIED;
  absl::Time attempt_time;
  // "SMTP_250", "CONNECTION_REFUSED".
  std::string result_code;
  // The Message-ID of the mail.
  std::string reference;
  // Of an attempt that failed: the message had left, and came back undelivered.
  bool returned = false;
};

// The message left: NoticeGiven for each notice that was still owed, or fell away meanwhile;
// NoticeAttempted for one that was given before, because a second copy is a fact too. NOT_FOUND
// (UNKNOWN_NOTICE).
absl::StatusOr<Facts> RecordSent(const v1::NotifiableEvent& event, const Delivery& delivery,
                                 const Actor& actor);

// It did not leave, or came back: NoticeAttempted for each; NoticeReturned, which makes it owed
// again, for one that was given by the very message that came back. One that a person gave
// meanwhile or that the recipient has acknowledged stays so. NOT_FOUND (UNKNOWN_NOTICE).
absl::StatusOr<Facts> RecordAttempt(const v1::NotifiableEvent& event, const Delivery& delivery);

// The recipient has confirmed it: NoticeAcknowledged, also after the event is concluded. NOT_FOUND
// (UNKNOWN_NOTICE); FAILED_PRECONDITION (NOTICE_NOT_GIVEN, NOTICE_ACKNOWLEDGED_BEFORE);
// INVALID_ARGUMENT for a time in the future or before it was given, or a reference too long.
absl::StatusOr<Facts> AcknowledgeNotice(const v1::NotifiableEvent& event,
                                        const v1::AcknowledgeNoticeRequest& request,
                                        absl::Time now);

}  // namespace fosterwatch::notifiable_events::domain
