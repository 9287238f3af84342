#include "apps/fosterwatch/remote.h"

#include <cstdio>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include <grpc/support/log.h>

#include "apps/fosterwatch/people.h"
#include "apps/fosterwatch/table.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/ledger/id.h"
#include "libs/runtime/tls.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace fosterwatch::app {

void AddRemoteOptions(CLI::App* command, Context* context) {
  command->add_flag("--json", context->json, "print protobuf JSON instead of text");
  command->add_option("--token", context->token, "access token")
      ->envname("FOSTERWATCH_TOKEN")
      ->type_name("TOKEN");
  command->add_option("--as", context->as, "role to ask as, with a token of the local issuer")
      ->type_name("ROLE");
  command->add_option("--agency", context->agency, "agency to ask for, with --as")
      ->capture_default_str();
  command->add_option("--timeout", context->timeout_seconds, "seconds to wait for an answer")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
}

Remote::Remote(const runtime::Settings& settings, std::shared_ptr<const runtime::Tls> tls,
               std::string token, absl::Duration timeout)
    : settings_(settings),
      token_(std::move(token)),
      timeout_(timeout),
      client_([settings](const std::string& service) { return settings.Endpoint(service); },
              std::move(tls)) {}

absl::StatusOr<std::unique_ptr<Remote>> Remote::Open(const Context& context,
                                                     const std::string& role) {
  std::string token = context.token;
  if (token.empty() || !context.as.empty()) {
    ASSIGN_OR_RETURN(token, IssueToken(context.settings, context.as.empty() ? role : context.as,
                                       context.agency, "", absl::Hours(1), context.other_agencies));
  }
  QuietGrpc();
  ASSIGN_OR_RETURN(std::shared_ptr<const runtime::Tls> tls, runtime::Tls::Open(context.settings));
  return std::unique_ptr<Remote>(new Remote(context.settings, std::move(tls), std::move(token),
                                            absl::Seconds(context.timeout_seconds)));
}

absl::Status Remote::CallInto(const std::string& service, const std::string& path,
                              const google::protobuf::Message& request,
                              google::protobuf::Message& response) {
  runtime::Client::Options options;
  options.token = token_;
  options.timeout = timeout_;
  const absl::StatusOr<std::string> bytes =
      client_.CallBytes(service, path, request.SerializeAsString(), options);
  // What gRPC itself says of a connection is for those who know its insides.
  if (absl::IsUnavailable(bytes.status()) && ReasonOf(bytes.status()).empty()) {
    return Error(absl::StatusCode::kUnavailable, "NO_ANSWER",
                 absl::StrCat("nobody answers at ", settings_.Endpoint(service),
                              ": does Fosterwatch run there? 'fosterwatch doctor' looks at "
                              "everything it needs"));
  }
  if (!bytes.ok()) return bytes.status();
  if (response.ParseFromString(*bytes)) return absl::OkStatus();
  return absl::InternalError("the answer cannot be read");
}

void QuietGrpc() {
  gpr_set_log_function([](gpr_log_func_args*) {});
}

absl::Status UsageError(absl::string_view option, absl::string_view description) {
  return Error(absl::StatusCode::kInvalidArgument, "USAGE",
               absl::StrCat("--", option, " ", description));
}

std::string RequestId(const std::string& given) { return given.empty() ? ledger::NewId() : given; }

absl::StatusOr<google::protobuf::Timestamp> ParseMoment(const std::string& text,
                                                        absl::string_view option) {
  absl::Time time;
  absl::Duration shift;
  std::string error;
  // One moment for all options of a command: what occurred now was known of no earlier.
  static const absl::Time now = absl::Now();
  if (text == "now") return clock::ToProto(now);
  if ((absl::StartsWith(text, "now-") || absl::StartsWith(text, "now+")) &&
      absl::ParseDuration(text.substr(3), &shift)) {
    return clock::ToProto(now + shift);
  }
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return clock::ToProto(time);
  for (const char* format : {"%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S"}) {
    if (absl::ParseTime(format, text, clock::London(), &time, &error)) return clock::ToProto(time);
  }
  return UsageError(option,
                    "is no moment such as 'now', 'now-90m', '2026-11-22 06:49' (London) or "
                    "'2026-11-22T06:49:00Z'");
}

absl::StatusOr<int> ParseWord(const google::protobuf::EnumDescriptor* type,
                              const std::string& prefix, const std::string& word,
                              absl::string_view option) {
  std::vector<std::string> words;
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() == 0) continue;
    words.push_back(Word(type->value(i)->name(), prefix));
    if (words.back() == absl::StrReplaceAll(absl::AsciiStrToLower(word), {{"_", "-"}})) {
      return type->value(i)->number();
    }
  }
  return UsageError(option, absl::StrCat("is none of ", absl::StrJoin(words, ", ")));
}

void PrintJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) json = "{}\n";
  std::fputs(json.c_str(), stdout);
}

int ExitCodeOf(const absl::Status& status) {
  if (ReasonOf(status) == "USAGE") return 2;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 0;
    case absl::StatusCode::kNotFound:
      return 3;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kOutOfRange:
      return 4;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return 5;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return 6;
    default:
      return 1;
  }
}

void PrintError(const absl::Status& status, bool json) {
  const std::vector<Violation> violations = ViolationsOf(status);
  const std::string message(status.message());
  if (json) {
    nlohmann::ordered_json object;
    object["code"] = absl::StatusCodeToString(status.code());
    object["reason"] = ReasonOf(status);
    object["message"] = message;
    object["violations"] = nlohmann::ordered_json::array();
    for (const Violation& violation : violations) {
      object["violations"].push_back(
          {{"field", violation.field}, {"description", violation.description}});
    }
    std::fprintf(stderr, "%s\n",
                 object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return;
  }
  std::string text = absl::StrCat("fosterwatch: ", message, "\n");
  for (const Violation& violation : violations) {
    const std::string line = absl::StrCat(violation.field, ": ", violation.description);
    if (line != message) absl::StrAppend(&text, "  ", line, "\n");
  }
  if (const std::string reason = ReasonOf(status); !reason.empty()) {
    absl::StrAppend(&text, "  (", absl::StatusCodeToString(status.code()), ", ", reason, ")\n");
  }
  std::fputs(text.c_str(), stderr);
}

}  // namespace fosterwatch::app
