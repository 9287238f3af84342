// The gateway put together: which path goes where.
//
//   /fosterwatch.<area>.v1.<Service>/<Method>  RPCs (connect.h), live stream (live.h)
//   /v1/events                                 CloudEvents (intake.h)
//   /signin, /signin/return, /signout           sessions (session.h)
//   /livez, /readyz                            health (readiness.h)
//   everything else, by GET                    the web application (static_files.h)
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"

#include "libs/auth/oidc.h"
#include "libs/auth/token.h"
#include "libs/runtime/client.h"
#include "services/gateway/connect.h"
#include "services/gateway/http_server.h"
#include "services/gateway/in_flight.h"
#include "services/gateway/intake.h"
#include "services/gateway/live.h"
#include "services/gateway/readiness.h"
#include "services/gateway/session.h"
#include "services/gateway/static_files.h"

namespace fosterwatch::gateway {

class Gateway {
 public:
  struct Options {
    HttpServer::Options server;
    Sessions::Options sessions;
    std::string web_dir;  // empty: no pages
    // Whose methods are carried to their owners.
    std::vector<const google::protobuf::ServiceDescriptor*> services;
    std::function<std::vector<runtime::CheckLine>()> own_readiness;
    // Of the gateway itself, to ask the others how they are.
    std::function<absl::StatusOr<std::string>()> service_token;
    // Calls under way behind it; past it 429.
    int most_calls = 512;
    runtime::Client* client = nullptr;
    auth::Verifier* verifier = nullptr;
    std::unique_ptr<auth::LocalIssuer> issuer;     // null: sessions come from elsewhere
    std::unique_ptr<auth::OidcProvider> provider;  // null: people sign in by links
    std::function<absl::Time()> now;
  };
  // Listens; serves from Run on, on a thread of its own.
  static absl::StatusOr<std::unique_ptr<Gateway>> Open(Options options);

  void Run() { server_->Run(); }
  // Tells the screens, lets calls end, closes.
  void Stop(absl::Duration patience);

  LiveHub& live() { return live_; }
  const HttpServer& server() const { return *server_; }
  const InFlight& in_flight() const { return *in_flight_; }

 private:
  explicit Gateway(Options options);
  void Route(RequestPtr request, ReplyPtr reply);
  HttpResponse Refuse(const HttpRequest& request, int status) const;

  const std::function<absl::Time()> now_;
  std::unique_ptr<HttpServer> server_;
  LiveHub live_;
  Sessions sessions_;
  ConnectBridge bridge_;
  Intake intake_;
  std::shared_ptr<Readiness> readiness_;
  const std::shared_ptr<InFlight> in_flight_;
  StaticFiles files_ = StaticFiles::None();
};

}  // namespace fosterwatch::gateway
