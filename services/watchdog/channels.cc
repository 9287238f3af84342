#include "services/watchdog/channels.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <nlohmann/json.hpp>

#include "libs/clock/proto_time.h"
#include "libs/curl/curl.h"
#include "libs/mail/address.h"

namespace fosterwatch::watchdog {
namespace {

using Message = v1::WatchState::Message;

bool IsUrl(absl::string_view text) {
  return (absl::StartsWith(text, "http://") || absl::StartsWith(text, "https://")) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); });
}

size_t Drop(char*, size_t size, size_t count, void*) { return size * count; }

absl::Status CannotTell(absl::string_view why) {
  return absl::UnavailableError(absl::StrCat("cannot tell: ", why));
}

}  // namespace

Channels::Channels(Options options, std::vector<std::string> targets)
    : options_(std::move(options)), targets_(std::move(targets)) {
  mail::SmtpClient::Options smtp = options_.smtp;
  smtp.connect_timeout = smtp.answer_timeout = smtp.timeout = options_.patience;
  smtp_ = std::make_unique<mail::SmtpClient>(std::move(smtp));
}

absl::StatusOr<Channels> Channels::Make(Options options) {
  std::vector<std::string> targets;
  for (const absl::string_view part :
       absl::StrSplit(options.mail_to, ',', absl::SkipWhitespace())) {
    targets.emplace_back(absl::StripAsciiWhitespace(part));
    if (!mail::IsAddress(targets.back())) {
      return absl::InvalidArgumentError("--watch-mail-to holds what is no mail address");
    }
  }
  if (!targets.empty() && !mail::IsAddress(options.mail_from)) {
    return absl::InvalidArgumentError("--mail-from is no mail address");
  }
  if (!options.webhook_url.empty()) {
    if (!IsUrl(options.webhook_url)) {
      return absl::InvalidArgumentError("--watch-webhook-url is no http or https URL");
    }
    targets.push_back(options.webhook_url);
  }
  if (targets.empty()) {
    return absl::FailedPreconditionError(
        "the watchdog has nobody to tell: name addresses with --watch-mail-to, or a URL with "
        "--watch-webhook-url");
  }
  return Channels(std::move(options), std::move(targets));
}

absl::Status Channels::Tell(const std::string& target, const Message& message,
                            const std::function<bool()>& stopping) {
  return target == options_.webhook_url ? Post(message) : Mail(target, message, stopping);
}

absl::Status Channels::Mail(const std::string& to, const Message& message,
                            const std::function<bool()>& stopping) {
  mail::Message sent;
  sent.from = options_.mail_from;
  sent.from_name = "Fosterwatch watchdog";
  sent.to = to;
  sent.subject = message.subject();
  sent.text = message.text();
  sent.message_id = absl::StrCat("<", message.message_id(), "@watchdog.fosterwatch>");
  sent.date = clock::FromProto(message.made_time());
  const mail::SmtpResult result = smtp_->Send(sent, stopping);
  switch (result.outcome) {
    case mail::SmtpResult::Outcome::kSent:
      return absl::OkStatus();
    case mail::SmtpResult::Outcome::kStopped:
      return absl::CancelledError("the watchdog is stopping");
    default:
      return CannotTell(result.code);
  }
}

absl::Status Channels::Post(const Message& message) const {
  const std::string body = nlohmann::json{
      {"id", message.message_id()},
      {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", clock::FromProto(message.made_time()),
                                absl::UTCTimeZone())},
      {"subject", message.subject()},
      {"text", message.text()}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const curl::List headers{"Content-Type: application/json"};
  const curl::Handle handle;
  CURL* const easy = handle.get();
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Drop);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, curl::Milliseconds(options_.patience));
  curl_easy_setopt(easy, CURLOPT_URL, options_.webhook_url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  const CURLcode error = curl_easy_perform(easy);
  if (error != CURLE_OK) return CannotTell(curl::FailureCode(error));
  long answer = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer);
  if (answer >= 200 && answer < 300) return absl::OkStatus();
  return CannotTell(absl::StrCat("the webhook answered ", answer));
}

}  // namespace fosterwatch::watchdog
