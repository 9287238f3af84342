#include "services/gateway/session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

#include "libs/auth/issued_at.h"
#include "libs/auth/sign_in_links.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::gateway {
namespace {

// To be at the provider: type a password, use a second factor.
// Every call shows the provider's token again, so this one is only for the way behind the gateway.
constexpr absl::Duration kExchangedFor = absl::Minutes(5);
constexpr size_t kMostExchanged = 1'000;
constexpr absl::Duration kAttemptLife = absl::Minutes(15);

// Before a session's end its page says so; earlier than that only where the session is shorter.
constexpr absl::Duration kWarning = absl::Minutes(2);

constexpr char kSignInAgain[] = "<a href=\"/signin\">Sign in again</a>.";

// "https://fosterwatch.example" of "https://fosterwatch.example/some/path".
std::string OriginOf(absl::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == absl::string_view::npos) return "";
  return std::string(url.substr(0, url.find('/', scheme + 3)));
}

HttpResponse Page(int status, absl::string_view heading, absl::string_view text) {
  return HttpResponse::Of(
      status, "text/html; charset=utf-8",
      absl::StrCat("<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<title>",
                   heading, " - Fosterwatch</title>\n</head>\n<body>\n<main>\n<h1>", heading,
                   "</h1>\n<p>", text, "</p>\n</main>\n</body>\n</html>\n"));
}

absl::Status Ended(absl::string_view reason) {
  return Error(absl::StatusCode::kUnauthenticated, reason, "the session has ended");
}

// Says the same of every link, right or wrong.
HttpResponse TooManyLinks(absl::Duration wait) {
  const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1)));
  HttpResponse response = Page(
      429, "Too many sign-in links were wrong",
      absl::StrCat("Nobody can sign in by a link just now; yours was not used up. Open it again "
                   "in ",
                   seconds, " seconds. Whoever is signed in goes on."));
  response.headers.emplace_back("Retry-After", absl::StrCat(seconds));
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

HttpResponse ProviderAway() {
  return Page(503, "Your organisation's sign-in does not answer",
              absl::StrCat("Nobody can sign in until it does. Sessions that have begun go on. ",
                           kSignInAgain));
}

}  // namespace

bool IsOwnPage(absl::string_view to) {
  if (to.empty() || to[0] != '/' || to.size() > 1000 || absl::StartsWith(to, "//")) return false;
  return std::all_of(to.begin(), to.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("-._~/?&=%:+", c);
  });
}

Sessions::Sessions(Options options, auth::Verifier* verifier,
                   std::unique_ptr<auth::LocalIssuer> issuer,
                   std::unique_ptr<auth::OidcProvider> provider)
    : options_(std::move(options)),
      origin_(OriginOf(options_.public_url)),
      secure_(absl::StartsWith(origin_, "https://")),
      cookie_(secure_ ? "__Host-fosterwatch_session" : "fosterwatch_session"),
      attempt_cookie_(secure_ ? "__Host-fosterwatch_signin" : "fosterwatch_signin"),
      page_cookie_(secure_ ? "__Host-fosterwatch_page" : "fosterwatch_page"),
      verifier_(verifier),
      issuer_(std::move(issuer)),
      provider_(std::move(provider)) {}

absl::StatusOr<Identity> Sessions::IdentifyBearer(const HttpRequest& request,
                                                  absl::Time now) const {
  absl::string_view token = request.Header("authorization");
  if (token.size() > 7 && absl::EqualsIgnoreCase(token.substr(0, 7), "bearer ")) {
    token.remove_prefix(7);
  } else {
    token = "";
  }
  if (options_.programs != nullptr && options_.programs->IsOfProvider(token)) {
    return IdentifyProgram(token, now);
  }
  Identity identity;
  ASSIGN_OR_RETURN(identity.caller, verifier_->Verify(token, now));
  RETURN_IF_ERROR(CheckGoesOn(identity.caller));
  identity.token = std::string(token);
  return identity;
}

