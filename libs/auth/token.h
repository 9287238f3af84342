// Who calls. Access tokens are JWTs (ES256 or RS256) checked against a JWKS; the algorithm comes
// from the key, never from the token's header. A token says who and for which agency; what the
// roles may do is the RPC's access option, checked at the door (libs/runtime/door.h).
//
// Threads: all of it may be used from any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "fosterwatch/options/v1/options.pb.h"
#include "libs/auth/ended_tokens.h"

namespace fosterwatch::auth {

// Lower-case words in tokens and on the command line: "registered_manager".
absl::StatusOr<options::v1::Role> RoleFromWord(absl::string_view word);
std::string WordOfRole(options::v1::Role role);

// Letters, digits, "-", "_" and ".", 1 to 63: safe in keys of records and in metadata.
bool IsAgencyId(absl::string_view id);

struct Caller {
  std::string person_id;
  // "*" for one of our own services; the door then takes the agency from the call's metadata.
  std::string agency_id;
  std::vector<options::v1::Role> roles;
  absl::Time expires;
  // Further agencies whose figures the person may see beside their own agency's, such as those of
  // one provider; nothing else of these agencies is open by it. By id, without the own one.
  std::vector<std::string> other_agencies = {};
  // What the token calls itself: `sid`, which it has in common with those that were issued anew for
  // the same session, else `jti`, else its hash. Empty of somebody who has none yet.
  std::string token_id = {};
  // `iat`; of a token without one, since ever.
  absl::Time issued = absl::InfinitePast();

  bool Has(options::v1::Role role) const;
};

class KeySet;

// UNAUTHENTICATED with one constant text for every token that is not good, whatever is wrong with
// it; the reason code is TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_ENDED (taken back before its end) or
// TOKEN_INVALID.
class Verifier {
 public:
  // The key set is read from the file now, and again when the file has changed; it is looked at
  // every 5 s at most, so a key that was taken back is in force no longer than that. A file that
  // cannot be read later changes nothing. INVALID_ARGUMENT where it holds no usable key.
  static absl::StatusOr<std::unique_ptr<Verifier>> FromFile(const std::string& jwks_file,
                                                            const std::string& issuer,
                                                            const std::string& audience);
  ~Verifier();

  // Where the token is good but for being over or taken back, `over` says whose it was; else it
  // stays as it is.
  absl::StatusOr<Caller> Verify(absl::string_view token, absl::Time now, Caller* over = nullptr);

  // Those that are refused before their end. Nobody but the process has to fill it.
  EndedTokens& ended() { return ended_; }

 private:
  Verifier(std::string file, std::string issuer, std::string audience);
  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LoadIfChanged(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Caller> Open(absl::string_view token, absl::Time now, Caller* over);
  absl::StatusOr<Caller> Check(absl::string_view token, const KeySet& keys, absl::Time now,
                               Caller* over) const;

  const std::string file_, issuer_, audience_;
  EndedTokens ended_;
  absl::Mutex mutex_;
  std::shared_ptr<const KeySet> keys_ ABSL_GUARDED_BY(mutex_);
  // Of the file that the keys were read from, and when it was last looked at.
  std::string version_ ABSL_GUARDED_BY(mutex_);
  absl::Time looked_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // Tokens found good, by their hash, until they expire.
  absl::flat_hash_map<std::string, Caller> good_ ABSL_GUARDED_BY(mutex_);
};

inline constexpr char kLocalIssuer[] = "fosterwatch-local";
inline constexpr char kAudience[] = "fosterwatch";

// The issuer of the embedded default: a key of its own in the data folder, made at first use with
// mode 0600, and the JWKS of its public half beside it.
class LocalIssuer {
 public:
  static absl::StatusOr<std::unique_ptr<LocalIssuer>> Open(const std::string& folder);
  ~LocalIssuer();

  // With the caller's token_id as its `sid`, or a new one.
  absl::StatusOr<std::string> Issue(const Caller& caller, absl::Time now);
  std::string jwks_file() const;

 private:
  struct Key;
  LocalIssuer(std::string folder, std::unique_ptr<Key> key);
  const std::string folder_;
  const std::unique_ptr<Key> key_;
};

}  // namespace fosterwatch::auth
