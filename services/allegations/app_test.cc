// Audits on a real PostgreSQL: a scope that is too large is refused and taken in parts, and new
// bank holidays move what is open.
#include "services/allegations/app.h"

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/allegations/domain/test_support.h"
#include "services/allegations/module.h"
#include "services/allegations/views.h"

namespace fosterwatch::allegations {
namespace {

using domain::kNow;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
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
    if (!question.kinds().empty() && question.kinds(0) != AuditedRecord::KIND_EVENT) continue;
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
