#include "services/kpis/upkeep.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/id.h"
#include "libs/ledger/service.h"
#include "libs/pg/connection.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/catalogue.h"
#include "services/kpis/domain/edition.h"
#include "services/kpis/domain/period.h"
#include "services/kpis/figures.h"
#include "services/kpis/imports.h"
#include "services/kpis/kept_views.h"

namespace fosterwatch::kpis {
namespace {

// How far back a look goes: two financial years and a little. What an edition states is compared
// however old it is.
constexpr int kMonths = 27;
// Between looks at what is marked.
constexpr absl::Duration kPause = absl::Milliseconds(50);

bool IsMonthly(const v1::KpiDefinition& kpi) {
  return kpi.cadence() == v1::CADENCE_MONTH || kpi.cadence() == v1::CADENCE_UNSPECIFIED;
}

// The change of one aggregate by what `decide` says of it, where that is anything: a look names
// only what is to be changed.
template <typename State, typename Decide>
void AddChange(const char* type, const std::string& id, const State& seen, Decide decide,
               ledger::Unit& unit) {
  if (decide(seen).empty()) return;
  unit.changes.push_back(ledger::MakeChange<State, v1::KpiFact>(
      type, id,
      [decide = std::move(decide)](const State& state, int64_t) -> absl::StatusOr<domain::Facts> {
        return decide(state);
      }));
}

template <typename State>
State StateOf(
    const absl::flat_hash_map<std::string, std::unique_ptr<google::protobuf::Message>>& states,
    const std::string& id) {
  const auto found = states.find(id);
  return found == states.end() ? State() : static_cast<const State&>(*found->second);
}

}  // namespace

Upkeep::Upkeep(ledger::Ledger* ledger, const v1::Catalogue* catalogue, v1::KpiPolicies policies,
               clock::WorkingCalendar calendar, std::string relay_conninfo,
               std::function<absl::Time()> now)
    : ledger_(ledger),
      catalogue_(catalogue),
      policies_(std::move(policies)),
      calendar_(std::move(calendar)),
      relay_conninfo_(std::move(relay_conninfo)),
      now_(std::move(now)) {}

absl::StatusOr<std::optional<ledger::Unit>> Upkeep::Mark(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  v1::KpiFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  std::vector<std::string> codes;
  std::string cause = envelope.fact_id;
  if (fact.has_kpi_changed()) {
    codes.assign(fact.kpi_changed().codes().begin(), fact.kpi_changed().codes().end());
    cause = fact.kpi_changed().cause_fact_id();
  } else if (fact.has_figure_imported()) {
    codes.push_back(fact.figure_imported().figure().code());
  } else if (fact.has_figure_corrected()) {
    codes.push_back(fact.figure_corrected().figure().code());
  } else if (fact.has_figure_withdrawn()) {
    codes.push_back(fact.figure_withdrawn().code());
  }
  if (codes.empty()) return std::nullopt;
  absl::MutexLock lock(&mutex_);
  for (const std::string& code : codes) marked_[envelope.agency_id].causes[code] = cause;
  return std::nullopt;
}

void Upkeep::Run(const runtime::Stop& stop) {
  std::optional<absl::CivilDay> looked;
  while (!stop.WaitFor(kPause)) {
    std::map<std::string, Marks> marked;
    {
      absl::MutexLock lock(&mutex_);
      marked.swap(marked_);
    }
    absl::Status status;
    const absl::CivilDay today = clock::LondonDay(now_());
    if (looked != today) {
      const auto agencies = Agencies();
      status.Update(agencies.status());
      if (agencies.ok()) {
        for (const std::string& agency_id : *agencies) marked[agency_id].all = true;
        looked = today;
      }
    }
    const absl::Time begun = absl::Now();
    for (const auto& [agency_id, marks] : marked) {
      const absl::Status look = Look(agency_id, marks);
      if (!look.ok()) {
        // Again later: nothing is forgotten.
        absl::MutexLock lock(&mutex_);
        Marks& again = marked_[agency_id];
        again.all |= marks.all;
        for (const auto& [code, cause] : marks.causes) again.causes.try_emplace(code, cause);
      }
      status.Update(look);
      if (stop.requested()) return;
    }
    {
      absl::MutexLock lock(&mutex_);
      last_status_ = status;
    }
    const absl::Duration rest = status.ok() ? 9 * (absl::Now() - begun) : absl::Seconds(1);
    if (!marked.empty() && stop.WaitFor(std::min(rest, absl::Seconds(30)))) return;
    if (marked.empty() && !status.ok() && stop.WaitFor(rest)) return;
  }
}

absl::Status Upkeep::last_status() const {
  absl::MutexLock lock(&mutex_);
  return last_status_;
}

// One step of an index for each agency, however many rows it has.
absl::StatusOr<std::vector<std::string>> Upkeep::Agencies() const {
  ASSIGN_OR_RETURN(auto connection, pg::Connection::Open(relay_conninfo_));
  std::set<std::string> agencies;
  for (const char* table : {"view.span", "view.imported_figure", "view.edition"}) {
    ASSIGN_OR_RETURN(const auto rows,
                     connection->Query(absl::StrCat(
                         "WITH RECURSIVE agency (agency_id) AS ((SELECT min(agency_id) FROM ",
                         table, ") UNION ALL SELECT (SELECT min(agency_id) FROM ", table,
                         " AS later WHERE later.agency_id > agency.agency_id) FROM agency"
                         " WHERE agency_id IS NOT NULL)"
                         " SELECT agency_id FROM agency WHERE agency_id IS NOT NULL")));
    for (int row = 0; row < rows.rows(); ++row) agencies.insert(rows.Text(row, 0));
  }
  return std::vector<std::string>(agencies.begin(), agencies.end());
}

absl::StatusOr<std::vector<Upkeep::Standing>> Upkeep::Stand(const std::string& agency_id,
                                                            const Marks& marks, bool of_all) {
  const absl::Time now = now_();
  const absl::CivilMonth last = domain::MonthAt(now);
  const absl::CivilMonth first = last - (kMonths - 1);
  Figures figures(ledger_, catalogue_, agency_id, {now, std::nullopt}, domain::MonthPeriod(first),
                  domain::MonthPeriod(last));
  std::vector<std::string> reported;
  for (const v1::KpiDefinition& kpi : catalogue_->kpis()) {
    if (!domain::IsReported(kpi) || !marks.Has(kpi.code())) continue;
    for (absl::CivilMonth month = first; month <= last; ++month) {
      reported.push_back(FigureId(kpi.code(), domain::MonthText(month)));
    }
  }
  ASSIGN_OR_RETURN(const auto reports, ledger_->LoadMany(agency_id, kFigureAggregate, reported));
  std::vector<Standing> standings;
  for (const v1::KpiDefinition& kpi : catalogue_->kpis()) {
    if (!IsMonthly(kpi) || !marks.Has(kpi.code())) continue;
    if (!of_all && kpi.targets().empty() && !domain::IsReported(kpi)) continue;
    Standing& standing = standings.emplace_back();
    standing.kpi = &kpi;
    for (absl::CivilMonth month = first; month <= last; ++month) {
      ASSIGN_OR_RETURN(const v1::Figure figure, figures.FigureOf(kpi, domain::MonthPeriod(month)));
      domain::MonthStanding& stands = standing.months.emplace_back();
      stands.month = month;
      stands.status = figure.status();
      stands.over = month < last;
      if (figure.has_value()) stands.value = figure.value();
      if (figure.has_target()) stands.target = figure.target();
      standing.seen.push_back(
          {month, stands.over, figure.has_value() || figure.suppressed(),
           StateOf<v1::ImportedFigure>(reports, FigureId(kpi.code(), domain::MonthText(month)))});
    }
  }
  return standings;
}

absl::Status Upkeep::LookAtEditions(const std::string& agency_id, const Marks& marks,
                                    ledger::Unit& unit) {
  const absl::Time now = now_();
  ASSIGN_OR_RETURN(const auto rows,
                   ledger_->Read(agency_id, {{"SELECT DISTINCT file_id FROM view.edition"
                                              " WHERE agency_id = $1 ORDER BY file_id",
                                              {agency_id}}}));
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows(); ++row) ids.push_back(rows[0].Text(row, 0));
  ASSIGN_OR_RETURN(const auto files, ledger_->LoadMany(agency_id, kEditionAggregate, ids));
  for (const std::string& id : ids) {
    const auto file = StateOf<v1::EditionFile>(files, id);
    if (file.editions().empty()) continue;
    const v1::Edition& edition = file.editions(file.editions_size() - 1);
    const auto month = domain::MonthOf(edition.period());
    if (!month) continue;
    const domain::Period period = domain::MonthPeriod(*month);
    Figures figures(ledger_, catalogue_, agency_id, {now, std::nullopt}, period, period);
    std::map<std::string, v1::StatedFigure> stated;
    for (const v1::StatedKpi& each : edition.kpis()) {
      const v1::KpiDefinition* kpi = domain::Find(*catalogue_, each.code());
      if (kpi == nullptr || !marks.Has(each.code())) continue;
      ASSIGN_OR_RETURN(const v1::Figure figure, figures.FigureOf(*kpi, period));
      stated[each.code()] = domain::StatedFigureOf(figure);
    }
    AddChange<v1::EditionFile>(
        kEditionAggregate, id, file,
        [stated = std::move(stated), causes = marks.causes, now](const v1::EditionFile& state) {
          return domain::Compare(state, stated, causes, now);
        },
        unit);
  }
  return absl::OkStatus();
}

