// The register of complaints, representations and compliments.
//
//   gRPC RecordComplaint ...   -> rpc ----+
//   feedback feed              -> intake -+-> App -> domain -> ledger (+ views) -> relay -> topic
//   events, allegations        -> facts --+
//   what falls due             -> timers -+
//   directory, placements, carers -> references -> the tables that decisions read
#include "services/complaints/module.h"

#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/auth/token.h"
#include "libs/duty/loop.h"
#include "libs/duty/rework.h"
#include "libs/ledger/service.h"
#include "libs/runtime/data_file.h"
#include "libs/status/status_macros.h"
#include "services/complaints/app.h"
#include "services/complaints/domain/procedures.h"
#include "services/complaints/facts.h"
#include "services/complaints/intake.h"
#include "services/complaints/references.h"
#include "services/complaints/rpc.h"
#include "services/complaints/views.h"

namespace fosterwatch::complaints {
namespace {

constexpr char kName[] = "complaints";
constexpr char kRole[] = "fosterwatch_complaints";
constexpr char kTopic[] = "fosterwatch.complaints.v1";

// Of each agency that has procedures of its own: AGENCY.json in the folder, which need not be
// there.
absl::Status AdoptProcedures(const std::string& folder, domain::AgencyBooks& books) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string agency_id = entry.path().stem().string();
    if (absl::StartsWith(agency_id, ".")) continue;
    if (entry.path().extension() != ".json" || !auth::IsAgencyId(agency_id)) {
      return absl::InvalidArgumentError(absl::StrCat(
          entry.path().string(), " is not named by an agency: AGENCY.json is expected there"));
    }
    ASSIGN_OR_RETURN(const std::string text, runtime::ReadDataFile(entry.path().string()));
    if (const absl::Status adopted = books.Adopt(agency_id, text); !adopted.ok()) {
      return absl::Status(adopted.code(),
                          absl::StrCat(entry.path().string(), ": ", adopted.message()));
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return absl::FailedPreconditionError(
        absl::StrCat("the folder ", folder, " cannot be read: ", error.message()));
  }
  return absl::OkStatus();
}

class Module : public runtime::Module {
 public:
  std::string name() const override { return kName; }

  std::vector<pg::Migration> migrations() const override {
    std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
    migrations.push_back({"complaints_0001", ViewsSql(kRole) + ReferenceSql(kRole)});
    migrations.push_back({"complaints_0002", IndexesSql()});
    migrations.push_back({"complaints_0003", duty::ReworkSql(kRole)});
    migrations.push_back({"complaints_0004", RoutesSql() + HoldersSql(kRole)});
    migrations.push_back({"complaints_0005", HiddenSql() + AllegationSubjectsSql(kRole)});
    migrations.push_back({"complaints_0006", SightingsSql() + AllegationsAboutSql(kRole)});
    migrations.push_back({"complaints_0007", UnknownMatchesSql()});
    migrations.push_back({"complaints_0008", references::ProgramsOfPublishersSql(), true});
    return migrations;
  }

  std::vector<bus::Topic> topics() const override {
    // The feed may carry narrative, so it is kept no longer than a publisher might need to look.
    return {{kTopic, 4}, {kIntakeTopic, 4, absl::Hours(24 * 7), int64_t{4} << 20}};
  }

