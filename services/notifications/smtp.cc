#include "services/notifications/smtp.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "absl/base/call_once.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <curl/curl.h>

#include "services/notifications/domain/evolve.h"

namespace fosterwatch::notifications {
namespace {

// A mail on its way through libcurl's callbacks.
struct Upload {
  std::string bytes;
  size_t read = 0;
  bool whole = false;  // libcurl has been told that this is all: the end mark goes out
  const std::function<bool()>* stopping;
  absl::Duration stop_patience;
  absl::Time stop_seen = absl::InfiniteFuture();
};

size_t Read(char* to, size_t size, size_t count, void* data) {
  auto* upload = static_cast<Upload*>(data);
  const size_t length = std::min(size * count, upload->bytes.size() - upload->read);
  std::memcpy(to, upload->bytes.data() + upload->read, length);
  upload->read += length;
  if (length == 0) upload->whole = true;
  return length;
}

int Progress(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto* upload = static_cast<Upload*>(data);
  if (!(*upload->stopping)()) return 0;
  upload->stop_seen = std::min(upload->stop_seen, absl::Now());
  return !upload->whole || absl::Now() - upload->stop_seen > upload->stop_patience;
}

std::string CodeOf(CURLcode error) {
  switch (error) {
    case CURLE_COULDNT_CONNECT:
      return "CONNECTION_REFUSED";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "NAME_NOT_FOUND";
    case CURLE_OPERATION_TIMEDOUT:
      return "TIMEOUT";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
      return "TLS_FAILED";
    default:
      return "CONNECTION_LOST";
  }
}

long Milliseconds(absl::Duration duration) {
  return static_cast<long>(absl::ToInt64Milliseconds(duration));
}

void* MakeHandle() {
  static absl::once_flag once;
  absl::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return curl_easy_init();
}

}  // namespace

SmtpClient::SmtpClient(Options options) : options_(std::move(options)), curl_(MakeHandle()) {}

SmtpClient::~SmtpClient() { curl_easy_cleanup(curl_); }

SmtpResult SmtpClient::Send(const Mail& mail, const std::function<bool()>& stopping) {
  absl::StatusOr<std::string> rendered = RenderMail(mail);
  if (!rendered.ok()) return {SmtpResult::Outcome::kRefused, "MAIL_INVALID", false};
  Upload upload;
  upload.bytes = *std::move(rendered);
  upload.stopping = &stopping;
  upload.stop_patience = options_.stop_patience;

  const std::string from = absl::StrCat("<", mail.from, ">");
  const std::string to = absl::StrCat("<", mail.to, ">");
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> recipients(
      curl_slist_append(nullptr, to.c_str()), curl_slist_free_all);

  CURL* curl = curl_;
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_TRY));
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, Read);
  curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, Progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &upload);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(options_.connect_timeout));
  curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                   std::max(1L, Milliseconds(options_.answer_timeout) / 1000));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, Milliseconds(options_.timeout));
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");

  const CURLcode error = curl_easy_perform(curl);
  long answer = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
  // 250 is the only answer to a whole mail that libcurl takes for a yes.
  if (error == CURLE_OK) return {SmtpResult::Outcome::kSent, "SMTP_250", false};
  if (error == CURLE_ABORTED_BY_CALLBACK) return {SmtpResult::Outcome::kStopped, "STOPPED", false};

  // An answer of 4xx or 5xx is the last word, whatever libcurl calls it.
  if (answer >= 400) {
    const std::string code = absl::StrCat("SMTP_", answer);
    // libcurl says SEND_ERROR for MAIL, RCPT and DATA; before these the server refuses everybody,
    // and 53x asks for a login or for TLS: no word about this mail.
    const bool about_mail =
        (upload.whole || error == CURLE_SEND_ERROR) && !(answer >= 530 && answer <= 539);
    if (answer >= 500 && about_mail) return {SmtpResult::Outcome::kRefused, code, false};
    return {SmtpResult::Outcome::kFailed, code, !about_mail};
  }
  if (upload.whole) return {SmtpResult::Outcome::kFailed, domain::kOutcomeUnknown, true};
  return {SmtpResult::Outcome::kFailed, CodeOf(error), true};
}

}  // namespace fosterwatch::notifications
