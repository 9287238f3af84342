// Figures that follow from the facts of the other services.
//
//   topics of facts -> App::Observe -> view.observation, view.span (+ KpiChanged) -> relay
//     -> fosterwatch.kpis.v1
//   allegations, complaints -> NoteSubject -> reference.subject: what is withheld from whom
//   gRPC -> App -> Figures -> domain figures over view.span; as known before: over
//     view.observation; reported from outside: over view.imported_figure
//   own topic, time -> Upkeep -> action plans, restatements, findings (keeping.h)
#include "services/kpis/module.h"

#include <string>
#include <utility>
#include <vector>

#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "libs/ledger/id.h"
#include "libs/ledger/merge.h"
#include "libs/ledger/service.h"
#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"
#include "services/kpis/app.h"
#include "services/kpis/catalogue_files.h"
#include "services/kpis/keeping.h"
#include "services/kpis/kept_views.h"
#include "services/kpis/observations.h"
#include "services/kpis/tallies.h"
#include "services/kpis/withheld.h"

namespace fosterwatch::kpis {
namespace {

constexpr char kName[] = "kpis";
constexpr char kRole[] = "fosterwatch_kpis";
constexpr char kTopic[] = "fosterwatch.kpis.v1";
constexpr char kService[] = "fosterwatch.kpis.v1.KpisService";

std::vector<ledger::Aggregate> AllAggregates() {
  std::vector<ledger::Aggregate> aggregates = Aggregates();
  for (ledger::Aggregate& kept : KeptAggregates()) aggregates.push_back(std::move(kept));
  return aggregates;
}

// Until they are kept, figures come from all elements.
void KeepTalliesOf(const App& app, const std::string& relay_conninfo, const runtime::Stop& stop) {
  absl::StatusCode told = absl::StatusCode::kOk;
  while (!stop.requested()) {
    const absl::Status kept = KeepTallies(relay_conninfo, app.catalogue());
    if (kept.ok()) break;
    if (kept.code() != told) {
      runtime::LogStatus("what figures add up to cannot be kept yet", kept);
    }
    told = kept.code();
    stop.WaitFor(absl::Seconds(1));
  }
  while (!stop.WaitFor(absl::Hours(1))) {
  }
}

class Module : public runtime::Module {
 public:
  std::string name() const override { return kName; }

  std::vector<pg::Migration> migrations() const override {
    std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
    for (pg::Migration& migration : ObservationMigrations(kRole)) {
      migrations.push_back(std::move(migration));
    }
    for (pg::Migration& migration : Keeping::Migrations(kRole)) {
      migrations.push_back(std::move(migration));
    }
    migrations.push_back({"kpis_subjects_0001", SubjectsSql(kRole)});
    migrations.push_back({"kpis_tally_0001", TallySql(kRole)});
    return migrations;
  }

  std::vector<bus::Topic> topics() const override { return {{kTopic, 4}, Keeping::IntakeTopic()}; }

