// The register of Schedule 7 events.
//
//   gRPC ReportEvent ...  -> rpc ----+
//   intake topic          -> intake -+-> App -> domain -> ledger (+ views) -> relay -> topic
//   notifications' facts  -> facts --+
//   directory, placements, carers -> references -> the tables that decisions read
//   carers                -> caseload -> who may see which household, of those who do not see all
#include "services/notifiable_events/module.h"

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
#include "services/notifiable_events/app.h"
#include "services/notifiable_events/decisions.h"
#include "services/notifiable_events/domain/notice_words.h"
#include "services/notifiable_events/domain/reporting_policy.h"
#include "services/notifiable_events/facts.h"
#include "services/notifiable_events/intake.h"
#include "services/notifiable_events/notice_watch.h"
#include "services/notifiable_events/oversight.h"
#include "services/notifiable_events/references.h"
#include "services/notifiable_events/rpc.h"
#include "services/notifiable_events/trend.h"
#include "services/notifiable_events/views.h"

namespace fosterwatch::notifiable_events {
namespace {

constexpr char kName[] = "notifiable_events";
constexpr char kRole[] = "fosterwatch_notifiable_events";
constexpr char kTopic[] = "fosterwatch.notifiable-events.v1";

class Module : public runtime::Module {
 public:
  std::string name() const override { return kName; }

  std::vector<pg::Migration> migrations() const override {
    std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
    migrations.push_back({"notifiable_events_0001", ViewsSql(kRole) + ReferenceSql(kRole)});
    migrations.push_back({"notifiable_events_0002", TimersSql(kRole)});
    migrations.push_back({"notifiable_events_0003", NearSql()});
    migrations.push_back({"notifiable_events_0004", SilentSql() + PeopleSql(kRole)});
    migrations.push_back({"notifiable_events_0005", DecisionsSql(kRole)});
    migrations.push_back({"notifiable_events_0006", PlacedSql(kRole)});
    migrations.push_back({"notifiable_events_0007", DesignatedOfficerSql()});
    migrations.push_back({"notifiable_events_0008", OfCarerSql()});
    migrations.push_back({"notifiable_events_0009", CaseloadSql(kRole)});
    migrations.push_back({"notifiable_events_0010", references::ProgramsOfPublishersSql(), true});
    return migrations;
  }

  std::vector<bus::Topic> topics() const override {
    // The intake may carry narrative, so it is kept no longer than a publisher might need to look:
    // what was taken, or parked, is in the database. Records over the limit reach the service,
    // which parks them.
    return {{kTopic, 4}, {kIntakeTopic, 4, absl::Hours(24 * 7), int64_t{4} << 20}};
  }

