// The program under test of the official Connect conformance suite: its service, answered through
// the gateway's own Connect code (services/gateway: connect, connect_protocol, http_server).
//
// The runner writes a ServerCompatRequest to standard input, four bytes of big-endian length before
// it; this answers where it listens in the same way, and leaves on SIGTERM.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

#include "connectrpc/conformance/v1/server_compat.pb.h"
#include "connectrpc/conformance/v1/service.pb.h"
#include "services/gateway/connect.h"
#include "services/gateway/http_server.h"

namespace fosterwatch::gateway {
namespace {

using google::protobuf::Message;
using google::protobuf::RepeatedPtrField;
namespace suite = connectrpc::conformance::v1;
using RequestInfo = suite::ConformancePayload::RequestInfo;

bool ReadMessage(Message& message) {
  unsigned char size[4];
  if (std::fread(size, 1, sizeof size, stdin) != sizeof size) return false;
  std::string bytes(
      uint32_t{size[0]} << 24 | uint32_t{size[1]} << 16 | uint32_t{size[2]} << 8 | size[3], '\0');
  return std::fread(bytes.data(), 1, bytes.size(), stdin) == bytes.size() &&
         message.ParseFromString(bytes);
}

void WriteMessage(const Message& message) {
  const std::string bytes = message.SerializeAsString();
  for (int shift = 24; shift >= 0; shift -= 8) {
    std::putchar(static_cast<int>(bytes.size() >> shift & 0xFF));
  }
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

void AddAll(const std::map<std::string, std::vector<std::string>>& values,
            RepeatedPtrField<suite::Header>* headers) {
  for (const auto& [name, list] : values) {
    suite::Header* header = headers->Add();
    header->set_name(name);
    for (const std::string& value : list) header->add_value(value);
  }
}

HttpHeaders Flat(const RepeatedPtrField<suite::Header>& headers) {
  HttpHeaders flat;
  for (const suite::Header& header : headers) {
    for (const std::string& value : header.value()) flat.emplace_back(header.name(), value);
  }
  return flat;
}

// What the suite wants to hear back of a request.
RequestInfo InfoOf(const ConnectBridge::Call& call, const Message& message) {
  RequestInfo info;
  std::map<std::string, std::vector<std::string>> headers;
  for (const auto& [name, value] : call.request->headers) headers[name].push_back(value);
  AddAll(headers, info.mutable_request_headers());
  int64_t timeout = 0;
  if (absl::SimpleAtoi(call.request->Header("connect-timeout-ms"), &timeout)) {
    info.set_timeout_ms(absl::ToInt64Milliseconds(call.timeout));
  }
  info.add_requests()->PackFrom(message);
  if (call.request->method == "GET") {
    std::map<std::string, std::vector<std::string>> parameters;
    for (const absl::string_view pair : absl::StrSplit(call.request->query, '&')) {
      const std::string name(pair.substr(0, pair.find('=')));
      parameters[name] = {call.request->Query(name)};
    }
    AddAll(parameters, info.mutable_connect_get_info()->mutable_query_params());
  }
  return info;
}

// An error as the suite defines it; the codes have the same numbers in both.
absl::Status StatusOf(const suite::Error& error, const RequestInfo* info) {
  absl::Status status(static_cast<absl::StatusCode>(error.code()), error.message());
  for (const google::protobuf::Any& detail : error.details()) {
    status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  if (info != nullptr) {
    google::protobuf::Any detail;
    detail.PackFrom(*info);
    status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return status;
}

template <typename Request, typename Response>
void AnswerUnary(const ConnectBridge::Call& call, const Message& message,
                 const std::function<void(ConnectBridge::Answered)>& done) {
  const suite::UnaryResponseDefinition& wanted =
      static_cast<const Request&>(message).response_definition();
  auto response = std::make_unique<Response>();
  RequestInfo* const info = response->mutable_payload()->mutable_request_info();
  *info = InfoOf(call, message);
  response->mutable_payload()->set_data(wanted.response_data());
  absl::SleepFor(absl::Milliseconds(wanted.response_delay_ms()));
  ConnectBridge::Answered answered;
  answered.headers = Flat(wanted.response_headers());
  answered.trailers = Flat(wanted.response_trailers());
  if (wanted.has_error()) {
    answered.message = StatusOf(wanted.error(), info);
  } else {
    answered.message = std::move(response);
  }
  done(std::move(answered));
}

void AnswerStream(const ConnectBridge::Call& call, const Message& message,
                  const ConnectBridge::Begin& begin) {
  const suite::StreamResponseDefinition& wanted =
      static_cast<const suite::ServerStreamRequest&>(message).response_definition();
  const RequestInfo info = InfoOf(call, message);
  const std::shared_ptr<Stream> stream = begin(Flat(wanted.response_headers()));
  for (int i = 0; i < wanted.response_data_size(); ++i) {
    suite::ServerStreamResponse response;
    response.mutable_payload()->set_data(wanted.response_data(i));
    if (i == 0) *response.mutable_payload()->mutable_request_info() = info;
    absl::SleepFor(absl::Milliseconds(wanted.response_delay_ms()));
    stream->Write(std::make_shared<const std::string>(Envelope(0, Encode(call.codec, response))));
  }
  absl::Status status;
  if (wanted.has_error()) {
    status = StatusOf(wanted.error(), wanted.response_data_size() == 0 ? &info : nullptr);
  }
  stream->End(
      std::make_shared<const std::string>(EndOfStream(status, Flat(wanted.response_trailers()))));
}

int Main() {
  suite::ServerCompatRequest request;
  if (!ReadMessage(request)) {
    std::fputs("standard input holds no ServerCompatRequest\n", stderr);
    return 2;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  std::unique_ptr<HttpServer> server;
  ConnectBridge::Options options;
  options.admit = [](const HttpRequest&, const google::protobuf::MethodDescriptor*) {
    return Identity();
  };
  options.run_aside = [&server](std::function<void()> task) { server->RunAside(std::move(task)); };
  options.most_time = absl::Hours(24);
  if (request.message_receive_limit() > 0) {
    options.most_body_bytes = request.message_receive_limit();
  }
  const size_t most_body_bytes = options.most_body_bytes;
  ConnectBridge bridge(std::move(options));
  const auto* service =
      suite::UnaryRequest::descriptor()->file()->FindServiceByName("ConformanceService");
  bridge.OnUnary(service->FindMethodByName("Unary"),
                 &AnswerUnary<suite::UnaryRequest, suite::UnaryResponse>);
  bridge.OnUnary(service->FindMethodByName("IdempotentUnary"),
                 &AnswerUnary<suite::IdempotentUnaryRequest, suite::IdempotentUnaryResponse>);
  bridge.OnStream(service->FindMethodByName("ServerStream"), &AnswerStream);

  HttpServer::Options listen;
  listen.listen = "127.0.0.1:0";
  listen.aside_threads = 16;
  // Of a message, so that of a stream's envelope is a little more.
  listen.most_body_bytes = most_body_bytes + kEnvelopeHead;
  // Messages in the queries of GET.
  listen.most_header_bytes = 1024 * 1024;
  auto listening = HttpServer::Listen(
      listen,
      // The suite's delays are slept, so nothing of it runs on the io thread.
      [&](RequestPtr call, ReplyPtr reply) {
        server->RunAside([&bridge, call = std::move(call), reply = std::move(reply)] {
          bridge.Handle(call, reply);
        });
      },
      [&](const HttpRequest& refused, int status) {
        return bridge.Refuse(
            refused,
            status == 413 ? BodyTooLarge() : absl::InvalidArgumentError("the request is none"),
            status);
      });
  if (!listening.ok()) {
    std::fprintf(stderr, "%s\n", listening.status().ToString().c_str());
    return 1;
  }
  server = *std::move(listening);
  server->Run();
  suite::ServerCompatResponse response;
  response.set_host("127.0.0.1");
  response.set_port(server->port());
  WriteMessage(response);
  int signal = 0;
  sigwait(&signals, &signal);
  server->Stop(absl::Seconds(5));
  return 0;
}

}  // namespace
}  // namespace fosterwatch::gateway

int main() { return fosterwatch::gateway::Main(); }
