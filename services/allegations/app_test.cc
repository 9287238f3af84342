// Audits on a real PostgreSQL: a scope that is too large is refused and taken in parts, and new
// bank holidays move what is open.
#include "services/allegations/app.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/allegations/domain/test_support.h"
#include "services/allegations/module.h"
#include "services/allegations/views.h"
#include "services/allegations/withheld.h"

namespace fosterwatch::allegations {
namespace {

using domain::kNow;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::IsOkAndHolds;
using ::testing::Contains;
using ::testing::IsEmpty;
using v1::Audit;
using v1::AuditedRecord;

class AuditsTest : public ::testing::Test {
 protected:
  AuditsTest() : database_("fosterwatch_allegations", MakeModule()->migrations()) {
    ledger::Ledger::Options options;
    options.conninfo = database_.service();
    options.relay_conninfo = database_.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    options.now = [] { return kNow; };
    ledger_ =
        *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
    app_ = MakeApp(domain::OurCalendar());
    call_.agency_id = "northern";
    call_.caller.person_id = "manager";
  }
  std::unique_ptr<App> MakeApp(const clock::WorkingCalendar& calendar) {
    return std::make_unique<App>(ledger_.get(), domain::OurPolicies(), domain::OurForms(), calendar,
                                 [] { return kNow; });
  }
  void Run(const std::string& sql) {
    EXPECT_THAT(fosterwatch::testing::Connect(database_.admin())->Script(sql), IsOk()) << sql;
  }
  // Events recorded one a minute before now, of which every other one is active.
  void AddEvents(int count) {
    Run(
        absl::StrCat("INSERT INTO reference.event SELECT 'northern', 'E-' || n,"
                     " to_timestamp(",
                     absl::ToUnixSeconds(kNow), ") - n * interval '1 minute', n % 2 = 0",
                     " FROM generate_series(1, ", count, ") AS n"));
  }

  const v1::AllegationFact fact_;
  fosterwatch::testing::Database database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<App> app_;
  runtime::Call call_;
};

TEST_F(AuditsTest, EachListOfAllegationsFindsItsRowsByAnIndex) {
  // 40,000 of one agency, one in a hundred of them open and one in 500 overdue.
  Run(absl::StrCat(
      "INSERT INTO view.allegation SELECT 'northern', 'a-' || n,"
      " CASE WHEN n % 100 = 0 THEN 2 ELSE ",
      static_cast<int>(v1::Allegation::STATE_CLOSED),
      " END, 'F-' || n % 2000, CASE WHEN n % 40 = 0 THEN 'p-' || n % 400 ELSE '' END,"
      " 'C-' || n % 4000, '', 0, now(), now() - n * interval '1 hour',"
      " CASE WHEN n % 500 = 0 THEN now() ELSE '9999-12-31 23:59:59+00'::timestamptz END, 0, 0, '',"
      " CASE WHEN n % 100 = 0 THEN '9999-12-31 23:59:59+00'::timestamptz ELSE now() END"
      " FROM generate_series(1, 40000) AS n; ANALYZE view.allegation"));
  struct Row {
    const char* index;
    std::function<void(v1::ListAllegationsRequest&)> ask;
    bool in_order;  // however many there are
  };
  const std::vector<Row> rows = {
      {"allegation_newest", [](auto&) {}, true},
      // Or of those that are open, which are all in that state here.
      {"allegation_o", [](auto& r) { r.set_state(v1::Allegation::STATE_REFERRED); }, true},
      {"allegation_open", [](auto& r) { r.set_open_only(true); }, true},
      {"allegation_of_carer", [](auto& r) { r.set_carer_id("F-7"); }, false},
      {"allegation_of_child", [](auto& r) { r.set_child_id("C-7"); }, false},
      {"allegation_of_person", [](auto& r) { r.set_person_id("p-40"); }, false},
      {"allegation_due", [](auto& r) { r.set_overdue_only(true); }, false},
  };
  const auto connection = fosterwatch::testing::Connect(database_.service());
  ASSERT_THAT(connection->Query("SELECT set_config('fosterwatch.agencies', 'northern', false)"),
              IsOk());
  for (const Row& row : rows) {
    v1::ListAllegationsRequest request;
    row.ask(request);
    const auto statements = ListStatements("northern", "manager", request, absl::Now());
    ASSERT_THAT(statements, IsOk());
    const auto plan = connection->Query(absl::StrCat("EXPLAIN ", statements->at(0).sql),
                                        statements->at(0).values);
    ASSERT_THAT(plan, IsOk()) << statements->at(0).sql;
    std::string page;
    for (int line = 0; line < plan->rows(); ++line) {
      absl::StrAppend(&page, plan->Text(line, 0), "\n");
    }
    EXPECT_THAT(page, ::testing::HasSubstr(row.index)) << page;
    EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr("Seq Scan"))) << page;
    if (row.in_order) {
      EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr("Sort"))) << page;
    }
  }
}

