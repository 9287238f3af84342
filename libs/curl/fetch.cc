#include "libs/curl/fetch.h"

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/curl/curl.h"

namespace fosterwatch::curl {
namespace {

struct Body {
  std::string text;
  size_t most = 0;
  bool too_long = false;
};

size_t Take(char* data, size_t size, size_t count, void* to) {
  auto* body = static_cast<Body*>(to);
  if (body->text.size() + size * count > body->most) {
    body->too_long = true;
    return 0;
  }
  body->text.append(data, size * count);
  return size * count;
}

std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  const std::string found = text;
  curl_free(text);
  return found;
}

}  // namespace

bool IsSafeUrl(const std::string& text) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), curl_url_cleanup);
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return false;
  }
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT}) {
    if (!Part(url.get(), part).empty()) return false;
  }
  const std::string scheme = Part(url.get(), CURLUPART_SCHEME);
  const std::string host = Part(url.get(), CURLUPART_HOST);
  if (scheme == "https") return !host.empty();
  // libcurl has brought every spelling of an IPv4 address into four decimals.
  return scheme == "http" && (host == "localhost" || host == "[::1]" ||
                              (absl::StartsWith(host, "127.") &&
                               host.find_first_not_of("0123456789.") == std::string::npos));
}

std::string Escape(absl::string_view text) {
  const Handle handle;
  char* escaped = curl_easy_escape(handle.get(), text.data(), static_cast<int>(text.size()));
  if (escaped == nullptr) return "";
  const std::string copy = escaped;
  curl_free(escaped);
  return copy;
}

absl::StatusOr<Answer> Fetch(const Request& request) {
  if (!IsSafeUrl(request.url)) {
    return absl::InvalidArgumentError("is no https address, nor http to this machine itself");
  }
  const Handle handle;
  CURL* const easy = handle.get();
  const List headers{"Accept: application/json"};
  Body body;
  body.most = request.most_bytes;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!request.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  if (!request.form.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.form.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.form.data());
  }
  const std::string user = Escape(request.user), password = Escape(request.password);
  if (!request.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    curl_easy_setopt(easy, CURLOPT_USERNAME, user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, password.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Take);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, Milliseconds(request.timeout));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  const CURLcode error = curl_easy_perform(easy);
  if (body.too_long) return absl::ResourceExhaustedError("the answer is too long");
  if (error != CURLE_OK) return absl::UnavailableError(FailureCode(error));
  Answer answer;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.status);
  answer.body = std::move(body.text);
  return answer;
}

}  // namespace fosterwatch::curl