absl::Status Upkeep::Look(const std::string& agency_id, const Marks& marks) {
  ASSIGN_OR_RETURN(std::vector<Standing> standings, Stand(agency_id, marks, /*of_all=*/false));
  std::vector<std::string> codes;
  for (const Standing& standing : standings) codes.push_back(standing.kpi->code());
  ASSIGN_OR_RETURN(const auto plans, ledger_->LoadMany(agency_id, kPlanAggregate, codes));
  ASSIGN_OR_RETURN(const auto findings, ledger_->LoadMany(agency_id, kQualityAggregate, codes));
  ledger::Unit unit;
  unit.agency_id = agency_id;
  unit.actor = "service:kpis";
  if (!marks.causes.empty()) unit.cause = marks.causes.begin()->second;
  for (Standing& standing : standings) {
    const v1::KpiDefinition* kpi = standing.kpi;
    const std::string& code = kpi->code();
    const absl::Time now = now_();
    const absl::CivilMonth first = standing.months.front().month;
    const absl::CivilMonth last = standing.months.back().month;
    AddChange<v1::FindingFile>(
        kQualityAggregate, code, StateOf<v1::FindingFile>(findings, code),
        [found = domain::FindingsOf(*kpi, standing.seen, GivenNow()), first, last,
         now](const v1::FindingFile& state) {
          return domain::Reconcile(state, found, first, last, now);
        },
        unit);
    AddChange<v1::ActionPlanFile>(
        kPlanAggregate, code, StateOf<v1::ActionPlanFile>(plans, code),
        [this, kpi, months = std::move(standing.months)](const v1::ActionPlanFile& state) {
          return domain::Judge(state, kpi->code(), kpi->version(), months, GivenNow());
        },
        unit);
  }
  RETURN_IF_ERROR(LookAtEditions(agency_id, marks, unit));
  if (unit.changes.empty()) return absl::OkStatus();
  return ledger_->SubmitAndWait(std::move(unit)).status();
}

