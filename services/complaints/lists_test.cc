// What lists find by which index, and what they keep from whom it is about.
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "services/complaints/app_fixture.h"
#include "services/complaints/domain/ending.h"

namespace fosterwatch::complaints {
namespace {

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

TEST_F(AppTest, EachListFindsItsRowsByAnIndexWhateverIsAskedFor) {
  // 40,000 of one agency: a carer has 20, a child 10, a kind and a state many or few, few are
  // overdue.
  ASSERT_THAT(
      fosterwatch::testing::Connect(database_.admin())
          ->Script(
              "INSERT INTO view.complaint SELECT 'northern', 'c-' || n, 2026, n, '2026-' || n,"
              " 1 + n % 50 / 48, CASE WHEN n % 100 = 0 THEN 1 ELSE 2 END, 1, 1, 'F-' || n % 2000,"
              " 'C-' || n % 4000, 'CATEGORY-' || n % 12, 'reg18', 'informal',"
              " now() - n * interval '1 hour', now() - n * interval '1 hour',"
              " CASE WHEN n % 500 = 0 THEN now() ELSE '9999-12-31 23:59:59+00'::timestamptz END,"
              " false, false, '', '{}', '', '', false, false FROM generate_series(1, 40000) AS n;"
              "ANALYZE view.complaint"),
      IsOk());
  struct Row {
    const char* what;
    std::function<void(v1::ListComplaintsRequest&)> ask;
    // By which its page is found.
    const char* index;
  };
  const std::vector<Row> rows = {
      {"all", [](auto&) {}, "complaint_newest"},
      {"state", [](auto& r) { r.set_state(Complaint::STATE_OPEN); }, "complaint_of_state"},
      {"kind", [](auto& r) { r.set_kind(v1::COMPLAINT_KIND_REPRESENTATION); }, "complaint_of_kind"},
      {"category", [](auto& r) { r.set_category("CATEGORY-7"); }, "complaint_of_category"},
      {"carer", [](auto& r) { r.set_carer_id("F-7"); }, "complaint_of_carer"},
      {"child", [](auto& r) { r.set_child_id("C-7"); }, "complaint_of_child"},
      {"case number", [](auto& r) { r.set_case_number("2026-0007"); }, "complaint_number"},
      {"overdue", [](auto& r) { r.set_overdue_only(true); }, "complaint_due"},
      {"procedure", [](auto& r) { r.set_procedure_id("reg18"); }, "complaint_newest"},
      {"kind of a carer",
       [](auto& r) {
         r.set_carer_id("F-7");
         r.set_kind(v1::COMPLAINT_KIND_COMPLAINT);
       },
       "complaint_of_carer"},
      {"open ones of a child",
       [](auto& r) {
         r.set_child_id("C-7");
         r.set_state(Complaint::STATE_OPEN);
       },
       "complaint_of_child"},
      {"overdue ones of a carer",
       [](auto& r) {
         r.set_carer_id("F-7");
         r.set_overdue_only(true);
       },
       "complaint_"},
  };
  const auto connection = fosterwatch::testing::Connect(database_.service());
  // As a transaction of the service has it: the plan rests on whose rows may be seen.
  ASSERT_THAT(connection->Query("SELECT set_config('fosterwatch.agencies', 'northern', false)"),
              IsOk());
  for (const Row& row : rows) {
    v1::ListComplaintsRequest request;
    row.ask(request);
    const auto statements = ListStatements("northern", "manager", request, absl::Now());
    ASSERT_THAT(statements, IsOk());
    const std::string page = PlanOf(*connection, statements->at(0));
    EXPECT_THAT(page, ::testing::HasSubstr(row.index)) << row.what << "\n" << page;
    EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr("Seq Scan"))) << row.what << "\n" << page;
    // Where they are many they come in their order, however many there are.
    for (const char* many : {"all", "state", "kind", "category", "procedure"}) {
      if (row.what == std::string(many)) {
        EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr("Sort"))) << many << "\n" << page;
      }
    }
    // A count of nearly all of them may read them all; of few it has its index.
    if (row.index != std::string("complaint_newest")) {
      const std::string count = PlanOf(*connection, statements->at(1));
      EXPECT_THAT(count, ::testing::HasSubstr("complaint_")) << row.what << "\n" << count;
    }
  }
}

