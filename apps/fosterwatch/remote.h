// How commands reach the services: endpoints and identity, errors and exit codes, JSON.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"

#include "CLI/CLI.hpp"
#include "libs/runtime/client.h"
#include "libs/runtime/settings.h"

namespace fosterwatch::app {

// What a command was told besides its own options.
struct Context {
  runtime::Settings settings;
  bool json = false;
  std::string token;  // wins over `as`
  std::string as;     // a role; empty: the command's own
  std::string agency = "demonstration";
  std::vector<std::string> other_agencies;  // to compare with, with `as`
  int timeout_seconds = 10;
  // What the command that was chosen does; set while the command line is read.
  std::function<absl::Status()> run;
};

// Adds --json, --token, --as, --agency and --timeout to a command that talks to services, and `run`
// as what it does.
void AddRemoteOptions(CLI::App* command, Context* context);

class Remote {
 public:
  // `role` is who asks, unless --token or --as says otherwise.
  static absl::StatusOr<std::unique_ptr<Remote>> Open(const Context& context,
                                                      const std::string& role);

  // "notifiable_events", "NotifiableEventService", "GetEvent".
  template <typename Response>
  absl::StatusOr<Response> Call(const std::string& area, const std::string& service,
                                const std::string& method,
                                const google::protobuf::Message& request) {
    return CallAt<Response>(area, absl::StrCat("/fosterwatch.", area, ".v1.", service, "/", method),
                            request);
  }
  // A method that several services answer, asked of this one.
  template <typename Response>
  absl::StatusOr<Response> CallAt(const std::string& service, const std::string& path,
                                  const google::protobuf::Message& request) {
    Response response;
    const absl::Status status = CallInto(service, path, request, response);
    if (!status.ok()) return status;
    return response;
  }

 private:
  Remote(const runtime::Settings& settings, std::shared_ptr<const runtime::Tls> tls,
         std::string token, absl::Duration timeout);
  absl::Status CallInto(const std::string& service, const std::string& path,
                        const google::protobuf::Message& request,
                        google::protobuf::Message& response);

  const runtime::Settings settings_;
  std::string token_;
  absl::Duration timeout_;
  runtime::Client client_;
};

// What gRPC would write to standard error of a connection, we say in our own words.
void QuietGrpc();

// A word on the command line that makes no sense: exit code 2.
absl::Status UsageError(absl::string_view option, absl::string_view description);

// A request id for a write: what the user gave, else a new one.
std::string RequestId(const std::string& given);

// "now", "now-90m", RFC 3339, or "2026-11-22 06:49" of Europe/London. UsageError otherwise. Now is
// the same moment for the whole process.
absl::StatusOr<google::protobuf::Timestamp> ParseMoment(const std::string& text,
                                                        absl::string_view option);

// The value of an enum by its word ("child-missing"); UsageError lists the words.
absl::StatusOr<int> ParseWord(const google::protobuf::EnumDescriptor* type,
                              const std::string& prefix, const std::string& word,
                              absl::string_view option);
template <typename Enum>
absl::StatusOr<Enum> ParseEnum(const std::string& prefix, const std::string& word,
                               absl::string_view option) {
  const absl::StatusOr<int> value =
      ParseWord(google::protobuf::GetEnumDescriptor<Enum>(), prefix, word, option);
  if (!value.ok()) return value.status();
  return static_cast<Enum>(*value);
}

// protobuf's JSON, indented, with a line break.
void PrintJson(const google::protobuf::Message& message);

// 0 fine; 2 the command line; 3 not found; 4 refused; 5 not allowed; 6 not reachable; 1 the rest.
int ExitCodeOf(const absl::Status& status);
// To standard error: text for people, or one JSON object.
void PrintError(const absl::Status& status, bool json);

}  // namespace fosterwatch::app
