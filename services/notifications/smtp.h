// One mail to one mail server, by libcurl. TLS is used where the server offers it (STARTTLS) or the
// URL asks for it (smtps://), and its certificate must then be good.
//
// Each mail has a connection of its own, so that one mail's fault is never another's. One thread at
// a time.
#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"

#include "services/notifications/mail.h"

namespace fosterwatch::notifications {

struct SmtpResult {
  enum class Outcome {
    kSent,
    // Not taken now; the same mail may be taken later. `code` is "OUTCOME_UNKNOWN" where it went
    // over whole and the connection broke before the answer: it may have been taken.
    kFailed,
    // The server answered 5xx to this mail: it will not take it later either.
    kRefused,
    // Given up because the process is stopping; it may have been taken.
    kStopped,
  };
  Outcome outcome = Outcome::kFailed;
  // "SMTP_250", "SMTP_451", "CONNECTION_REFUSED", "NAME_NOT_FOUND", "TIMEOUT", "TLS_FAILED",
  // "CONNECTION_LOST", "MAIL_INVALID".
  std::string code;
  // The mail server itself is away or not ready for anybody: other mails would fare the same.
  bool server_away = false;
};

class SmtpClient {
 public:
  struct Options {
    std::string url;  // smtp://host:port or smtps://host:port
    absl::Duration connect_timeout = absl::Seconds(10);
    // For each answer of the server, and for the whole mail.
    absl::Duration answer_timeout = absl::Seconds(60);
    absl::Duration timeout = absl::Seconds(120);
    // How long a stopping process waits for the answer to a mail that went over whole.
    absl::Duration stop_patience = absl::Seconds(5);
  };
  explicit SmtpClient(Options options);
  ~SmtpClient();
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  // Blocks. `stopping` is asked about once a second.
  SmtpResult Send(const Mail& mail, const std::function<bool()>& stopping);

 private:
  const Options options_;
  void* const curl_;
};

}  // namespace fosterwatch::notifications
