// The directory keeps the bodies that are notified and who holds which role in the agency.
//
//   gRPC -> App -> domain checks -> ledger (+ views) -> relay -> fosterwatch.directory.v1
//   view.timer -> libs/duty -> App -> the fact of today's check
#include "services/directory/module.h"

#include <string>
#include <utility>
#include <vector>

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/ledger/service.h"
#include "libs/runtime/data_file.h"
#include "libs/status/status_macros.h"
#include "services/directory/app.h"
#include "services/directory/domain/policy.h"
#include "services/directory/domain/webhook.h"
#include "services/directory/sign_ins.h"
#include "services/directory/views.h"

namespace fosterwatch::directory {
namespace {

constexpr char kName[] = "directory";
constexpr char kRole[] = "fosterwatch_directory";
constexpr char kTopic[] = "fosterwatch.directory.v1";
constexpr char kService[] = "fosterwatch.directory.v1.DirectoryService";

class Module : public runtime::Module {
 public:
  std::string name() const override { return kName; }

  std::vector<pg::Migration> migrations() const override {
    std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
    for (pg::Migration& views : ViewMigrations(kRole)) migrations.push_back(std::move(views));
    migrations.push_back(SignInsMigration(kRole));
    return migrations;
  }

  std::vector<bus::Topic> topics() const override { return {{kTopic, 4}}; }

  absl::Status Start(runtime::Host& host) override {
    RETURN_IF_ERROR(Open(host));
    const runtime::Settings& settings = host.settings();
    App::Options options;
    options.now = [&host] { return host.Now(); };
    ASSIGN_OR_RETURN(options.webhook_networks, webhook::Networks::Parse(settings.webhook_networks));
    const std::string folder = settings.share_dir + "/policy/";
    ASSIGN_OR_RETURN(const std::string webhooks, runtime::ReadDataFile(folder + "webhooks.json"));
    ASSIGN_OR_RETURN(options.webhook_policy, domain::ParseWebhookPolicy(webhooks));
    ASSIGN_OR_RETURN(const std::string policies, runtime::ReadDataFile(folder + "directory.json"));
    ASSIGN_OR_RETURN(options.policies, domain::ParseDirectoryPolicies(policies));
    ASSIGN_OR_RETURN(
        const std::string days,
        runtime::ReadDataFile(settings.share_dir + "/clock/bank_holidays_england_and_wales.json"));
    ASSIGN_OR_RETURN(options.calendar, clock::WorkingCalendar::Parse(days));
    app_ = std::make_unique<App>(&service_->ledger(), std::move(options));
    runtime::Door& door = host.door();
    door.Serve(v1::Body::descriptor()->file()->pool()->FindServiceByName(kService));
    App* app = app_.get();
    door.On(kService, "RecordBody", app, &App::RecordBody);
    door.On(kService, "GetBody", app, &App::GetBody);
    door.On(kService, "ListBodies", app, &App::ListBodies);
    door.On(kService, "AppointHolder", app, &App::AppointHolder);
    door.On(kService, "EndHolder", app, &App::EndHolder);
    door.On(kService, "ListHolders", app, &App::ListHolders);
    door.On(kService, "RecordDelegation", app, &App::RecordDelegation);
    door.On(kService, "EndDelegation", app, &App::EndDelegation);
    door.On(kService, "ListDelegations", app, &App::ListDelegations);
    door.On(kService, "RecordAbsence", app, &App::RecordAbsence);
    door.On(kService, "EndAbsence", app, &App::EndAbsence);
    door.On(kService, "ListAbsences", app, &App::ListAbsences);
    door.On(kService, "CheckDirectory", app, &App::CheckDirectory);
    door.On(kService, "RegisterPublisher", app, &App::RegisterPublisher);
    door.On(kService, "SetWebhook", app, &App::SetWebhook);
    door.On(kService, "RotateWebhookSecret", app, &App::RotateWebhookSecret);
    door.On(kService, "GetWebhook", app, &App::GetWebhook);
    ServeSignIns(host);
    service_->StartRelay();
    checks_ = std::make_unique<duty::Loop>(&service_->ledger(),
                                           DailyChecks(app, [&host] { return host.Now(); }));
    duty::RunIn(host, kName, "checks", checks_.get());
    return absl::OkStatus();
  }

  absl::Status Rebuild(runtime::Host& host) override {
    RETURN_IF_ERROR(Open(host));
    return service_->ledger().Rebuild();
  }

 private:
  void ServeSignIns(runtime::Host& host) {
    sign_ins_ = std::make_unique<SignIns>(&service_->ledger(), [&host] { return host.Now(); });
    runtime::Door& door = host.door();
    const auto* service = v1::SignedIn::descriptor()->file()->service(0);
    const std::string& name = service->full_name();
    door.Serve(service);
    SignIns* sign_ins = sign_ins_.get();
    door.On(name, "RecordSignIn", sign_ins, &SignIns::RecordSignIn);
    door.On(name, "RecordRefusedSignIn", sign_ins, &SignIns::RecordRefusedSignIn);
    door.On(name, "RecordSignOut", sign_ins, &SignIns::RecordSignOut);
    door.On(name, "ListMySessions", sign_ins, &SignIns::ListMySessions);
    door.On(name, "EndMySession", sign_ins, &SignIns::EndMySession);
    door.On(name, "ListSessions", sign_ins, &SignIns::ListSessions);
    door.On(name, "EndSession", sign_ins, &SignIns::EndSession);
    door.On(name, "EndTokensOf", sign_ins, &SignIns::EndTokensOf);
    const auto* ended = operations::v1::EndedToken::descriptor()->file()->service(0);
    door.ServeProcess(ended);
    door.On(ended->full_name(), "ListEndedTokens", sign_ins, &SignIns::ListEndedTokens);
  }

  absl::Status Open(runtime::Host& host) {
    ASSIGN_OR_RETURN(service_, ledger::Service::Open(host, {kName, kTopic, &fact_, Aggregates()}));
    return absl::OkStatus();
  }

  const v1::DirectoryFact fact_;
  std::unique_ptr<ledger::Service> service_;
  std::unique_ptr<App> app_;
  std::unique_ptr<SignIns> sign_ins_;
  std::unique_ptr<duty::Loop> checks_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::directory
