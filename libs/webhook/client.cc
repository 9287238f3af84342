#include "libs/webhook/client.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include <sys/socket.h>
#include <unistd.h>

#include "libs/curl/curl.h"
#include "libs/status/error.h"
#include "libs/webhook/signature.h"

namespace fosterwatch::webhook {
namespace {

// Nobody reads the answer; it is let in that far so that the connection ends in order.
constexpr size_t kMostAnswer = 64 * 1024;

using Url = std::unique_ptr<CURLU, void (*)(CURLU*)>;

Url ParseUrl(absl::string_view text) {
  Url url(curl_url(), curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), 0) != CURLUE_OK) {
    return Url(nullptr, curl_url_cleanup);
  }
  return url;
}

// "" where the URL has no such part.
std::string PartOf(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return "";
  const std::unique_ptr<char, void (*)(void*)> owner(text, curl_free);
  return text;
}

// A post on its way through libcurl's callbacks.
struct Exchange {
  const Networks* allowed;
  const std::function<bool()>* stopping;
  bool refused = false;    // an address that was not allowed
  bool connected = false;  // a socket to one that was
  size_t answer = 0;
  std::string retry_after;
};

curl_socket_t OpenSocket(void* data, curlsocktype, curl_sockaddr* address) {
  auto* exchange = static_cast<Exchange*>(data);
  if (!exchange->allowed->Allow(&address->addr)) {
    exchange->refused = true;
    return CURL_SOCKET_BAD;
  }
  exchange->connected = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

size_t Body(char*, size_t size, size_t count, void* data) {
  auto* exchange = static_cast<Exchange*>(data);
  exchange->answer += size * count;
  return exchange->answer > kMostAnswer ? 0 : size * count;
}

size_t Header(char* text, size_t size, size_t count, void* data) {
  auto* exchange = static_cast<Exchange*>(data);
  absl::string_view line(text, size * count);
  exchange->answer += line.size();
  if (exchange->answer > kMostAnswer) return 0;
  constexpr absl::string_view kRetryAfter = "retry-after:";
  if (absl::StartsWithIgnoreCase(line, kRetryAfter)) {
    exchange->retry_after =
        std::string(absl::StripAsciiWhitespace(line.substr(kRetryAfter.size())));
  }
  return line.size();
}

int Progress(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<Exchange*>(data)->stopping)();
}

// RFC 9110 section 10.2.3: seconds, or a date.
absl::Duration RetryAfter(const std::string& text, absl::Duration most) {
  int64_t seconds = 0;
  absl::Duration wait;
  if (absl::SimpleAtoi(text, &seconds)) {
    wait = absl::Seconds(seconds);
  } else if (const time_t at = curl_getdate(text.c_str(), nullptr); at != -1) {
    wait = absl::FromTimeT(at) - absl::Now();
  }
  return std::clamp(wait, absl::ZeroDuration(), most);
}

}  // namespace

