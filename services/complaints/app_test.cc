// The register on a real PostgreSQL, by a clock that the test moves: what falls due is raised once,
// a sighting daily, new bank holidays move what is open, and a statement is as it was.
#include "services/complaints/app.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "libs/cloudevents/cloud_event.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/complaints/domain/ending.h"
#include "services/complaints/domain/test_support.h"
#include "services/complaints/intake.h"
#include "services/complaints/intake.h"
#include "services/complaints/module.h"
#include "services/complaints/numbers.h"
#include "services/complaints/views.h"

namespace fosterwatch::complaints {
namespace {

using domain::Utc;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using v1::Complaint;

class AppTest : public ::testing::Test {
 protected:
  AppTest() : database_("fosterwatch_complaints", MakeModule()->migrations()) {
    ledger::Ledger::Options options;
    options.conninfo = database_.service();
    options.relay_conninfo = database_.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    options.now = [this] { return now(); };
    ledger_ =
        *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
    app_ = MakeApp(domain::OurCalendar());
    auto connection = fosterwatch::testing::Connect(database_.admin());
    EXPECT_THAT(connection->Script("INSERT INTO reference.carer VALUES ('northern', 'F-1', 1);"
                                   "INSERT INTO reference.child VALUES ('northern', 'C-1')"),
                IsOk());
  }

  std::unique_ptr<App> MakeApp(const clock::WorkingCalendar& calendar) {
    return std::make_unique<App>(ledger_.get(), domain::OurBook(), calendar,
                                 [this] { return now(); });
  }

