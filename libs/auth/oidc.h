// Signing in at an organisation's own provider by OpenID Connect: authorization code with PKCE
// (OpenID Connect Core 1.0 section 3.1, RFC 7636, RFC 9207, RFC 9700). The provider says who
// somebody is, for which agency and in which roles; nobody becomes one of our own services by it.
//
// Threads: all of it may be used from any thread. Redeem and SignInUrl ask the provider and block,
// 5 s a request at most.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/auth/token.h"

namespace fosterwatch::auth {

struct OidcSettings {
  std::string issuer;  // exactly as the provider writes it
  std::string client_id;
  std::string client_secret;  // empty: a public client, which PKCE alone protects
  std::string ca_file;        // certificates to trust; empty: the system's
  std::string scope = "openid";
  // Where the ID token says it, as JSON pointers (RFC 6901).
  std::string person_claim = "/sub";
  std::string agency_claim = "/agency";
  std::string roles_claim = "/roles";
  std::string other_agencies_claim = "/other_agencies";  // may be absent from the token
};

// From JSON with the fields' names, but client_secret_file in the place of client_secret.
// INVALID_ARGUMENT names the field that is missing, unknown or wrong.
absl::StatusOr<OidcSettings> ReadOidcSettings(const std::string& file);

// One attempt to sign in: random texts that its browser keeps until it comes back.
struct SignInAttempt {
  std::string state;     // comes back in the address
  std::string nonce;     // comes back in the ID token
  std::string verifier;  // of PKCE; its hash goes ahead

  static SignInAttempt New();
  std::string ToCookie() const;
  // INVALID_ARGUMENT for anything that ToCookie did not write.
  static absl::StatusOr<SignInAttempt> FromCookie(absl::string_view cookie);
};

// Who an ID token is about. UNAUTHENTICATED (ID_TOKEN_INVALID) with one text for each token that is
// not good: not signed by a key of the set, of another issuer, for another client, of another
// attempt, over or not yet begun. PERMISSION_DENIED (NO_ROLE_HERE) for a good one of somebody
// without an agency or a role that we know.
absl::StatusOr<Caller> CallerOfIdToken(const OidcSettings& settings, const KeySet& keys,
                                       absl::string_view id_token, absl::string_view nonce,
                                       absl::Time now);

class OidcProvider {
 public:
  // `redirect_url` is where the provider sends a browser back to; it has to be registered there.
  OidcProvider(OidcSettings settings, std::string redirect_url);
  ~OidcProvider();

  // Where to send a browser. UNAVAILABLE (PROVIDER_AWAY) where the provider does not say, or says
  // something that is not to be trusted.
  absl::StatusOr<std::string> SignInUrl(const SignInAttempt& attempt, absl::Time now);

  // Who came back with this code. As CallerOfIdToken; UNAUTHENTICATED (CODE_REFUSED) for a code
  // that the provider refuses; UNAVAILABLE as above.
  absl::StatusOr<Caller> Redeem(absl::string_view code, const SignInAttempt& attempt,
                                absl::Time now);

  // Where to send a browser that has signed out here, to sign out there too; empty where the
  // provider has no such place, or was not asked yet.
  std::string SignOutUrl(const std::string& back_url) const;

  const std::string& issuer() const { return settings_.issuer; }

 private:
  struct Known;
  // What the provider says of itself, ten minutes old at most.
  absl::StatusOr<std::shared_ptr<const Known>> Discover(absl::Time now);
  absl::StatusOr<std::shared_ptr<const KeySet>> KeysFor(absl::string_view id_token,
                                                        const Known& known, absl::Time now);
  absl::StatusOr<std::string> Ask(const std::string& url, const std::string& form) const;

  const OidcSettings settings_;
  const std::string redirect_url_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Known> known_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const KeySet> keys_ ABSL_GUARDED_BY(mutex_);
  absl::Time known_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time keys_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace fosterwatch::auth