absl::Status Sessions::CheckGoesOn(const auth::Caller& caller) const {
  if (options_.sign_ins != nullptr) {
    RETURN_IF_ERROR(options_.sign_ins->CheckKnown());
    if (options_.sign_ins->HasEnded(caller)) return Ended("TOKEN_ENDED");
  }
  // Our own services are of no agency, and appointed to nothing.
  if (!options_.lost || caller.agency_id == "*") return absl::OkStatus();
  for (const options::v1::Role role : options_.lost(caller)) {
    if (caller.Has(role)) return Ended("APPOINTMENT_ENDED");
  }
  return absl::OkStatus();
}

absl::StatusOr<Identity> Sessions::IdentifyProgram(absl::string_view token, absl::Time now) const {
  ASSIGN_OR_RETURN(auth::Caller caller, options_.programs->Verify(token, now));
  RETURN_IF_ERROR(CheckGoesOn(caller));
  absl::MutexLock lock(&mutex_);
  if (exchanged_.size() > kMostExchanged) {
    absl::erase_if(exchanged_, [now](const auto& of) { return of.second.caller.expires <= now; });
  }
  Identity& known = exchanged_[{caller.person_id, caller.token_id}];
  if (known.token.empty() || known.caller.agency_id != caller.agency_id ||
      known.caller.roles != caller.roles || known.caller.expires - now < kExchangedFor / 2) {
    caller.expires = now + kExchangedFor;
    ASSIGN_OR_RETURN(known.token, issuer_->Issue(caller, now));
    known.caller = std::move(caller);
  }
  return known;
}

absl::StatusOr<Identity> Sessions::Identify(const HttpRequest& request, absl::Time now) const {
  if (!request.Header("authorization").empty()) return IdentifyBearer(request, now);
  const absl::string_view token = request.Cookie(cookie_);
  if (token.empty()) return IdentifyBearer(request, now);
  if (!IsSameOrigin(request) || request.Header("connect-protocol-version").empty()) {
    return Error(absl::StatusCode::kPermissionDenied, "SAME_ORIGIN_REQUIRED",
                 "a session's cookie serves the pages of this site only");
  }
  Identity identity;
  ASSIGN_OR_RETURN(identity.caller, verifier_->Verify(token, now));
  identity.token = std::string(token);
  ASSIGN_OR_RETURN(identity.began, auth::IssuedAt(token));
  // To the second: the minute between two machines' clocks is not for a session of our own.
  if (now >= std::min(identity.caller.expires, *identity.began + options_.life)) {
    return Ended("TOKEN_EXPIRED");
  }
  RETURN_IF_ERROR(CheckGoesOn(identity.caller));
  return identity;
}

std::optional<Sessions::Limits> Sessions::LimitsOf(const Identity& identity) const {
  if (!identity.began) return std::nullopt;
  return Limits{*identity.began + options_.life, std::min(kWarning, options_.idle / 3)};
}

absl::StatusOr<Sessions::Kept> Sessions::Keep(const Identity& identity, absl::Time now) const {
  if (!identity.began || issuer_ == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_SESSION",
                 "a program's token ends when it says");
  }
  auth::Caller caller = identity.caller;
  caller.expires = std::min(now + options_.idle, *identity.began + options_.life);
  if (caller.expires <= now) return Ended("TOKEN_EXPIRED");
  ASSIGN_OR_RETURN(const std::string token, issuer_->Issue(caller, *identity.began));
  return Kept{SetCookie(cookie_, token, caller.expires - now), caller.expires};
}

bool Sessions::IsSameOrigin(const HttpRequest& request) const {
  const absl::string_view origin = request.Header("origin");
  if (origin.empty()) return request.Header("sec-fetch-site") == "same-origin";
  if (origin == origin_) return true;
  // The name that the browser itself used; the scheme must be the one of the public address.
  const absl::string_view scheme = secure_ ? "https://" : "http://";
  return absl::StartsWith(origin, scheme) && origin.substr(scheme.size()) == request.Header("host");
}

std::string Sessions::SetCookie(absl::string_view name, absl::string_view value,
                                absl::Duration life) const {
  return absl::StrCat(name, "=", value, "; Path=/; Max-Age=", absl::ToInt64Seconds(life),
                      "; HttpOnly; SameSite=Lax", secure_ ? "; Secure" : "");
}

