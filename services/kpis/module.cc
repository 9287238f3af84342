// Figures that follow from the facts of the other services.
//
//   topics of facts -> App::Observe -> view.span (+ KpiChanged) -> relay -> fosterwatch.kpis.v1
//   gRPC ListKpis, ExplainKpi -> App -> domain figures over view.span
#include "services/kpis/module.h"

#include <string>
#include <utility>
#include <vector>

#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "libs/ledger/id.h"
#include "libs/ledger/merge.h"
#include "libs/ledger/service.h"
#include "libs/status/status_macros.h"
#include "services/kpis/app.h"

namespace fosterwatch::kpis {
namespace {

constexpr char kName[] = "kpis";
constexpr char kRole[] = "fosterwatch_kpis";
constexpr char kTopic[] = "fosterwatch.kpis.v1";
constexpr char kService[] = "fosterwatch.kpis.v1.KpisService";

class Module : public runtime::Module {
 public:
  std::string name() const override { return kName; }

  std::vector<pg::Migration> migrations() const override {
    std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
    migrations.push_back({"kpis_0001", ViewsSql(kRole)});
    // What has not ended has no place in an index of ends; most of what begins has not.
    migrations.push_back({"kpis_0002",
                          "DROP INDEX view.span_ended;"
                          "CREATE INDEX span_ended ON view.span (agency_id, stream, end_at)"
                          " WHERE end_at IS NOT NULL;"});
    migrations.push_back(
        {"kpis_0003", "CREATE INDEX span_of_record ON view.span (agency_id, aggregate_id);"});
    // What was reported from outside, by the month: a correction is a later row, and one without
    // numerator, denominator and value takes the figure back.
    migrations.push_back(
        {"kpis_0004",
         "CREATE TABLE view.imported_figure (agency_id text, code text, period text,"
         " numerator double precision, denominator double precision, value double precision,"
         " fact_id text, recorded_at timestamptz NOT NULL,"
         " PRIMARY KEY (agency_id, code, period, fact_id));" +
             ledger::ViewRights("view.imported_figure", kRole)});
    return migrations;
  }

  std::vector<bus::Topic> topics() const override { return {{kTopic, 4}}; }

  absl::Status Start(runtime::Host& host) override {
    ASSIGN_OR_RETURN(v1::Catalogue catalogue, ReadCatalogue(host.settings().share_dir + "/kpis"));
    ASSIGN_OR_RETURN(service_, ledger::Service::Open(host, {kName, kTopic, &fact_, Aggregates()}));
    app_ = std::make_unique<App>(&service_->ledger(), std::move(catalogue),
                                 [&host] { return host.Now(); });
    App* app = app_.get();
    runtime::Door& door = host.door();
    door.Serve(v1::ListKpisRequest::descriptor()->file()->pool()->FindServiceByName(kService));
    door.On<v1::ListKpisRequest, v1::ListKpisResponse>(
        kService, "ListKpis", [app](const runtime::Call& call, const v1::ListKpisRequest& request) {
          return app->ListKpis(call.agency_id, request);
        });
    door.On<v1::ExplainKpiRequest, v1::ExplainKpiResponse>(
        kService, "ExplainKpi",
        [app](const runtime::Call& call, const v1::ExplainKpiRequest& request) {
          return app->ExplainKpi(call.agency_id, request);
        });
    service_->StartRelay();
    ledger::Consumer::Options facts;
    facts.topics = TopicsOf(app->catalogue());
    facts.versioned_topics = VersionedTopics();
    facts.handle = [app](const bus::Record& record) { return app->Observe(record); };
    service_->StartConsumer("", std::move(facts));
    return absl::OkStatus();
  }

  // The spans come from the topics, which never expire: read again from their beginning, by a
  // group of its own, in one transaction, so that figures change at once or not at all.
  absl::Status Rebuild(runtime::Host& host) override {
    ASSIGN_OR_RETURN(const v1::Catalogue catalogue,
                     ReadCatalogue(host.settings().share_dir + "/kpis"));
    ASSIGN_OR_RETURN(auto connection,
                     pg::Connection::Open(host.settings().Database(kName, /*relay=*/true)));
    ASSIGN_OR_RETURN(auto subscription,
                     host.bus().Subscribe({"kpis-rebuild-" + ledger::NewId(), TopicsOf(catalogue),
                                           /*member=*/"", /*live=*/false}));
    return pg::Transact(*connection, [&](pg::Connection& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.Query("DELETE FROM view.span").status());
      // The end is where nothing comes any more; a group's first assignment takes a while.
      for (int quiet = 0; quiet < 2;) {
        ASSIGN_OR_RETURN(const std::vector<bus::Record> records,
                         subscription->Poll(500, absl::Seconds(5)));
        quiet = records.empty() ? quiet + 1 : 0;
        ledger::Statements statements;
        for (const bus::Record& record : records) {
          auto observed = ObserveRecord(catalogue, record);
          if (!observed.ok() || !*observed) continue;  // what was parked stays parked
          for (pg::Statement& statement : (*observed)->statements) {
            statements.push_back(std::move(statement));
          }
        }
        if (!statements.empty()) {
          RETURN_IF_ERROR(tx.Pipeline(ledger::Merged(std::move(statements))).status());
        }
      }
      return absl::OkStatus();
    });
  }

 private:
  const v1::KpiFact fact_;
  std::unique_ptr<ledger::Service> service_;
  std::unique_ptr<App> app_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::kpis
