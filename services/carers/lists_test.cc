// By which index each list of the register finds its rows.
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/carers/module.h"
#include "services/carers/views.h"

namespace fosterwatch::carers {
namespace {

using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;
using Statements = absl::StatusOr<std::vector<pg::Statement>>;

// The plan of a question, as the service's role gets it.
std::string PlanOf(pg::Connection& connection, const pg::Statement& statement) {
  const auto rows = connection.Query(absl::StrCat("EXPLAIN ", statement.sql), statement.values);
  EXPECT_THAT(rows, IsOk()) << statement.sql;
  std::string plan;
  for (int row = 0; rows.ok() && row < rows->rows(); ++row) {
    absl::StrAppend(&plan, rows->Text(row, 0), "\n");
  }
  return plan;
}

TEST(CarerListsTest, EachFindsItsRowsByAnIndexWhateverIsAskedFor) {
  const fosterwatch::testing::Database database("fosterwatch_carers", MakeModule()->migrations());
  // 40,000 carers of one agency, most of them approved, with three duties and a visit each; a child
  // was seen at ten of them.
  ASSERT_THAT(
      fosterwatch::testing::Connect(database.admin())
          ->Script(
              "INSERT INTO view.carer SELECT 'northern', 'F-' || n, 1 + n % 20 / 19,"
              " CASE WHEN n % 100 = 0 THEN 4 WHEN n % 10 = 0 THEN 5 ELSE 2 END,"
              " now() + (n % 400 - 4) * interval '1 day', CASE WHEN n % 10 = 0 THEN '2010-01-01'"
              " ELSE '' END, '', false, true FROM generate_series(1, 40000) AS n;"
              "INSERT INTO view.carer_duty SELECT 'northern', 'F-' || n, 'DUTY-' || kind, kind,"
              " now() + ((n + kind) % 400 - 4) * interval '1 day'"
              " FROM generate_series(1, 40000) AS n, generate_series(1, 3) AS kind;"
              "INSERT INTO view.visit SELECT 'northern', 'v-' || n, 'F-' || n,"
              " now() - n * interval '1 hour', n % 50 = 0, ARRAY['C-' || n % 4000]"
              " FROM generate_series(1, 40000) AS n;"
              "INSERT INTO view.visit_child SELECT 'northern', 'C-' || n % 4000, 'v-' || n"
              " FROM generate_series(1, 40000) AS n; ANALYZE view.visit_child;"
              "INSERT INTO view.caseload SELECT 'northern', 'F-' || n, 's-' || n,"
              " 'social-worker-' || n % 4000, 1, now() - interval '1 year', '9999-12-31'"
              " FROM generate_series(1, 40000) AS n; ANALYZE view.caseload;"
              "INSERT INTO view.emergency SELECT 'northern', 'F-' || n, 'e-' || n,"
              " 'social-worker-' || n % 4000, now() - n * interval '1 hour', n % 10 <> 0"
              " FROM generate_series(1, 40000) AS n; ANALYZE view.emergency;"
              "ANALYZE view.carer; ANALYZE view.carer_duty; ANALYZE view.visit"),
      IsOk());
  const auto connection = fosterwatch::testing::Connect(database.service());
  // As a transaction of the service has it: the plan rests on whose rows may be seen.
  ASSERT_THAT(connection->Query("SELECT set_config('fosterwatch.agencies', 'northern', false)"),
              IsOk());
  const caseload::Asker asker = {"northern", absl::Now()};
  v1::CarerPolicy policy;
  policy.mutable_keep_after_approval()->set_calendar_months(120);
  policy.mutable_keep_after_application()->set_calendar_months(36);
  const auto carers = [&](auto ask) {
    v1::ListCarersRequest request;
    ask(request);
    return CarerStatements(asker, request, policy);
  };
  const auto duties = [&](auto ask) {
    v1::ListDutiesRequest request;
    ask(request);
    return DutyStatements(asker, request);
  };
  const auto visits = [&](auto ask) {
    v1::ListVisitsRequest request;
    ask(request);
    return VisitStatements(asker, request);
  };
  // Of somebody who supervises ten of them.
  const auto own = [&](auto statements_of, auto request) {
    return statements_of({"northern", absl::Now(), "social-worker-7"}, request);
  };
  const auto emergencies = [&](auto ask) {
    v1::ListEmergenciesRequest request;
    ask(request);
    return EmergencyStatements(asker, request);
  };
  struct Row {
    const char* what;
    Statements statements;
    const char* index;
    bool sorted = true;  // its index gives the order
  };
  const std::vector<Row> rows = {
      {"carers", carers([](auto&) {}), "carer_pkey"},
      {"approved", carers([](auto& r) { r.set_status(v1::Carer::STATUS_APPROVED); }), "carer_pkey"},
      {"connected", carers([](auto& r) { r.set_kind(v1::Carer::KIND_CONNECTED); }), "carer_pkey"},
      {"named", carers([](auto& r) { r.add_carer_ids("F-7"); }), "carer_pkey", false},
      {"with something overdue", carers([](auto& r) { r.set_overdue(true); }), "carer_", false},
      {"with one duty overdue",
       carers([](auto& r) { r.set_overdue_duty(v1::DUTY_KIND_ANNUAL_REVIEW); }), "carer_duty_",
       false},
      {"that may be destroyed", carers([](auto& r) { r.set_retention_over_by_date("2026-11-23"); }),
       "carer_", false},
      {"duties", duties([](auto&) {}), "carer_duty_due"},
      {"overdue duties", duties([](auto& r) { r.set_overdue(true); }), "carer_duty_due"},
      {"duties of a kind", duties([](auto& r) { r.set_kind(v1::DUTY_KIND_ANNUAL_REVIEW); }),
       "carer_duty_kind"},
      {"duties of a carer", duties([](auto& r) { r.set_carer_id("F-7"); }), "carer_duty_pkey",
       false},
      {"visits", visits([](auto&) {}), "visit_newest"},
      {"visits to a carer", visits([](auto& r) { r.set_carer_id("F-7"); }), "visit_of_carer",
       false},
      {"visits on a child", visits([](auto& r) { r.set_child_id("C-7"); }), "visit_child_pkey",
       false},
      {"unannounced visits", visits([](auto& r) { r.set_unannounced(true); }), "visit_newest"},
      {"carers whom somebody supervises",
       carers([](auto& r) { r.set_supervisor_id("social-worker-7"); }), "caseload_", false},
      {"carers whom nobody supervises", carers([](auto& r) { r.set_unsupervised(true); }),
       "caseload_pkey"},
      {"own duties", own(DutyStatements, v1::ListDutiesRequest()), "caseload_agency_id_person_id",
       false},
      {"own visits", own(VisitStatements, v1::ListVisitsRequest()), "caseload_agency_id_person_id",
       false},
      {"emergencies", emergencies([](auto&) {}), "emergency_newest"},
      {"emergencies to look at", emergencies([](auto& r) { r.set_not_reviewed(true); }),
       "emergency_newest"},
  };
  for (const Row& row : rows) {
    ASSERT_THAT(row.statements, IsOk()) << row.what;
    const std::string page = PlanOf(*connection, row.statements->at(0));
    EXPECT_THAT(page, HasSubstr(row.index)) << row.what << "\n" << page;
    EXPECT_THAT(page, Not(HasSubstr("Seq Scan"))) << row.what << "\n" << page;
    if (row.sorted) {
      EXPECT_THAT(page, Not(HasSubstr("Sort"))) << row.what << "\n" << page;
    }
  }
}

}  // namespace
}  // namespace fosterwatch::carers
