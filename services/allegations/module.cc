// The register of allegations.
//
//   gRPC -> App -> domain -> ledger (+ views) -> relay -> fosterwatch.allegations.v1
//   complaints' disclosures of harm -> Disclosed -> App
//   timers -> App -> AttentionNeeded
//   other bank holidays -> duty::Rework -> App -> AllegationDueTimesMoved
//   directory, carers, placements, notifiable events -> Reference -> the tables that decisions read
#include "services/allegations/module.h"

#include <string>
#include <utility>
#include <vector>

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "libs/duty/loop.h"
#include "libs/ledger/service.h"
#include "libs/runtime/data_file.h"
#include "libs/status/status_macros.h"
#include "services/allegations/app.h"
#include "services/allegations/domain/audit.h"
#include "services/allegations/domain/pathway.h"
#include "services/allegations/references.h"
#include "services/allegations/views.h"
#include "services/allegations/withheld.h"

namespace fosterwatch::allegations {
namespace {

constexpr char kName[] = "allegations";
constexpr char kRole[] = "fosterwatch_allegations";
constexpr char kTopic[] = "fosterwatch.allegations.v1";
constexpr char kService[] = "fosterwatch.allegations.v1.AllegationsService";
constexpr char kAudits[] = "fosterwatch.allegations.v1.AuditsService";

void Register(runtime::Door& door, App* app) {
  door.Serve(v1::ListAllegationsRequest::descriptor()->file()->pool()->FindServiceByName(kService));
  door.On(kService, "ReceiveAllegation", app, &App::ReceiveAllegation);
  door.On(kService, "AmendAllegation", app, &App::AmendAllegation);
  door.On(kService, "LinkAllegation", app, &App::LinkAllegation);
  door.On(kService, "ReferAllegation", app, &App::ReferAllegation);
  door.On(kService, "RecordStrategyMeeting", app, &App::RecordStrategyMeeting);
  door.On(kService, "StartInvestigation", app, &App::StartInvestigation);
  door.On(kService, "RecordOfficerConclusion", app, &App::RecordOfficerConclusion);
  door.On(kService, "StartAgencyReview", app, &App::StartAgencyReview);
  door.On(kService, "CloseChecklistItem", app, &App::CloseChecklistItem);
  door.On(kService, "AssignChecklistItem", app, &App::AssignChecklistItem);
  door.On(kService, "AddChecklistItem", app, &App::AddChecklistItem);
  door.On(kService, "RecordOutcomeTold", app, &App::RecordOutcomeTold);
  door.On(kService, "RecordLearning", app, &App::RecordLearning);
  door.On(kService, "CloseAllegation", app, &App::CloseAllegation);
  door.On(kService, "ReopenAllegation", app, &App::ReopenAllegation);
  door.On(kService, "GetAllegation", app, &App::GetAllegation);
  door.On(kService, "ListAllegations", app, &App::ListAllegations);
  door.On(kService, "ExplainDueTime", app, &App::ExplainDueTime);
  door.Serve(v1::ListAuditsRequest::descriptor()->file()->pool()->FindServiceByName(kAudits));
  door.On(kAudits, "StartAudit", app, &App::StartAudit);
  door.On(kAudits, "GradeRecord", app, &App::GradeRecord);
  door.On(kAudits, "CloseFinding", app, &App::CloseFinding);
  door.On(kAudits, "CompleteAudit", app, &App::CompleteAudit);
  door.On(kAudits, "GetAudit", app, &App::GetAudit);
  door.On(kAudits, "ListAudits", app, &App::ListAudits);
  door.On(kAudits, "GetAuditForm", app, &App::GetAuditForm);
}

class Module : public runtime::Module {
 public:
  std::string name() const override { return kName; }

  std::vector<pg::Migration> migrations() const override {
    std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
    migrations.push_back({"allegations_0001", ViewsSql(kRole) + ReferenceSql(kRole)});
    migrations.push_back({"allegations_0002", duty::ReworkSql(kRole)});
    migrations.push_back({"allegations_0003", EventsOfComplaintsSql(kRole)});
    migrations.push_back({"allegations_0004", ComplaintsSql(kRole)});
    migrations.push_back({"allegations_0005", IndexesSql()});
    return migrations;
  }

