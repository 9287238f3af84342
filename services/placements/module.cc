// Children, the authorities that answer for them, and where they live.
//
//   gRPC -> App -> domain checks -> ledger (+ views) -> relay -> fosterwatch.placements.v1
//   fosterwatch.directory.v1, fosterwatch.carers.v1 -> Handle -> reference tables
#include "services/placements/module.h"

#include <string>
#include <vector>

#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/ledger/service.h"
#include "libs/status/status_macros.h"
#include "services/placements/app.h"
#include "services/placements/facts.h"

namespace fosterwatch::placements {
namespace {

constexpr char kName[] = "placements";
constexpr char kRole[] = "fosterwatch_placements";
constexpr char kTopic[] = "fosterwatch.placements.v1";
constexpr char kService[] = "fosterwatch.placements.v1.PlacementsService";

class Module : public runtime::Module {
 public:
  std::string name() const override { return kName; }

  std::vector<pg::Migration> migrations() const override {
    std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
    migrations.push_back({"placements_0001", ViewsSql(kRole) + ReferenceSql(kRole)});
    return migrations;
  }

  std::vector<bus::Topic> topics() const override { return {{kTopic, 4}}; }

  absl::Status Start(runtime::Host& host) override {
    RETURN_IF_ERROR(Open(host));
    app_ = std::make_unique<App>(&service_->ledger());
    runtime::Door& door = host.door();
    door.Serve(v1::Child::descriptor()->file()->pool()->FindServiceByName(kService));
    App* app = app_.get();
    door.On(kService, "RecordChild", app, &App::RecordChild);
    door.On(kService, "GetChild", app, &App::GetChild);
    door.On(kService, "ListChildren", app, &App::ListChildren);
    door.RefuseTheRest(v1::GetChildRequest::descriptor()->file()->FindServiceByName(kService));
    service_->StartRelay();
    ledger::Consumer::Options reference;
    reference.topics = {kDirectoryTopic, kCarersTopic};
    reference.handle = Handle;
    service_->StartConsumer("", std::move(reference));
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

  const v1::PlacementsFact fact_;
  std::unique_ptr<ledger::Service> service_;
  std::unique_ptr<App> app_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::placements
