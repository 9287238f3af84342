// The register of foster carers.
//
//   gRPC -> rpc -> App -> domain -> ledger (+ views) -> relay -> fosterwatch.carers.v1
//   timers -> App::Fire -> domain::OnTime -> ledger
//   placements -> facts -> App::NoteOccupant -> domain -> ledger
//   directory, placements -> references -> reference tables
//   placements -> caseload -> who lives where, for whoever sees their own caseload alone
//   other rules -> duty::Rework -> App::WorkOutAgain -> domain::OnTime -> ledger
#include "services/carers/module.h"

#include <string>
#include <utility>
#include <vector>

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/caseload/heard.h"
#include "libs/duty/loop.h"
#include "libs/ledger/service.h"
#include "libs/runtime/data_file.h"
#include "libs/status/status_macros.h"
#include "services/carers/app.h"
#include "services/carers/domain/policy.h"
#include "services/carers/facts.h"
#include "services/carers/references.h"
#include "services/carers/rpc.h"
#include "services/carers/views.h"

namespace fosterwatch::carers {
namespace {

constexpr char kName[] = "carers";
constexpr char kRole[] = "fosterwatch_carers";
constexpr char kTopic[] = "fosterwatch.carers.v1";

class Module : public runtime::Module {
 public:
  std::string name() const override { return kName; }

  std::vector<pg::Migration> migrations() const override {
    std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
    migrations.push_back({"carers_0001", ViewsSql(kRole)});
    migrations.push_back({"carers_0002", DutiesSql(kRole)});
    migrations.push_back({"carers_0003", duty::ReworkSql(kRole)});
    migrations.push_back({"carers_0004", ReferenceSql(kRole)});
    migrations.push_back({"carers_0005", VisitedChildrenSql(kRole)});
    migrations.push_back({"carers_0006", CaseloadSql(kRole)});
    return migrations;
  }

  std::vector<bus::Topic> topics() const override { return {{kTopic, 4}}; }

  absl::Status Start(runtime::Host& host) override {
    const std::string share = host.settings().share_dir;
    ASSIGN_OR_RETURN(const std::string policy,
                     runtime::ReadDataFile(share + "/policy/carers.json"));
    ASSIGN_OR_RETURN(v1::CarerPolicies policies, domain::ParseCarerPolicies(policy));
    ASSIGN_OR_RETURN(const std::string days,
                     runtime::ReadDataFile(share + "/clock/bank_holidays_england_and_wales.json"));
    ASSIGN_OR_RETURN(clock::WorkingCalendar calendar, clock::WorkingCalendar::Parse(days));
    RETURN_IF_ERROR(Open(host));
    app_ = std::make_unique<App>(&service_->ledger(), std::move(policies), std::move(calendar),
                                 [&host] { return host.Now(); });
    App* app = app_.get();
    Register(host.door(), app);
    caseload::Reader::Options own;
    own.tables = CaseloadTables();
    own.parts = {"decision", "foster_parent", "record"};
    own.now = [&host] { return host.Now(); };
    caseload_ = std::make_unique<caseload::Reader>(&service_->ledger(), std::move(own));
    host.door().KnowCaseload(v1::Carer::descriptor()->file()->package(), caseload_.get());
    service_->StartRelay();
    duty::Loop::Options timers;
    timers.kind = kTimer;
    timers.now = [&host] { return host.Now(); };
    timers.fire = [app](const duty::Due& due) { return app->Fire(due); };
    timers_ = std::make_unique<duty::Loop>(&service_->ledger(), std::move(timers));
    duty::RunIn(host, kName, "duties", timers_.get());
    ledger::Consumer::Options occupants;
    occupants.topics = {kPlacementsTopic};
    occupants.handle = [app](const bus::Record& record) { return HandlePlacements(*app, record); };
    service_->StartConsumer("occupants", std::move(occupants));
    ledger::Consumer::Options references;
    references.topics = {kDirectoryTopic, kPlacementsTopic};
    references.handle = Reference;
    service_->StartConsumer("references", std::move(references));
    ledger::Consumer::Options homes;
    homes.topics = {kPlacementsTopic};
    homes.handle = [](const bus::Record& record) {
      return caseload::Heard<v1::CarersFact, placements::v1::PlacementsFact>(CaseloadTables(),
                                                                             record);
    };
    service_->StartConsumer("caseload", std::move(homes));
    host.Run("carers by new rules",
             [app, again = app->Reworking(host.settings().Database(kName, /*relay=*/true))](
                 const runtime::Stop& stop) { duty::Rework(app->ledger(), again, stop); });
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
  // The app stands on the service's ledger, so it goes first.
  std::unique_ptr<ledger::Service> service_;
  std::unique_ptr<App> app_;
  std::unique_ptr<caseload::Reader> caseload_;
  std::unique_ptr<duty::Loop> timers_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::carers
