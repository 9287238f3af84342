#include "services/gateway/connect.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"

#include "fosterwatch/options/v1/options.pb.h"
#include "libs/json/bytes_to_message.h"
#include "libs/json/to_message.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/gateway/gzip.h"

namespace fosterwatch::gateway {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr size_t kInlineBytes = 64 * 1024;
constexpr size_t kWorthCompressing = 1024;

std::string PathOf(const MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

std::unique_ptr<Message> New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// Which codec the content type names, for unary calls or for streams; nullopt for any other.
absl::optional<Codec> CodecOf(absl::string_view content_type, bool streaming) {
  const std::string type = absl::AsciiStrToLower(
      absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';'))));
  const std::string prefix = streaming ? "application/connect+" : "application/";
  if (type == prefix + "json") return Codec::kJson;
  if (type == prefix + "proto") return Codec::kProto;
  return absl::nullopt;
}

std::string ContentTypeOf(Codec codec) {
  return codec == Codec::kJson ? "application/json" : "application/proto";
}

std::string StreamTypeOf(Codec codec) {
  return codec == Codec::kJson ? "application/connect+json" : "application/connect+proto";
}

// Whether the encoding is gzip; an error for one that is not known.
absl::StatusOr<bool> IsGzip(absl::string_view encoding) {
  if (encoding.empty() || encoding == "identity") return false;
  if (encoding == "gzip") return true;
  return Error(absl::StatusCode::kUnimplemented, "UNKNOWN_ENCODING",
               "of the encodings only gzip and identity are known");
}

absl::Status Read(Codec codec, absl::string_view bytes, Message& message) {
  return codec == Codec::kJson ? json::TextToMessage(bytes, message)
                               : json::BytesToMessage(bytes, message);
}

HttpResponse AnswerOf(Codec codec, std::string bytes, bool gzip) {
  HttpResponse response = HttpResponse::Of(200, ContentTypeOf(codec), "");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (gzip && bytes.size() >= kWorthCompressing) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    bytes = Compress(bytes);
  }
  response.body = std::make_shared<const std::string>(std::move(bytes));
  return response;
}

// What the owner answered, in the client's codec.
absl::StatusOr<std::string> Translate(const MethodDescriptor& method, Codec codec,
                                      absl::StatusOr<std::string> answer) {
  if (!answer.ok()) return ForCaller(answer.status());
  if (codec == Codec::kProto) return answer;
  const std::unique_ptr<Message> message = New(method.output_type());
  std::string text;
  if (!message->ParseFromString(*answer) ||
      !google::protobuf::util::MessageToJsonString(*message, &text).ok()) {
    return Error(absl::StatusCode::kInternal, "INTERNAL", "the service's answer cannot be read");
  }
  return text;
}

void SendAnswer(const MethodDescriptor& method, Codec codec, bool gzip, const ReplyPtr& reply,
                absl::StatusOr<std::string> bytes) {
  if (bytes.ok()) return reply->Send(AnswerOf(codec, *std::move(bytes), gzip));
  if (HttpStatusOf(bytes.status().code()) >= 500) {
    runtime::LogStatus("a call through the gateway failed", bytes.status(),
                       {{"rpc", PathOf(method)}});
  }
  reply->Send(ConnectError(bytes.status()));
}

// Only for what the gateway answers itself; the owners' doors look after the rest.
absl::Status CheckRoles(const MethodDescriptor& method, const auth::Caller& caller) {
  const auto& access = method.options().GetExtension(options::v1::access);
  const bool allowed = std::any_of(access.roles().begin(), access.roles().end(), [&](int role) {
    return caller.Has(static_cast<options::v1::Role>(role));
  });
  if (allowed) return absl::OkStatus();
  return Error(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED",
               "none of the caller's roles may do this");
}

}  // namespace

ConnectBridge::ConnectBridge(Options options) : options_(std::move(options)) {}

void ConnectBridge::Carry(const google::protobuf::ServiceDescriptor* service) {
  const std::vector<std::string> words = absl::StrSplit(service->full_name(), '.');
  for (int i = 0; i < service->method_count(); ++i) {
    Method& method = methods_[PathOf(*service->method(i))];
    method.descriptor = service->method(i);
    method.owner = words[1];
  }
}

void ConnectBridge::OnUnary(const MethodDescriptor* method, Answer answer) {
  Method& local = methods_[PathOf(*method)];
  local.descriptor = method;
  local.answer = std::move(answer);
}

void ConnectBridge::OnStream(const MethodDescriptor* method, Open open) {
  Method& local = methods_[PathOf(*method)];
  local.descriptor = method;
  local.open = std::move(open);
}

bool ConnectBridge::IsRpcPath(absl::string_view path) {
  return absl::StartsWith(path, "/fosterwatch.");
}

