#include "services/gateway/gateway.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

#include "fosterwatch/gateway/v1/gateway_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/runtime/door.h"
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
    if (runtime::ModuleField(service->method(0)->input_type()) == nullptr) owners.insert(words[1]);
  }
  return {owners.begin(), owners.end()};
}

const google::protobuf::MethodDescriptor* MethodOf(const char* service, const char* method) {
  return v1::Session::descriptor()->file()->FindServiceByName(service)->FindMethodByName(method);
}

// Only for what the gateway answers itself; the owners' doors look after the rest.
absl::Status CheckRoles(const google::protobuf::MethodDescriptor& method,
                        const auth::Caller& caller) {
  const auto& access = method.options().GetExtension(options::v1::access);
  const bool allowed = std::any_of(access.roles().begin(), access.roles().end(), [&](int role) {
    return caller.Has(static_cast<options::v1::Role>(role));
  });
  if (allowed) return absl::OkStatus();
  return Error(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED",
               "none of the caller's roles may do this");
}

std::unique_ptr<Message> SessionOf(const auth::Caller& caller,
                                   const std::optional<Sessions::Limits>& limits, absl::Time now) {
  auto session = std::make_unique<v1::Session>();
  session->set_person_id(caller.person_id);
  session->set_agency_id(caller.agency_id);
  for (const options::v1::Role role : caller.roles) session->add_roles(role);
  session->mutable_expire_time()->set_seconds(absl::ToUnixSeconds(caller.expires));
  *session->mutable_said_time() = clock::ToProto(now);
  if (limits) {
    session->mutable_end_time()->set_seconds(absl::ToUnixSeconds(limits->ends));
    session->mutable_warning()->set_seconds(absl::ToInt64Seconds(limits->warning));
  }
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
      sessions_(std::move(options.sessions), options.verifier, std::move(options.issuer),
                std::move(options.provider)),
      bridge_({options.client,
               [this](const HttpRequest& request,
                      const google::protobuf::MethodDescriptor* local) -> absl::StatusOr<Identity> {
                 ASSIGN_OR_RETURN(Identity identity, sessions_.Identify(request, now_()));
                 if (local != nullptr) RETURN_IF_ERROR(CheckRoles(*local, identity.caller));
                 return identity;
               },
               [this](std::function<void()> task) { server_->RunAside(std::move(task)); },
               options.server.most_body_bytes}),
      intake_({options.client, &sessions_, options.now,
               [this](std::function<void()> task) { server_->RunAside(std::move(task)); },
               options.server.most_body_bytes}),
      readiness_(std::make_shared<Readiness>(Readiness::Options{
          options.client, OwnersOf(options.services), std::move(options.own_readiness),
          std::move(options.service_token), options.now})),
      in_flight_(std::make_shared<InFlight>(options.most_calls)) {
  for (const auto* service : options.services) bridge_.Carry(service);
  bridge_.OnUnary(
      MethodOf("SessionService", "GetSession"),
      [this](const ConnectBridge::Call& call, const Message&,
             const std::function<void(ConnectBridge::Answered)>& done) {
        done({SessionOf(call.identity.caller, sessions_.LimitsOf(call.identity), now_()), {}, {}});
      });
  bridge_.OnUnary(MethodOf("SessionService", "KeepSession"),
                  [this](const ConnectBridge::Call& call, const Message&,
                         const std::function<void(ConnectBridge::Answered)>& done) {
                    const auto kept = sessions_.Keep(call.identity, now_());
                    if (!kept.ok()) return done({kept.status(), {}, {}});
                    auth::Caller caller = call.identity.caller;
                    caller.expires = kept->expires;
                    done({SessionOf(caller, sessions_.LimitsOf(call.identity), now_()),
                          {{"Set-Cookie", kept->cookie}},
                          {}});
                  });
  bridge_.OnStream(
      MethodOf("LiveService", "Watch"),
      [this](const ConnectBridge::Call& call, const Message&, const ConnectBridge::Begin& begin) {
        live_.Join(call.identity, call.codec, begin({}));
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
                       [self = gateway.get()](const HttpRequest& request, int status) {
                         return self->Refuse(request, status);
                       }));
  gateway->server_->Every(kPingPeriod, [self = gateway.get()] { self->live_.Ping(self->now_()); });
  return gateway;
}

void Gateway::Stop(absl::Duration patience) {
  readiness_->SetStopping();
  live_.EndAll(Error(absl::StatusCode::kUnavailable, "RESTARTING", "the gateway is stopping"));
  server_->Stop(patience);
}

void Gateway::Route(RequestPtr request, ReplyPtr reply) {
  const std::string& path = request->path;
  const bool get = request->method == "GET";
  const bool head = request->method == "HEAD";
  const bool rpc = ConnectBridge::IsRpcPath(path);
  if (rpc || path == "/v1/events") {
    const ReplyPtr counted = in_flight_->Enter(reply);
    if (counted == nullptr) {
      return reply->Send(rpc ? ConnectError(InFlight::Full()) : Problem(InFlight::Full()));
    }
    return rpc ? bridge_.Handle(std::move(request), counted)
               : intake_.Handle(std::move(request), counted);
  }
  if (path == "/livez" && (get || head)) {
    return reply->Send(HttpResponse::Of(200, "text/plain; charset=utf-8", "alive\n"));
  }
  if (path == "/readyz" && (get || head)) {
    return readiness_->Answer(*request, std::move(reply));
  }
  if (path == "/signin" || path == "/signin/return") {
    // Only GET uses the code up: previews of a link ask by HEAD.
    if (!get) return reply->Send(MethodNotAllowed("GET"));
    return server_->RunAside([this, request = std::move(request), reply = std::move(reply)] {
      reply->Send(request->path == "/signin" ? sessions_.SignIn(*request, now_())
                                             : sessions_.Return(*request, now_()));
    });
  }
  if (path == "/signout") {
    if (request->method != "POST") return reply->Send(MethodNotAllowed("POST"));
    return server_->RunAside([this, request = std::move(request), reply = std::move(reply)] {
      reply->Send(sessions_.SignOut(*request, now_()));
    });
  }
  if (absl::StartsWith(path, "/v1/")) {
    return reply->Send(Problem(
        Error(absl::StatusCode::kNotFound, "NO_SUCH_RESOURCE", "there is no such resource")));
  }
  reply->Send(get || head ? files_.Answer(*request) : MethodNotAllowed("GET, HEAD"));
}

HttpResponse Gateway::Refuse(const HttpRequest& request, int status) const {
  const absl::Status error = status == 413   ? BodyTooLarge()
                             : status == 429 ? InFlight::Full()
                             : status == 431
                                 ? Error(absl::StatusCode::kInvalidArgument, "HEADERS_TOO_LARGE",
                                         "the headers are larger than 16 KB")
                                 : Error(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST",
                                         "this is not a request of HTTP/1.1");
  return ConnectBridge::IsRpcPath(request.path) ? bridge_.Refuse(request, error, status)
                                                : Problem(error, status);
}

}  // namespace fosterwatch::gateway
