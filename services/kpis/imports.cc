#include "services/kpis/imports.h"

#include <limits>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/blocking_counter.h"

#include "libs/ledger/service.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/catalogue.h"
#include "services/kpis/domain/period.h"
#include "services/kpis/domain/reported.h"

namespace fosterwatch::kpis {
namespace {

using v1::ImportedFigure;
using v1::ReportedFigure;
using Result = v1::ImportFiguresResponse::Result;

constexpr int kMostFigures = 500;

void SetRefused(const absl::Status& status, Result& result) {
  result.set_outcome(ledger::IsAnswer(status) ? Result::OUTCOME_REFUSED
                                              : Result::OUTCOME_TRY_AGAIN);
  result.set_reason(ReasonOf(status));
  result.set_description(std::string(status.message()));
  if (const auto violations = ViolationsOf(status); !violations.empty()) {
    result.set_field(violations[0].field);
    result.set_description(violations[0].description);
  }
}

Result::Outcome OutcomeOf(const domain::Facts& facts) {
  if (facts.empty()) return Result::OUTCOME_UNCHANGED;
  return facts[0].has_figure_corrected() ? Result::OUTCOME_CORRECTED : Result::OUTCOME_RECORDED;
}

absl::Status CheckPeriodFilter(absl::string_view field, const std::string& period) {
  if (period.empty() || domain::MonthOf(period)) return absl::OkStatus();
  return InvalidField(field, "INVALID_PERIOD", "is not a month such as 2026-10");
}

// Arrays hold no NULL.
constexpr int64_t kNone = std::numeric_limits<int64_t>::min();

void ProjectFact(const v1::KpiFact& fact, const ledger::FactStamp& stamp,
                 ledger::Statements& statements) {
  ReportedFigure figure;
  if (fact.has_figure_imported()) {
    figure = fact.figure_imported().figure();
  } else if (fact.has_figure_corrected()) {
    figure = fact.figure_corrected().figure();
  } else if (fact.has_figure_withdrawn()) {
    figure.set_code(fact.figure_withdrawn().code());
    figure.set_period(fact.figure_withdrawn().period());
  } else {
    return;
  }
  using Texts = pg::TextArray;
  statements.push_back(
      {"INSERT INTO view.imported_figure (agency_id, code, period, numerator, denominator, value,"
       " fact_id, recorded_at) SELECT agency_id, code, period,"
       " NULLIF(numerator, -9223372036854775808), NULLIF(denominator, -9223372036854775808),"
       " NULLIF(value, '')::double precision, fact_id, recorded_at"
       " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS rows (agency_id, code, period, numerator,"
       " denominator, value, fact_id, recorded_at)",
       {Texts{stamp.agency_id}, Texts{figure.code()}, Texts{figure.period()},
        pg::IntArray{figure.has_numerator() ? figure.numerator() : kNone},
        pg::IntArray{figure.has_denominator() ? figure.denominator() : kNone},
        Texts{figure.has_value() ? absl::StrFormat("%.17g", figure.value()) : ""},
        Texts{stamp.fact_id}, pg::TimeArray{stamp.recorded}}});
}

}  // namespace

std::string FigureId(const std::string& code, const std::string& period) {
  return absl::StrCat(code, ".", period);
}

Imports::Imports(ledger::Ledger* ledger, const v1::Catalogue* catalogue,
                 std::function<absl::Time()> now)
    : ledger_(ledger), catalogue_(catalogue), now_(std::move(now)), publishers_(ledger) {}

absl::StatusOr<ledger::Unit> Imports::Report(ledger::Unit unit,
                                             const ReportedFigure& figure) const {
  const v1::KpiDefinition* kpi = domain::Find(*catalogue_, figure.code());
  RETURN_IF_ERROR(domain::CheckReported(figure, kpi, now_()));
  unit.changes.push_back(ledger::MakeChange<ImportedFigure, v1::KpiFact>(
      kFigureAggregate, FigureId(figure.code(), figure.period()),
      [this, figure, kpi](const ImportedFigure& known, int64_t) {
        return domain::Report(known, figure, kpi, now_());
      }));
  return unit;
}

absl::StatusOr<v1::ImportFiguresResponse> Imports::DryRun(const std::string& agency_id,
                                                          const v1::ImportFiguresRequest& request) {
  // What would come of them, one after the other, on copies.
  std::set<std::string> ids;
  for (const ReportedFigure& figure : request.figures()) {
    const std::string id = FigureId(figure.code(), figure.period());
    if (id.size() <= ledger::kMaxIdBytes) ids.insert(id);
  }
  ASSIGN_OR_RETURN(const auto loaded,
                   ledger_->LoadMany(agency_id, kFigureAggregate, {ids.begin(), ids.end()}));
  std::map<std::string, ImportedFigure> known;
  for (const auto& [id, state] : loaded) known[id] = static_cast<const ImportedFigure&>(*state);
  v1::ImportFiguresResponse response;
  for (const ReportedFigure& figure : request.figures()) {
    Result& result = *response.add_results();
    ImportedFigure& state = known[FigureId(figure.code(), figure.period())];
    const auto facts =
        domain::Report(state, figure, domain::Find(*catalogue_, figure.code()), now_());
    if (!facts.ok()) {
      SetRefused(facts.status(), result);
      continue;
    }
    for (const v1::KpiFact& fact : *facts) domain::Evolve(state, fact, {"", now_(), ""});
    result.set_outcome(OutcomeOf(*facts));
  }
  return response;
}

absl::StatusOr<v1::ImportFiguresResponse> Imports::Import(const runtime::Call& call,
                                                          const v1::ImportFiguresRequest& request) {
  if (request.figures_size() > kMostFigures) {
    return InvalidField("figures", "TOO_MANY", "are more than 500");
  }
  if (request.dry_run()) return DryRun(call.agency_id, request);
  v1::ImportFiguresResponse response;
  for (int i = 0; i < request.figures_size(); ++i) response.add_results();
  absl::BlockingCounter left(request.figures_size());
  for (int i = 0; i < request.figures_size(); ++i) {
    const ReportedFigure& figure = request.figures(i);
    Result& result = *response.mutable_results(i);
    const v1::KpiDefinition* kpi = domain::Find(*catalogue_, figure.code());
    if (const absl::Status wrong = domain::CheckReported(figure, kpi, now_()); !wrong.ok()) {
      SetRefused(wrong, result);
      left.DecrementCount();
      continue;
    }
    auto outcome = std::make_shared<Result::Outcome>(Result::OUTCOME_UNCHANGED);
    ledger::Unit unit = ledger::UnitOf(call, request);
    unit.changes.push_back(ledger::MakeChange<ImportedFigure, v1::KpiFact>(
        kFigureAggregate, FigureId(figure.code(), figure.period()),
        [this, &figure, kpi, outcome](const ImportedFigure& known,
                                      int64_t) -> absl::StatusOr<domain::Facts> {
          ASSIGN_OR_RETURN(domain::Facts facts, domain::Report(known, figure, kpi, now_()));
          *outcome = OutcomeOf(facts);
          return facts;
        }));
    unit.done = [outcome, &result, &left](const absl::StatusOr<ledger::Outcome>& done) {
      if (done.ok()) {
        result.set_outcome(*outcome);
      } else {
        SetRefused(done.status(), result);
      }
      left.DecrementCount();
    };
    ledger_->Submit(std::move(unit));
  }
  left.Wait();
  return response;
}

absl::StatusOr<ImportedFigure> Imports::Withdraw(const runtime::Call& call,
                                                 const v1::WithdrawFigureRequest& request) {
  if (domain::Find(*catalogue_, request.code()) == nullptr) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_KPI", "there is no KPI with this code",
                 {{"code", "names no KPI"}});
  }
  if (!domain::MonthOf(request.period())) {
    return InvalidField("period", "INVALID_PERIOD", "is not a month such as 2026-10");
  }
  return ledger::Write<ImportedFigure, v1::KpiFact>(
      *ledger_, call, request, kFigureAggregate, FigureId(request.code(), request.period()),
      [&request, &call](const ImportedFigure& known, int64_t) {
        return domain::Withdraw(known, request.reason(), call.caller.person_id);
      });
}

