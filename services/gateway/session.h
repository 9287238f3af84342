// Who calls, and signing in and out. A browser's session is a cookie that scripts cannot read and
// that holds an access token of the local issuer; programs send a bearer token. One of an
// organisation's provider (libs/auth/programs.h) is exchanged here for one of the local issuer, the
// only one that services know. Tokens, codes and cookies are never logged.
//
// A session ends when nobody did anything for `idle` (Keep puts that off), `life` after it began
// however often it was kept, and when the directory says that the person lost a role that the
// session names (appointments.h); so does a person's or a program's bearer token with the last. Who
// signs out, or whose session somebody ends, has none from then on, whatever copy of its tokens is
// shown (sign_ins.h). Its token ends with idleness and is issued anew by Keep; that it
// was issued (`iat`) stays the moment at which the session began.
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

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/auth/oidc.h"
#include "libs/auth/programs.h"
#include "libs/auth/token.h"
#include "services/gateway/guesses.h"
#include "services/gateway/http.h"
#include "services/gateway/sign_ins.h"

namespace fosterwatch::gateway {

struct Identity {
  auth::Caller caller;
  std::string token;
  // Of a browser's session, when it began.
  std::optional<absl::Time> began = {};
};

// Whether an address is that of a page of ours: a path of this host, whatever a browser makes of
// it.
bool IsOwnPage(absl::string_view to);

class Sessions {
 public:
  struct Options {
    std::string public_url;    // "https://…" makes the cookie Secure
    std::string links_folder;  // of libs/auth/sign_in_links.h
    absl::Duration life = absl::Hours(12);
    absl::Duration idle = absl::Minutes(30);
    // The roles of a person that the directory has taken back. None where it is not set.
    std::function<std::vector<options::v1::Role>(const auth::Caller&)> lost;
    // Who is told of sessions, and knows which have ended; null: nobody. Outlives the sessions.
    SignIns* sign_ins = nullptr;
    // How often sign-in links may be wrong; null: as often as somebody likes. Outlives the
    // sessions.
    Guesses* guesses = nullptr;
    // Whose tokens of a provider are taken; null: none are. Outlives the sessions.
    auth::Programs* programs = nullptr;
  };
  // Of a browser's session; programs have none.
  struct Limits {
    absl::Time ends;  // however often it is kept
    absl::Duration warning;
  };
  // `issuer` is null where another one issues the tokens: nobody signs in here then. With a
  // `provider` links do not sign in.
  Sessions(Options options, auth::Verifier* verifier, std::unique_ptr<auth::LocalIssuer> issuer,
           std::unique_ptr<auth::OidcProvider> provider);

  // UNAUTHENTICATED, or PERMISSION_DENIED for a cookie without proof of origin. Any thread.
  absl::StatusOr<Identity> Identify(const HttpRequest& request, absl::Time now) const;
  // The same for bearer tokens alone.
  absl::StatusOr<Identity> IdentifyBearer(const HttpRequest& request, absl::Time now) const;

  // The limits of the session whose cookie came; nothing where it came by a bearer token.
  std::optional<Limits> LimitsOf(const Identity& identity) const;
  // Puts the end of idleness off: the cookie to set, and until when it is good now. UNAUTHENTICATED
  // once the session's life is over; FAILED_PRECONDITION for a bearer token.
  struct Kept {
    std::string cookie;
    absl::Time expires;
  };
  absl::StatusOr<Kept> Keep(const Identity& identity, absl::Time now) const;

  // GET /signin, with ?to=… (a page of ours to come back to), and with ?code=… of a link: sets the
  // cookie and shows the way to "/", or to the provider. Reads and writes files, or asks the
  // provider.
  HttpResponse SignIn(const HttpRequest& request, absl::Time now) const;
  // GET /signin/return?code=…&state=…: the same for who comes back from the provider. Asks it.
  HttpResponse Return(const HttpRequest& request, absl::Time now) const;
  // POST /signout: ends the session and takes the cookie back. Tells the directory.
  HttpResponse SignOut(const HttpRequest& request, absl::Time now) const;

 private:
  // What holds of every token that is good: the session was not ended, no role of it was lost.
  absl::Status CheckGoesOn(const auth::Caller& caller) const;
  absl::StatusOr<Identity> IdentifyProgram(absl::string_view token, absl::Time now) const;
  HttpResponse ByLink(const HttpRequest& request, absl::Time now) const;
  // As the caller, whose session begins, to the page that they came for.
  HttpResponse Begin(const HttpRequest& request, auth::Caller caller, absl::Time now) const;
  // Keeps ?to= until somebody is signed in.
  void RememberPage(const HttpRequest& request, HttpResponse& response) const;
  bool IsSameOrigin(const HttpRequest& request) const;
  std::string SetCookie(absl::string_view name, absl::string_view value, absl::Duration life) const;

  const Options options_;
  const std::string origin_;  // of public_url
  const bool secure_;
  const std::string cookie_;
  const std::string attempt_cookie_;  // while somebody is at the provider
  const std::string page_cookie_;     // where they were when they left
  auth::Verifier* const verifier_;
  const std::unique_ptr<auth::LocalIssuer> issuer_;
  const std::unique_ptr<auth::OidcProvider> provider_;

  // Of the local issuer for programs, by program and token of the provider; none leaves our own
  // network.
  mutable absl::Mutex mutex_;
  mutable absl::flat_hash_map<std::pair<std::string, std::string>, Identity> exchanged_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::gateway