TEST_F(AuditsTest, AScopeThatIsTooLargeIsRefusedAndItsPartsAreAllOfIt) {
  AddEvents(6000);
  v1::StartAuditRequest whole;
  whole.set_scope(Audit::SCOPE_LAST_12_MONTHS);
  const auto refused = app_->StartAudit(call_, whole);
  EXPECT_THAT(refused.status(), HasReason("AUDIT_TOO_LARGE"));
  // Half of them are still active, and they are not too many.
  v1::StartAuditRequest active;
  active.set_scope(Audit::SCOPE_ACTIVE);
  const auto started = app_->StartAudit(call_, active);
  ASSERT_THAT(started, IsOk());
  EXPECT_EQ(started->records_size(), 3000);
  active.set_kind(AuditedRecord::KIND_ALLEGATION);
  EXPECT_THAT(app_->StartAudit(call_, active).status(), HasReason("NOTHING_TO_AUDIT"));

  std::set<std::string> audited;
  const absl::Time half = kNow - absl::Minutes(3000);
  for (const bool early : {true, false}) {
    v1::StartAuditRequest part = whole;
    if (early) {
      *part.mutable_recorded_until_time() = clock::ToProto(half);
    } else {
      *part.mutable_recorded_from_time() = clock::ToProto(half);
    }
    const auto audit = app_->StartAudit(call_, part);
    ASSERT_THAT(audit, IsOk()) << audit.status();
    EXPECT_EQ(audit->has_recorded_until_time(), early);
    for (const AuditedRecord& record : audit->records()) {
      EXPECT_TRUE(audited.insert(record.record_id()).second) << record.record_id();
    }
  }
  EXPECT_EQ(audited.size(), 6000u);
}

TEST_F(AuditsTest, ComplaintsAreAuditedButByNobodyWhomTheyAreAbout) {
  Run(absl::StrCat("INSERT INTO reference.complaint SELECT 'northern', 'C-' || n, to_timestamp(",
                   absl::ToUnixSeconds(kNow),
                   ") - n * interval '1 day', n % 2 = 0,"
                   " CASE WHEN n = 2 THEN 'manager' ELSE '' END FROM generate_series(1, 6) AS n"));
  v1::StartAuditRequest start;
  start.set_scope(Audit::SCOPE_ACTIVE);
  start.set_kind(AuditedRecord::KIND_COMPLAINT);
  const auto audit = app_->StartAudit(call_, start);
  ASSERT_THAT(audit, IsOk());
  EXPECT_EQ(audit->records_size(), 2);
  EXPECT_EQ(audit->withheld_count(), 1);
  for (const AuditedRecord& record : audit->records()) EXPECT_NE(record.record_id(), "C-2");
  // Nor do they learn of it by who has looked at such an audit.
  EXPECT_THAT(RecordsWithheldFrom(*ledger_, "northern", "manager"),
              IsOkAndHolds(Contains("complaint:C-2")));
  EXPECT_THAT(RecordsWithheldFrom(*ledger_, "northern", "another"), IsOkAndHolds(IsEmpty()));
  v1::GradeRecordRequest grade;
  grade.set_audit_id(audit->audit_id());
  grade.set_kind(AuditedRecord::KIND_COMPLAINT);
  grade.set_record_id("C-2");
  EXPECT_THAT(app_->GradeRecord(call_, grade).status(), HasReason("UNKNOWN_RECORD"));
  call_.caller.person_id = "another";
  v1::GetAuditRequest get;
  get.set_audit_id(audit->audit_id());
  EXPECT_EQ(app_->GetAudit(call_, get)->records_size(), 3);
  start.set_scope(Audit::SCOPE_LAST_12_MONTHS);
  EXPECT_EQ(app_->StartAudit(call_, start)->records_size(), 6);
}

