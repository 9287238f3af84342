// A gateway on a real socket before real gRPC owners: the directory, whose handlers a test sets,
// and the register, of which only the intake answers. Tokens are of a local issuer.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/operations/v1/vitals_service.pb.h"
#include "libs/auth/token.h"
#include "libs/runtime/client.h"
#include "libs/runtime/door.h"
#include "libs/status/error.h"
#include "services/gateway/gateway.h"
#include "tests/component/http_client.h"

namespace fosterwatch::testing {

namespace directory_v1 = directory::v1;
namespace events_v1 = notifiable_events::v1;

class GatewayTest : public ::testing::Test {
 protected:
  using Call = runtime::Call;

  GatewayTest() {
    std::string folder = ::testing::TempDir() + "gateway.XXXXXX";
    folder_ = mkdtemp(folder.data());
    issuer_ = *auth::LocalIssuer::Open(folder_ + "/issuer");
    verifier_ =
        *auth::Verifier::FromFile(issuer_->jwks_file(), auth::kLocalIssuer, auth::kAudience);
    door_ = std::make_unique<runtime::Door>(verifier_.get(), runtime::Door::Options());
    ServeDirectory();
    ServeRegister();
    vitals_.set_ready(true);
    const auto* vitals = operations::v1::Vitals::descriptor()->file()->service(0);
    door_->ServeProcess(vitals);
    door_->On<operations::v1::GetVitalsRequest, operations::v1::Vitals>(
        vitals->full_name(), "GetVitals",
        [this](const Call&, const operations::v1::GetVitalsRequest&)
            -> absl::StatusOr<operations::v1::Vitals> { return vitals_; });
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &owner_port_);
    EXPECT_EQ(door_->Open(builder), absl::OkStatus());
    owner_ = builder.BuildAndStart();
    client_ = std::make_unique<runtime::Client>([this](const std::string& service) {
      // Nobody listens on port 1.
      return absl::StrCat("127.0.0.1:", service == "kpis" ? 1 : owner_port_);
    });
    options_.listen = "127.0.0.1:0";
    std::filesystem::create_directories(web() + "/assets");
    WriteFile(web() + "/index.html", "<!doctype html><title>Fosterwatch</title>");
    WriteFile(web() + "/assets/main-Ab12.js", "console.log(1);" + std::string(4000, ' '));
    WriteFile(folder_ + "/secret.txt", "secret");
  }

  ~GatewayTest() override {
    if (gateway_ != nullptr) gateway_->Stop(absl::Seconds(1));
    client_.reset();
    door_->Close(absl::Seconds(1));
    owner_->Shutdown();
    std::filesystem::remove_all(folder_);
  }

