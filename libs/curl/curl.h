// What all that speaks by libcurl shares. Nothing here is told of a message, a URL or a secret.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include <curl/curl.h>

namespace fosterwatch::curl {

// An easy handle; the first one of the process sets libcurl up, whichever thread makes it. One
// thread at a time, as libcurl wants it.
class Handle {
 public:
  Handle();
  CURL* get() const { return handle_.get(); }

 private:
  std::unique_ptr<CURL, void (*)(CURL*)> handle_;
};

// Lines for an option that takes a list; outlives the transfer that uses it.
class List {
 public:
  List() = default;
  List(std::initializer_list<std::string> lines);
  void Add(const std::string& line);
  // Null while it is empty.
  curl_slist* get() const { return lines_.get(); }

 private:
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> lines_{nullptr, curl_slist_free_all};
};

// Why a transfer got no answer, in the word that is recorded: "CONNECTION_REFUSED",
// "NAME_NOT_FOUND", "TIMEOUT"; "TLS_FAILED": it speaks no TLS where that is asked for, or its
// certificate is not good; "CONNECTION_LOST": anything else.
std::string FailureCode(CURLcode error);

// As options whose name ends in _MS take it.
long Milliseconds(absl::Duration duration);

}  // namespace fosterwatch::curl