absl::StatusOr<v1::ListImportedFiguresResponse> Imports::List(
    const std::string& agency_id, const v1::ListImportedFiguresRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  RETURN_IF_ERROR(CheckPeriodFilter("from_period", request.from_period()));
  RETURN_IF_ERROR(CheckPeriodFilter("until_period", request.until_period()));
  const std::vector<std::string> last = absl::StrSplit(after, '|');
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(agency_id,
                    {{"SELECT DISTINCT code, period FROM view.imported_figure WHERE agency_id = $1"
                      " AND ($2 = '' OR code = $2) AND ($3 = '' OR period >= $3)"
                      " AND ($4 = '' OR period <= $4) AND (code, period) > ($5, $6)"
                      " ORDER BY code, period LIMIT $7",
                      {agency_id, request.code(), request.from_period(), request.until_period(),
                       last[0], last.size() > 1 ? last[1] : "", int64_t{size} + 1}}}));
  v1::ListImportedFiguresResponse response;
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows() && row < size; ++row) {
    ids.push_back(FigureId(rows[0].Text(row, 0), rows[0].Text(row, 1)));
  }
  if (rows[0].rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(
        request, absl::StrCat(rows[0].Text(size - 1, 0), "|", rows[0].Text(size - 1, 1))));
  }
  ASSIGN_OR_RETURN(auto figures, ledger_->LoadMany(agency_id, kFigureAggregate, ids));
  for (const std::string& id : ids) {
    *response.add_figures() = static_cast<const ImportedFigure&>(*figures.at(id));
  }
  return response;
}

ledger::Aggregate FigureAggregate() {
  ledger::Aggregate aggregate = ledger::MakeAggregate<ImportedFigure, v1::KpiFact>(
      kFigureAggregate,
      [](ImportedFigure& known, const v1::KpiFact& fact, const ledger::FactStamp& stamp) {
        domain::Evolve(known, fact, {stamp.fact_id, stamp.recorded, stamp.actor});
      },
      nullptr, {"view.imported_figure"});
  aggregate.project_fact = ledger::ProjectFact<v1::KpiFact>(ProjectFact);
  return aggregate;
}

}  // namespace fosterwatch::kpis