  void StartGateway() {
    gateway::Gateway::Options options;
    options.server = options_;
    options.sessions = sessions_;
    options.sessions.public_url = public_url_;
    options.sessions.links_folder = links();
    options.web_dir = web();
    options.services = services_;
    options.own_readiness = [] { return std::vector<runtime::CheckLine>{}; };
    options.service_token = [this]() -> absl::StatusOr<std::string> {
      return *issuer_->Issue(
          {"fosterwatch-gateway", "*", {options::v1::ROLE_SERVICE}, absl::Now() + absl::Hours(1)},
          absl::Now());
    };
    options.most_calls = most_calls_;
    options.client = client_.get();
    options.verifier = verifier_.get();
    options.issuer = *auth::LocalIssuer::Open(folder_ + "/issuer");
    options.provider = std::move(provider_);
    options.now = now_;
    auto opened = gateway::Gateway::Open(std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    gateway_ = *std::move(opened);
    gateway_->Run();
  }

  uint16_t port() const { return gateway_->server().port(); }
  std::string web() const { return folder_ + "/web"; }
  std::string links() const { return folder_ + "/links"; }

  static void WriteFile(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }

  auth::Caller CallerOf(options::v1::Role role, const std::string& agency = "oakley",
                        absl::Duration life = absl::Hours(1)) const {
    return {"person-1", agency, {role}, absl::Now() + life};
  }
  std::string Token(options::v1::Role role = options::v1::ROLE_CASEWORKER,
                    const std::string& agency = "oakley",
                    absl::Duration life = absl::Hours(1)) const {
    return *issuer_->Issue(CallerOf(role, agency, life), absl::Now());
  }

  HttpAnswer Exchange(const std::string& text) const {
    HttpConnection connection(port());
    connection.Send(text);
    return connection.Read(text.rfind("HEAD", 0) != 0);
  }

  using Headers = std::map<std::string, std::string>;
  static constexpr char kGetBody[] = "/fosterwatch.directory.v1.DirectoryService/GetBody";
  static constexpr char kRecordBody[] = "/fosterwatch.directory.v1.DirectoryService/RecordBody";
  static constexpr char kListBodies[] = "/fosterwatch.directory.v1.DirectoryService/ListBodies";
  static constexpr char kGetSession[] = "/fosterwatch.gateway.v1.SessionService/GetSession";
  static constexpr char kWatch[] = "/fosterwatch.gateway.v1.LiveService/Watch";

  // A unary call in JSON by bearer token; `more` replaces or adds headers.
  HttpAnswer Rpc(const std::string& path, const std::string& body, const Headers& more = {}) const {
    Headers headers = more;
    headers.emplace("Content-Type", "application/json");
    headers.emplace("Authorization", "Bearer " + Token());
    return Exchange(HttpText("POST", path, headers, body));
  }

  // The reason in the details of a Connect error.
  static std::string ReasonIn(const HttpAnswer& answer) {
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    if (!json.is_object() || !json.contains("details")) return "";
    return json["details"][0]["debug"].value("reason", "");
  }

  gateway::HttpServer::Options options_;
  gateway::Sessions::Options sessions_;
  int most_calls_ = 512;
  absl::Duration ahead_;
  std::function<absl::Time()> now_ = [] { return absl::Now(); };
  std::vector<const google::protobuf::ServiceDescriptor*> services_ = {
      directory_v1::Body::descriptor()->file()->pool()->FindServiceByName(
          "fosterwatch.directory.v1.DirectoryService"),
      events_v1::GetEventRequest::descriptor()->file()->service(0),
      kpis::v1::ListKpisRequest::descriptor()->file()->service(0),
  };
  // What the owners say of themselves.
  operations::v1::Vitals vitals_;
  std::string public_url_ = "http://gateway.test";
  std::string folder_;
  std::unique_ptr<auth::LocalIssuer> issuer_;
  std::unique_ptr<auth::OidcProvider> provider_;
  std::unique_ptr<auth::Verifier> verifier_;
  std::unique_ptr<runtime::Door> door_;
  std::unique_ptr<grpc::Server> owner_;
  int owner_port_ = 0;
  std::unique_ptr<runtime::Client> client_;
  std::unique_ptr<gateway::Gateway> gateway_;
  // What the directory does; tests replace it.
  std::function<void(const Call&, const directory_v1::GetBodyRequest&,
                     runtime::Reply<directory_v1::Body>)>
      get_body_ = [](const Call& call, const directory_v1::GetBodyRequest& request,
                     runtime::Reply<directory_v1::Body> reply) {
        directory_v1::Body body;
        body.set_body_id(request.body_id());
        body.set_kind(directory_v1::Body::KIND_POLICE);
        body.set_name(absl::StrCat("for ", call.agency_id, ", ", call.caller.person_id));
        reply(body);
      };
  std::vector<events_v1::IngestCloudEventRequest> taken_;

 private:
  void ServeDirectory() {
    const std::string name = "fosterwatch.directory.v1.DirectoryService";
    using namespace directory::v1;  // NOLINT: one list of a service's types
    door_->Serve(GetBodyRequest::descriptor()->file()->service(0));
    door_->OnAsync<GetBodyRequest, Body>(
        name, "GetBody",
        [this](const Call& call, const GetBodyRequest& request, runtime::Reply<Body> reply) {
          get_body_(call, request, reply);
        });
    door_->On<RecordBodyRequest, Body>(
        name, "RecordBody",
        [](const Call&, const RecordBodyRequest& request) -> absl::StatusOr<Body> {
          return request.body();
        });
    door_->On<ListBodiesRequest, ListBodiesResponse>(
        name, "ListBodies",
        [](const Call&, const ListBodiesRequest&) -> absl::StatusOr<ListBodiesResponse> {
          ListBodiesResponse response;
          for (int i = 0; i < 100; ++i) {
            response.add_bodies()->set_name("a body with quite a long name");
          }
          return response;
        });
    door_->RefuseTheRest(GetBodyRequest::descriptor()->file()->service(0));
  }

  void ServeRegister() {
    const std::string name = "fosterwatch.notifiable_events.v1.NotifiableEventService";
    using namespace notifiable_events::v1;  // NOLINT
    door_->Serve(GetEventRequest::descriptor()->file()->service(0));
    door_->On<IngestCloudEventRequest, NotifiableEvent>(
        name, "IngestCloudEvent",
        [this](const Call&,
               const IngestCloudEventRequest& request) -> absl::StatusOr<NotifiableEvent> {
          if (request.id() == "bad") {
            return InvalidField("data.child_id", "UNKNOWN_CHILD", "is not known to this agency");
          }
          taken_.push_back(request);
          NotifiableEvent event;
          event.set_event_id("event-" + request.id());
          return event;
        });
    door_->RefuseTheRest(GetEventRequest::descriptor()->file()->service(0));
  }
};

}  // namespace fosterwatch::testing
