// What comes back of mails that had left: bounces, delivery reports and answers of machines. What
// follows from one for a dispatch is in dispatch.h, for an alert in alert.h.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "fosterwatch/notifications/v1/notification.pb.h"

namespace fosterwatch::notifications::domain {

// Whether exactly this is recorded already.
bool WasReturned(const v1::Notifications& state, const v1::Returned& returned);

// Whether a delivery of the mail of this Message-ID was reported: no later bounce undoes that.
bool WasDelivered(const v1::Notifications& state, absl::string_view message_id);

// NOT_FOUND (UNKNOWN_MAIL).
absl::Status UnknownMail();

}  // namespace fosterwatch::notifications::domain