  absl::Status Start(runtime::Host& host) override {
    const std::string share = host.settings().share_dir;
    ASSIGN_OR_RETURN(const std::string book_text,
                     runtime::ReadDataFile(share + "/policy/procedures.json"));
    ASSIGN_OR_RETURN(domain::Book ours, domain::ParseProcedures(book_text));
    domain::AgencyBooks books(std::move(ours));
    RETURN_IF_ERROR(AdoptProcedures(share + "/policy/procedures", books));
    ASSIGN_OR_RETURN(const std::string days,
                     runtime::ReadDataFile(share + "/clock/bank_holidays_england_and_wales.json"));
    ASSIGN_OR_RETURN(clock::WorkingCalendar calendar, clock::WorkingCalendar::Parse(days));
    RETURN_IF_ERROR(Open(host));
    app_ = std::make_unique<App>(&service_->ledger(), std::move(books), std::move(calendar),
                                 [&host] { return host.Now(); });
    App* app = app_.get();
    Register(host.door(), app);
    RegisterFeedback(host.door(), app);
    service_->StartRelay();
    RunTimers(host, app);
    host.Run("complaints due times",
             [app, again = app->Recounting(host.settings().Database(kName, /*relay=*/true))](
                 const runtime::Stop& stop) { duty::Rework(app->ledger(), again, stop); });

    ledger::Consumer::Options references;
    references.topics = {kDirectoryTopic, kPlacementsTopic, kCarersTopic};
    references.handle = Reference;
    service_->StartConsumer("references", std::move(references));

    ledger::Consumer::Options holders;
    holders.topics = {kDirectoryTopic};
    holders.handle = Holder;
    service_->StartConsumer("holders", std::move(holders));

    ledger::Consumer::Options events;
    events.topics = {kEventsTopic};
    events.handle = [app](const bus::Record& record) { return EventSeen(*app, record); };
    service_->StartConsumer("events", std::move(events));

    ledger::Consumer::Options allegations;
    allegations.topics = {kAllegationsTopic};
    allegations.handle = [app](const bus::Record& record) { return AllegationSeen(*app, record); };
    service_->StartConsumer("allegations", std::move(allegations));

    // Came later: reads the topic from its beginning. An earlier one kept those about staff alone.
    ledger::Consumer::Options subjects;
    subjects.topics = {kAllegationsTopic};
    subjects.handle = AllegationSubject;
    service_->StartConsumer("allegations_about", std::move(subjects));

    ledger::Consumer::Options intake;
    intake.topics = {kIntakeTopic};
    intake.inbox = false;
    intake.sequenced = false;
    intake.handle = [app](const bus::Record& record) { return FeedbackReceived(*app, record); };
    intake.on_parked = [app](const bus::Record& record, const ledger::Parked& parked,
                             ledger::Unit& unit) { FeedbackParked(*app, record, parked, unit); };
    service_->StartConsumer("intake", std::move(intake));
    return absl::OkStatus();
  }

  absl::Status Rebuild(runtime::Host& host) override {
    RETURN_IF_ERROR(Open(host));
    return service_->ledger().Rebuild();
  }

 private:
  absl::Status Open(runtime::Host& host) {
    ledger::Service::Options options{kName, kTopic, &fact_, Aggregates()};
    options.withheld = [this](const runtime::Call& call) -> absl::StatusOr<std::set<std::string>> {
      ASSIGN_OR_RETURN(
          const auto rows,
          service_->ledger().Read(call.agency_id,
                                  {{"SELECT 'complaint:' || complaint_id FROM view.complaint"
                                    " WHERE agency_id = $1 AND hidden_from <> ''"
                                    " AND hidden_from = $2",
                                    {call.agency_id, call.caller.person_id}}}));
      std::set<std::string> hidden;
      for (int row = 0; row < rows[0].rows(); ++row) hidden.insert(rows[0].Text(row, 0));
      return hidden;
    };
    ASSIGN_OR_RETURN(service_, ledger::Service::Open(host, std::move(options)));
    return absl::OkStatus();
  }

  void RunTimers(runtime::Host& host, App* app) {
    duty::Loop::Options overdue;
    overdue.kind = kOverdueTimer;
    overdue.now = [&host] { return host.Now(); };
    overdue.fire = [app](const duty::Due& due) {
      return app->RecordOverdue(due.agency_id, due.subject_id);
    };
    overdue_ = std::make_unique<duty::Loop>(&service_->ledger(), std::move(overdue));
    duty::RunIn(host, kName, "overdue", overdue_.get());

    // Reads what it might be matched with by now before it records.
    duty::Loop::Options raise;
    raise.kind = kRaiseTimer;
    raise.now = [&host] { return host.Now(); };
    raise.work = [app](const duty::Due& due, const runtime::Stop&) {
      duty::Worked worked;
      auto unit = app->RaiseSighting(due.agency_id, due.subject_id);
      worked.progressed = unit.ok() && app->ledger().SubmitAndWait(*std::move(unit)).ok();
      return worked;
    };
    raise_ = std::make_unique<duty::Loop>(&service_->ledger(), std::move(raise));
    duty::RunIn(host, kName, "raise", raise_.get());
  }

  const v1::ComplaintFact fact_;
  // The app stands on the service's ledger, so it goes first.
  std::unique_ptr<ledger::Service> service_;
  std::unique_ptr<App> app_;
  std::unique_ptr<duty::Loop> overdue_;
  std::unique_ptr<duty::Loop> raise_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::complaints
