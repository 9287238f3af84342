#include "services/gateway/connect.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"

#include "libs/json/bytes_to_message.h"
#include "libs/json/to_message.h"
#include "libs/runtime/door.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/gateway/gzip.h"
#include "services/gateway/in_flight.h"

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

void LogFailure(const MethodDescriptor& method, const absl::Status& status) {
  if (HttpStatusOf(status.code()) < 500) return;
  runtime::LogStatus("a call through the gateway failed", status, {{"rpc", PathOf(method)}});
}

void SendAnswer(const MethodDescriptor& method, Codec codec, bool gzip, const ReplyPtr& reply,
                absl::StatusOr<std::string> bytes) {
  if (bytes.ok()) return reply->Send(AnswerOf(codec, *std::move(bytes), gzip));
  LogFailure(method, bytes.status());
  reply->Send(ConnectError(bytes.status()));
}

void SendAnswered(const MethodDescriptor& method, Codec codec, bool gzip, const ReplyPtr& reply,
                  ConnectBridge::Answered answered) {
  if (!answered.message.ok()) LogFailure(method, answered.message.status());
  HttpResponse response = answered.message.ok()
                              ? AnswerOf(codec, Encode(codec, **answered.message), gzip)
                              : ConnectError(answered.message.status());
  for (auto& header : answered.headers) response.headers.push_back(std::move(header));
  for (auto& [name, value] : answered.trailers) {
    response.headers.emplace_back(absl::StrCat("Trailer-", name), std::move(value));
  }
  reply->Send(std::move(response));
}

bool HasNoSideEffects(const MethodDescriptor& method) {
  return method.options().idempotency_level() == google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

}  // namespace

ConnectBridge::ConnectBridge(Options options) : options_(std::move(options)) {}

