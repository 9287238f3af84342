#include "services/gateway/session.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

#include "libs/auth/sign_in_links.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::gateway {
namespace {

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

}  // namespace

Sessions::Sessions(Options options, auth::Verifier* verifier,
                   std::unique_ptr<auth::LocalIssuer> issuer)
    : options_(std::move(options)),
      origin_(OriginOf(options_.public_url)),
      secure_(absl::StartsWith(origin_, "https://")),
      cookie_(secure_ ? "__Host-fosterwatch_session" : "fosterwatch_session"),
      verifier_(verifier),
      issuer_(std::move(issuer)) {}

absl::StatusOr<Identity> Sessions::IdentifyBearer(const HttpRequest& request,
                                                  absl::Time now) const {
  absl::string_view token = request.Header("authorization");
  if (token.size() > 7 && absl::EqualsIgnoreCase(token.substr(0, 7), "bearer ")) {
    token.remove_prefix(7);
  } else {
    token = "";
  }
  Identity identity;
  ASSIGN_OR_RETURN(identity.caller, verifier_->Verify(token, now));
  identity.token = std::string(token);
  return identity;
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
  return identity;
}

bool Sessions::IsSameOrigin(const HttpRequest& request) const {
  const absl::string_view origin = request.Header("origin");
  if (origin.empty()) return request.Header("sec-fetch-site") == "same-origin";
  if (origin == origin_) return true;
  // The name that the browser itself used; the scheme must be the one of the public address.
  const absl::string_view scheme = secure_ ? "https://" : "http://";
  return absl::StartsWith(origin, scheme) && origin.substr(scheme.size()) == request.Header("host");
}

std::string Sessions::SetCookie(absl::string_view value, absl::Duration life) const {
  return absl::StrCat(cookie_, "=", value, "; Path=/; Max-Age=", absl::ToInt64Seconds(life),
                      "; HttpOnly; SameSite=Lax", secure_ ? "; Secure" : "");
}

HttpResponse Sessions::SignIn(const HttpRequest& request, absl::Time now) const {
  if (issuer_ == nullptr) {
    return Page(404, "Sign in with your organisation",
                "Sign-in links are not used here: sessions come from your organisation's own "
                "sign-in.");
  }
  absl::StatusOr<auth::Caller> caller =
      auth::TakeSignInCode(options_.links_folder, request.Query("code"), now);
  if (!caller.ok()) {
    if (!absl::IsNotFound(caller.status())) {
      runtime::LogStatus("a sign-in link could not be read", caller.status());
    }
    return Page(403, "This sign-in link no longer works",
                "A link signs in once, and ends after a while. Ask whoever runs Fosterwatch for a "
                "new one; the command is <code>fosterwatch links</code>.");
  }
  caller->expires = now + options_.life;
  const absl::StatusOr<std::string> token = issuer_->Issue(*caller, now);
  if (!token.ok()) {
    runtime::LogStatus("a session could not be issued", token.status());
    return Page(500, "Fosterwatch could not sign you in", "Ask for a new link and try again.");
  }
  HttpResponse response;
  response.status = 303;
  response.headers = {{"Location", "/"},
                      {"Set-Cookie", SetCookie(*token, options_.life)},
                      {"Cache-Control", "no-store"},
                      // The code is in this address.
                      {"Referrer-Policy", "no-referrer"}};
  return response;
}

HttpResponse Sessions::SignOut(const HttpRequest& request) const {
  if (!IsSameOrigin(request)) {
    return Problem(Error(absl::StatusCode::kPermissionDenied, "SAME_ORIGIN_REQUIRED",
                         "only a page of this site signs out"));
  }
  HttpResponse response;
  response.status = 303;
  response.headers = {{"Location", "/"},
                      {"Set-Cookie", SetCookie("", absl::ZeroDuration())},
                      {"Clear-Site-Data", "\"cache\", \"storage\""},
                      {"Cache-Control", "no-store"}};
  return response;
}

}  // namespace fosterwatch::gateway
