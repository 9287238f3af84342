#include "services/notifications/webhook.h"

#include <string>

#include "absl/strings/strip.h"

#include "libs/clock/proto_time.h"
#include "nlohmann/json.hpp"

namespace fosterwatch::notifications {
namespace {

using Json = nlohmann::ordered_json;

std::string Envelope(const char* type, absl::Time timestamp, Json data) {
  const Json envelope = {
      {"type", type},
      {"timestamp", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", timestamp, absl::UTCTimeZone())},
      {"data", std::move(data)}};
  // Text that is not UTF-8 is shown as far as it goes rather than kept back.
  return envelope.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string WebhookIdOf(absl::string_view message_id) {
  absl::ConsumePrefix(&message_id, "<");
  return std::string(message_id.substr(0, message_id.find('@')));
}

std::string NoticeEnvelope(const v1::Dispatch& dispatch, const std::vector<std::string>& notice_ids,
                           const notifiable_events::v1::NoticeContent& content) {
  return Envelope("fosterwatch.notice", clock::FromProto(dispatch.opened_time()),
                  {{"dispatch_id", dispatch.dispatch_id()},
                   {"event_id", dispatch.event_id()},
                   {"notice_ids", notice_ids},
                   {"subject", content.subject()},
                   {"text", content.body()},
                   {"template", content.template_()},
                   {"template_version", content.template_version()}});
}

std::string PingEnvelope(absl::string_view body_id, absl::Time now) {
  return Envelope("fosterwatch.ping", now, {{"body_id", std::string(body_id)}});
}

domain::MailResult ResultOf(const webhook::Result& result) {
  using Kind = domain::MailResult::Kind;
  using Outcome = webhook::Result::Outcome;
  const Kind kind = result.outcome == Outcome::kTaken     ? Kind::kSent
                    : result.outcome == Outcome::kRefused ? Kind::kRefused
                                                          : Kind::kFailed;
  return {kind, result.code, result.retry_after};
}

}  // namespace fosterwatch::notifications