HttpResponse Sessions::SignIn(const HttpRequest& request, absl::Time now) const {
  if (issuer_ == nullptr) {
    return Page(404, "Sign in with your organisation",
                "Nobody signs in here: sessions come from your organisation's own sign-in.");
  }
  if (provider_ == nullptr) return ByLink(request, now);
  const auth::SignInAttempt attempt = auth::SignInAttempt::New();
  const absl::StatusOr<std::string> url = provider_->SignInUrl(attempt, now);
  if (!url.ok()) {
    runtime::LogStatus("nobody can sign in", url.status());
    return ProviderAway();
  }
  HttpResponse response;
  response.status = 303;
  response.headers = {{"Location", *url},
                      {"Set-Cookie", SetCookie(attempt_cookie_, attempt.ToCookie(), kAttemptLife)},
                      {"Cache-Control", "no-store"}};
  RememberPage(request, response);
  return response;
}

HttpResponse Sessions::Return(const HttpRequest& request, absl::Time now) const {
  if (issuer_ == nullptr || provider_ == nullptr) {
    return Page(404, "Nobody comes back here", "Your organisation's sign-in is not used here.");
  }
  const auto attempt = auth::SignInAttempt::FromCookie(request.Cookie(attempt_cookie_));
  const std::string came_from = request.Query("iss");  // RFC 9207
  HttpResponse response;
  if (!attempt.ok() || request.Query("state") != attempt->state ||
      (!came_from.empty() && came_from != provider_->issuer())) {
    response =
        Page(403, "This sign-in cannot be finished",
             "It was begun in another browser, or too long ago. " + std::string(kSignInAgain));
  } else if (!request.Query("error").empty()) {
    response = Page(
        403, "You are not signed in",
        "Your organisation's sign-in ended without signing you in. " + std::string(kSignInAgain));
  } else {
    const absl::StatusOr<auth::Caller> caller =
        provider_->Redeem(request.Query("code"), *attempt, now);
    if (caller.ok()) {
      response = Begin(request, *caller, now);
    } else {
      runtime::LogStatus("a sign-in was refused", caller.status());
      response =
          absl::IsUnavailable(caller.status()) ? ProviderAway()
          : absl::IsPermissionDenied(caller.status())
              ? Page(403, "You have no role here",
                     "Your organisation says who you are, but names no agency or no role for "
                     "you that Fosterwatch knows. Ask whoever manages your account.")
              : Page(403, "You are not signed in",
                     "Your organisation's sign-in gave no answer that can be trusted. " +
                         std::string(kSignInAgain));
    }
  }
  // The attempt is used up, whatever became of it, and nobody who was refused goes on anywhere.
  response.headers.emplace_back("Set-Cookie", SetCookie(attempt_cookie_, "", absl::ZeroDuration()));
  if (response.status == 403 && !request.Cookie(page_cookie_).empty()) {
    response.headers.emplace_back("Set-Cookie", SetCookie(page_cookie_, "", absl::ZeroDuration()));
  }
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

HttpResponse Sessions::ByLink(const HttpRequest& request, absl::Time now) const {
  const std::string code = request.Query("code");
  if (code.empty()) {
    HttpResponse response =
        Page(403, "Sign in by a link",
             "Ask whoever runs Fosterwatch for a sign-in link; the command is <code>fosterwatch "
             "links</code>. Each one works once.");
    RememberPage(request, response);
    return response;
  }
  if (options_.guesses != nullptr) {
    const absl::Duration wait = options_.guesses->Take(now);
    if (wait > absl::ZeroDuration()) return TooManyLinks(wait);
  }
  const absl::StatusOr<auth::Caller> caller =
      auth::TakeSignInCode(options_.links_folder, code, now);
  if (caller.ok() && options_.guesses != nullptr) options_.guesses->GiveBack();
  if (!caller.ok()) {
    if (!absl::IsNotFound(caller.status())) {
      runtime::LogStatus("a sign-in link could not be read", caller.status());
    }
    return Page(403, "This sign-in link no longer works",
                "A link signs in once, and ends after a while. Ask whoever runs Fosterwatch for a "
                "new one; the command is <code>fosterwatch links</code>.");
  }
  HttpResponse response = Begin(request, *caller, now);
  // The code is in this address.
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

void Sessions::RememberPage(const HttpRequest& request, HttpResponse& response) const {
  const std::string to = request.Query("to");
  if (!IsOwnPage(to)) return;
  response.headers.emplace_back("Set-Cookie", SetCookie(page_cookie_, to, kAttemptLife));
}

HttpResponse Sessions::Begin(const HttpRequest& request, auth::Caller caller,
                             absl::Time now) const {
  if (options_.lost) {
    for (const options::v1::Role role : options_.lost(caller)) {
      caller.roles.erase(std::remove(caller.roles.begin(), caller.roles.end(), role),
                         caller.roles.end());
    }
    if (caller.roles.empty()) {
      if (options_.sign_ins != nullptr) options_.sign_ins->Refused(caller, "APPOINTMENT_ENDED");
      return Page(403, "You have no role here",
                  "Your appointment in the agency's directory has ended. Ask whoever keeps it.");
    }
  }
  caller.expires = now + std::min(options_.idle, options_.life);
  const absl::StatusOr<std::string> token = issuer_->Issue(caller, now);
  if (!token.ok()) {
    runtime::LogStatus("a session could not be issued", token.status());
    return Page(500, "Fosterwatch could not sign you in", std::string(kSignInAgain));
  }
  if (options_.sign_ins != nullptr) options_.sign_ins->Began(caller, *token, now + options_.life);
  HttpResponse response;
  response.status = 303;
  const std::string to(request.Cookie(page_cookie_));
  response.headers = {{"Location", IsOwnPage(to) ? to : "/"},
                      {"Set-Cookie", SetCookie(cookie_, *token, caller.expires - now)},
                      {"Cache-Control", "no-store"}};
  if (!to.empty()) {
    response.headers.emplace_back("Set-Cookie", SetCookie(page_cookie_, "", absl::ZeroDuration()));
  }
  return response;
}

HttpResponse Sessions::SignOut(const HttpRequest& request, absl::Time now) const {
  if (!IsSameOrigin(request)) {
    return Problem(Error(absl::StatusCode::kPermissionDenied, "SAME_ORIGIN_REQUIRED",
                         "only a page of this site signs out"));
  }
  bool everywhere = true;
  if (options_.sign_ins != nullptr) {
    // Also where this token is over: a copy may have been kept.
    auth::Caller leaves;
    if (const auto caller = verifier_->Verify(request.Cookie(cookie_), now, &leaves); caller.ok()) {
      leaves = *caller;
    }
    if (!leaves.person_id.empty()) everywhere = options_.sign_ins->Left(leaves, now);
  }
  HttpResponse response;
  const std::string there = provider_ == nullptr ? "" : provider_->SignOutUrl(options_.public_url);
  if (!everywhere) {
    response =
        Page(200, "You are signed out in this browser",
             absl::StrCat("The rest of Fosterwatch could not be told yet; that is tried again "
                          "until it is. ",
                          kSignInAgain));
  } else if (there.empty()) {
    response.status = 303;
    response.headers = {{"Location", "/"}};
  } else {
    // A form may lead to this site only, so people go there by themselves.
    response = Page(200, "You are signed out of Fosterwatch",
                    absl::StrCat("You may still be signed in at your organisation. <a href=\"",
                                 absl::StrReplaceAll(there, {{"&", "&amp;"}, {"\"", "&quot;"}}),
                                 "\">Sign out there too</a>, or <a href=\"/signin\">sign in "
                                 "again</a>."));
  }
  response.headers.emplace_back("Set-Cookie", SetCookie(cookie_, "", absl::ZeroDuration()));
  response.headers.emplace_back("Clear-Site-Data", "\"cache\", \"storage\"");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace fosterwatch::gateway