  absl::Status Start(runtime::Host& host) override {
    ASSIGN_OR_RETURN(v1::Catalogue catalogue, ReadCatalogue(host.settings().share_dir + "/kpis"));
    RETURN_IF_ERROR(Open(host));
    app_ = std::make_unique<App>(&service_->ledger(), std::move(catalogue),
                                 [&host] { return host.Now(); });
    App* app = app_.get();
    host.Run("kpis tallies", [app, relay = host.settings().Database(kName, /*relay=*/true)](
                                 const runtime::Stop& stop) { KeepTalliesOf(*app, relay, stop); });
    runtime::Door& door = host.door();
    door.Serve(v1::ListKpisRequest::descriptor()->file()->pool()->FindServiceByName(kService));
    door.On<v1::ListKpisRequest, v1::ListKpisResponse>(
        kService, "ListKpis", [app](const runtime::Call& call, const v1::ListKpisRequest& request) {
          return app->ListKpis(call.agency_id, request);
        });
    door.On<v1::ExplainKpiRequest, v1::ExplainKpiResponse>(
        kService, "ExplainKpi",
        [app, ledger = &service_->ledger()](
            const runtime::Call& call,
            const v1::ExplainKpiRequest& request) -> absl::StatusOr<v1::ExplainKpiResponse> {
          absl::StatusOr<v1::ExplainKpiResponse> explained =
              app->ExplainKpi(call.agency_id, request);
          if (explained.ok()) {
            RETURN_IF_ERROR(Withhold(*ledger, call.agency_id, call.caller.person_id, *explained));
          }
          return explained;
        });
    door.On<v1::ListKpiSetsRequest, v1::ListKpiSetsResponse>(
        kService, "ListKpiSets",
        [app](const runtime::Call&, const v1::ListKpiSetsRequest&)
            -> absl::StatusOr<v1::ListKpiSetsResponse> { return app->ListKpiSets(); });
    door.On<v1::GetSeriesRequest, v1::GetSeriesResponse>(
        kService, "GetSeries",
        [app](const runtime::Call& call, const v1::GetSeriesRequest& request) {
          return app->GetSeries(call.agency_id, request);
        });
    door.On<v1::GetServiceDataRequest, v1::GetServiceDataResponse>(
        kService, "GetServiceData",
        [app](const runtime::Call& call, const v1::GetServiceDataRequest& request) {
          return app->GetServiceData(call.agency_id, request);
        });
    door.On<v1::CompareAgenciesRequest, v1::CompareAgenciesResponse>(
        kService, "CompareAgencies",
        [app](const runtime::Call& call, const v1::CompareAgenciesRequest& request) {
          std::vector<std::string> agency_ids = {call.agency_id};
          const auto& others = call.caller.other_agencies;
          agency_ids.insert(agency_ids.end(), others.begin(), others.end());
          return app->CompareAgencies(agency_ids, request);
        });
    service_->StartRelay();
    ledger::Consumer::Options facts;
    facts.topics = TopicsOf(app->catalogue());
    facts.versioned_topics = VersionedTopics();
    facts.handle = [app](const bus::Record& record) { return app->Observe(record); };
    service_->StartConsumer("", std::move(facts));
    ledger::Consumer::Options subjects;
    subjects.topics = {kAllegationsTopic, kComplaintsTopic};
    subjects.handle = NoteSubject;
    service_->StartConsumer("subjects", std::move(subjects));
    ASSIGN_OR_RETURN(keeping_, Keeping::Start(host, *service_, &app->catalogue(), kTopic));
    return absl::OkStatus();
  }

  // Observations and elements come from the topics, which never expire: read again from their
  // beginning, by a group of its own, in one transaction, so that figures change at once or not at
  // all. What is kept besides them comes from the ledger.
  absl::Status Rebuild(runtime::Host& host) override {
    RETURN_IF_ERROR(Open(host));
    RETURN_IF_ERROR(service_->ledger().Rebuild());
    ASSIGN_OR_RETURN(const v1::Catalogue catalogue,
                     ReadCatalogue(host.settings().share_dir + "/kpis"));
    ASSIGN_OR_RETURN(auto connection,
                     pg::Connection::Open(host.settings().Database(kName, /*relay=*/true)));
    ASSIGN_OR_RETURN(auto subscription,
                     host.bus().Subscribe({"kpis-rebuild-" + ledger::NewId(), TopicsOf(catalogue),
                                           /*member=*/"", /*live=*/false}));
    return pg::Transact(*connection, [&](pg::Connection& tx) -> absl::Status {
      RETURN_IF_ERROR(HoldTallies(tx));
      RETURN_IF_ERROR(tx.Pipeline(Emptied()).status());
      // The end is where nothing comes any more; a group's first assignment takes a while.
      for (int quiet = 0; quiet < 2;) {
        ASSIGN_OR_RETURN(const std::vector<bus::Record> records,
                         subscription->Poll(500, absl::Seconds(5)));
        quiet = records.empty() ? quiet + 1 : 0;
        ledger::Statements statements;
        for (const bus::Record& record : records) {
          auto observed = ObserveRecord(catalogue, record, Taking::kAlone);
          if (!observed.ok() || !*observed) continue;  // what was parked stays parked
          for (pg::Statement& statement : (*observed)->statements) {
            statements.push_back(std::move(statement));
          }
        }
        if (!statements.empty()) {
          RETURN_IF_ERROR(tx.Pipeline(ledger::Merged(std::move(statements))).status());
        }
      }
      return RemakeTallies(tx);
    });
  }

 private:
  absl::Status Open(runtime::Host& host) {
    ledger::Service::Options options{kName, kTopic, &fact_, AllAggregates()};
    options.withheld = [this](const runtime::Call& call) {
      return RecordsAbout(service_->ledger(), call.agency_id, call.caller.person_id);
    };
    ASSIGN_OR_RETURN(service_, ledger::Service::Open(host, std::move(options)));
    return absl::OkStatus();
  }

  const v1::KpiFact fact_;
  std::unique_ptr<ledger::Service> service_;
  std::unique_ptr<App> app_;
  std::unique_ptr<Keeping> keeping_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::kpis
