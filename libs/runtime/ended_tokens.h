// Keeps what a process knows of tokens that were taken back before their end: asks the directory
// every 5 s for what is new. So a token that is ended is refused at every door within that and the
// time that the question takes.
//
// Where the directory is away, what was read last holds, and Check says how old it is: nobody whose
// token goes on is locked out. A process that has never read the list knows of none that ended, and
// says so; who must not let one in then (the gateway) asks EndedTokens.known.
//
// Threads: Run on one; Check on any.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/operations/v1/ended_tokens_service.pb.h"
#include "libs/auth/ended_tokens.h"
#include "libs/runtime/module.h"

namespace fosterwatch::runtime {

class EndedTokensReader {
 public:
  // Blocks.
  using Ask = std::function<absl::StatusOr<operations::v1::ListEndedTokensResponse>(
      const operations::v1::ListEndedTokensRequest&)>;
  // `ended` outlives it.
  EndedTokensReader(auth::EndedTokens* ended, Ask ask) : ended_(ended), ask_(std::move(ask)) {}

  void Run(const Stop& stop);
  // Asks once.
  absl::Status Read(absl::Time now);
  // UNAVAILABLE (ENDED_TOKENS_OLD) where the list is older than a minute, or was never read.
  absl::Status Check(absl::Time now) const;

 private:
  auth::EndedTokens* const ended_;
  const Ask ask_;
  absl::Time since_ = absl::InfinitePast();  // by the directory's clock
  absl::Time whole_ = absl::InfinitePast();  // when all of it was read
};

}  // namespace fosterwatch::runtime
