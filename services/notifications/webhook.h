// What a body's webhook is told: the content of a notice as its mail would say it, in the envelope
// of the Standard Webhooks specification. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifications/v1/notification.pb.h"
#include "libs/webhook/client.h"
#include "services/notifications/domain/given.h"

namespace fosterwatch::notifications {

// The header webhook-id: what stands before the "@" of a Message-ID, the same on each attempt.
std::string WebhookIdOf(absl::string_view message_id);

// {"type":"fosterwatch.notice","timestamp":...,"data":{...}}, as docs/webhooks.md shows it. The
// same bytes for the same content, whatever the attempt; `timestamp` is when the notice became owed
// here.
std::string NoticeEnvelope(const v1::Dispatch& dispatch, const std::vector<std::string>& notice_ids,
                           const notifiable_events::v1::NoticeContent& content);

// {"type":"fosterwatch.ping",...}: says nothing but that the way is open.
std::string PingEnvelope(absl::string_view body_id, absl::Time now);

// As the rules see it.
domain::MailResult ResultOf(const webhook::Result& result);

}  // namespace fosterwatch::notifications
