// What the directory is told of sessions (SignInsService), which keeps it: who signed in, who was
// known and not let in, who signed out. Where it does not take that at once it is told again and
// again, from memory; whoever signs in or out does not wait for it longer than 2 s.
//
// A session that is left ends at this gateway at that moment, and elsewhere once the directory has
// it (libs/runtime/ended_tokens.h).
//
// Threads: any.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "libs/auth/token.h"
#include "libs/runtime/client.h"

namespace fosterwatch::gateway {

// For how long the directory keeps that a session has ended: no token of it may be good for longer.
inline constexpr absl::Duration kEndIsKept = absl::Hours(24);

class SignIns {
 public:
  // Calls a method of SignInsService. Blocks.
  using Tell = std::function<absl::Status(const std::string& method,
                                          const google::protobuf::Message& request,
                                          const runtime::Client::Options& options)>;
  // The verifier outlives it.
  SignIns(Tell tell, std::function<absl::StatusOr<std::string>()> service_token,
          auth::Verifier* verifier)
      : tell_(std::move(tell)), service_token_(std::move(service_token)), verifier_(verifier) {}

  // OK once it is known which sessions have ended; UNAVAILABLE (ENDED_TOKENS_NOT_KNOWN) until then,
  // for a token that was taken back must not read as good.
  absl::Status CheckKnown() const;
  bool HasEnded(const auth::Caller& caller) const { return verifier_->ended().Has(caller); }

  // `token` is that of the session, which lasts until `ends` at most. Each blocks.
  void Began(const auth::Caller& caller, const std::string& token, absl::Time ends);
  void Refused(const auth::Caller& caller, const std::string& reason);
  // Whether the directory has it; else it will be told.
  bool Left(const auth::Caller& caller, absl::Time now);

  // Tells what could not be told. Blocks.
  void TellAgain();
  // UNAVAILABLE while there is any.
  absl::Status Check() const;

 private:
  struct Told {
    std::string method;
    std::shared_ptr<const google::protobuf::Message> request;
    std::string token;  // empty: the gateway's own
    std::string agency_id;
  };
  absl::Status Try(const Told& told) const;
  bool Say(Told told);

  const Tell tell_;
  const std::function<absl::StatusOr<std::string>()> service_token_;
  auth::Verifier* const verifier_;
  mutable absl::Mutex mutex_;
  std::deque<Told> untold_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::gateway