void ConnectBridge::Carry(const google::protobuf::ServiceDescriptor* service) {
  const std::vector<std::string> words = absl::StrSplit(service->full_name(), '.');
  for (int i = 0; i < service->method_count(); ++i) {
    Method& method = methods_[PathOf(*service->method(i))];
    method.descriptor = service->method(i);
    method.owner = words[1];
    method.names_owner = runtime::ModuleField(method.descriptor->input_type());
    if (method.names_owner == nullptr) owners_.insert(method.owner);
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
  const bool streaming = method.open != nullptr;
  const bool by_get = !streaming && HasNoSideEffects(*method.descriptor);
  if (by_get && request->method == "GET") {
    return HandleGet(method, std::move(request), std::move(reply));
  }
  if (request->method != "POST") {
    HttpResponse refusal =
        ConnectError(Error(absl::StatusCode::kUnknown, "POST_ONLY", "calls are made by POST"), 405);
    refusal.headers.emplace_back("Allow", by_get ? "GET, POST" : "POST");
    return reply->Send(std::move(refusal));
  }
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
  if (streaming) return HandleStream(method, *codec, request, reply);
  Question question{*codec, request->body, std::string(request->Header("content-encoding"))};
  if (request->body.size() <= kInlineBytes) {
    return HandleUnary(method, std::move(question), std::move(request), std::move(reply));
  }
  options_.run_aside([this, &method, question = std::move(question), request = std::move(request),
                      reply = std::move(reply)]() mutable {
    HandleUnary(method, std::move(question), std::move(request), std::move(reply));
  });
}

HttpResponse ConnectBridge::Refuse(const HttpRequest& request, const absl::Status& error,
                                   int status) const {
  const auto found = methods_.find(request.path);
  if (found != methods_.end() && found->second.open != nullptr) {
    if (const auto codec = CodecOf(request.Header("content-type"), /*streaming=*/true)) {
      return HttpResponse::Of(200, StreamTypeOf(*codec), EndOfStream(error));
    }
  }
  return ConnectError(error, status);
}

absl::StatusOr<ConnectBridge::Call> ConnectBridge::Admit(const Method& method, Codec codec,
                                                         const RequestPtr& request) const {
  const absl::string_view version = request->Header("connect-protocol-version");
  if (!version.empty() && version != "1") {
    return InvalidField("Connect-Protocol-Version", "UNKNOWN_PROTOCOL_VERSION", "is not 1");
  }
  Call call;
  call.request = request;
  call.codec = codec;
  ASSIGN_OR_RETURN(call.identity,
                   options_.admit(*request, method.owner.empty() ? method.descriptor : nullptr));
  ASSIGN_OR_RETURN(call.timeout,
                   ParseTimeout(request->Header("connect-timeout-ms"), options_.most_time));
  return call;
}

void ConnectBridge::HandleGet(const Method& method, RequestPtr request, ReplyPtr reply) const {
  absl::StatusOr<GetCall> call = ReadGet(*request);
  if (!call.ok()) return reply->Send(ConnectError(call.status()));
  HandleUnary(method, {call->codec, std::move(call->message), std::move(call->compression)},
              std::move(request), std::move(reply));
}

void ConnectBridge::HandleUnary(const Method& method, Question question, RequestPtr request,
                                ReplyPtr reply) const {
  const absl::Status status = CallOwner(method, std::move(question), request, reply);
  if (!status.ok()) reply->Send(ConnectError(status));
}

absl::Status ConnectBridge::CallOwner(const Method& method, Question question,
                                      const RequestPtr& request, const ReplyPtr& reply) const {
  const Codec codec = question.codec;
  ASSIGN_OR_RETURN(const Call call, Admit(method, codec, request));
  ASSIGN_OR_RETURN(const bool compressed, IsGzip(question.encoding));
  std::string body = std::move(question.bytes);
  if (compressed) {
    ASSIGN_OR_RETURN(body, Decompress(body, options_.most_body_bytes));
  }
  if (body.size() > options_.most_body_bytes) return BodyTooLarge();
  if (!reply->ChargeTo(call.identity.caller.agency_id)) return InFlight::Full();

  const MethodDescriptor& descriptor = *method.descriptor;
  const bool gzip = request->AcceptsGzip();
  const std::unique_ptr<Message> message = New(descriptor.input_type());
  RETURN_IF_ERROR(Read(codec, body, *message));
  // The descriptor lives as long as the program; the bridge may be gone when the answer comes.
  if (method.owner.empty()) {
    method.answer(call, *message, [&descriptor, codec, gzip, reply](Answered answered) {
      SendAnswered(descriptor, codec, gzip, reply, std::move(answered));
    });
    return absl::OkStatus();
  }
  std::string owner = method.owner;
  if (method.names_owner != nullptr) {
    owner = message->GetReflection()->GetString(*message, method.names_owner);
    if (!owners_.contains(owner)) {
      return Error(absl::StatusCode::kNotFound, "UNKNOWN_SERVICE", "there is no such service",
                   {{method.names_owner->name(), "is no service"}});
    }
  }
  body = message->SerializeAsString();
  runtime::Client::Options options;
  options.token = call.identity.token;
  options.trace_parent = std::string(request->Header("traceparent"));
  options.purpose = std::string(request->Header("x-purpose"));
  // Of the caller's time, what is left.
  options.timeout = request->received + call.timeout - absl::Now();
  options.cancellation = reply->gone();
  options_.client->CallAsync(owner, request->path, std::move(body), options,
                             [&descriptor, codec, gzip, reply](absl::StatusOr<std::string> answer) {
                               SendAnswer(descriptor, codec, gzip, reply,
                                          Translate(descriptor, codec, std::move(answer)));
                             });
  return absl::OkStatus();
}

void ConnectBridge::HandleStream(const Method& method, Codec codec, const RequestPtr& request,
                                 const ReplyPtr& reply) const {
  const absl::Status status = OpenStream(method, codec, request, reply);
  if (status.ok()) return;
  // A stream's errors are in its last message, under 200.
  reply->Send(HttpResponse::Of(200, StreamTypeOf(codec), EndOfStream(status)));
}

absl::Status ConnectBridge::OpenStream(const Method& method, Codec codec, const RequestPtr& request,
                                       const ReplyPtr& reply) const {
  ASSIGN_OR_RETURN(const Call call, Admit(method, codec, request));
  ASSIGN_OR_RETURN(const bool gzip, IsGzip(request->Header("connect-content-encoding")));
  ASSIGN_OR_RETURN(const std::string bytes,
                   OnlyMessage(request->body, gzip, options_.most_body_bytes));
  const std::unique_ptr<Message> message = New(method.descriptor->input_type());
  RETURN_IF_ERROR(Read(codec, bytes, *message));
  method.open(call, *message, [codec, reply](HttpHeaders headers) {
    HttpResponse head;
    head.headers = {{"Content-Type", StreamTypeOf(codec)},
                    {"Cache-Control", "no-store"},
                    // nginx would otherwise collect the stream before it passes it on.
                    {"X-Accel-Buffering", "no"}};
    for (auto& header : headers) head.headers.push_back(std::move(header));
    return reply->Begin(std::move(head));
  });
  return absl::OkStatus();
}

}  // namespace fosterwatch::gateway