  absl::Time now() const {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Set(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    now_ = now;
  }

  static Origin By(const domain::Actor& actor) {
    Origin origin;
    origin.agency_id = "northern";
    origin.actor = actor;
    return origin;
  }
  template <typename State = Complaint>
  absl::StatusOr<State> Submit(absl::StatusOr<ledger::Unit> unit) {
    if (!unit.ok()) return unit.status();
    auto outcome = ledger_->SubmitAndWait(*std::move(unit));
    if (!outcome.ok()) return outcome.status();
    return outcome->As<State>(0);
  }
  Complaint Recorded(const v1::RecordComplaintRequest& request = domain::Recording()) {
    const auto complaint = Submit(app_->RecordComplaint(By(domain::kCaseworker), request));
    EXPECT_THAT(complaint, IsOk()) << complaint.status();
    return complaint.value_or(Complaint());
  }
  int64_t Facts(const std::string& name) {
    const auto rows = fosterwatch::testing::Connect(database_.admin())
                          ->Query("SELECT count(*) FROM ledger.fact WHERE name = $1", {name});
    return rows.ok() ? rows->Int(0, 0) : -1;
  }
  v1::Sighting Seen(const std::string& id, const std::string& child) {
    v1::Sighting seen;
    seen.set_sighting_id(id);
    seen.set_source(v1::SIGHTING_SOURCE_FEEDBACK);
    seen.set_source_id(id);
    seen.set_child_id(child);
    *seen.mutable_seen_time() = clock::ToProto(domain::kReceived);
    return seen;
  }

  const v1::ComplaintFact fact_;
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = domain::kReceived;
  fosterwatch::testing::Database database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<App> app_;
};

TEST_F(AppTest, NumbersGoOnThroughBlocksAndBeginAnewWithTheYear) {
  for (int i = 1; i < kNumbersInBlock; ++i) {
    ledger::Unit unit;
    unit.agency_id = "northern";
    unit.actor = "test";
    auto taken = std::make_shared<TakenNumber>();
    taken->year = 2026;
    TakeNumber(unit, absl::StrCat("complaint-", i), i - 1, taken);
    ASSERT_THAT(ledger_->SubmitAndWait(std::move(unit)), IsOk());
    ASSERT_EQ(taken->number, i);
  }
  EXPECT_EQ(Recorded().case_number().number(), kNumbersInBlock);
  EXPECT_EQ(Recorded().case_number().number(), kNumbersInBlock + 1);
  EXPECT_EQ(Recorded().case_number().number(), kNumbersInBlock + 2);
  Set(Utc("2027-01-01T00:00:00Z"));
  EXPECT_EQ(Recorded().case_number().text(), "2027-0001");
}

TEST_F(AppTest, WhatFallsDueIsRaisedOnceHoweverOftenItIsAsked) {
  const Complaint complaint = Recorded();
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(Submit(app_->RecordOverdue("northern", complaint.complaint_id())), IsOk());
  }
  EXPECT_EQ(Facts("attention_needed"), 0);
  Set(Utc("2027-01-05T00:00:00Z"));
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(Submit(app_->RecordOverdue("northern", complaint.complaint_id())), IsOk());
  }
  EXPECT_EQ(Facts("attention_needed"), 2);
}

TEST_F(AppTest, ASightingIsRaisedDailyUntilItsComplaintIsRecorded) {
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-1"))), IsOk());
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-1"))), IsOk());
  EXPECT_EQ(Facts("complaint_seen"), 1);
  for (int day = 1; day <= 2; ++day) {
    Set(domain::kReceived + day * absl::Hours(24));
    for (int i = 0; i < 2; ++i) {
      ASSERT_THAT(Submit<v1::Sighting>(app_->RaiseSighting("northern", "s-1")), IsOk());
    }
    EXPECT_EQ(Facts("attention_needed"), day);
  }
  const Complaint complaint = Recorded();
  EXPECT_THAT(complaint.sighting_ids(), ::testing::ElementsAre("s-1"));
  const auto settled = ledger_->LoadAs<v1::Sighting>("northern", kSightingAggregate, "s-1");
  ASSERT_THAT(settled, IsOk());
  EXPECT_EQ(settled->state(), v1::Sighting::STATE_MATCHED);
  EXPECT_EQ(settled->matched_complaint_id(), complaint.complaint_id());
  EXPECT_EQ(Facts("attention_settled"), 2);
  // And one that comes after its complaint is matched at once.
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-2", "C-1"))), IsOk());
  const auto matched = ledger_->LoadAs<v1::Sighting>("northern", kSightingAggregate, "s-2");
  ASSERT_THAT(matched, IsOk());
  EXPECT_EQ(matched->matched_by(), v1::MATCHED_BY_WINDOW);
}

TEST_F(AppTest, AComplaintIsRecordedForTheSightingThatItNames) {
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-9"))), IsOk());
  v1::RecordComplaintRequest request = domain::Recording();
  request.set_sighting_id("nobody's");
  EXPECT_THAT(Submit(app_->RecordComplaint(By(domain::kCaseworker), request)).status(),
              HasReason("UNKNOWN_SIGHTING"));
  request.set_sighting_id("s-1");
  EXPECT_THAT(Recorded(request).sighting_ids(), ::testing::ElementsAre("s-1"));
}

TEST_F(AppTest, AStartWithOtherBankHolidaysCountsWhatIsOpenAgain) {
  const Complaint open = Recorded();
  const Complaint ended = Recorded();
  v1::WithdrawComplaintRequest withdraw;
  withdraw.set_complaint_id(ended.complaint_id());
  withdraw.set_reason("settled");
  ASSERT_THAT(Submit(app_->Change<v1::WithdrawComplaintRequest>(By(domain::kManager), withdraw,
                                                                domain::Withdraw)),
              IsOk());
  std::string days = domain::ReadSource("libs/clock/data/bank_holidays_england_and_wales.json");
  days = absl::StrReplaceAll(
      days, {{domain::OurCalendar().version(), "later"},
             {"\"events\": [",
              "\"events\": [{\"title\": \"Day of mourning\", \"date\": \"2026-12-21\"},"}});
  const auto calendar = clock::WorkingCalendar::Parse(days);
  ASSERT_THAT(calendar, IsOk());
  const auto restarted = MakeApp(*calendar);
  runtime::Stop stop;
  std::thread loop([&] { duty::Rework(*ledger_, restarted->Recounting(database_.relay()), stop); });
  v1::GetComplaintRequest get;
  get.set_complaint_id(open.complaint_id());
  const auto moved = [&] {
    const auto now = app_->GetComplaint(By(domain::kManager), get);
    return now.ok() && domain::Show(now->duties(1).due_time()) == "2027-01-06T00:00:00Z";
  };
  EXPECT_TRUE(fosterwatch::testing::AwaitTrue(moved, absl::Seconds(60)));
  stop.Request();
  loop.join();
  EXPECT_EQ(Facts("due_times_moved"), 1);
}

TEST_F(AppTest, AStatementIsAsItWasAtTheMomentThatIsAsked) {
  const Complaint complaint = Recorded();
  Set(domain::kReceived + absl::Hours(48));
  v1::WithdrawComplaintRequest withdraw;
  withdraw.set_complaint_id(complaint.complaint_id());
  withdraw.set_reason("settled");
  ASSERT_THAT(Submit(app_->Change<v1::WithdrawComplaintRequest>(By(domain::kManager), withdraw,
                                                                domain::Withdraw)),
              IsOk());
  v1::GetStatementRequest ask;
  *ask.mutable_as_at_time() = clock::ToProto(domain::kReceived + absl::Hours(24));
  const auto then = app_->GetStatement("northern", ask);
  ASSERT_THAT(then, IsOk());
  EXPECT_EQ(then->open(), 1);
  EXPECT_EQ(then->withdrawn(), 0);
  ask.clear_as_at_time();
  const auto after = app_->GetStatement("northern", ask);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->withdrawn(), 1);
  EXPECT_EQ(app_->GetStatement("southern", ask)->complaints(), 0);
  *ask.mutable_as_at_time() = clock::ToProto(now() + absl::Hours(24));
  EXPECT_THAT(app_->GetStatement("northern", ask).status(), HasReason("IN_THE_FUTURE"));
}

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