absl::Status CheckUrl(absl::string_view url, const Networks& allowed, absl::string_view field) {
  const auto refuse = [field](absl::string_view reason, absl::string_view description) {
    return InvalidField(field, reason, description);
  };
  if (url.size() > kMaxUrl) return refuse("URL_TOO_LONG", "is longer than 500 characters");
  if (url.empty() || !std::all_of(url.begin(), url.end(), absl::ascii_isgraph)) {
    return refuse("INVALID_URL", "is not a URL of visible ASCII characters");
  }
  const Url parsed = ParseUrl(url);
  if (parsed == nullptr) return refuse("INVALID_URL", "is not a URL such as https://host/path");
  const std::string scheme = PartOf(parsed, CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") return refuse("URL_NOT_HTTPS", "is not https");
  if (!PartOf(parsed, CURLUPART_USER).empty() || !PartOf(parsed, CURLUPART_PASSWORD).empty() ||
      absl::StrContains(url.substr(0, url.find_first_of("/?#", scheme.size() + 3)), "@")) {
    return refuse("URL_WITH_CREDENTIALS", "names a user or a password");
  }
  if (absl::StrContains(url, "#")) return refuse("URL_WITH_FRAGMENT", "has a fragment");

  std::string host = absl::AsciiStrToLower(PartOf(parsed, CURLUPART_HOST));
  if (absl::EndsWith(host, ".")) host.pop_back();
  const absl::StatusOr<Address> address = ParseAddress(host);
  if (scheme == "http" && !(address.ok() && IsLoopback(*address) && allowed.Contain(*address))) {
    return refuse("URL_NOT_HTTPS", "is not https");
  }
  if (address.ok() ? !allowed.Allow(*address)
                   : host == "localhost" || absl::EndsWith(host, ".localhost")) {
    return refuse("ADDRESS_REFUSED", "leads to an address that webhooks may not reach");
  }
  return absl::OkStatus();
}

Result ResultOfStatus(long status) {
  Result result;
  result.code = absl::StrCat("HTTP_", status);
  if (status >= 200 && status <= 299) {
    result.outcome = Result::Outcome::kTaken;
  } else if (status == 429 || (status >= 500 && status <= 599)) {
    result.outcome = Result::Outcome::kFailed;
    result.endpoint_away = status == 429 || status == 503;
  } else {
    result.outcome = Result::Outcome::kRefused;
  }
  return result;
}

Client::Client(Options options) : options_(std::move(options)) {}

Result Client::Send(const Post& post, const std::function<bool()>& stopping) const {
  const auto signature = Sign(post.id, post.timestamp, post.body, post.secrets);
  const absl::Status good = CheckUrl(post.url, options_.allowed, "url");
  if (ReasonOf(good) == "ADDRESS_REFUSED") {
    return {Result::Outcome::kRefused, "ADDRESS_REFUSED"};
  }
  if (!signature.ok() || !good.ok()) return {Result::Outcome::kRefused, "WEBHOOK_INVALID"};

  const curl::Handle handle;
  CURL* const easy = handle.get();
  const curl::List headers{"Content-Type: application/json",
                           "Accept:",
                           "Expect:",
                           "User-Agent: fosterwatch",
                           absl::StrCat("webhook-id: ", post.id),
                           absl::StrCat("webhook-timestamp: ", absl::ToUnixSeconds(post.timestamp)),
                           absl::StrCat("webhook-signature: ", *signature)};
  Exchange exchange;
  exchange.allowed = &options_.allowed;
  exchange.stopping = &stopping;

  curl::List resolve;
  for (const std::string& entry : options_.resolve) resolve.Add(entry);
  curl_easy_setopt(easy, CURLOPT_RESOLVE, resolve.get());
  curl_easy_setopt(easy, CURLOPT_URL, post.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, post.body.data());
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, OpenSocket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, Header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, Progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, curl::Milliseconds(options_.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, curl::Milliseconds(options_.timeout));
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // A proxy would resolve the name for us, where nobody judges the address.
  curl_easy_setopt(easy, CURLOPT_PROXY, "");

  const CURLcode error = curl_easy_perform(easy);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200) {  // whatever became of the rest of the answer
    Result result = ResultOfStatus(status);
    if (result.outcome == Result::Outcome::kFailed) {
      result.retry_after = RetryAfter(exchange.retry_after, options_.most_retry_after);
    }
    return result;
  }
  if (error == CURLE_ABORTED_BY_CALLBACK) return {Result::Outcome::kStopped, "STOPPED"};
  if (exchange.refused && !exchange.connected) {
    return {Result::Outcome::kRefused, "ADDRESS_REFUSED"};
  }
  curl_off_t sent = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent);
  if (sent >= static_cast<curl_off_t>(post.body.size())) {
    return {Result::Outcome::kFailed, "OUTCOME_UNKNOWN", true};
  }
  return {Result::Outcome::kFailed, curl::FailureCode(error), true};
}

}  // namespace fosterwatch::webhook
