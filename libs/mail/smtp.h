// Mail to one mail server, by libcurl: one mail at a time, over a connection that is kept for the
// next one. TLS is used where the server offers it (STARTTLS) or the URL asks for it (smtps://),
// and its certificate must then be good; with a user, nothing leaves without TLS.
//
// After a mail that was not taken its connection is not used again, so that one mail's fault is
// never another's. A connection that the server has given up meanwhile is made anew without a
// failed attempt, as long as the mail has not gone over whole. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/curl/curl.h"
#include "libs/mail/mail.h"

namespace fosterwatch::mail {

// The code of a mail that went over whole and whose answer never came: it may have been taken.
inline constexpr char kOutcomeUnknown[] = "OUTCOME_UNKNOWN";

struct SmtpResult {
  enum class Outcome {
    kSent,
    // Not taken now, or not known (kOutcomeUnknown); the same mail may be taken later.
    kFailed,
    // The server answered 5xx to this mail: it will not take it later either.
    kRefused,
    // Given up because the process is stopping; it may have been taken.
    kStopped,
  };
  Outcome outcome = Outcome::kFailed;
  // "SMTP_250", "SMTP_451", "CONNECTION_REFUSED", "NAME_NOT_FOUND", "TIMEOUT", "TLS_FAILED",
  // "CONNECTION_LOST", "MAIL_INVALID", or kOutcomeUnknown.
  std::string code;
  // The mail server itself is away or not ready for anybody: other mails would fare the same.
  bool server_away = false;
};

class SmtpClient {
 public:
  struct Options {
    std::string url;  // smtp://host:port or smtps://host:port
    std::string user;
    std::string password;
    std::string ca_file;  // certificates to trust; empty: the system's
    absl::Duration connect_timeout = absl::Seconds(10);
    // For each answer of the server, and for the whole mail.
    absl::Duration answer_timeout = absl::Seconds(60);
    absl::Duration timeout = absl::Seconds(120);
    // How long a connection is kept without a mail: shorter than servers do.
    absl::Duration idle = absl::Seconds(30);
    // How long a stopping process waits for the answer to a mail that went over whole.
    absl::Duration stop_patience = absl::Seconds(5);
  };
  // From the settings: the URL may name a user ("smtp://user@host:587"), whose password is the
  // first line of the file. INVALID_ARGUMENT where the URL is none of a mail server or holds a
  // password, NOT_FOUND where the file cannot be read; each names the setting, that of the URL as
  // `url_flag`.
  static absl::StatusOr<Options> ReadOptions(const std::string& url,
                                             const std::string& password_file,
                                             const std::string& ca_file,
                                             absl::string_view url_flag = "--smtp-url");

  explicit SmtpClient(Options options);

  // Blocks. `stopping` is asked about once a second.
  SmtpResult Send(const Message& message, const std::function<bool()>& stopping);

 private:
  struct Attempt {
    SmtpResult result;
    bool stale = false;  // the connection was one that the server had given up
  };
  Attempt Try(const std::string& bytes, const Message& message,
              const std::function<bool()>& stopping);

  const Options options_;
  const curl::Handle curl_;
  bool keep_ = true;  // whether the connection that is there may be used again
};

// So many connections to one mail server. Any thread.
class SmtpPool {
 public:
  SmtpPool(const SmtpClient::Options& options, int connections);

  // Waits for a connection that is free, then as SmtpClient::Send.
  SmtpResult Send(const Message& message, const std::function<bool()>& stopping);

 private:
  absl::Mutex mutex_;
  // The one that was used last is taken first, so that few connections are open where few do.
  std::vector<std::unique_ptr<SmtpClient>> free_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::mail