TEST(Feedback, OfNoIdOrSourceIsRefused) {
  cloudevents::CloudEvent event;
  event.type = kFeedbackType;
  event.data = R"({"received_time": "2026-11-20T09:00:00Z"})";
  EXPECT_THAT(ReadFeedback(event, absl::Now()), HasReason("ATTRIBUTE_MISSING"));
  event.id = "1";
  EXPECT_THAT(ReadFeedback(event, absl::Now()), HasReason("ATTRIBUTE_MISSING"));
  event.source = "/case-system";
  EXPECT_THAT(ReadFeedback(event, absl::Now()), IsOk());
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

TEST_F(AppTest, WhomItIsAboutFindsNeitherAComplaintNorASightingOfIt) {
  const domain::Actor sam = {"sam", {options::v1::ROLE_TEAM_MANAGER}};
  v1::RecordComplaintRequest request = domain::Recording();
  request.mutable_report()->mutable_subject()->set_kind(v1::SUBJECT_KIND_STAFF);
  request.mutable_report()->mutable_subject()->set_staff_id(sam.id);
  request.mutable_report()->mutable_subject()->add_line_manager_ids("individual");
  const Complaint hidden = Recorded(request);
  ASSERT_FALSE(hidden.has_other_route());
  // One seen elsewhere, an allegation about them, and what is of no concern to them.
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-1"))), IsOk());
  v1::Sighting alleged = Seen("", "C-9");
  alleged.set_source(v1::SIGHTING_SOURCE_ALLEGATION);
  alleged.set_source_id("a-1");
  alleged.set_sighting_id(SightingIdOf("northern", alleged.source(), alleged.source_id()));
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), alleged)), IsOk());
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-2", "C-9"))), IsOk());
  ASSERT_THAT(fosterwatch::testing::Connect(database_.admin())
                  ->Script("INSERT INTO reference.allegation_subject VALUES"
                           " ('northern', 'a-1', 'sam')"),
              IsOk());
  const auto sightings = [&](const domain::Actor& reader) {
    std::vector<std::string> ids;
    const auto listed = app_->ListSightings(By(reader), {});
    EXPECT_THAT(listed, IsOk());
    if (!listed.ok()) return ids;
    for (const v1::Sighting& each : listed->sightings()) ids.push_back(each.sighting_id());
    EXPECT_EQ(listed->total_size(), static_cast<int64_t>(ids.size()));
    return ids;
  };
  EXPECT_EQ(sightings(domain::kManager).size(), 3u);
  EXPECT_THAT(sightings(sam), ::testing::ElementsAre("s-2"));
  v1::MatchSightingRequest match;
  match.set_complaint_id(hidden.complaint_id());
  match.set_sighting_id(alleged.sighting_id());
  EXPECT_THAT(Submit<v1::Sighting>(app_->MatchSighting(By(sam), match)).status(),
              HasReason("NOT_FOUND"));
  match.set_sighting_id("s-2");
  EXPECT_THAT(Submit<v1::Sighting>(app_->MatchSighting(By(sam), match)).status(),
              HasReason("UNKNOWN_COMPLAINT"));
  const auto listed = app_->ListComplaints(By(sam), {});
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ(listed->total_size(), 0);
  v1::GetComplaintRequest get;
  get.set_complaint_id(hidden.complaint_id());
  EXPECT_THAT(app_->GetComplaint(By(sam), get).status(), HasReason("NOT_FOUND"));
  v1::WithdrawComplaintRequest withdraw;
  withdraw.set_complaint_id(hidden.complaint_id());
  withdraw.set_reason("nothing to it");
  EXPECT_THAT(
      Submit(app_->Change<v1::WithdrawComplaintRequest>(By(sam), withdraw, domain::Withdraw))
          .status(),
      HasReason("NOT_FOUND"));
}

TEST_F(AppTest, AnEventThatWasSeenOfAComplaintIsTheOneThatItsProposalIsAcceptedWith) {
  const Complaint complaint = Recorded();
  v1::Sighting seen = Seen("s-1", "C-1");
  seen.set_source(v1::SIGHTING_SOURCE_EVENT);
  seen.set_source_id("event-1");
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), seen)), IsOk());
  v1::JudgeSeriousnessRequest judge;
  judge.set_complaint_id(complaint.complaint_id());
  judge.set_serious(true);
  judge.set_reason("for weeks");
  const auto judged = Submit(app_->Change<v1::JudgeSeriousnessRequest>(By(domain::kManager), judge,
                                                                       domain::JudgeSeriousness));
  ASSERT_THAT(judged, IsOk());
  v1::AcceptEventProposalRequest accept;
  accept.set_complaint_id(complaint.complaint_id());
  accept.set_proposal_id(judged->event_proposals(0).proposal_id());
  accept.set_reason("row 9");
  const auto accepted = Submit(app_->AcceptEventProposal(By(domain::kRegistered), accept));
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->event_proposals(0).event_id(), "event-1");
}

}  // namespace
}  // namespace fosterwatch::complaints
