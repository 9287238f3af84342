// What sending notices and sending alerts share. Inside of the sender.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/mail/smtp.h"
#include "services/notifications/domain/given.h"

namespace fosterwatch::notifications {

// How long a mail server that is away is left alone. Each dispatch has its own back-off beside it.
inline constexpr absl::Duration kServerPause = absl::Seconds(2);
inline constexpr absl::Duration kOwnersPause = absl::Milliseconds(500);

inline bool IsAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

// As the rules see it.
domain::MailResult ResultOf(const mail::SmtpResult& result);

}  // namespace fosterwatch::notifications
