// How long an inspection pack of an agency with a past takes. The demonstration agency, with its
// 257 households and their reviews, gets years of events, complaints, allegations and monthly
// figures by the calls that its staff and its systems make; then packs of it are ordered.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

#include "apps/fosterwatch/tasks.h"
#include "bench/commands.h"
#include "bench/stream.h"
#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/packs/v1/packs_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/ledger/id.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::bench {
namespace {

using app::Task;
using packs::v1::Pack;

constexpr absl::Duration kPatience = absl::Minutes(5);
constexpr int kCarers = 257, kChildren = 356;
constexpr int kEventsAYear = 150, kComplaintsAYear = 30, kAllegationsAYear = 15;

struct PackOptions {
  int years = 10;
  int packs = 3;
  bool fill = true;
  std::string json;
};

// The `i`th of `count` moments, evenly over the years that ended when today began.
google::protobuf::Timestamp Past(int i, int count, int years) {
  const absl::Time today = absl::FromCivil(clock::LondonDay(absl::Now()), clock::London());
  const absl::Duration all = years * 365 * absl::Hours(24);
  return clock::ToProto(today - all + all * i / count);
}

// The same record is the same request: filled again, nothing is added on the same day.
template <typename Response, typename Request>
Task Recording(const std::shared_ptr<app::Remote>& remote, const std::string& area,
               const std::string& service, const std::string& method, int number, Request request) {
  request.set_request_id(ledger::DerivedId(absl::StrCat("bench pack ", method, " ", number)));
  return [=] { return remote->Call<Response>(area, service, method, request).status(); };
}

std::vector<Task> Records(const std::shared_ptr<app::Remote>& remote, int years) {
  std::vector<Task> tasks;
  const int events = years * kEventsAYear;
  for (int i = 0; i < events; ++i) {
    notifiable_events::v1::ReportEventRequest request;
    auto& report = *request.mutable_report();
    const auto kind = static_cast<notifiable_events::v1::EventKind>(1 + i % 10);
    report.add_kinds(kind);
    report.set_child_id(ChildName(i * 7 % kChildren));
    if (kind == notifiable_events::v1::EVENT_KIND_SERIOUS_COMPLAINT) {
      report.set_carer_id(CarerOfChild(i * 7 % kCarers));
    }
    *report.mutable_occurred_time() = Past(i, events, years);
    *report.mutable_became_aware_time() = report.occurred_time();
    report.set_summary(absl::StrCat("Reported by the duty worker, number ", i, "."));
    tasks.push_back(Recording<notifiable_events::v1::NotifiableEvent>(
        remote, "notifiable_events", "NotifiableEventService", "ReportEvent", i, request));
  }
  const int complaints = years * kComplaintsAYear;
  constexpr const char* kCategories[] = {"QUALITY_OF_CARE", "COMMUNICATION", "CONTACT", "DELAY"};
  for (int i = 0; i < complaints; ++i) {
    complaints::v1::RecordComplaintRequest request;
    auto& report = *request.mutable_report();
    report.set_kind(complaints::v1::COMPLAINT_KIND_COMPLAINT);
    report.mutable_giver()->set_kind(complaints::v1::GIVER_KIND_PARENT);
    report.mutable_giver()->set_name("A Parent");
    report.mutable_subject()->set_kind(complaints::v1::SUBJECT_KIND_SERVICE);
    report.set_received_by(complaints::v1::RECEIVED_BY_EMAIL);
    *report.mutable_received_time() = Past(i, complaints, years);
    report.set_category(kCategories[i % 4]);
    report.set_summary(absl::StrCat("Nobody called back, number ", i, "."));
    report.set_procedure_id("reg18");
    tasks.push_back(Recording<complaints::v1::Complaint>(remote, "complaints", "ComplaintsService",
                                                         "RecordComplaint", i, request));
  }
  const int allegations = years * kAllegationsAYear;
  for (int i = 0; i < allegations; ++i) {
    allegations::v1::ReceiveAllegationRequest request;
    auto& report = *request.mutable_report();
    report.set_carer_id(CarerOfChild(i * 11 % kCarers));
    report.set_child_id(ChildName(i * 11 % kCarers));
    report.add_grounds(allegations::v1::GROUND_HARM);
    report.set_informant(allegations::v1::INFORMANT_CHILD);
    *report.mutable_became_aware_time() = Past(i, allegations, years);
    report.set_summary(absl::StrCat("What the child said, number ", i, "."));
    tasks.push_back(Recording<allegations::v1::Allegation>(
        remote, "allegations", "AllegationsService", "ReceiveAllegation", i, request));
  }
  return tasks;
}

// A figure of every KPI of the board for each month that is over.
absl::StatusOr<size_t> ImportFigures(app::Remote& remote, int years) {
  kpis::v1::ListKpisRequest list;
  list.set_set("board");
  ASSIGN_OR_RETURN(const auto kpis, remote.Call<kpis::v1::ListKpisResponse>("kpis", "KpisService",
                                                                            "ListKpis", list));
  const absl::CivilMonth now(clock::LondonDay(absl::Now()));
  size_t taken = 0;
  for (const auto& kpi : kpis.kpis()) {
    kpis::v1::ImportFiguresRequest request;
    for (int back = years * 12; back > 0; --back) {
      auto& figure = *request.add_figures();
      figure.set_code(kpi.definition().code());
      figure.set_period(absl::FormatCivilTime(now - back));
      figure.set_numerator(60 + back * 7 % 40);
      figure.set_denominator(100);
      figure.set_source("bench");
    }
    ASSIGN_OR_RETURN(const auto answer, remote.Call<kpis::v1::ImportFiguresResponse>(
                                            "kpis", "FiguresService", "ImportFigures", request));
    for (const auto& result : answer.results()) {
      taken += result.outcome() != kpis::v1::ImportFiguresResponse::Result::OUTCOME_REFUSED;
    }
  }
  return taken;
}

absl::Status Fill(const app::Context& context, int years) {
  const absl::Time begun = absl::Now();
  ASSIGN_OR_RETURN(std::shared_ptr<app::Remote> remote,
                   app::Remote::Open(context, "registered_manager"));
  const std::vector<Task> records = Records(remote, years);
  RETURN_IF_ERROR(app::RunAll(records, kPatience));
  ASSIGN_OR_RETURN(const size_t figures, ImportFigures(*remote, years));
  std::printf("%d years: %zu records and %zu figures in %.1f s\n", years, records.size(), figures,
              absl::ToDoubleSeconds(absl::Now() - begun));
  return absl::OkStatus();
}

// Orders one and looks at it often, so that the seconds of each step are known.
absl::StatusOr<nlohmann::json> MakeOne(app::Remote& remote) {
  const absl::Time begun = absl::Now();
  ASSIGN_OR_RETURN(Pack pack, remote.Call<Pack>("packs", "PacksService", "MakeInspectionPack",
                                                packs::v1::MakeInspectionPackRequest()));
  packs::v1::GetPackRequest get;
  get.set_pack_id(pack.pack_id());
  std::map<int, double> steps;
  absl::Time before = begun;
  int step = 0;
  int shown = 0;
  std::string last;
  do {
    absl::SleepFor(absl::Milliseconds(20));
    ASSIGN_OR_RETURN(pack, remote.Call<Pack>("packs", "PacksService", "GetPack", get));
    const absl::Time now = absl::Now();
    steps[step] += absl::ToDoubleSeconds(now - before);
    before = now;
    step = pack.step();
    const std::string look = absl::StrCat(pack.step(), " ", pack.steps_done(), pack.records_read());
    shown += look != last;
    last = look;
  } while (pack.state() == Pack::STATE_WAITING || pack.state() == Pack::STATE_MAKING);
  if (pack.state() != Pack::STATE_READY) return absl::InternalError(pack.failure());
  const double took = absl::ToDoubleSeconds(absl::Now() - begun);
  nlohmann::json result = {{"seconds", took}, {"records", pack.records_read()}, {"shown", shown}};
  std::printf("%.2f s, %d records, %d different looks at how far it is:", took,
              static_cast<int>(pack.records_read()), shown);
  for (const auto& [at, seconds] : steps) {
    const std::string name = Pack::Step_Name(static_cast<Pack::Step>(at));
    result["steps"][name] = seconds;
    std::printf(" %s %.2f", name.c_str(), seconds);
  }
  for (const auto& file : pack.files()) result["files"][file.name()] = file.size();
  std::printf("\n");
  return result;
}

absl::Status MeasurePack(const app::Context& context, const PackOptions& options) {
  if (options.fill) RETURN_IF_ERROR(Fill(context, options.years));
  ASSIGN_OR_RETURN(const auto remote, app::Remote::Open(context, "registered_manager"));
  nlohmann::json packs;
  for (int i = 0; i < options.packs; ++i) {
    ASSIGN_OR_RETURN(const nlohmann::json one, MakeOne(*remote));
    packs.push_back(one);
  }
  return options.json.empty() ? absl::OkStatus() : WriteJson(options.json, packs);
}

}  // namespace

void AddPack(CLI::App& app, app::Context* context) {
  CLI::App* pack = app.add_subcommand(
      "pack", "Give the demonstration agency a past and make inspection packs of it");
  auto options = std::make_shared<PackOptions>();
  pack->add_option("--years", options->years, "of its past [10]");
  pack->add_option("--packs", options->packs, "how many are made [3]");
  pack->add_flag("!--no-fill", options->fill, "it has its past already");
  pack->add_option("--json", options->json, "file for the figures");
  pack->callback([=] { context->run = [=] { return MeasurePack(*context, *options); }; });
}

}  // namespace fosterwatch::bench
