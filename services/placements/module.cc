// Children, the authorities that answer for them, and where they live.
//
//   gRPC               -> rpc ----+
//   intake topic       -> intake -+-> App -> domain -> ledger (+ views) -> relay -> topic --+
//   directory, carers  -> references -> the tables that decisions read                      |
//   carers             -> caseload -> who may see which household, of those who do not see all
//   carers -------------> households -> what is outside its terms <-------------------------+
#include "services/placements/module.h"

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/caseload/heard.h"
#include "libs/duty/loop.h"
#include "libs/ledger/service.h"
#include "libs/status/status_macros.h"
#include "services/placements/app.h"
#include "services/placements/domain/codes.h"
#include "services/placements/households.h"
#include "services/placements/intake.h"
#include "services/placements/references.h"
#include "services/placements/rpc.h"
#include "services/placements/views.h"

namespace fosterwatch::placements {
namespace {

constexpr char kName[] = "placements";
constexpr char kRole[] = "fosterwatch_placements";

absl::StatusOr<v1::CodeLists> ReadCodes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::NotFoundError("the data file " + path + " cannot be read");
  }
  return domain::ParseCodeLists(text.str());
}

class Module : public runtime::Module {
 public:
  std::string name() const override { return kName; }

  std::vector<pg::Migration> migrations() const override {
    std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
    migrations.push_back({"placements_0001", ViewsSql(kRole) + ReferenceSql(kRole)});
    migrations.push_back(
        {"placements_0002", PlacementsSql(kRole) + references::PublishersSql(kRole)});
    migrations.push_back({"placements_0003", CaseloadSql(kRole)});
    migrations.push_back({"placements_0004", references::ProgramsOfPublishersSql(), true});
    return migrations;
  }

  std::vector<bus::Topic> topics() const override {
    // The intake may carry narrative, so it is kept no longer than a publisher might need to look.
    return {{kPlacementsTopic, 4}, {kIntakeTopic, 4, absl::Hours(24 * 7), int64_t{4} << 20}};
  }

  absl::Status Start(runtime::Host& host) override {
    ASSIGN_OR_RETURN(v1::CodeLists codes,
                     ReadCodes(host.settings().share_dir + "/policy/placement_codes.json"));
    RETURN_IF_ERROR(Open(host));
    const auto now = [&host] { return host.Now(); };
    app_ = std::make_unique<App>(&service_->ledger(), std::move(codes), now);
    households_ = std::make_unique<Households>(&service_->ledger(), now);
    App* app = app_.get();
    const Households* households = households_.get();
    Register(host.door(), app, households);
    caseload_ = MakeCaseload(&service_->ledger(), now);
    host.door().KnowCaseload(v1::Child::descriptor()->file()->package(), caseload_.get());
    service_->StartRelay();

    duty::Loop::Options terms;
    terms.kind = kTermsTimer;
    terms.now = now;
    terms.fire = [households](const duty::Due& due) { return households->Fire(due); };
    terms_ = std::make_unique<duty::Loop>(&service_->ledger(), std::move(terms));
    duty::RunIn(host, kName, "terms", terms_.get());

    ledger::Consumer::Options references;
    references.topics = {kDirectoryTopic, kCarersTopic};
    references.handle = Reference;
    service_->StartConsumer("", std::move(references));

    ledger::Consumer::Options publishers;
    publishers.topics = {kDirectoryTopic};
    publishers.handle = references::PublisherUnit;
    service_->StartConsumer("publishers", std::move(publishers));

    ledger::Consumer::Options changes;
    changes.topics = {kPlacementsTopic, kCarersTopic};
    changes.handle = [households](const bus::Record& record) { return households->Handle(record); };
    service_->StartConsumer("households", std::move(changes));

    ledger::Consumer::Options grants;
    grants.topics = {kCarersTopic};
    grants.handle = [](const bus::Record& record) {
      return caseload::Heard<carers::v1::CarersFact, v1::PlacementsFact>(CaseloadTables(), record);
    };
    service_->StartConsumer("caseload", std::move(grants));

    ledger::Consumer::Options intake;
    intake.topics = {kIntakeTopic};
    intake.inbox = false;
    intake.sequenced = false;
    intake.handle = [app](const bus::Record& record) { return IntakeRecord(*app, record); };
    intake.on_parked = [app](const bus::Record& record, const ledger::Parked& parked,
                             ledger::Unit& unit) { IntakeParked(*app, record, parked, unit); };
    service_->StartConsumer("intake", std::move(intake));
    return absl::OkStatus();
  }

  absl::Status Rebuild(runtime::Host& host) override {
    RETURN_IF_ERROR(Open(host));
    return service_->ledger().Rebuild();
  }

 private:
  absl::Status Open(runtime::Host& host) {
    ASSIGN_OR_RETURN(service_,
                     ledger::Service::Open(host, {kName, kPlacementsTopic, &fact_, Aggregates()}));
    return absl::OkStatus();
  }

  const v1::PlacementsFact fact_;
  // The rest stands on the service's ledger, so it goes first.
  std::unique_ptr<ledger::Service> service_;
  std::unique_ptr<App> app_;
  std::unique_ptr<caseload::Reader> caseload_;
  std::unique_ptr<Households> households_;
  std::unique_ptr<duty::Loop> terms_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::placements
