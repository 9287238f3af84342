#include "services/gateway/gateway.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

#include "fosterwatch/gateway/v1/gateway_service.pb.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::gateway {
namespace {

using google::protobuf::Message;

HttpHeaders SecurityHeaders(absl::string_view public_url) {
  HttpHeaders headers = {
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
       "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
       "base-uri 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "same-origin"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
  };
  if (absl::StartsWith(public_url, "https://")) {
    headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  }
  return headers;
}

std::vector<std::string> OwnersOf(
    const std::vector<const google::protobuf::ServiceDescriptor*>& services) {
  std::set<std::string> owners;
  for (const auto* service : services) {
    const std::vector<std::string> words = absl::StrSplit(service->full_name(), '.');
    owners.insert(words[1]);
  }
  return {owners.begin(), owners.end()};
}

const google::protobuf::MethodDescriptor* MethodOf(const char* service, const char* method) {
  return v1::Session::descriptor()->file()->FindServiceByName(service)->FindMethodByName(method);
}

std::unique_ptr<Message> SessionOf(const auth::Caller& caller) {
  auto session = std::make_unique<v1::Session>();
  session->set_person_id(caller.person_id);
  session->set_agency_id(caller.agency_id);
  for (const options::v1::Role role : caller.roles) session->add_roles(role);
  session->mutable_expire_time()->set_seconds(absl::ToUnixSeconds(caller.expires));
  return session;
}

HttpResponse MethodNotAllowed(absl::string_view allow) {
  HttpResponse response = Problem(
      Error(absl::StatusCode::kUnimplemented, "METHOD_NOT_ALLOWED", "not by this method"), 405);
  response.headers.emplace_back("Allow", std::string(allow));
  return response;
}

}  // namespace

Gateway::Gateway(Options options)
    : now_(options.now),
      sessions_(std::move(options.sessions), options.verifier, std::move(options.issuer)),
      bridge_({options.client, &sessions_, options.now,
               [this](std::function<void()> task) { server_->RunAside(std::move(task)); },
               options.server.most_body_bytes}),
      intake_({options.client, &sessions_, options.now,
               [this](std::function<void()> task) { server_->RunAside(std::move(task)); },
               options.server.most_body_bytes}),
      readiness_(std::make_shared<Readiness>(options.client, OwnersOf(options.services),
                                             std::move(options.own_readiness), options.now)) {
  for (const auto* service : options.services) bridge_.Carry(service);
  bridge_.OnUnary(
      MethodOf("SessionService", "GetSession"),
      [](const Identity& identity, const Message&) { return SessionOf(identity.caller); });
  bridge_.OnStream(MethodOf("LiveService", "Watch"),
                   [this](const Identity& identity, Codec codec, std::shared_ptr<Stream> stream) {
                     live_.Join(identity, codec, std::move(stream));
                   });
}

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Open(Options options) {
  HttpServer::Options server = options.server;
  for (auto& header : SecurityHeaders(options.sessions.public_url)) {
    server.headers.push_back(std::move(header));
  }
  StaticFiles files = StaticFiles::None();
  if (!options.web_dir.empty()) {
    ASSIGN_OR_RETURN(files, StaticFiles::Load(options.web_dir));
  }
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(options)));
  gateway->files_ = std::move(files);
  ASSIGN_OR_RETURN(gateway->server_,
                   HttpServer::Listen(
                       std::move(server),
                       [self = gateway.get()](RequestPtr request, ReplyPtr reply) {
                         self->Route(std::move(request), std::move(reply));
                       },
                       &Gateway::Refuse));
  gateway->server_->Every(kPingPeriod, [self = gateway.get()] { self->live_.Ping(self->now_()); });
  return gateway;
}

void Gateway::Stop(absl::Duration patience) {
  live_.EndAll(Error(absl::StatusCode::kUnavailable, "RESTARTING", "the gateway is stopping"));
  server_->Stop(patience);
}

void Gateway::Route(RequestPtr request, ReplyPtr reply) {
  const std::string& path = request->path;
  const bool get = request->method == "GET";
  const bool head = request->method == "HEAD";
  if (ConnectBridge::IsRpcPath(path)) return bridge_.Handle(std::move(request), std::move(reply));
  if (path == "/v1/events") return intake_.Handle(std::move(request), std::move(reply));
  if (path == "/livez" && (get || head)) {
    return reply->Send(HttpResponse::Of(200, "text/plain; charset=utf-8", "alive\n"));
  }
  if (path == "/readyz" && (get || head)) {
    const std::vector<absl::string_view> words = absl::StrSplit(request->query, '&');
    const bool verbose = std::any_of(words.begin(), words.end(), [](absl::string_view word) {
      return word.substr(0, word.find('=')) == "verbose";
    });
    return readiness_->Answer(verbose, std::move(reply));
  }
  if (path == "/signin") {
    // Only GET uses the code up: previews of a link ask by HEAD.
    if (!get) return reply->Send(MethodNotAllowed("GET"));
    return server_->RunAside([this, request = std::move(request), reply = std::move(reply)] {
      reply->Send(sessions_.SignIn(*request, now_()));
    });
  }
  if (path == "/signout") {
    reply->Send(request->method == "POST" ? sessions_.SignOut(*request) : MethodNotAllowed("POST"));
    return;
  }
  if (absl::StartsWith(path, "/v1/")) {
    return reply->Send(Problem(
        Error(absl::StatusCode::kNotFound, "NO_SUCH_RESOURCE", "there is no such resource")));
  }
  reply->Send(get || head ? files_.Answer(*request) : MethodNotAllowed("GET, HEAD"));
}

HttpResponse Gateway::Refuse(const HttpRequest& request, int status) {
  const absl::Status error =
      status == 413   ? Error(absl::StatusCode::kResourceExhausted, "BODY_TOO_LARGE",
                              "the body is larger than 1,000,000 bytes")
      : status == 431 ? Error(absl::StatusCode::kInvalidArgument, "HEADERS_TOO_LARGE",
                              "the headers are larger than 16 KB")
                      : Error(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST",
                              "this is not a request of HTTP/1.1");
  return ConnectBridge::IsRpcPath(request.path) ? ConnectError(error, status)
                                                : Problem(error, status);
}

}  // namespace fosterwatch::gateway
