// How the watchdog tells a person: mail by a server of its own choosing, and a POST to a URL. It
// shares no process with the notifications service, so that what silences that one does not silence
// this one. Blocks; one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/watchdog/v1/watch.pb.h"
#include "libs/mail/smtp.h"

namespace fosterwatch::watchdog {

class Channels {
 public:
  struct Options {
    mail::SmtpClient::Options smtp;
    std::string mail_from;    // an address
    std::string mail_to;      // addresses with commas between; empty: no mail
    std::string webhook_url;  // http:// or https://; empty: none
    // For one message to one target, in place of what `smtp` says.
    absl::Duration patience = absl::Seconds(10);
  };
  // INVALID_ARGUMENT where something is no address or URL; FAILED_PRECONDITION where nobody would
  // be told.
  static absl::StatusOr<Channels> Make(Options options);

  // Addresses and URLs, each to be told by itself.
  const std::vector<std::string>& targets() const { return targets_; }

  // Mail: plain text with the Message-ID of the message, so that a second copy is known as one.
  // URL: {"id", "time", "subject", "text"} as JSON in UTF-8. UNAVAILABLE where it was not taken,
  // with a reason that names no secret; CANCELLED where `stopping` ended it.
  absl::Status Tell(const std::string& target, const v1::WatchState::Message& message,
                    const std::function<bool()>& stopping);

 private:
  Channels(Options options, std::vector<std::string> targets);

  absl::Status Mail(const std::string& to, const v1::WatchState::Message& message,
                    const std::function<bool()>& stopping);
  absl::Status Post(const v1::WatchState::Message& message) const;

  Options options_;
  std::vector<std::string> targets_;
  std::unique_ptr<mail::SmtpClient> smtp_;
};

}  // namespace fosterwatch::watchdog
