// How the watchdog tells a person: mail by a server of its own choosing and a POST to a URL, by
// libcurl. It shares nothing with the notifications service, so that what silences that one does
// not silence this one. Blocks; one thread at a time.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/watchdog/v1/watch.pb.h"

namespace fosterwatch::watchdog {

class Channels {
 public:
  struct Options {
    std::string smtp_url;            // smtp://[user@]host:port or smtps://[user@]host:port
    std::string smtp_password_file;  // of that user; read at each mail
    std::string smtp_ca_file;        // certificates to trust; empty: the system's
    std::string mail_from;           // an address
    std::string mail_to;             // addresses with commas between; empty: no mail
    std::string webhook_url;         // http:// or https://; empty: none
    absl::Duration patience = absl::Seconds(10);
  };
  // INVALID_ARGUMENT where something is no address or URL; FAILED_PRECONDITION where nobody would
  // be told.
  static absl::StatusOr<Channels> Make(Options options);

  // Addresses and URLs, each to be told by itself.
  const std::vector<std::string>& targets() const { return targets_; }

  // Mail: plain text with the Message-ID of the message, so that a second copy is known as one.
  // URL:
  // {"id", "time", "subject", "text"} as JSON. Non-ASCII is sent as it is, in UTF-8.
  absl::Status Tell(const std::string& target, const v1::WatchState::Message& message) const;

 private:
  Channels(Options options, std::vector<std::string> targets)
      : options_(std::move(options)), targets_(std::move(targets)) {}

  absl::Status Mail(const std::string& to, const v1::WatchState::Message& message) const;
  absl::Status Post(const v1::WatchState::Message& message) const;

  Options options_;
  std::vector<std::string> targets_;
};

}  // namespace fosterwatch::watchdog
