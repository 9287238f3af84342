#include "services/gateway/module.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/allegations/v1/audits_service.pb.h"
#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/complaints/v1/oversight_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/directory/v1/sign_ins_service.pb.h"
#include "fosterwatch/kpis/v1/action_plans_service.pb.h"
#include "fosterwatch/kpis/v1/data_quality_service.pb.h"
#include "fosterwatch/kpis/v1/editions_service.pb.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/notifiable_events/v1/decision_service.pb.h"
#include "fosterwatch/notifiable_events/v1/law_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifiable_events/v1/oversight.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "fosterwatch/operations/v1/access_service.pb.h"
#include "fosterwatch/operations/v1/parked_service.pb.h"
#include "fosterwatch/packs/v1/packs_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/gateway/appointments.h"
#include "services/gateway/gateway.h"

namespace fosterwatch::gateway {
namespace {

constexpr char kDirectoryTopic[] = "fosterwatch.directory.v1";
// An appointment that ends ends a session within a minute: by its date, or by the fact that says
// so; where no facts come, by asking.
constexpr absl::Duration kLookPause = absl::Seconds(2);
constexpr absl::Duration kLookAnyway = absl::Minutes(10);
constexpr absl::Duration kLookBlind = absl::Seconds(30);

// Every service of the areas, found through a message of each: a new service of a file is carried
// without a line here.
std::vector<const google::protobuf::ServiceDescriptor*> CarriedServices() {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const google::protobuf::Descriptor* of_file : {
           allegations::v1::GetAllegationRequest::descriptor(),
           allegations::v1::GetAuditRequest::descriptor(),
           carers::v1::GetCarerRequest::descriptor(),
           carers::v1::ListDutiesRequest::descriptor(),
           carers::v1::RecordApplicationRequest::descriptor(),
           complaints::v1::GetComplaintRequest::descriptor(),
           complaints::v1::GetStatementRequest::descriptor(),
           directory::v1::GetBodyRequest::descriptor(),
           directory::v1::SignedIn::descriptor(),
           kpis::v1::ImportFiguresRequest::descriptor(),
           kpis::v1::ListEditionsRequest::descriptor(),
           kpis::v1::ListFindingsRequest::descriptor(),
           kpis::v1::ListKpisRequest::descriptor(),
           kpis::v1::ListPlansRequest::descriptor(),
           notifiable_events::v1::GetDecisionRequest::descriptor(),
           notifiable_events::v1::GetEventRequest::descriptor(),
           notifiable_events::v1::GetLawRequest::descriptor(),
           notifiable_events::v1::GetTrendRequest::descriptor(),
           notifications::v1::ListAlertsRequest::descriptor(),
           operations::v1::ListAccessRequest::descriptor(),
           operations::v1::ListParkedRequest::descriptor(),
           packs::v1::GetPackRequest::descriptor(),
           placements::v1::GetChildRequest::descriptor(),
       }) {
    for (int i = 0; i < of_file->file()->service_count(); ++i) {
      services.push_back(of_file->file()->service(i));
    }
  }
  return services;
}

std::vector<std::string> TopicsOfFacts() {
  return {"fosterwatch.allegations.v1",   "fosterwatch.carers.v1",
          "fosterwatch.complaints.v1",    "fosterwatch.directory.v1",
          "fosterwatch.kpis.v1",          "fosterwatch.notifiable-events.v1",
          "fosterwatch.notifications.v1", "fosterwatch.placements.v1"};
}

absl::StatusOr<absl::Duration> DurationOf(const std::string& text, absl::string_view setting) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration) || duration < absl::Seconds(3)) {
    return InvalidField(setting, "INVALID_DURATION",
                        "is no time of 3 seconds or more, such as 30m or 12h");
  }
  return duration;
}

absl::StatusOr<std::vector<directory::v1::RoleHolder>> Holders(runtime::Host& host,
                                                               const std::string& agency_id) {
  runtime::Client::Options options;
  options.agency_id = agency_id;
  ASSIGN_OR_RETURN(options.token, host.ServiceToken());
  directory::v1::ListHoldersRequest request;
  request.set_ever(true);
  ASSIGN_OR_RETURN(const auto response,
                   host.client().Call<directory::v1::ListHoldersResponse>(
                       "directory", "fosterwatch.directory.v1.DirectoryService", "ListHolders",
                       request, options));
  return std::vector<directory::v1::RoleHolder>(response.holders().begin(),
                                                response.holders().end());
}

class GatewayModule : public runtime::Module {
 public:
  std::string name() const override { return "gateway"; }
  std::vector<pg::Migration> migrations() const override { return {}; }
  std::vector<bus::Topic> topics() const override { return {}; }
  absl::Status Rebuild(runtime::Host&) override { return absl::OkStatus(); }

