// The register of foster carers.
//
//   gRPC -> App -> domain checks -> ledger (+ views) -> relay -> fosterwatch.carers.v1
#include "services/carers/module.h"

#include <string>
#include <vector>

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "libs/ledger/service.h"
#include "libs/status/status_macros.h"
#include "services/carers/app.h"

namespace fosterwatch::carers {
namespace {

constexpr char kName[] = "carers";
constexpr char kRole[] = "fosterwatch_carers";
constexpr char kTopic[] = "fosterwatch.carers.v1";
constexpr char kService[] = "fosterwatch.carers.v1.CarersService";

class Module : public runtime::Module {
 public:
  std::string name() const override { return kName; }

  std::vector<pg::Migration> migrations() const override {
    std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
    migrations.push_back({"carers_0001", ViewsSql(kRole)});
    return migrations;
  }

  std::vector<bus::Topic> topics() const override { return {{kTopic, 4}}; }

  absl::Status Start(runtime::Host& host) override {
    RETURN_IF_ERROR(Open(host));
    app_ = std::make_unique<App>(&service_->ledger());
    runtime::Door& door = host.door();
    door.Serve(v1::Carer::descriptor()->file()->pool()->FindServiceByName(kService));
    App* app = app_.get();
    door.On(kService, "RecordCarer", app, &App::RecordCarer);
    door.On(kService, "GetCarer", app, &App::GetCarer);
    door.On(kService, "ListCarers", app, &App::ListCarers);
    // The register's newer methods come with their use cases.
    door.RefuseTheRest(v1::Carer::descriptor()->file()->pool()->FindServiceByName(kService));
    service_->StartRelay();
    return absl::OkStatus();
  }

  absl::Status Rebuild(runtime::Host& host) override {
    RETURN_IF_ERROR(Open(host));
    return service_->ledger().Rebuild();
  }

 private:
  absl::Status Open(runtime::Host& host) {
    ASSIGN_OR_RETURN(service_, ledger::Service::Open(host, {kName, kTopic, &fact_, Aggregates()}));
    return absl::OkStatus();
  }

  const v1::CarersFact fact_;
  std::unique_ptr<ledger::Service> service_;
  std::unique_ptr<App> app_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::carers
