#include "services/kpis/keeping.h"

#include <utility>

#include "libs/clock/working_calendar.h"
#include "libs/runtime/data_file.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/policy.h"
#include "services/kpis/intake.h"
#include "services/kpis/kept_views.h"
#include "services/kpis/rpc.h"

namespace fosterwatch::kpis {
namespace {

constexpr char kName[] = "kpis";
constexpr char kDirectoryTopic[] = "fosterwatch.directory.v1";

}  // namespace

std::vector<pg::Migration> Keeping::Migrations(const std::string& role) {
  return {{"kpis_kept_0001", KeptSql(role) +
                                 "CREATE SCHEMA reference; GRANT USAGE ON SCHEMA reference TO " +
                                 role + ", " + role + "_relay;" + references::PublishersSql(role)},
          {"kpis_kept_0002", references::ProgramsOfPublishersSql(), true}};
}

bus::Topic Keeping::IntakeTopic() {
  // Figures name nobody; what a publisher might want to look at again is kept.
  return {kIntakeTopic, 4, absl::Hours(24 * 7), int64_t{4} << 20};
}

absl::StatusOr<std::unique_ptr<Keeping>> Keeping::Start(runtime::Host& host,
                                                        ledger::Service& service,
                                                        const v1::Catalogue* catalogue,
                                                        const std::string& topic) {
  const std::string& share = host.settings().share_dir;
  ASSIGN_OR_RETURN(const std::string policy, runtime::ReadDataFile(share + "/policy/kpis.json"));
  ASSIGN_OR_RETURN(v1::KpiPolicies policies, domain::ParseKpiPolicies(policy));
  ASSIGN_OR_RETURN(const std::string days,
                   runtime::ReadDataFile(share + "/clock/bank_holidays_england_and_wales.json"));
  ASSIGN_OR_RETURN(clock::WorkingCalendar calendar, clock::WorkingCalendar::Parse(days));
  const auto now = [&host] { return host.Now(); };
  std::unique_ptr<Keeping> keeping(new Keeping);
  keeping->imports_ = std::make_unique<Imports>(&service.ledger(), catalogue, now);
  keeping->safer_caring_ =
      std::make_unique<SaferCaring>(&service.ledger(), policies, calendar, now);
  keeping->upkeep_ = std::make_unique<Upkeep>(&service.ledger(), catalogue, std::move(policies),
                                              std::move(calendar),
                                              host.settings().Database(kName, /*relay=*/true), now);
  Imports* imports = keeping->imports_.get();
  Upkeep* upkeep = keeping->upkeep_.get();
  const Intake into = {imports, keeping->safer_caring_.get()};
  RegisterImports(host.door(), into);
  RegisterUpkeep(host.door(), upkeep);

  ledger::Consumer::Options publishers;
  publishers.topics = {kDirectoryTopic};
  publishers.handle = references::PublisherUnit;
  service.StartConsumer("publishers", std::move(publishers));

  ledger::Consumer::Options intake;
  intake.topics = {kIntakeTopic};
  intake.inbox = false;
  intake.sequenced = false;
  intake.handle = [into](const bus::Record& record) { return IntakeRecord(into, record); };
  intake.on_parked = [imports](const bus::Record& record, const ledger::Parked& parked,
                               ledger::Unit& unit) {
    IntakeParked(*imports, record, parked, unit);
  };
  service.StartConsumer("intake", std::move(intake));

  ledger::Consumer::Options own;
  own.topics = {topic};
  own.handle = [upkeep](const bus::Record& record) { return upkeep->Mark(record); };
  service.StartConsumer("upkeep", std::move(own));
  host.AddWatch("upkeep", [upkeep] { return upkeep->last_status(); });
  host.Run("upkeep", [upkeep](const runtime::Stop& stop) { upkeep->Run(stop); });

  duty::Loop::Options overdue;
  overdue.kind = kOverdueTimer;
  overdue.now = now;
  overdue.fire = [upkeep](const duty::Due& due) { return upkeep->RecordOverdue(due); };
  keeping->overdue_ = std::make_unique<duty::Loop>(&service.ledger(), std::move(overdue));
  duty::RunIn(host, kName, "overdue", keeping->overdue_.get());
  return keeping;
}

}  // namespace fosterwatch::kpis
