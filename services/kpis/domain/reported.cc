#include "services/kpis/domain/reported.h"

#include <cmath>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/period.h"

namespace fosterwatch::kpis::domain {
namespace {

using v1::KpiDefinition;
using v1::ReportedFigure;

constexpr absl::CivilMonth kEarliest(2000, 1);
// More children, visits or pounds than any agency counts; beyond it somebody has missed a column.
constexpr int64_t kMost = 1'000'000'000;
// Rounded to one decimal, by either of the two ways of halves.
constexpr double kRounding = 0.05 + 1e-9;

void CheckPeriod(const ReportedFigure& figure, absl::Time now, FieldCheck& check) {
  if (figure.period().empty()) return check.Refuse("period", "REQUIRED", "is missing");
  const auto month = MonthOf(figure.period());
  if (!month) return check.Refuse("period", "INVALID_PERIOD", "is not a month such as 2026-10");
  if (*month < kEarliest) return check.Refuse("period", "TOO_LONG_AGO", "is before 2000");
  if (*month > MonthAt(now)) check.Refuse("period", "IN_THE_FUTURE", "has not begun");
}

void CheckNumbers(const ReportedFigure& figure, const KpiDefinition& kpi, FieldCheck& check) {
  const bool ratio = figure.has_numerator() || figure.has_denominator();
  const bool percent = kpi.unit() == KpiDefinition::UNIT_PERCENT;
  const bool count = kpi.unit() == KpiDefinition::UNIT_COUNT;
  if (figure.has_numerator() != figure.has_denominator()) {
    return check.Refuse(figure.has_numerator() ? "denominator" : "numerator", "TOGETHER",
                        "is missing beside the other of the two");
  }
  if (!ratio && !figure.has_value()) {
    return check.Refuse("value", "REQUIRED", "is missing, and so are numerator and denominator");
  }
  if (ratio && count) {
    return check.Refuse("numerator", "NOT_A_RATIO", "is given of a count, which has a value alone");
  }
  for (const auto& [field, number] :
       {std::pair{"numerator", figure.numerator()}, {"denominator", figure.denominator()}}) {
    if (number < 0) check.Refuse(field, "NEGATIVE", "is less than zero");
    if (number > kMost) check.Refuse(field, "TOO_LARGE", "is more than 1,000,000,000");
  }
  if (figure.has_value()) {
    const double value = figure.value();
    if (!std::isfinite(value)) return check.Refuse("value", "INVALID_VALUE", "is not a number");
    if (value < 0) check.Refuse("value", "NEGATIVE", "is less than zero");
    if (value > kMost) check.Refuse("value", "TOO_LARGE", "is more than 1,000,000,000");
    if (count && value != std::floor(value)) {
      check.Refuse("value", "IMPOSSIBLE_VALUE", "is a count that is not a whole number");
    }
  }
  if (ratio && figure.has_value() && kpi.cumulative()) {
    return check.Refuse("value", "GIVE_ONE",
                        "is the year's so far, and numerator and denominator are the month's: give "
                        "one of the two");
  }
  if (!percent || !check.ok()) return;
  if (!kpi.cumulative() && figure.numerator() > figure.denominator()) {
    check.Refuse("numerator", "NUMERATOR_TOO_LARGE", "is more than the denominator");
  } else if (!kpi.cumulative() && figure.value() > 100) {
    check.Refuse("value", "IMPOSSIBLE_VALUE", "is a percentage beyond 100");
  } else if (ratio && figure.has_value() &&
             (figure.denominator() == 0 ||
              std::abs(figure.value() - 100.0 * static_cast<double>(figure.numerator()) /
                                            static_cast<double>(figure.denominator())) >
                  kRounding)) {
    check.Refuse("value", "VALUE_DISAGREES", "is not what numerator and denominator make");
  }
}

bool SameContent(const ReportedFigure& a, const ReportedFigure& b) {
  return a.has_numerator() == b.has_numerator() && a.numerator() == b.numerator() &&
         a.has_denominator() == b.has_denominator() && a.denominator() == b.denominator() &&
         a.has_value() == b.has_value() && a.value() == b.value();
}

}  // namespace

bool IsReported(const KpiDefinition& kpi) {
  return kpi.measure() == KpiDefinition::MEASURE_IMPORTED ||
         kpi.measure() == KpiDefinition::MEASURE_SURVEY;
}

absl::Status CheckReported(const ReportedFigure& figure, const KpiDefinition* kpi, absl::Time now) {
  FieldCheck check;
  if (figure.code().empty()) {
    check.Refuse("code", "REQUIRED", "is missing");
  } else if (kpi == nullptr) {
    check.Refuse("code", "UNKNOWN_KPI", "names no KPI");
  } else if (!IsReported(*kpi)) {
    check.Refuse("code", "NOT_REPORTED", "names a KPI that is counted here, from facts");
  }
  CheckPeriod(figure, now, check);
  if (kpi != nullptr && IsReported(*kpi)) {
    FieldCheck numbers;
    CheckNumbers(figure, *kpi, numbers);
    const absl::Status wrong = numbers.ToStatus();
    for (const Violation& each : ViolationsOf(wrong)) {
      check.Refuse(each.field, ReasonOf(wrong), each.description);
    }
  }
  check.AtMost("source", figure.source(), kMaxSource);
  return check.ToStatus();
}

const v1::FigureReport* Current(const v1::ImportedFigure& known) {
  if (known.reports().empty()) return nullptr;
  const v1::FigureReport& last = known.reports(known.reports_size() - 1);
  return last.withdrawn() ? nullptr : &last;
}

absl::StatusOr<Facts> Report(const v1::ImportedFigure& known, const ReportedFigure& figure,
                             const KpiDefinition* kpi, absl::Time now) {
  RETURN_IF_ERROR(CheckReported(figure, kpi, now));
  const v1::FigureReport* current = Current(known);
  if (current != nullptr && SameContent(current->figure(), figure)) return Facts{};
  Facts facts(1);
  if (current == nullptr) {
    *facts[0].mutable_figure_imported()->mutable_figure() = figure;
  } else {
    *facts[0].mutable_figure_corrected()->mutable_figure() = figure;
    *facts[0].mutable_figure_corrected()->mutable_before() = current->figure();
  }
  return facts;
}

absl::StatusOr<Facts> Withdraw(const v1::ImportedFigure& known, absl::string_view reason,
                               absl::string_view person_id) {
  FieldCheck check;
  check.Require("reason", reason, kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  if (Current(known) == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOTHING_REPORTED",
                 "no figure of this KPI and month is known from another system");
  }
  Facts facts(1);
  auto& withdrawn = *facts[0].mutable_figure_withdrawn();
  withdrawn.set_code(known.code());
  withdrawn.set_period(known.period());
  withdrawn.set_withdrawn_by(std::string(person_id));
  withdrawn.set_reason(std::string(reason));
  return facts;
}

void Evolve(v1::ImportedFigure& known, const v1::KpiFact& fact, const FactStamp& stamp) {
  const auto add = [&]() -> v1::FigureReport& {
    v1::FigureReport& report = *known.add_reports();
    report.set_fact_id(stamp.fact_id);
    *report.mutable_recorded_time() = clock::ToProto(stamp.recorded);
    report.set_recorded_by(stamp.actor);
    return report;
  };
  if (fact.has_figure_imported() || fact.has_figure_corrected()) {
    const ReportedFigure& figure = fact.has_figure_imported() ? fact.figure_imported().figure()
                                                              : fact.figure_corrected().figure();
    known.set_code(figure.code());
    known.set_period(figure.period());
    *add().mutable_figure() = figure;
  } else if (fact.has_figure_withdrawn()) {
    v1::FigureReport& report = add();
    report.set_withdrawn(true);
    report.set_reason(fact.figure_withdrawn().reason());
  }
}

}  // namespace fosterwatch::kpis::domain