TEST_F(AppTest, EachListOfSightingsFindsItsRowsByAnIndex) {
  // 40,000 of one agency, few of them unmatched; one in ten is of an allegation, half are matched.
  Run("INSERT INTO view.sighting SELECT 'northern', 's-' || n, CASE WHEN n % 400 = 0 THEN 1 ELSE 2"
      " END, '', 'C-' || n % 4000, 'F-' || n % 2000, now() - n * interval '1 hour',"
      " now() - n * interval '1 hour', CASE WHEN n % 2 = 0 THEN 'c-' || n ELSE '' END,"
      " CASE WHEN n % 10 = 0 THEN 'a-' || n ELSE '' END FROM generate_series(1, 40000) AS n;"
      "INSERT INTO reference.allegation_about SELECT 'northern', 'a-' || n,"
      " CASE WHEN n % 50 = 0 THEN 'p-' || n % 100 ELSE '' END FROM generate_series(1, 40000) AS n;"
      "INSERT INTO view.complaint SELECT 'northern', 'c-' || n, 2026, n, '2026-' || n, 1, 1, 1, 1,"
      " 'F-' || n % 2000, 'C-' || n % 4000, 'DELAY', 'reg18', 'informal', now(), now(), now(),"
      " false, false, '', '{}', '', CASE WHEN n % 200 = 0 THEN 'p-1' ELSE '' END, false, false"
      " FROM generate_series(1, 40000) AS n;"
      "ANALYZE view.sighting; ANALYZE view.complaint; ANALYZE reference.allegation_about");
  const auto connection = fosterwatch::testing::Connect(database_.service());
  ASSERT_THAT(connection->Query("SELECT set_config('fosterwatch.agencies', 'northern', false)"),
              IsOk());
  for (const auto& [state, index] : std::vector<std::pair<v1::Sighting::State, const char*>>{
           {v1::Sighting::STATE_UNSPECIFIED, "sighting_all"},
           {v1::Sighting::STATE_UNMATCHED, "sighting_oldest"},
           {v1::Sighting::STATE_MATCHED, "sighting_"}}) {
    v1::ListSightingsRequest request;
    request.set_state(state);
    const auto statements = SightingStatements("northern", "p-1", request);
    ASSERT_THAT(statements, IsOk());
    const std::string page = PlanOf(*connection, statements->at(0));
    EXPECT_THAT(page, ::testing::HasSubstr(index)) << page;
    EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr("Seq Scan on sighting"))) << page;
    EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr("Sort"))) << page;
  }
}

TEST_F(AppTest, WhatGoesAnotherWayIsInNoListOfWhomItIsAbout) {
  auto admin = fosterwatch::testing::Connect(database_.admin());
  // Manager until yesterday, and another one now.
  ASSERT_THAT(
      admin->Script(absl::StrCat(
          "INSERT INTO reference.holder VALUES"
          " ('northern', 'h-1', 'before', ",
          static_cast<int>(options::v1::ROLE_REGISTERED_MANAGER),
          ", '2020-01-01', '2026-12-15'), ('northern', 'h-2', 'registered', ",
          static_cast<int>(options::v1::ROLE_REGISTERED_MANAGER), ", '2026-12-15', '9999-12-31')")),
      IsOk());
  v1::RecordComplaintRequest request = domain::Recording();
  request.mutable_report()->mutable_subject()->set_kind(v1::SUBJECT_KIND_STAFF);
  request.mutable_report()->mutable_subject()->add_line_manager_ids("individual");
  request.mutable_report()->mutable_subject()->set_staff_id("before");
  EXPECT_FALSE(Recorded(request).has_other_route());
  request.mutable_report()->mutable_subject()->set_staff_id("registered");
  *request.mutable_report()->mutable_happened_time() = clock::ToProto(Utc("2020-01-01T00:00:00Z"));
  const Complaint hidden = Recorded(request);
  ASSERT_TRUE(hidden.has_other_route());

  v1::ListComplaintsRequest list;
  const auto seen = app_->ListComplaints(By(domain::kManager), list);
  ASSERT_THAT(seen, IsOk());
  ASSERT_EQ(seen->complaints_size(), 2);
  EXPECT_EQ(seen->total_size(), 2);
  EXPECT_EQ(seen->complaints(0).other_route() + seen->complaints(1).other_route(), 1);
  EXPECT_EQ(
      seen->complaints(0).out_of_time_undecided() + seen->complaints(1).out_of_time_undecided(), 1);
  const auto theirs = app_->ListComplaints(By(domain::kRegistered), list);
  ASSERT_THAT(theirs, IsOk());
  EXPECT_EQ(theirs->complaints_size(), 1);
  EXPECT_EQ(theirs->total_size(), 1);
  v1::GetComplaintRequest get;
  get.set_complaint_id(hidden.complaint_id());
  EXPECT_THAT(app_->GetComplaint(By(domain::kManager), get), IsOk());
  EXPECT_THAT(app_->GetComplaint(By(domain::kRegistered), get).status(), HasReason("NOT_FOUND"));
  v1::ExplainDueTimeRequest why;
  why.set_complaint_id(hidden.complaint_id());
  why.set_duty_id(hidden.duties(0).duty_id());
  EXPECT_THAT(app_->ExplainDueTime(By(domain::kManager), why), IsOk());
  EXPECT_THAT(app_->ExplainDueTime(By(domain::kRegistered), why).status(), HasReason("NOT_FOUND"));
}

}  // namespace
}  // namespace fosterwatch::complaints
