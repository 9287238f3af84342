#include "services/watchdog/channels.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include <nlohmann/json.hpp>

#include "libs/clock/proto_time.h"
#include "libs/curl/curl.h"

namespace fosterwatch::watchdog {
namespace {

using Message = v1::WatchState::Message;

// Nothing that could end a header or an SMTP command.
bool IsAddress(absl::string_view text) {
  const size_t at = text.find('@');
  if (at == 0 || at == absl::string_view::npos || at + 1 == text.size()) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::string_view(".!#$%&'*+-/=?^_`{|}~@").find(c) != absl::string_view::npos;
  });
}

bool IsUrl(absl::string_view text) {
  return (absl::StartsWith(text, "http://") || absl::StartsWith(text, "https://")) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); });
}

struct Upload {
  std::string bytes;
  size_t read = 0;
};

size_t Read(char* to, size_t size, size_t count, void* data) {
  auto* upload = static_cast<Upload*>(data);
  const size_t length = std::min(size * count, upload->bytes.size() - upload->read);
  std::memcpy(to, upload->bytes.data() + upload->read, length);
  upload->read += length;
  return length;
}

size_t Drop(char*, size_t size, size_t count, void*) { return size * count; }

void SetCommon(CURL* easy, absl::Duration patience) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Drop);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, curl::Milliseconds(patience));
}

std::string PasswordIn(const std::string& path) {
  std::ifstream file(path);
  std::string password;
  std::getline(file, password);
  return password;
}

// By its own text: it names no message.
absl::Status StatusOf(CURLcode code) {
  if (code == CURLE_OK) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot tell: ", curl_easy_strerror(code)));
}

}  // namespace

absl::StatusOr<Channels> Channels::Make(Options options) {
  std::vector<std::string> targets;
  for (const absl::string_view part :
       absl::StrSplit(options.mail_to, ',', absl::SkipWhitespace())) {
    targets.emplace_back(absl::StripAsciiWhitespace(part));
    if (!IsAddress(targets.back())) {
      return absl::InvalidArgumentError("--watch-mail-to holds what is no mail address");
    }
  }
  if (!targets.empty() && !IsAddress(options.mail_from)) {
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

absl::Status Channels::Tell(const std::string& target, const Message& message) const {
  return target == options_.webhook_url ? Post(message) : Mail(target, message);
}

absl::Status Channels::Mail(const std::string& to, const Message& message) const {
  const absl::Time made = clock::FromProto(message.made_time());
  Upload upload;
  upload.bytes = absl::StrCat(
      "From: Fosterwatch watchdog <", options_.mail_from, ">\r\nTo: <", to,
      ">\r\nSubject: ", message.subject(),
      "\r\nDate: ", absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", made, absl::UTCTimeZone()),
      "\r\nMessage-ID: <", message.message_id(),
      "@watchdog.fosterwatch>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
      absl::StrReplaceAll(message.text(), {{"\n", "\r\n"}}));
  const std::string from = absl::StrCat("<", options_.mail_from, ">");
  const curl::List recipients{absl::StrCat("<", to, ">")};
  const curl::Handle handle;
  CURL* const easy = handle.get();
  SetCommon(easy, options_.patience);
  // libcurl takes a password from the URL or with the name, never one from each.
  std::string url = options_.smtp_url;
  const size_t name_at = url.find("://") + 3;
  if (const size_t end = url.find('@'); end != std::string::npos && end > name_at) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, url.substr(name_at, end - name_at).c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, PasswordIn(options_.smtp_password_file).c_str());
    url.erase(name_at, end + 1 - name_at);
  }
  if (!options_.smtp_ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options_.smtp_ca_file.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_TRY));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, Read);
  curl_easy_setopt(easy, CURLOPT_READDATA, &upload);
  return StatusOf(curl_easy_perform(easy));
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
  SetCommon(easy, options_.patience);
  curl_easy_setopt(easy, CURLOPT_URL, options_.webhook_url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  if (absl::Status sent = StatusOf(curl_easy_perform(easy)); !sent.ok()) return sent;
  long answer = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer);
  if (answer >= 200 && answer < 300) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot tell: the webhook answered ", answer));
}

}  // namespace fosterwatch::watchdog
