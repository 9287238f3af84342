// Alerts: raised, mailed to whoever holds a role at that moment, climbing until somebody
// acknowledges them or what they are about is done.
//
// By the rungs of the policy (policy.h): registered manager, deputy, responsible individual; after
// the last one all are told again and again, at a coarser step. A rung on which nobody can be
// reached (nobody holds its roles, there is no address, every mail is refused for good) is left at
// once: an absent manager must not be a hole. Where nobody at all can be reached, that is a dead
// end and announced as one (Alert.unreachable); it is tried again at the next step, and as soon as
// holders change.
//
// An open alert always has a time at which it climbs next, so that it never falls silent. What it
// keeps is bounded however long it stays open: the attempts of the present rung, and the last
// sends. A mail that bounces, or that a machine answers in a person's absence, has reached nobody.
//
// Some alerts are kept from whom their record speaks of (not_to_person_ids), and some are for the
// holders of certain roles alone (only_roles): these do not climb beyond them, but are told again
// at each step.
//
// Alerts about duties under the law keep no office hours, and there is no way to silence them but
// to acknowledge each one or to do what it is about. What is no such duty (in_digest) is told in
// one mail a day, in office hours, and does not climb.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/notification.pb.h"
#include "fosterwatch/options/v1/options.pb.h"
#include "services/notifications/domain/evolve.h"
#include "services/notifications/domain/given.h"

namespace fosterwatch::notifications::domain {

// What an alert is about; what is not named stays empty.
struct AlertCause {
  v1::Alert::Kind kind = v1::Alert::KIND_UNSPECIFIED;
  std::string event_id;
  bool urgent = false;
  std::string parked_id;
  std::string reason_code;
  std::optional<absl::Time> due;
  std::vector<std::string> notice_ids;
  std::string duty_id;
  std::string in_register;
  std::string record_id;
  std::vector<std::string> findings;
  bool in_digest = false;
  std::vector<std::string> not_to_person_ids;
  std::vector<options::v1::Role> only_roles;
};

// AlertRaised, due to be mailed now; nothing where there was an alert of this id before.
Facts RaiseAlert(const v1::Notifications& state, const std::string& alert_id,
                 const AlertCause& cause, const Given& given);

// The alert by which the digests of an agency leave, for as long as there is something to tell:
// nothing where one is open. Its subject has no others.
Facts OpenDigest(const v1::Notifications& state, const Given& given);

// AlertCleared for every open alert about notices of which none is left beside `done`.
Facts ClearAlertsAbout(const v1::Notifications& state, const std::vector<std::string>& done,
                       absl::string_view reason_code);

// AlertCleared for every open alert of which `about` is true.
Facts ClearAlerts(
    const v1::Notifications& state, absl::string_view reason_code,
    absl::FunctionRef<bool(const v1::Alert&)> about = [](const v1::Alert&) { return true; });

// Whether that person is told nothing of it, whatever role they hold.
bool IsKeptFrom(const v1::Alert& alert, absl::string_view person_id);

// Who is addressed at its present rung.
std::vector<options::v1::Role> RolesOf(const v1::Alert& alert);

// A mail that is to leave now: to whom, and under which Message-ID, the same on every attempt.
struct AlertMail {
  std::string person_id;
  std::string message_id;
};

// The next one of `people` (each once) who is to be mailed now; nothing where all of them were, or
// wait to be tried again, or the alert is not open.
std::optional<AlertMail> NextAlertMail(const v1::Notifications& state, const std::string& alert_id,
                                       const std::vector<std::string>& people, const Given& given);

// SendBegun; nothing where the alert is not open any more, or has climbed since.
Facts BeginAlertMail(const v1::Notifications& state, const std::string& alert_id,
                     const AlertMail& mail, const std::string& send_id, const Given& given);

// Whether a mail that was begun may leave: false once the alert is acknowledged, cleared or higher.
bool MayLeave(const v1::Notifications& state, const std::string& alert_id, const AlertMail& mail);

// Whether a mail was begun of which no outcome is recorded: it may be on its way.
bool InFlight(const v1::Notifications& state, const std::string& alert_id);

// AlertSent with the outcome of one mail. Where it was the last of its rung and nobody there was
// reached: AlertClimbed, or AlertUnreachable at the ladder's end.
Facts AlertMailed(const v1::Notifications& state, const std::string& alert_id,
                  const AlertMail& mail, const Mailing& mailing, const MailResult& result,
                  const std::vector<std::string>& people, const Given& given);

// MailReturned. Where it says that nobody has read a mail of the present rung, and it was the last
// that somebody of this rung could read: AlertClimbed, or AlertUnreachable at the ladder's end.
// Nothing where this was recorded before. NOT_FOUND where no mail of this id has left.
absl::StatusOr<Facts> AlertReturned(const v1::Notifications& state, const std::string& alert_id,
                                    const v1::Returned& returned, const Given& given);

// AlertMailed, where nobody holds a role of this rung.
Facts NobodyToAlert(const v1::Notifications& state, const std::string& alert_id,
                    const Given& given);

// AlertClimbed where it is open and time has come; it is then to be mailed now.
Facts ClimbAlert(const v1::Notifications& state, const std::string& alert_id, const Given& given);

// AlertClimbed of a dead end: holders have changed, so somebody may be reached now.
Facts TryAlertAgain(const v1::Notifications& state, const std::string& alert_id,
                    const Given& given);

// AlertAcknowledged. NOT_FOUND; FAILED_PRECONDITION (ALERT_NOT_OPEN); INVALID_ARGUMENT
// (TEXT_TOO_LONG) for a comment of more than 2,000 characters, (REQUIRED) for none where access was
// unusual: whoever has looked at it says what was found.
absl::StatusOr<Facts> AcknowledgeAlert(const v1::Notifications& state, const std::string& alert_id,
                                       const std::string& person_id, const std::string& comment,
                                       absl::Time now);

}  // namespace fosterwatch::notifications::domain