void ConnectBridge::Handle(RequestPtr request, ReplyPtr reply) const {
  const auto found = methods_.find(request->path);
  if (found == methods_.end()) {
    return reply->Send(ConnectError(
        Error(absl::StatusCode::kUnimplemented, "UNKNOWN_METHOD", "there is no such method"), 404));
  }
  const Method& method = found->second;
  if (request->method != "POST") {
    HttpResponse refusal = ConnectError(
        Error(absl::StatusCode::kUnimplemented, "POST_ONLY", "calls are made by POST"), 405);
    refusal.headers.emplace_back("Allow", "POST");
    return reply->Send(std::move(refusal));
  }
  const bool streaming = method.open != nullptr;
  const absl::optional<Codec> codec = CodecOf(request->Header("content-type"), streaming);
  if (!codec) {
    HttpResponse refusal = ConnectError(Error(absl::StatusCode::kUnknown, "UNSUPPORTED_MEDIA_TYPE",
                                              "the content type is none that this method takes"),
                                        415);
    refusal.headers.emplace_back("Accept-Post",
                                 streaming ? "application/connect+json, application/connect+proto"
                                           : "application/json, application/proto");
    return reply->Send(std::move(refusal));
  }
  if (streaming) return HandleStream(method, *codec, *request, reply);
  if (request->body.size() <= kInlineBytes) {
    return HandleUnary(method, *codec, std::move(request), std::move(reply));
  }
  options_.run_aside([this, &method, codec = *codec, request = std::move(request),
                      reply = std::move(reply)] { HandleUnary(method, codec, request, reply); });
}

absl::StatusOr<Identity> ConnectBridge::Admit(const Method& method,
                                              const HttpRequest& request) const {
  const absl::string_view version = request.Header("connect-protocol-version");
  if (!version.empty() && version != "1") {
    return InvalidField("Connect-Protocol-Version", "UNKNOWN_PROTOCOL_VERSION", "is not 1");
  }
  ASSIGN_OR_RETURN(Identity identity, options_.sessions->Identify(request, options_.now()));
  if (method.owner.empty()) RETURN_IF_ERROR(CheckRoles(*method.descriptor, identity.caller));
  return identity;
}

void ConnectBridge::HandleUnary(const Method& method, Codec codec, RequestPtr request,
                                ReplyPtr reply) const {
  const absl::StatusOr<Identity> identity = Admit(method, *request);
  const absl::Status status =
      identity.ok() ? CallOwner(method, codec, *request, *identity, reply) : identity.status();
  if (!status.ok()) reply->Send(ConnectError(status));
}

absl::Status ConnectBridge::CallOwner(const Method& method, Codec codec, const HttpRequest& request,
                                      const Identity& identity, const ReplyPtr& reply) const {
  ASSIGN_OR_RETURN(const absl::Duration timeout,
                   ParseTimeout(request.Header("connect-timeout-ms"), options_.most_time));
  ASSIGN_OR_RETURN(const bool compressed, IsGzip(request.Header("content-encoding")));
  std::string body = request.body;
  if (compressed) {
    ASSIGN_OR_RETURN(body, Decompress(body, options_.most_body_bytes));
  }

  const MethodDescriptor& descriptor = *method.descriptor;
  const bool gzip = request.AcceptsGzip();
  const std::unique_ptr<Message> message = New(descriptor.input_type());
  RETURN_IF_ERROR(Read(codec, body, *message));
  if (method.owner.empty()) {
    const std::unique_ptr<Message> answer = method.answer(identity, *message);
    SendAnswer(descriptor, codec, gzip, reply,
               Translate(descriptor, codec, answer->SerializeAsString()));
    return absl::OkStatus();
  }
  body = message->SerializeAsString();
  runtime::Client::Options call;
  call.token = identity.token;
  call.trace_parent = std::string(request.Header("traceparent"));
  call.timeout = timeout;
  // The descriptor lives as long as the program; the bridge may be gone when the answer comes.
  options_.client->CallAsync(method.owner, request.path, std::move(body), call,
                             [&descriptor, codec, gzip, reply](absl::StatusOr<std::string> answer) {
                               SendAnswer(descriptor, codec, gzip, reply,
                                          Translate(descriptor, codec, std::move(answer)));
                             });
  return absl::OkStatus();
}

void ConnectBridge::HandleStream(const Method& method, Codec codec, const HttpRequest& request,
                                 const ReplyPtr& reply) const {
  const absl::Status status = OpenStream(method, codec, request, reply);
  if (status.ok()) return;
  // A stream's errors are in its last message, under 200.
  reply->Send(HttpResponse::Of(200, StreamTypeOf(codec), EndOfStream(status)));
}

absl::Status ConnectBridge::OpenStream(const Method& method, Codec codec,
                                       const HttpRequest& request, const ReplyPtr& reply) const {
  ASSIGN_OR_RETURN(const Identity identity, Admit(method, request));
  ASSIGN_OR_RETURN(const bool gzip, IsGzip(request.Header("connect-content-encoding")));
  ASSIGN_OR_RETURN(const std::string bytes,
                   OnlyMessage(request.body, gzip, options_.most_body_bytes));
  const std::unique_ptr<Message> message = New(method.descriptor->input_type());
  RETURN_IF_ERROR(Read(codec, bytes, *message));
  HttpResponse head;
  head.headers = {{"Content-Type", StreamTypeOf(codec)},
                  {"Cache-Control", "no-store"},
                  // nginx would otherwise collect the stream before it passes it on.
                  {"X-Accel-Buffering", "no"}};
  method.open(identity, codec, reply->Begin(std::move(head)));
  return absl::OkStatus();
}

}  // namespace fosterwatch::gateway
