// Who calls, and signing in and out. A browser's session is a cookie that scripts cannot read and
// that holds an access token of the local issuer; programs send a bearer token. Tokens, codes and
// cookies are never logged.
//
// People sign in at their organisation's provider (libs/auth/oidc.h), where there is one: GET
// /signin sends the browser there, GET /signin/return takes it back. Without one, a one-time link
// signs in.
//
// A page of another site makes a browser send the cookie along, so requests that come by cookie
// have to show that our own page made them (SAME_ORIGIN_REQUIRED): Origin names this host, or,
// without one, Sec-Fetch-Site says same-origin; RPCs also carry Connect-Protocol-Version, which no
// form can send.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/auth/oidc.h"
#include "libs/auth/token.h"
#include "services/gateway/http.h"

namespace fosterwatch::gateway {

struct Identity {
  auth::Caller caller;
  std::string token;
};

class Sessions {
 public:
  struct Options {
    std::string public_url;    // "https://…" makes the cookie Secure
    std::string links_folder;  // of libs/auth/sign_in_links.h
    absl::Duration life = absl::Hours(12);
  };
  // `issuer` is null where another one issues the tokens: nobody signs in here then. With a
  // `provider` links do not sign in.
  Sessions(Options options, auth::Verifier* verifier, std::unique_ptr<auth::LocalIssuer> issuer,
           std::unique_ptr<auth::OidcProvider> provider);

  // UNAUTHENTICATED, or PERMISSION_DENIED for a cookie without proof of origin. Any thread.
  absl::StatusOr<Identity> Identify(const HttpRequest& request, absl::Time now) const;
  // The same for bearer tokens alone.
  absl::StatusOr<Identity> IdentifyBearer(const HttpRequest& request, absl::Time now) const;

  // GET /signin, with ?code=… of a link: sets the cookie and shows the way to "/", or to the
  // provider. Reads and writes files, or asks the provider.
  HttpResponse SignIn(const HttpRequest& request, absl::Time now) const;
  // GET /signin/return?code=…&state=…: the same for who comes back from the provider. Asks it.
  HttpResponse Return(const HttpRequest& request, absl::Time now) const;
  // POST /signout: takes the cookie back.
  HttpResponse SignOut(const HttpRequest& request) const;

 private:
  HttpResponse ByLink(const HttpRequest& request, absl::Time now) const;
  // To "/" as the caller, whose session begins.
  HttpResponse Begin(auth::Caller caller, absl::Time now) const;
  bool IsSameOrigin(const HttpRequest& request) const;
  std::string SetCookie(absl::string_view name, absl::string_view value, absl::Duration life) const;

  const Options options_;
  const std::string origin_;  // of public_url
  const bool secure_;
  const std::string cookie_;
  const std::string attempt_cookie_;  // while somebody is at the provider
  auth::Verifier* const verifier_;
  const std::unique_ptr<auth::LocalIssuer> issuer_;
  const std::unique_ptr<auth::OidcProvider> provider_;
};

}  // namespace fosterwatch::gateway
