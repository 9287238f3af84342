#include "libs/curl/curl.h"

#include "absl/base/call_once.h"

namespace fosterwatch::curl {
namespace {

CURL* MakeHandle() {
  // curl_easy_init() does this too, but not for two threads at a time.
  static absl::once_flag once;
  absl::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return curl_easy_init();
}

}  // namespace

Handle::Handle() : handle_(MakeHandle(), curl_easy_cleanup) {}

List::List(std::initializer_list<std::string> lines) {
  for (const std::string& line : lines) Add(line);
}

void List::Add(const std::string& line) {
  lines_.reset(curl_slist_append(lines_.release(), line.c_str()));
}

std::string FailureCode(CURLcode error) {
  switch (error) {
    case CURLE_COULDNT_CONNECT:
      return "CONNECTION_REFUSED";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "NAME_NOT_FOUND";
    case CURLE_OPERATION_TIMEDOUT:
      return "TIMEOUT";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return "TLS_FAILED";
    default:
      return "CONNECTION_LOST";
  }
}

long Milliseconds(absl::Duration duration) {
  return static_cast<long>(absl::ToInt64Milliseconds(duration));
}

}  // namespace fosterwatch::curl