absl::StatusOr<v1::ListFindingsResponse> Upkeep::ListFindings(
    const std::string& agency_id, const v1::ListFindingsRequest& request) {
  ASSIGN_OR_RETURN(v1::ListFindingsResponse response,
                   kpis::ListFindings(*ledger_, agency_id, request));
  if (!request.page_token().empty()) return response;
  Marks marks;
  marks.all = request.code().empty();
  if (!marks.all) marks.causes[request.code()];
  ASSIGN_OR_RETURN(const std::vector<Standing> standings, Stand(agency_id, marks, /*of_all=*/true));
  std::vector<std::string> codes;
  for (const Standing& standing : standings) codes.push_back(standing.kpi->code());
  ASSIGN_OR_RETURN(const auto files, ledger_->LoadMany(agency_id, kQualityAggregate, codes));
  for (const Standing& standing : standings) {
    const std::string& code = standing.kpi->code();
    auto coverage = domain::CoverageOf(*standing.kpi, standing.seen);
    if (!coverage) continue;
    const auto file = StateOf<v1::FindingFile>(files, code);
    int open = 0;
    for (const v1::Finding& each : file.findings()) {
      open += each.state() == v1::Finding::STATE_OPEN ? 1 : 0;
    }
    coverage->set_open_findings(open);
    *response.add_coverage() = *std::move(coverage);
  }
  return response;
}

ledger::Unit Upkeep::RecordOverdue(const duty::Due& due) const {
  return duty::Firing<v1::ActionPlanFile, v1::KpiFact>(
      due, kPlanAggregate, "service:kpis",
      [](const v1::ActionPlanFile& file) {
        std::vector<duty::Timer> timers;
        if (const auto next = domain::NextOverdue(file)) {
          timers.push_back({kOverdueTimer, kOverdueTimer, *next});
        }
        return timers;
      },
      [this](const v1::ActionPlanFile& file) -> absl::StatusOr<domain::Facts> {
        return domain::RecordOverdue(file, now_());
      });
}

}  // namespace fosterwatch::kpis
