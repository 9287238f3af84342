#include "services/kpis/domain/quality.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/clock/proto_time.h"
#include "services/kpis/domain/period.h"

namespace fosterwatch::kpis::domain {
namespace {

using v1::Finding;
using v1::FindingFile;
using v1::KpiDefinition;

std::string KindName(Finding::Kind kind) {
  return std::string(absl::StripPrefix(Finding::Kind_Name(kind), "KIND_"));
}

// "silent", "gap".
std::string Word(Finding::Kind kind) {
  std::string word = absl::AsciiStrToLower(KindName(kind));
  std::replace(word.begin(), word.end(), '_', '-');
  return word;
}

Finding Make(const KpiDefinition& kpi, absl::CivilMonth month, Finding::Kind kind) {
  Finding finding;
  finding.set_finding_id(absl::StrCat(kpi.code(), "-", MonthText(month), "-", Word(kind)));
  finding.set_code(kpi.code());
  finding.set_period(MonthText(month));
  finding.set_kind(kind);
  finding.set_state(Finding::STATE_OPEN);
  return finding;
}

// The last one's last report is of another system than one before it, and says something else.
bool SystemsDisagree(const v1::ImportedFigure& figure) {
  const v1::FigureReport* current = Current(figure);
  if (current == nullptr || current->figure().source().empty()) return false;
  for (int i = 0; i + 1 < figure.reports_size(); ++i) {
    const v1::FigureReport& before = figure.reports(i);
    if (before.withdrawn()) continue;
    const std::string& source = before.figure().source();
    if (source.empty() || source == current->figure().source()) continue;
    // What a system said last counts for it.
    bool said_again = false;
    for (int j = i + 1; j + 1 < figure.reports_size(); ++j) {
      said_again |= figure.reports(j).figure().source() == source || figure.reports(j).withdrawn();
    }
    if (!said_again) return true;
  }
  return false;
}

bool Repeats(const v1::ImportedFigure& before, const v1::ImportedFigure& figure, int from) {
  const v1::FigureReport* a = Current(before);
  const v1::FigureReport* b = Current(figure);
  return a != nullptr && b != nullptr && b->figure().has_denominator() &&
         a->figure().has_denominator() && b->figure().denominator() >= from &&
         a->figure().numerator() == b->figure().numerator() &&
         a->figure().denominator() == b->figure().denominator();
}

bool Impossible(const KpiDefinition& kpi, const std::vector<MonthSeen>& months, size_t place) {
  const v1::FigureReport* report = Current(months[place].reported);
  if (report == nullptr) return false;
  const v1::ReportedFigure& figure = report->figure();
  if (kpi.unit() == KpiDefinition::UNIT_PERCENT && !kpi.cumulative()) {
    // Refused at the door by now; a definition may have been another one then.
    return figure.numerator() > figure.denominator() || figure.value() > 100;
  }
  if (!kpi.cumulative() || !figure.has_value()) return false;
  for (size_t i = place;
       i-- > 0 && FinancialYearOf(months[i].month) == FinancialYearOf(months[place].month);) {
    const v1::FigureReport* before = Current(months[i].reported);
    if (before != nullptr && before->figure().has_value()) {
      return figure.value() < before->figure().value();
    }
  }
  return false;
}

}  // namespace

std::vector<Finding> FindingsOf(const KpiDefinition& kpi, const std::vector<MonthSeen>& months,
                                const Given& given) {
  std::vector<Finding> found;
  const auto known = [](const MonthSeen& month) { return month.has_value; };
  const auto first = std::find_if(months.begin(), months.end(), known);
  const bool reported = IsReported(kpi);
  for (auto month = first; month != months.end(); ++month) {
    const auto place = static_cast<size_t>(month - months.begin());
    if (!month->has_value && reported && Current(month->reported) == nullptr) {
      if (std::any_of(month, months.end(), known)) {
        found.push_back(Make(kpi, month->month, Finding::KIND_GAP));
      } else if (month->over) {
        const v1::KpiPolicy& policy = InForce(given.policies, given.now);
        // The clock starts with the month's last moment.
        const DueTime due =
            DueAfter(StartOfMonth(month->month + 1) - absl::Microseconds(1), "month_end",
                     "FIGURE_DUE", policy, policy.figure_due(), given.calendar);
        if (due.due <= given.now) {
          found.push_back(Make(kpi, month->month, Finding::KIND_SILENT));
          *found.back().mutable_due_time() = clock::ToProto(due.due);
        }
      }
    } else if (!month->has_value && month->over) {
      found.push_back(Make(kpi, month->month, Finding::KIND_NOTHING_COUNTED));
    }
    if (!reported) continue;
    if (SystemsDisagree(month->reported)) {
      found.push_back(Make(kpi, month->month, Finding::KIND_DUPLICATE));
    }
    if (place > 0 && Repeats(months[place - 1].reported, month->reported,
                             InForce(given.policies, given.now).repeated_month_from())) {
      found.push_back(Make(kpi, month->month, Finding::KIND_REPEATED_MONTH));
    }
    if (Impossible(kpi, months, place)) {
      found.push_back(Make(kpi, month->month, Finding::KIND_IMPOSSIBLE_VALUE));
    }
  }
  return found;
}

Facts Reconcile(const FindingFile& file, const std::vector<Finding>& found, absl::CivilMonth from,
                absl::CivilMonth until, absl::Time now) {
  Facts facts;
  const auto attention_id = [](const Finding& finding) {
    return absl::StrCat(finding.finding_id(), ".", finding.times());
  };
  std::set<std::string> open;
  for (const Finding& finding : found) {
    open.insert(finding.finding_id());
    const auto before = std::find_if(
        file.findings().begin(), file.findings().end(),
        [&](const Finding& each) { return each.finding_id() == finding.finding_id(); });
    const bool known = before != file.findings().end();
    if (known && before->state() == Finding::STATE_OPEN) continue;
    Finding made = finding;
    made.set_times(known ? before->times() + 1 : 1);
    *made.mutable_found_time() = clock::ToProto(now);
    *facts.emplace_back().mutable_finding_made()->mutable_finding() = made;
    auto& needed = *facts.emplace_back().mutable_attention_needed();
    needed.set_attention_id(attention_id(made));
    needed.set_code(absl::StrCat("KPI_DATA_", KindName(made.kind())));
    needed.set_subject_id(made.code());
    if (made.has_due_time()) *needed.mutable_due_time() = made.due_time();
    needed.set_in_digest(true);
  }
  for (const Finding& finding : file.findings()) {
    const auto month = MonthOf(finding.period());
    if (finding.state() != Finding::STATE_OPEN || open.contains(finding.finding_id()) || !month ||
        *month < from || *month > until) {
      continue;
    }
    auto& cleared = *facts.emplace_back().mutable_finding_cleared();
    cleared.set_finding_id(finding.finding_id());
    *cleared.mutable_cleared_time() = clock::ToProto(now);
    auto& settled = *facts.emplace_back().mutable_attention_settled();
    settled.set_attention_id(attention_id(finding));
    settled.set_subject_id(finding.code());
  }
  return facts;
}

std::optional<v1::Coverage> CoverageOf(const KpiDefinition& kpi,
                                       const std::vector<MonthSeen>& months) {
  std::optional<v1::Coverage> coverage;
  for (const MonthSeen& month : months) {
    if (!coverage && !month.has_value) continue;
    // The running month may still get one.
    if (coverage && !month.over && !month.has_value) continue;
    if (!coverage) {
      coverage.emplace();
      coverage->set_code(kpi.code());
      coverage->set_first_period(MonthText(month.month));
    }
    coverage->set_last_period(MonthText(month.month));
    coverage->set_months(coverage->months() + 1);
    if (month.has_value) coverage->set_months_with_figure(coverage->months_with_figure() + 1);
  }
  return coverage;
}

void Evolve(FindingFile& file, const v1::KpiFact& fact) {
  const auto named = [&](const std::string& finding_id) -> Finding* {
    for (Finding& each : *file.mutable_findings()) {
      if (each.finding_id() == finding_id) return &each;
    }
    return nullptr;
  };
  if (fact.has_finding_made()) {
    const Finding& made = fact.finding_made().finding();
    Finding* before = named(made.finding_id());
    if (before == nullptr) before = file.add_findings();
    *before = made;
  } else if (fact.has_finding_cleared()) {
    if (Finding* finding = named(fact.finding_cleared().finding_id())) {
      finding->set_state(Finding::STATE_CLEARED);
      *finding->mutable_cleared_time() = fact.finding_cleared().cleared_time();
    }
  }
}

}  // namespace fosterwatch::kpis::domain