  absl::Status Start(runtime::Host& host) override {
    const runtime::Settings& settings = host.settings();
    Gateway::Options options;
    options.server.listen = settings.http_listen;
    options.sessions.public_url = settings.public_url;
    options.sessions.links_folder = settings.LinksFolder();
    options.web_dir = settings.web_dir;
    options.services = CarriedServices();
    options.own_readiness = [&host] { return host.Readinesses(); };
    options.service_token = [&host] { return host.ServiceToken(); };
    options.client = &host.client();
    options.verifier = &host.verifier();
    if (settings.UsesLocalIssuer()) {
      ASSIGN_OR_RETURN(options.issuer, auth::LocalIssuer::Open(settings.IssuerFolder()));
    }
    if (!settings.oidc_file.empty()) {
      ASSIGN_OR_RETURN(auth::OidcSettings oidc, auth::ReadOidcSettings(settings.oidc_file));
      options.provider = std::make_unique<auth::OidcProvider>(
          std::move(oidc), absl::StrCat(settings.public_url, "/signin/return"));
    }
    if (!settings.programs_file.empty()) {
      if (options.issuer == nullptr) {
        return absl::FailedPreconditionError(
            "programs of a provider need the local issuer: leave --jwks-file as it is");
      }
      ASSIGN_OR_RETURN(programs_, auth::Programs::FromFile(settings.programs_file));
      options.sessions.programs = programs_.get();
      host.AddRemark(
          "programs' provider", [this] { return programs_->Check(); }, [] { return ""; });
      host.Run("programs", [this, &host](const runtime::Stop& stop) {
        do {
          programs_->Refresh(host.Now());
        } while (!stop.WaitFor(kLookPause));
      });
    }
    options.now = [&host] { return host.Now(); };
    ASSIGN_OR_RETURN(options.sessions.idle, DurationOf(settings.session_idle, "session-idle"));
    ASSIGN_OR_RETURN(options.sessions.life, DurationOf(settings.session_life, "session-life"));
    appointments_ = std::make_unique<Appointments>(
        [&host](const std::string& agency_id) { return Holders(host, agency_id); });
    options.sessions.lost = [this, &host](const auth::Caller& caller) {
      return appointments_->LostBy(caller, host.Now());
    };
    OpenSignIns(host, options.sessions);
    if (options.sessions.idle > kEndIsKept) {
      return InvalidField("session-idle", "TOO_LONG", "is more than a day");
    }
    ASSIGN_OR_RETURN(gateway_, Gateway::Open(std::move(options)));

    host.AddWatch("live stream", [this] { return gateway_->live().Check(); });
    host.AddGauge("gateway_connections", "Open HTTP connections.",
                  [this] { return static_cast<double>(gateway_->server().connections()); });
    host.AddGauge("gateway_live_clients", "Open live screens.",
                  [this] { return static_cast<double>(gateway_->live().clients()); });
    host.AddGauge("gateway_cut_off_clients", "Clients cut off since the start: too slow to read.",
                  [this] { return static_cast<double>(gateway_->server().cut_off()); });
    host.AddGauge("gateway_calls", "Calls under way behind the gateway.",
                  [this] { return static_cast<double>(gateway_->in_flight().inside()); });
    host.AddGauge("gateway_refused_calls", "Calls refused since the start: too many under way.",
                  [this] { return static_cast<double>(gateway_->in_flight().refused()); });
    // Before the door behind it.
    host.OnDrain([this](absl::Duration patience) {
      gateway_->Stop(patience);
      sign_ins_->TellAgain();
    });
    host.Run("http", [this](const runtime::Stop& stop) {
      gateway_->Run();
      runtime::LogInfo("listening for http", {{"port", absl::StrCat(gateway_->server().port())}});
      while (!stop.WaitFor(absl::Hours(1))) {
      }
      gateway_->Stop(absl::ZeroDuration());
    });
    gateway_->live().OnFact([this](const std::string& topic, const std::string& agency_id) {
      if (topic.empty() || topic == kDirectoryTopic) appointments_->Changed(agency_id);
    });
    gateway_->live().EndWhere([this, &host](const auth::Caller& caller) {
      return sign_ins_->HasEnded(caller) || !appointments_->LostBy(caller, host.Now()).empty();
    });
    host.Run("appointments", [this, &host](const runtime::Stop& stop) {
      do {
        // While the bus is away, nobody says what has changed.
        appointments_->Look(host.Now(), gateway_->live().Check().ok() ? kLookAnyway : kLookBlind);
      } while (!stop.WaitFor(kLookPause));
    });
    host.Run("live", [this, &bus = host.bus()](const runtime::Stop& stop) {
      gateway_->live().Follow(bus, TopicsOfFacts(), stop);
    });
    return absl::OkStatus();
  }

 private:
  void OpenSignIns(runtime::Host& host, Sessions::Options& sessions) {
    guesses_ = std::make_unique<Guesses>(Guesses::Limits());
    sessions.guesses = guesses_.get();
    host.AddRemark(
        "sign-in links", [this, &host] { return guesses_->Check(host.Now()); }, [] { return ""; });
    host.AddGauge("gateway_refused_links_total",
                  "Sign-in links that were not looked at: too many before were wrong.",
                  [this] { return static_cast<double>(guesses_->refused()); });
    sign_ins_ = std::make_unique<SignIns>(
        [&host](const std::string& method, const google::protobuf::Message& request,
                const runtime::Client::Options& options) {
          return host.client()
              .CallBytes("directory",
                         absl::StrCat("/fosterwatch.directory.v1.SignInsService/", method),
                         request.SerializeAsString(), options)
              .status();
        },
        [&host] { return host.ServiceToken(); }, &host.verifier());
    sessions.sign_ins = sign_ins_.get();
    host.AddWatch("ended sessions", [this] { return sign_ins_->CheckKnown(); });
    host.AddRemark(
        "sign-ins told", [this] { return sign_ins_->Check(); }, [] { return ""; });
    host.Run("sign-ins", [this](const runtime::Stop& stop) {
      do {
        sign_ins_->TellAgain();
      } while (!stop.WaitFor(kLookPause));
    });
  }

  std::unique_ptr<auth::Programs> programs_;
  std::unique_ptr<Guesses> guesses_;
  std::unique_ptr<SignIns> sign_ins_;
  std::unique_ptr<Appointments> appointments_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<GatewayModule>(); }

}  // namespace fosterwatch::gateway