  std::vector<bus::Topic> topics() const override { return {{kTopic, 4}}; }

  absl::Status Start(runtime::Host& host) override {
    const std::string share = host.settings().share_dir;
    ASSIGN_OR_RETURN(const std::string pathway,
                     runtime::ReadDataFile(share + "/policy/pathway.json"));
    ASSIGN_OR_RETURN(v1::PathwayPolicies policies, domain::ParsePathway(pathway));
    ASSIGN_OR_RETURN(const std::string audits,
                     runtime::ReadDataFile(share + "/policy/audit_forms.json"));
    ASSIGN_OR_RETURN(v1::AuditForms forms, domain::ParseAuditForms(audits));
    ASSIGN_OR_RETURN(const std::string days,
                     runtime::ReadDataFile(share + "/clock/bank_holidays_england_and_wales.json"));
    ASSIGN_OR_RETURN(clock::WorkingCalendar calendar, clock::WorkingCalendar::Parse(days));
    RETURN_IF_ERROR(Open(host));
    app_ = std::make_unique<App>(&service_->ledger(), std::move(policies), std::move(forms),
                                 std::move(calendar), [&host] { return host.Now(); });
    App* app = app_.get();
    Register(host.door(), app);
    service_->StartRelay();

    duty::Loop::Options late;
    late.kind = kAllegationTimer;
    late.now = [&host] { return host.Now(); };
    late.fire = [app](const duty::Due& due) {
      return app->RaiseAllegation(due.agency_id, due.subject_id);
    };
    late_ = std::make_unique<duty::Loop>(&service_->ledger(), std::move(late));
    duty::RunIn(host, kName, "overdue", late_.get());
    duty::Loop::Options findings;
    findings.kind = kAuditTimer;
    findings.now = [&host] { return host.Now(); };
    findings.fire = [app](const duty::Due& due) {
      return app->RaiseAudit(due.agency_id, due.subject_id);
    };
    findings_ = std::make_unique<duty::Loop>(&service_->ledger(), std::move(findings));
    duty::RunIn(host, kName, "findings", findings_.get());
    const std::string relay = host.settings().Database(kName, /*relay=*/true);
    host.Run("allegations due times",
             [app, again = app->Recounting(relay)](const runtime::Stop& stop) {
               duty::Rework(app->ledger(), again, stop);
             });
    host.Run("allegations findings due times",
             [app, again = app->RecountingFindings(relay)](const runtime::Stop& stop) {
               duty::Rework(app->ledger(), again, stop);
             });

    ledger::Consumer::Options references;
    references.topics = {kDirectoryTopic, kCarersTopic, kPlacementsTopic, kEventsTopic};
    references.handle = Reference;
    service_->StartConsumer("references", std::move(references));
    ledger::Consumer::Options disclosures;
    disclosures.topics = {kComplaintsTopic};
    disclosures.handle = [app](const bus::Record& record) { return Disclosed(*app, record); };
    service_->StartConsumer("disclosures", std::move(disclosures));
    // Came later: reads the topic from its beginning.
    ledger::Consumer::Options complaints;
    complaints.topics = {kComplaintsTopic};
    complaints.handle = Complained;
    service_->StartConsumer("complaints", std::move(complaints));
    return absl::OkStatus();
  }

  absl::Status Rebuild(runtime::Host& host) override {
    RETURN_IF_ERROR(Open(host));
    return service_->ledger().Rebuild();
  }

 private:
  absl::Status Open(runtime::Host& host) {
    ledger::Service::Options options{kName, kTopic, &fact_, Aggregates()};
    options.withheld = [this](const runtime::Call& call) {
      return RecordsWithheldFrom(service_->ledger(), call.agency_id, call.caller.person_id);
    };
    ASSIGN_OR_RETURN(service_, ledger::Service::Open(host, std::move(options)));
    return absl::OkStatus();
  }

  const v1::AllegationFact fact_;
  // The app stands on the service's ledger, and the loops on both, so they go in this order.
  std::unique_ptr<ledger::Service> service_;
  std::unique_ptr<App> app_;
  std::unique_ptr<duty::Loop> late_;
  std::unique_ptr<duty::Loop> findings_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::allegations
