// What there is to tell about one event, as the facts recorded about it say. Pure, and total: each
// recorded fact can be applied to the state that it was recorded on. The state stays small however
// long an alert or a dispatch stays open; the whole log is view.send.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"

#include "fosterwatch/notifications/v1/notification.pb.h"
#include "fosterwatch/notifications/v1/notification_facts.pb.h"

namespace fosterwatch::notifications::domain {

using Facts = std::vector<v1::NotificationFact>;

// Of a send whose mail went over whole and whose answer never came: it stays among those begun.
inline constexpr char kOutcomeUnknown[] = "OUTCOME_UNKNOWN";

// How many sends a dispatch or an alert keeps.
inline constexpr int kSendsKept = 20;

void Evolve(v1::Notifications& state, const v1::NotificationFact& fact);

// Null where there is none.
const v1::Dispatch* FindDispatch(const v1::Notifications& state, absl::string_view dispatch_id);
const v1::Alert* FindAlert(const v1::Notifications& state, absl::string_view alert_id);

const v1::Notifications::Attempt* FindAttempt(const v1::Notifications& state,
                                              absl::string_view message_id);

// Whether it says that nobody has read the mail: it bounced, or a machine answered in their place.
bool IsNoReader(v1::Returned::Kind kind);

// Whether a mail of this Message-ID was begun and may have left.
bool WasBegun(const v1::Notifications& state, absl::string_view message_id);

}  // namespace fosterwatch::notifications::domain