  absl::Status Start(runtime::Host& host) override {
    const std::string share = host.settings().share_dir;
    ASSIGN_OR_RETURN(const std::string law_text,
                     runtime::ReadDataFile(share + "/law/schedule7.json"));
    ASSIGN_OR_RETURN(domain::Law law, domain::Law::Parse(law_text));
    ASSIGN_OR_RETURN(const std::string forms_text,
                     runtime::ReadDataFile(share + "/law/forms.json"));
    ASSIGN_OR_RETURN(domain::FormBook forms, domain::FormBook::Parse(forms_text));
    ASSIGN_OR_RETURN(const std::string days,
                     runtime::ReadDataFile(share + "/clock/bank_holidays_england_and_wales.json"));
    ASSIGN_OR_RETURN(clock::WorkingCalendar calendar, clock::WorkingCalendar::Parse(days));
    ASSIGN_OR_RETURN(const std::string reporting,
                     runtime::ReadDataFile(share + "/policy/reporting.json"));
    ASSIGN_OR_RETURN(v1::ReportingPolicies policies, domain::ParseReportingPolicies(reporting));
    ASSIGN_OR_RETURN(const std::string words_text,
                     runtime::ReadDataFile(share + "/policy/notice_words.json"));
    ASSIGN_OR_RETURN(v1::NoticeWords words, domain::ParseNoticeWords(words_text));
    RETURN_IF_ERROR(Open(host));
    app_ = std::make_unique<App>(&service_->ledger(), std::move(law), std::move(forms),
                                 std::move(calendar), std::move(policies), std::move(words),
                                 [&host] { return host.Now(); });
    App* app = app_.get();
    Register(host.door(), app);
    RegisterOversight(host, app);
    caseload_ = MakeCaseload(&service_->ledger(), [&host] { return host.Now(); });
    host.door().KnowCaseload(v1::NotifiableEvent::descriptor()->file()->package(), caseload_.get());
    service_->StartRelay();
    notice_watch_ = std::make_unique<NoticeWatch>(host.settings().Database(kName, /*relay=*/true));
    host.AddGauge("notifiable_events_next_notice_due_seconds",
                  "Until the first notice that is owed is due; negative: overdue",
                  [this, &host] { return notice_watch_->seconds_until_due(host.Now()); });
    host.Run("notifiable_events notices",
             [this](const runtime::Stop& stop) { notice_watch_->Run(stop); });

    duty::Loop::Options overdue;
    overdue.kind = kOverdueTimer;
    overdue.now = [&host] { return host.Now(); };
    overdue.fire = [app](const duty::Due& due) {
      return app->RecordOverdue(due.agency_id, due.subject_id);
    };
    overdue_ = std::make_unique<duty::Loop>(&service_->ledger(), std::move(overdue));
    duty::RunIn(host, kName, "overdue", overdue_.get());
    duty::Loop::Options agreements;
    agreements.kind = kAgreementTimer;
    agreements.now = [&host] { return host.Now(); };
    agreements.fire = [app](const duty::Due& due) {
      return app->RecordAgreementOverdue(due.agency_id, due.subject_id);
    };
    agreements_ = std::make_unique<duty::Loop>(&service_->ledger(), std::move(agreements));
    duty::RunIn(host, kName, "agreements", agreements_.get());

    ledger::Consumer::Options references;
    references.topics = {kDirectoryTopic, kPlacementsTopic, kCarersTopic};
    references.handle = Reference;
    service_->StartConsumer("references", std::move(references));

    ledger::Consumer::Options people;
    people.topics = {kDirectoryTopic};
    people.handle = PeopleReference;
    service_->StartConsumer("people", std::move(people));

    ledger::Consumer::Options grants;
    grants.topics = {kCarersTopic};
    grants.handle = [](const bus::Record& record) {
      return caseload::Heard<carers::v1::CarersFact, placements::v1::PlacementsFact>(
          CaseloadTables(), record);
    };
    service_->StartConsumer("caseload", std::move(grants));

    ledger::Consumer::Options absences;
    absences.topics = {kDirectoryTopic};
    absences.handle = [app](const bus::Record& record) { return AbsenceRecorded(*app, record); };
    service_->StartConsumer("absences", std::move(absences));

    ledger::Consumer::Options complaints;
    complaints.topics = {kComplaintsTopic};
    complaints.handle = [app](const bus::Record& record) { return ProposalAccepted(*app, record); };
    service_->StartConsumer("complaints", std::move(complaints));

    ledger::Consumer::Options again;
    again.topics = {kTopic};
    again.handle = [app, &host](const bus::Record& record) {
      return LookAgain(*app, record, host.Now());
    };
    service_->StartConsumer("again", std::move(again));

    ledger::Consumer::Options deliveries;
    deliveries.topics = {kNotificationsTopic};
    deliveries.versioned_topics = {kNotificationsTopic};
    deliveries.handle = [app](const bus::Record& record) { return Delivered(*app, record); };
    service_->StartConsumer("deliveries", std::move(deliveries));

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
    ASSIGN_OR_RETURN(service_, ledger::Service::Open(host, {kName, kTopic, &fact_, Aggregates()}));
    return absl::OkStatus();
  }

  const v1::NotifiableEventFact fact_;
  // The app stands on the service's ledger, so it goes first.
  std::unique_ptr<ledger::Service> service_;
  std::unique_ptr<App> app_;
  std::unique_ptr<caseload::Reader> caseload_;
  std::unique_ptr<NoticeWatch> notice_watch_;
  std::unique_ptr<duty::Loop> overdue_;
  std::unique_ptr<duty::Loop> agreements_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::notifiable_events
