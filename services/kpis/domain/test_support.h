// What tests of plans, editions and data quality share.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "libs/clock/working_calendar.h"
#include "services/kpis/domain/plan.h"
#include "services/kpis/domain/policy.h"

namespace fosterwatch::kpis::domain {

inline absl::Time At(int year, int month, int day, int hour = 12) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour), clock::London());
}

// 10 working days to set out, a month to review, the 20th for figures.
inline const v1::KpiPolicies& Policies() {
  static const auto* const policies = new v1::KpiPolicies(*ParseKpiPolicies(R"({"editions": [{
    "version": "t", "effective_from": "2020-01-01",
    "set_out": {"working_days": 10, "origin": {"source": "s", "grade": "M"}},
    "review": {"calendar_months": 1, "origin": {"source": "s", "grade": "M"}},
    "figure_due": {"calendar_days": 20, "origin": {"source": "s", "grade": "M"}},
    "safer_caring": {"calendar_months": 12, "origin": {"source": "s", "grade": "M"}},
    "repeated_month_from": 20, "repeated_month_origin": {"source": "s", "grade": "M"}}]})"));
  return *policies;
}

inline const clock::WorkingCalendar& Calendar() {
  static const auto* const calendar = new clock::WorkingCalendar(*clock::WorkingCalendar::Parse(
      R"({"division": "england-and-wales", "version": "t", "years": [2026],
          "events": [{"title": "Christmas Day", "date": "2026-12-25"}]})"));
  return *calendar;
}

inline Given GivenAt(absl::Time now) { return {now, Policies(), Calendar()}; }

}  // namespace fosterwatch::kpis::domain
