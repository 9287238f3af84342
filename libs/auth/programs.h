// Programs whose access tokens come from an organisation's provider (client credentials, RFC 6749
// section 4.4; the token a JWT, RFC 9068). The provider says which program it is and nothing more:
// for which agency and in which roles it works is the operator's file, whatever the token claims.
// None of them is a service of ours.
//
// Threads: all of it may be used from any thread. Only Refresh asks the provider.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/auth/token.h"

namespace fosterwatch::auth {

struct ProgramsSettings {
  struct Program {
    std::string subject;  // `sub` of its tokens
    std::string agency_id;
    std::vector<options::v1::Role> roles;
  };
  std::string issuer;                       // exactly as the provider writes it
  std::string ca_file;                      // certificates to trust; empty: the system's
  std::string audience;                     // ours, as the provider names it
  std::string client_claim;                 // where a token names its program, as a JSON pointer
  bool takes_plain_type = false;            // also tokens whose type is "JWT" instead of "at+jwt"
  std::map<std::string, Program> programs;  // by what stands there
};

// From JSON: {"issuer", "ca_file", "audience", "client_claim", "takes_plain_type", "programs":
// [{"client_id", "subject", "agency", "roles"}]}. INVALID_ARGUMENT names the field that is missing,
// unknown or wrong.
absl::StatusOr<ProgramsSettings> ReadProgramsSettings(const std::string& file);

// Who a token is of: "program:CLIENT_ID". UNAUTHENTICATED with the one text of Verifier for each
// token that is not good (TOKEN_INVALID, TOKEN_EXPIRED). PERMISSION_DENIED (PROGRAM_NOT_KNOWN) for
// a good one of a program that is not in the file.
absl::StatusOr<Caller> CallerOfProgram(const ProgramsSettings& settings, const KeySet& keys,
                                       absl::string_view token, absl::Time now);

class Programs {
 public:
  // As ReadProgramsSettings. Asks nobody yet.
  static absl::StatusOr<std::unique_ptr<Programs>> FromFile(const std::string& file);
  ~Programs();

  // Whether the token says that it is of this provider; whether that is so, Verify finds out.
  bool IsOfProvider(absl::string_view token) const;

  // As CallerOfProgram; UNAVAILABLE (PROVIDER_AWAY) until the provider's keys were read once.
  absl::StatusOr<Caller> Verify(absl::string_view token, absl::Time now);

  // Reads the file again where it has changed (one with a fault changes nothing), and the keys
  // where they are a minute old, or where a token has named one that is not among them. Keys that
  // were read stay good while the provider is away. Blocks, 10 s at most.
  void Refresh(absl::Time now);
  // OK, or why the last Refresh could not read the file or the keys.
  absl::Status Check() const;

 private:
  explicit Programs(std::string file) : file_(std::move(file)) {}
  absl::Status ReadIfChanged();

  const std::string file_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const ProgramsSettings> settings_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const KeySet> keys_ ABSL_GUARDED_BY(mutex_);
  std::string version_ ABSL_GUARDED_BY(mutex_);  // of the file
  absl::Time asked_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool wants_keys_ ABSL_GUARDED_BY(mutex_) = true;
  absl::Status file_read_ ABSL_GUARDED_BY(mutex_);
  absl::Status keys_read_ ABSL_GUARDED_BY(mutex_) = absl::UnavailableError("");
};

}  // namespace fosterwatch::auth
