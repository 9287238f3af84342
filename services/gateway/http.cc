#include "services/gateway/http.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include <nlohmann/json.hpp>

#include "libs/status/error.h"

namespace fosterwatch::gateway {
namespace {

std::string WordOf(absl::StatusCode code) {
  return absl::AsciiStrToLower(absl::StatusCodeToString(code));
}

}  // namespace

absl::string_view HttpRequest::Header(absl::string_view name) const {
  for (const auto& [header, value] : headers) {
    if (header == name) return value;
  }
  return "";
}

std::string HttpRequest::Query(absl::string_view name) const {
  for (const absl::string_view pair : absl::StrSplit(query, '&')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    if (parts.first == name) {
      return PercentDecode(absl::StrReplaceAll(parts.second, {{"+", " "}})).value_or("");
    }
  }
  return "";
}

bool HttpRequest::HasQuery(absl::string_view name) const {
  for (const absl::string_view pair : absl::StrSplit(query, '&')) {
    if (pair.substr(0, pair.find('=')) == name) return true;
  }
  return false;
}

absl::string_view HttpRequest::Cookie(absl::string_view name) const {
  for (const auto& [header, value] : headers) {
    if (header != "cookie") continue;
    for (absl::string_view pair : absl::StrSplit(value, ';')) {
      pair = absl::StripAsciiWhitespace(pair);
      if (absl::ConsumePrefix(&pair, name) && absl::ConsumePrefix(&pair, "=")) return pair;
    }
  }
  return "";
}

bool HttpRequest::AcceptsGzip() const {
  for (const absl::string_view coding : absl::StrSplit(Header("accept-encoding"), ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(coding, ';');
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts[0]), "gzip")) continue;
    absl::string_view weight = parts.size() > 1 ? absl::StripAsciiWhitespace(parts[1]) : "q=1";
    double q = 1;
    return !absl::ConsumePrefix(&weight, "q=") || !absl::SimpleAtod(weight, &q) || q > 0;
  }
  return false;
}

HttpResponse HttpResponse::Of(int status, std::string content_type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", std::move(content_type)}, {"Cache-Control", "no-store"}};
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

std::string ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

int HttpStatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

HttpResponse Problem(const absl::Status& error, int status) {
  if (status == 0) status = HttpStatusOf(error.code());
  nlohmann::json problem = {{"type", "about:blank"},
                            {"title", ReasonPhrase(status)},
                            {"status", status},
                            {"detail", std::string(error.message())},
                            {"code", WordOf(error.code())}};
  if (const std::string reason = ReasonOf(error); !reason.empty()) problem["reason"] = reason;
  const std::vector<Violation> violations = ViolationsOf(error);
  if (!violations.empty()) {
    problem["field"] = violations[0].field;
    for (const Violation& violation : violations) {
      problem["errors"].push_back(
          {{"field", violation.field}, {"description", violation.description}});
    }
  }
  HttpResponse response =
      HttpResponse::Of(status, "application/problem+json",
                       problem.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  AddRetryAndChallenge(error, response);
  return response;
}

void AddRetryAndChallenge(const absl::Status& error, HttpResponse& response) {
  if (absl::IsUnavailable(error) || absl::IsResourceExhausted(error)) {
    if (response.status != 413) response.headers.emplace_back("Retry-After", "1");
  }
  if (absl::IsUnauthenticated(error)) {
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"fosterwatch\"");
  }
}

absl::optional<std::string> PercentDecode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const absl::string_view digits = text.substr(i + 1, 2);
    if (digits.size() != 2 || !absl::ascii_isxdigit(static_cast<unsigned char>(digits[0])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) {
      return absl::nullopt;
    }
    decoded += absl::HexStringToBytes(digits);
    i += 2;
  }
  return decoded;
}

}  // namespace fosterwatch::gateway
