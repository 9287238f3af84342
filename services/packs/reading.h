// Reads the registers under the identity of the person for whom a document is made: what they may
// not read is refused by the owner, and the document is not made.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "libs/runtime/client.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::packs {

// For one thread.
class Reading {
 public:
  struct Options {
    runtime::Client* client = nullptr;
    std::string token;
    std::string trace_parent;
    // Told how many records have been read so far; false ends the reading as CANCELLED.
    std::function<bool(int64_t records_read)> go_on;
  };
  explicit Reading(Options options) : options_(std::move(options)) {}

  // "complaints", "ComplaintsService", "GetComplaint". An owner that does not answer is
  // UNAVAILABLE (OWNER_AWAY) by its name; what it refuses, and why, passes as it is.
  template <typename Response>
  absl::StatusOr<Response> Get(const std::string& area, const std::string& service,
                               const std::string& method,
                               const google::protobuf::Message& request) {
    ASSIGN_OR_RETURN(const std::vector<std::string> answers,
                     Ask(area, Path(area, service, method), {request.SerializeAsString()}));
    return Parse<Response>(area, answers[0]);
  }

  // The same for many, some of them under way at a time; answers in the order of the requests.
  template <typename Response, typename Request>
  absl::StatusOr<std::vector<Response>> GetEach(const std::string& area, const std::string& service,
                                                const std::string& method,
                                                const std::vector<Request>& requests) {
    std::vector<std::string> bytes;
    bytes.reserve(requests.size());
    for (const Request& request : requests) bytes.push_back(request.SerializeAsString());
    ASSIGN_OR_RETURN(const std::vector<std::string> answers,
                     Ask(area, Path(area, service, method), std::move(bytes)));
    std::vector<Response> responses;
    responses.reserve(answers.size());
    for (const std::string& answer : answers) {
      ASSIGN_OR_RETURN(Response response, Parse<Response>(area, answer));
      responses.push_back(std::move(response));
    }
    return responses;
  }

  // All pages of a list: `take` gets each answer.
  template <typename Response, typename Request>
  absl::Status ForEachPage(const std::string& area, const std::string& service,
                           const std::string& method, Request request,
                           const std::function<void(const Response&)>& take) {
    while (true) {
      ASSIGN_OR_RETURN(const Response response, Get<Response>(area, service, method, request));
      take(response);
      if (response.next_page_token().empty()) return absl::OkStatus();
      request.set_page_token(response.next_page_token());
    }
  }

  // So many records more have been read.
  absl::Status Count(int64_t records);

 private:
  static std::string Path(const std::string& area, const std::string& service,
                          const std::string& method) {
    return absl::StrCat("/fosterwatch.", area, ".v1.", service, "/", method);
  }
  template <typename Response>
  static absl::StatusOr<Response> Parse(const std::string& area, const std::string& bytes) {
    Response response;
    if (response.ParseFromString(bytes)) return response;
    return absl::InternalError(absl::StrCat("an answer of ", area, " cannot be read"));
  }

  absl::StatusOr<std::vector<std::string>> Ask(const std::string& area, const std::string& path,
                                               std::vector<std::string> requests);

  const Options options_;
  int64_t records_read_ = 0;
};

}  // namespace fosterwatch::packs
