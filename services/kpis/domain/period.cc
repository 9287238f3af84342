#include "services/kpis/domain/period.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"

namespace fosterwatch::kpis::domain {
namespace {

constexpr int kFirstYear = 2000, kLastYear = 2200;
constexpr int kMonthsOfQuarter = 3;
constexpr int kApril = 4;

absl::Time StartOf(absl::CivilDay day) {
  return absl::FromCivil(absl::CivilSecond(day), clock::London());
}

Period Months(v1::Cadence cadence, absl::CivilMonth first, int count) {
  return {cadence, absl::CivilDay(first), absl::CivilDay(first + count)};
}

// ISO 8601: a week belongs to the year of its Thursday.
Period Week(absl::CivilDay day) {
  const absl::CivilDay monday = absl::PrevWeekday(day + 1, absl::Weekday::monday);
  return {v1::CADENCE_WEEK, monday, monday + 7};
}

Period OfDay(absl::CivilDay day, v1::Cadence cadence) {
  switch (cadence) {
    case v1::CADENCE_DAY:
      return {cadence, day, day + 1};
    case v1::CADENCE_WEEK:
      return Week(day);
    case v1::CADENCE_QUARTER:
      return Months(
          cadence,
          absl::CivilMonth(day.year(), 1 + (day.month() - 1) / kMonthsOfQuarter * kMonthsOfQuarter),
          kMonthsOfQuarter);
    case v1::CADENCE_YEAR:
      return Months(cadence, absl::CivilMonth(day.year(), 1), 12);
    default:
      return Months(v1::CADENCE_MONTH, absl::CivilMonth(day), 1);
  }
}

// A day of the period, as it is written; what is written otherwise comes back as another period.
absl::StatusOr<Period> Read(absl::string_view text) {
  int year = 0, number = 0;
  if (text.size() >= 4 && !absl::SimpleAtoi(text.substr(0, 4), &year)) year = 0;
  if (year < kFirstYear || year > kLastYear) return absl::InvalidArgumentError("");
  const absl::string_view rest = text.substr(4);
  if (rest.empty()) return OfDay(absl::CivilDay(year), v1::CADENCE_YEAR);
  if (rest.size() == 4 && rest[1] == 'W' && absl::SimpleAtoi(rest.substr(2), &number)) {
    // 4 January always lies in week 1.
    const absl::CivilDay first = Week(absl::CivilDay(year, 1, 4)).first;
    return Week(first + 7 * (number - 1));
  }
  if (rest.size() == 3 && rest[1] == 'Q' && absl::SimpleAtoi(rest.substr(2), &number)) {
    return OfDay(absl::CivilDay(absl::CivilMonth(year, 1) + (number - 1) * kMonthsOfQuarter),
                 v1::CADENCE_QUARTER);
  }
  absl::CivilMonth month;
  absl::CivilDay day;
  if (rest.size() == 3 && absl::ParseCivilTime(text, &month)) {
    return OfDay(absl::CivilDay(month), v1::CADENCE_MONTH);
  }
  if (rest.size() == 6 && absl::ParseCivilTime(text, &day)) return OfDay(day, v1::CADENCE_DAY);
  return absl::InvalidArgumentError("");
}

}  // namespace

absl::Time Period::Begin() const { return StartOf(first); }
absl::Time Period::Until() const { return StartOf(after); }

absl::StatusOr<Period> ParsePeriod(absl::string_view text) {
  absl::StatusOr<Period> period = Read(text);
  // "2026-W54" and "2026-Q5" are read as periods of the next year.
  if (!period.ok() || FormatPeriod(*period) != text) {
    return InvalidField(
        "period", "INVALID_PERIOD",
        "is no period such as 2026-11, nor one such as 2026-11-22, 2026-W47, 2026-Q4 or 2026");
  }
  return period;
}

std::string FormatPeriod(const Period& period) {
  switch (period.cadence) {
    case v1::CADENCE_DAY:
      return absl::FormatCivilTime(period.first);
    case v1::CADENCE_WEEK: {
      const absl::CivilDay thursday = period.first + 3;
      return absl::StrFormat("%04d-W%02d", thursday.year(), (absl::GetYearDay(thursday) + 6) / 7);
    }
    case v1::CADENCE_QUARTER:
      return absl::StrFormat("%04d-Q%d", period.first.year(),
                             1 + (period.first.month() - 1) / kMonthsOfQuarter);
    case v1::CADENCE_YEAR:
      return absl::StrFormat("%04d", period.first.year());
    default:
      return absl::FormatCivilTime(absl::CivilMonth(period.first));
  }
}

Period PeriodAt(absl::Time moment, v1::Cadence cadence) {
  return OfDay(clock::LondonDay(moment), cadence);
}

Period MonthPeriod(absl::CivilMonth month) {
  return OfDay(absl::CivilDay(month), v1::CADENCE_MONTH);
}

Period Shifted(const Period& period, int count) {
  switch (period.cadence) {
    case v1::CADENCE_DAY:
      return OfDay(period.first + count, period.cadence);
    case v1::CADENCE_WEEK:
      return OfDay(period.first + 7 * count, period.cadence);
    default: {
      const absl::CivilMonth first(period.first);
      const auto length = absl::CivilMonth(period.after) - first;
      return OfDay(absl::CivilDay(first + count * length), period.cadence);
    }
  }
}

std::optional<absl::CivilMonth> MonthOf(absl::string_view text) {
  absl::CivilMonth month;
  if (!absl::ParseCivilTime(text, &month) || MonthText(month) != text || month.year() < 1) {
    return std::nullopt;
  }
  return month;
}

std::string MonthText(absl::CivilMonth month) { return absl::FormatCivilTime(month); }

absl::CivilMonth MonthAt(absl::Time moment) { return absl::CivilMonth(clock::LondonDay(moment)); }

absl::Time StartOfMonth(absl::CivilMonth month) { return StartOf(absl::CivilDay(month)); }

std::vector<absl::CivilMonth> MonthsOf(const Period& period) {
  std::vector<absl::CivilMonth> months;
  if (period.cadence == v1::CADENCE_DAY || period.cadence == v1::CADENCE_WEEK) return months;
  for (absl::CivilMonth month(period.first); month < absl::CivilMonth(period.after); ++month) {
    months.push_back(month);
  }
  return months;
}

absl::CivilMonth LastMonthOf(const Period& period) { return absl::CivilMonth(period.after - 1); }

absl::CivilMonth FinancialYearOf(absl::CivilMonth month) {
  return absl::CivilMonth(month.month() >= kApril ? month.year() : month.year() - 1, kApril);
}

}  // namespace fosterwatch::kpis::domain