TEST_F(AuditsTest, AStartWithOtherBankHolidaysMovesOpenFindingsAndSaysSo) {
  AddEvents(2);
  Run(absl::StrCat("INSERT INTO reference.holder VALUES ('northern', 'h-1', 'manager', ",
                   static_cast<int>(options::v1::ROLE_TEAM_MANAGER),
                   ", '2020-01-01', '9999-12-31')"));
  v1::StartAuditRequest start;
  start.set_scope(Audit::SCOPE_LAST_12_MONTHS);
  const auto audit = app_->StartAudit(call_, start);
  ASSERT_THAT(audit, IsOk());
  v1::GradeRecordRequest grade;
  grade.set_audit_id(audit->audit_id());
  grade.set_kind(AuditedRecord::KIND_EVENT);
  grade.set_record_id(audit->records(0).record_id());
  for (const auto& question : domain::FormInUse(domain::OurForms(), kNow).questions()) {
    const auto& kinds = question.kinds();
    if (!kinds.empty() &&
        std::find(kinds.begin(), kinds.end(), AuditedRecord::KIND_EVENT) == kinds.end()) {
      continue;
    }
    auto* answer = grade.add_answers();
    answer->set_question_id(question.question_id());
    answer->set_grade("MET");
  }
  auto* finding = grade.add_findings();
  finding->set_description("write it up");
  finding->set_owner_id("manager");
  const auto graded = app_->GradeRecord(call_, grade);
  ASSERT_THAT(graded, IsOk()) << graded.status();
  const auto due = [](const Audit& of) {
    return clock::FromProto(of.records(0).findings(0).action().due_time());
  };

  const std::string days = absl::StrReplaceAll(
      domain::ReadSource("libs/clock/data/bank_holidays_england_and_wales.json"),
      {{domain::OurCalendar().version(), "later"},
       {"\"events\": [",
        "\"events\": [{\"title\": \"Day of mourning\", \"date\": \"2026-11-26\"},"}});
  const auto calendar = clock::WorkingCalendar::Parse(days);
  ASSERT_THAT(calendar, IsOk());
  const auto restarted = MakeApp(*calendar);
  runtime::Stop stop;
  std::thread loop(
      [&] { duty::Rework(*ledger_, restarted->RecountingFindings(database_.relay()), stop); });
  v1::GetAuditRequest get;
  get.set_audit_id(audit->audit_id());
  EXPECT_TRUE(fosterwatch::testing::AwaitTrue(
      [&] {
        const auto now = app_->GetAudit(call_, get);
        return now.ok() && due(*now) > due(*graded);
      },
      absl::Seconds(60)));
  stop.Request();
  loop.join();
  const auto said = fosterwatch::testing::Connect(database_.admin())
                        ->Query(
                            "SELECT count(*) FROM ledger.fact"
                            " WHERE name = 'finding_due_times_moved'");
  ASSERT_THAT(said, IsOk());
  EXPECT_EQ(said->Int(0, 0), 1);
}

}  // namespace
}  // namespace fosterwatch::allegations
