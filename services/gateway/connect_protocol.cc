#include "services/gateway/connect_protocol.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"
#include <nlohmann/json.hpp>

#include "libs/status/error.h"
#include "services/gateway/gzip.h"

namespace fosterwatch::gateway {
namespace {

using Json = nlohmann::json;

constexpr absl::string_view kTypePrefix = "type.googleapis.com/";
constexpr char kErrorInfo[] = "google.rpc.ErrorInfo";

// The detail as JSON, for people who read along; null where its type is not known here.
Json Debug(const std::string& type, const std::string& bytes) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  if (descriptor == nullptr) return nullptr;
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  std::string text;
  if (!message->ParseFromString(bytes) ||
      !google::protobuf::util::MessageToJsonString(*message, &text).ok()) {
    return nullptr;
  }
  return Json::parse(text, nullptr, false);
}

Json ErrorObject(const absl::Status& error) {
  Json object = {{"code", ConnectCode(error.code())}, {"message", std::string(error.message())}};
  // absl hands payloads over in no order; the reason comes first.
  std::map<std::pair<bool, std::string>, std::string> details;
  error.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    const std::string type(absl::StripPrefix(type_url, kTypePrefix));
    details[{type != kErrorInfo, type}] = std::string(payload);
  });
  for (const auto& [key, bytes] : details) {
    std::string value = absl::Base64Escape(bytes);
    while (!value.empty() && value.back() == '=') value.pop_back();
    Json detail = {{"type", key.second}, {"value", value}};
    if (Json debug = Debug(key.second, bytes); !debug.is_null()) detail["debug"] = debug;
    object["details"].push_back(std::move(detail));
  }
  return object;
}

std::string Dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string ConnectCode(absl::StatusCode code) {
  // Connect spells this one in the American way.
  if (code == absl::StatusCode::kCancelled) return "canceled";
  return absl::AsciiStrToLower(absl::StatusCodeToString(code));
}

std::string ConnectErrorJson(const absl::Status& error) { return Dump(ErrorObject(error)); }

HttpResponse ConnectError(const absl::Status& error, int status) {
  HttpResponse response = HttpResponse::Of(status == 0 ? HttpStatusOf(error.code()) : status,
                                           "application/json", ConnectErrorJson(error));
  AddRetryAndChallenge(error, response);
  return response;
}

absl::Status ForCaller(const absl::Status& error) {
  const std::string reason = ReasonOf(error);
  // A door puts this one on what a library said, such as where the database was looked for.
  const bool of_library = absl::IsUnavailable(error) && reason == "UNAVAILABLE";
  if (!reason.empty() && !of_library) return error;
  switch (error.code()) {
    case absl::StatusCode::kUnavailable:
      return Error(error.code(), "SERVICE_UNAVAILABLE", "the service cannot be reached at present");
    case absl::StatusCode::kDeadlineExceeded:
      return Error(error.code(), "DEADLINE_EXCEEDED", "the service did not answer in time");
    case absl::StatusCode::kCancelled:
      return Error(error.code(), "CANCELLED", "the call was cancelled");
    case absl::StatusCode::kResourceExhausted:
      return Error(error.code(), "RESOURCE_EXHAUSTED", "the service cannot take this now");
    case absl::StatusCode::kUnimplemented:
      return Error(error.code(), "UNIMPLEMENTED", "the service does not know this call");
    default:
      return Error(absl::StatusCode::kInternal, "INTERNAL", "internal error");
  }
}

absl::StatusOr<absl::Duration> ParseTimeout(absl::string_view header, absl::Duration most) {
  if (header.empty()) return most;
  int64_t milliseconds = 0;
  if (header.size() > 10 || header.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(header, &milliseconds)) {
    return InvalidField("Connect-Timeout-Ms", "INVALID_TIMEOUT",
                        "is not a number of at most ten digits");
  }
  // Zero asks for no deadline at all, which clients do for streams.
  if (milliseconds == 0) return most;
  return std::min(absl::Milliseconds(milliseconds), most);
}

std::string Envelope(uint8_t flags, absl::string_view message) {
  const uint32_t size = static_cast<uint32_t>(message.size());
  std::string envelope;
  envelope.reserve(message.size() + 5);
  envelope += static_cast<char>(flags);
  for (int shift = 24; shift >= 0; shift -= 8) envelope += static_cast<char>(size >> shift & 0xFF);
  envelope.append(message.data(), message.size());
  return envelope;
}

std::string Encode(Codec codec, const google::protobuf::Message& message) {
  std::string bytes;
  if (codec == Codec::kProto) {
    message.SerializeToString(&bytes);
  } else {
    (void)google::protobuf::util::MessageToJsonString(message, &bytes);
  }
  return bytes;
}

std::string EndOfStream(const absl::Status& status, const HttpHeaders& trailers) {
  Json end = Json::object();
  if (!status.ok()) end["error"] = ErrorObject(status);
  for (const auto& [name, value] : trailers) end["metadata"][name].push_back(value);
  return Envelope(kEndStreamFlag, Dump(end));
}

absl::StatusOr<std::string> OnlyMessage(absl::string_view body, bool gzip, size_t most) {
  const auto malformed = [](absl::string_view text) {
    return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_ENVELOPE", text);
  };
  // As the protocol has it for methods that take one message.
  const auto not_one = [](absl::string_view text) {
    return Error(absl::StatusCode::kUnimplemented, "NOT_ONE_MESSAGE", text);
  };
  if (body.empty()) return not_one("the stream of the request has no message");
  if (body.size() < 5) return malformed("the stream of the request ends within an envelope");
  uint32_t size = 0;
  for (int i = 1; i < 5; ++i) size = size << 8 | static_cast<uint8_t>(body[i]);
  const uint8_t flags = static_cast<uint8_t>(body[0]);
  if ((flags & ~kCompressedFlag) != 0)
    return malformed("the envelope has flags that are not known");
  if (size > body.size() - 5) return malformed("the stream of the request ends within an envelope");
  if (size < body.size() - 5) return not_one("the stream of the request has more than one message");
  const absl::string_view message = body.substr(5);
  if ((flags & kCompressedFlag) == 0) {
    if (message.size() > most) return BodyTooLarge();
    return std::string(message);
  }
  if (!gzip) {
    return Error(absl::StatusCode::kInternal, "MALFORMED_ENVELOPE",
                 "the message is compressed by no encoding that was named");
  }
  return Decompress(message, most);
}

absl::StatusOr<GetCall> ReadGet(const HttpRequest& request) {
  GetCall call;
  const std::string encoding = request.Query("encoding");
  if (encoding == "json") {
    call.codec = Codec::kJson;
  } else if (encoding != "proto") {
    return InvalidField("encoding", "UNKNOWN_ENCODING", "is neither json nor proto");
  }
  const std::string version = request.Query("connect");
  if (!version.empty() && version != "v1") {
    return InvalidField("connect", "UNKNOWN_PROTOCOL_VERSION", "is not v1");
  }
  if (!request.HasQuery("message")) return InvalidField("message", "REQUIRED", "is missing");
  call.message = request.Query("message");
  if (request.Query("base64") == "1") {
    std::string bytes;
    if (!absl::WebSafeBase64Unescape(call.message, &bytes)) {
      return InvalidField("message", "INVALID_BASE64", "is not in the base64 of URLs");
    }
    call.message = std::move(bytes);
  }
  call.compression = request.Query("compression");
  return call;
}

absl::Status BodyTooLarge() {
  return Error(absl::StatusCode::kResourceExhausted, "BODY_TOO_LARGE",
               "the body is larger than 1,000,000 bytes");
}

}  // namespace fosterwatch::gateway
