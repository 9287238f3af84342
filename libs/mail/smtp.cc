#include "libs/mail/smtp.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/testing/crash_point.h"

namespace fosterwatch::mail {
namespace {

// A mail on its way through libcurl's callbacks.
struct Upload {
  std::string bytes;
  size_t read = 0;
  bool whole = false;  // libcurl has been told that this is all: the end mark goes out
  const std::function<bool()>* stopping;
  absl::Duration stop_patience;
  absl::Time stop_seen = absl::InfiniteFuture();
  int looks_since_whole = 0;
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
  // libcurl looks three times until the end mark is out, and then for the answer (smtp_test.cc).
  if (upload->whole && ++upload->looks_since_whole == 4) {
    FOSTERWATCH_CRASH_POINT("after_smtp_data_before_250");
  }
  if (!(*upload->stopping)()) return 0;
  upload->stop_seen = std::min(upload->stop_seen, absl::Now());
  return !upload->whole || absl::Now() - upload->stop_seen > upload->stop_patience;
}

}  // namespace

SmtpClient::SmtpClient(Options options) : options_(std::move(options)) {}

absl::StatusOr<SmtpClient::Options> SmtpClient::ReadOptions(const std::string& url,
                                                            const std::string& password_file,
                                                            const std::string& ca_file,
                                                            absl::string_view url_flag) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  const auto part = [&](CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, flags) != CURLUE_OK) return std::string();
    const std::unique_ptr<char, void (*)(void*)> owner(text, curl_free);
    return std::string(text);
  };
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
      (part(CURLUPART_SCHEME) != "smtp" && part(CURLUPART_SCHEME) != "smtps")) {
    return absl::InvalidArgumentError(
        absl::StrCat(url_flag, " is not smtp://HOST:PORT or smtps://HOST:PORT"));
  }
  if (!part(CURLUPART_PASSWORD).empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        url_flag, " holds a password: put it into a file and name that with --smtp-password-file"));
  }
  Options options;
  options.user = part(CURLUPART_USER, CURLU_URLDECODE);
  curl_url_set(parsed.get(), CURLUPART_USER, nullptr, 0);
  options.url = part(CURLUPART_URL);
  options.ca_file = ca_file;
  if (options.user.empty() != password_file.empty()) {
    return absl::InvalidArgumentError(
        options.user.empty()
            ? absl::StrCat("--smtp-password-file needs a user in ", url_flag)
            : absl::StrCat("the user in ", url_flag, " needs --smtp-password-file"));
  }
  if (!password_file.empty()) {
    std::ifstream file(password_file);
    std::getline(file, options.password);
    options.password = std::string(absl::StripTrailingAsciiWhitespace(options.password));
    if (options.password.empty()) {
      return absl::NotFoundError("--smtp-password-file cannot be read, or its first line is empty");
    }
  }
  if (!ca_file.empty() && !std::ifstream(ca_file)) {
    return absl::NotFoundError("--smtp-ca-file cannot be read");
  }
  return options;
}

SmtpResult SmtpClient::Send(const Message& message, const std::function<bool()>& stopping) {
  const absl::StatusOr<std::string> rendered = Render(message);
  if (!rendered.ok()) return {SmtpResult::Outcome::kRefused, "MAIL_INVALID", false};
  Attempt attempt = Try(*rendered, message, stopping);
  if (attempt.stale) {
    keep_ = false;
    attempt = Try(*rendered, message, stopping);
  }
  keep_ = attempt.result.outcome == SmtpResult::Outcome::kSent;
  return attempt.result;
}

SmtpClient::Attempt SmtpClient::Try(const std::string& bytes, const Message& message,
                                    const std::function<bool()>& stopping) {
  Upload upload;
  upload.bytes = bytes;
  upload.stopping = &stopping;
  upload.stop_patience = options_.stop_patience;

  const std::string from = absl::StrCat("<", message.from, ">");
  const std::string to = absl::StrCat("<", message.to, ">");
  const curl::List recipients{to};

  CURL* const easy = curl_.get();
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  const bool login = !options_.user.empty();
  curl_easy_setopt(easy, CURLOPT_USE_SSL,
                   static_cast<long>(login ? CURLUSESSL_ALL : CURLUSESSL_TRY));
  if (login) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, options_.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, options_.password.c_str());
  }
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, Read);
  curl_easy_setopt(easy, CURLOPT_READDATA, &upload);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, Progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &upload);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, curl::Milliseconds(options_.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                   std::max(1L, curl::Milliseconds(options_.answer_timeout) / 1000));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, curl::Milliseconds(options_.timeout));
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN,
                   std::max(1L, curl::Milliseconds(options_.idle) / 1000));
  // A new connection takes the place of the old one, and so closes it.
  curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, 1L);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, keep_ ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");

  const CURLcode error = curl_easy_perform(easy);
  using Outcome = SmtpResult::Outcome;
  // 250 is the only answer to a whole mail that libcurl takes for a yes.
  if (error == CURLE_OK) return {{Outcome::kSent, "SMTP_250", false}};
  if (error == CURLE_ABORTED_BY_CALLBACK) return {{Outcome::kStopped, "STOPPED", false}};

  long answer = 0, connects = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
  const bool reused = connects == 0;
  // An answer of 4xx or 5xx is the last word, whatever libcurl calls it.
  if (answer >= 400) {
    const std::string code = absl::StrCat("SMTP_", answer);
    // libcurl says SEND_ERROR for MAIL, RCPT and DATA; before these the server refuses everybody,
    // and 53x asks for a login or for TLS: no word about this mail. 421 closes the connection.
    const bool about_mail = (upload.whole || error == CURLE_SEND_ERROR) && answer != 421 &&
                            !(answer >= 530 && answer <= 539);
    if (answer >= 500 && about_mail) return {{Outcome::kRefused, code, false}};
    return {{Outcome::kFailed, code, !about_mail}, reused && answer == 421 && !upload.whole};
  }
  if (upload.whole) return {{Outcome::kFailed, kOutcomeUnknown, true}};
  return {{Outcome::kFailed, curl::FailureCode(error), true}, reused};
}

SmtpPool::SmtpPool(const SmtpClient::Options& options, int connections) {
  for (int i = 0; i < connections; ++i) free_.push_back(std::make_unique<SmtpClient>(options));
}

SmtpResult SmtpPool::Send(const Message& message, const std::function<bool()>& stopping) {
  std::unique_ptr<SmtpClient> client;
  {
    const auto any = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !free_.empty(); };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&any));
    client = std::move(free_.back());
    free_.pop_back();
  }
  SmtpResult result = client->Send(message, stopping);
  absl::MutexLock lock(&mutex_);
  free_.push_back(std::move(client));
  return result;
}

}  // namespace fosterwatch::mail
