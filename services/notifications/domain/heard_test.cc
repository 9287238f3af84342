#include "services/notifications/domain/heard.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"
#include "libs/testing/status_matchers.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/fixture.h"
#include "services/notifications/domain/words.h"

namespace fosterwatch::notifications::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PassedDuty Duty(const std::string& kind, bool in_digest = false) {
  return {"d1", kind, Start() - absl::Hours(1), in_digest};
}

TEST(DutyOverdueTest, ClimbsUntilItIsSettled) {
  History history;
  history.Record(DutyOverdue(history.state, "e1", Duty("WRITTEN_CONFIRMATION"), history.given()));
  EXPECT_EQ(history.alert().kind(), v1::Alert::KIND_DUTY_OVERDUE);
  EXPECT_EQ(history.alert().reason_code(), "WRITTEN_CONFIRMATION");
  EXPECT_TRUE(history.alert().has_next_climb_time());
  EXPECT_THAT(AlertWords(ShippedTemplates().editions(0), history.alert(), "http://x").subject,
              HasSubstr("overdue"));
  EXPECT_THAT(DutyOverdue(history.state, "e1", Duty("WRITTEN_CONFIRMATION"), history.given()),
              IsEmpty());
  EXPECT_THAT(DutySettled(history.state, "another"), IsEmpty());
  history.Record(DutySettled(history.state, "d1"));
  EXPECT_EQ(history.alert().state(), v1::Alert::STATE_CLEARED);
}

TEST(DutyOverdueTest, AnActionWaitsForTheDigestAndNeverClimbs) {
  History history;
  history.Record(DutyOverdue(history.state, "e1", Duty("ACTION", true), history.given()));
  EXPECT_EQ(history.alert().state(), v1::Alert::STATE_OPEN);
  EXPECT_FALSE(history.alert().has_next_attempt_time());
  history.now += absl::Hours(1000);
  EXPECT_THAT(ClimbAlert(history.state, history.alert().alert_id(), history.given()), IsEmpty());
}

type::v1::AttentionNeeded Needed(bool in_digest = false) {
  type::v1::AttentionNeeded needed;
  needed.set_attention_id("a1");
  needed.set_code("COMPLAINT_ANSWER_OVERDUE");
  needed.set_subject_id("c1");
  needed.set_in_digest(in_digest);
  return needed;
}

TEST(AttentionNeededTest, IsAlertedOnceLeadsToTheRecordAndEndsWhenItIsSettled) {
  History history;
  history.Record(AttentionNeeded(history.state, "complaints", Needed(), history.given()));
  EXPECT_TRUE(history.alert().has_next_climb_time());
  EXPECT_THAT(AlertWords(ShippedTemplates().editions(0), history.alert(), "http://x").text,
              HasSubstr("http://x/complaints/c1\n"));
  EXPECT_THAT(AttentionNeeded(history.state, "complaints", Needed(), history.given()), IsEmpty());
  EXPECT_THAT(AttentionSettled(history.state, "another"), IsEmpty());
  history.Record(AttentionSettled(history.state, "a1"));
  EXPECT_EQ(history.alert().state(), v1::Alert::STATE_CLEARED);
}

TEST(AttentionNeededTest, WhatTheAgencyHasSetItselfWaitsForTheDigest) {
  History history;
  history.Record(AttentionNeeded(history.state, "placements", Needed(true), history.given()));
  EXPECT_FALSE(history.alert().has_next_attempt_time());
  EXPECT_THAT(DigestWords(ShippedTemplates().editions(0), {history.alert()}, "http://x").text,
              HasSubstr("http://x/carers/c1\n"));
}

TEST(AttentionNeededTest, WhatIsKeptFromSomebodyIsNeverInTheDigestOfAll) {
  History history;
  type::v1::AttentionNeeded needed = Needed(true);
  needed.add_not_to_person_ids("manager-1");
  history.Record(AttentionNeeded(history.state, "complaints", needed, history.given()));
  EXPECT_FALSE(history.alert().in_digest());
  EXPECT_TRUE(history.alert().has_next_attempt_time());
  EXPECT_TRUE(IsKeptFrom(history.alert(), "manager-1"));
  EXPECT_FALSE(IsKeptFrom(history.alert(), "deputy-1"));
  // It climbs the ladder of the agency, past whom it is kept from.
  EXPECT_THAT(RolesOf(history.alert()), ElementsAre(options::v1::ROLE_REGISTERED_MANAGER));
}

TEST(AttentionNeededTest, WhatIsForSomeRolesAloneStaysWithThemAndIsSaidAgain) {
  History history;
  type::v1::AttentionNeeded needed = Needed();
  needed.add_to_roles(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL);
  needed.add_not_to_person_ids("manager-1");
  history.Record(AttentionNeeded(history.state, "complaints", needed, history.given()));
  for (int step = 0; step < 6; ++step) {
    EXPECT_THAT(RolesOf(history.alert()), ElementsAre(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL));
    EXPECT_EQ(history.alert().rung(), step);
    history.now = clock::FromProto(history.alert().next_climb_time());
    history.Record(ClimbAlert(history.state, history.alert().alert_id(), history.given()));
  }
  // Nobody of them there: a dead end, announced, and nobody else is told.
  history.Record(NobodyToAlert(history.state, history.alert().alert_id(), history.given()));
  EXPECT_TRUE(history.alert().unreachable());
  EXPECT_THAT(RolesOf(history.alert()), ElementsAre(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL));
}

TEST(AttentionNeededTest, LeadsToThePageOfWhatItIsAbout) {
  struct {
    const char* in_register;
    const char* code;
    const char* page;
  } const cases[] = {
      {"carers", "ANNUAL_REVIEW_OVERDUE", "http://x/carers/c1\n"},
      {"allegations", "REFERRAL_OVERDUE", "http://x/allegations/c1\n"},
      {"allegations", "AUDIT_FINDING_OVERDUE", "http://x/audits/c1\n"},
      {"complaints", "COMPLAINT_SEEN_ELSEWHERE", "http://x/complaints/seen-elsewhere\n"},
      {"complaints", "FEEDBACK_RECORD_PARKED", "http://x/parked\n"},
      {"kpis", "KPI_RED", "http://x/figures/c1\n"},
      {"kpis", "RESTATEMENT_WAITING", "http://x/editions\n"},
      {"placements", "INTAKE_RECORD_PARKED", "http://x/parked\n"},
      {"placements", "PLACEMENT_OUTSIDE_TERMS", "http://x/carers/c1\n"},
  };
  for (const auto& each : cases) {
    History history;
    type::v1::AttentionNeeded needed = Needed();
    needed.set_code(each.code);
    history.Record(AttentionNeeded(history.state, each.in_register, needed, history.given()));
    EXPECT_THAT(AlertWords(ShippedTemplates().editions(0), history.alert(), "http://x").text,
                HasSubstr(each.page))
        << each.code;
  }
}

TEST(RepeatToDecideTest, IsAlertedUntilItIsDecided) {
  History history;
  history.Record(RepeatToDecide(history.state, "e1", "", history.given()));
  EXPECT_EQ(history.alert().kind(), v1::Alert::KIND_REPEAT_TO_DECIDE);
  EXPECT_TRUE(history.alert().has_next_climb_time());
  EXPECT_THAT(RepeatToDecide(history.state, "e1", "q1", history.given()), IsEmpty())
      << "one is open";
  history.Record(RepeatDecided(history.state));
  EXPECT_EQ(history.alert().state(), v1::Alert::STATE_CLEARED);
  // Another one turns up after the answer.
  history.Record(RepeatToDecide(history.state, "e1", "q1", history.given()));
  EXPECT_EQ(history.state.alerts().rbegin()->state(), v1::Alert::STATE_OPEN);
}

class FindingsTest : public ::testing::Test, protected History {
 protected:
  void Check(const Findings& findings) {
    now += absl::Hours(24);
    Record(DirectoryChecked(state, findings, given()));
  }
};

TEST_F(FindingsTest, WhomNobodyCouldReachClimbsAndTheRestWaitsForTheDigest) {
  Check({{"ROLE_UNHELD ROLE_DEPUTY_MANAGER"}, {"CONTACT_UNUSABLE northshire"}});
  ASSERT_THAT(state.alerts(), SizeIs(2));
  EXPECT_FALSE(alert(0).in_digest());
  EXPECT_TRUE(alert(0).has_next_climb_time());
  EXPECT_TRUE(alert(1).in_digest());
  EXPECT_FALSE(alert(1).has_next_climb_time());
  EXPECT_THAT(AlertWords(ShippedTemplates().editions(0), alert(0), "http://x").text,
              HasSubstr("ROLE_UNHELD"));
}

TEST_F(FindingsTest, OneAlertStaysUntilACheckFindsNothing) {
  Check({{"a"}, {}});
  Check({{"a", "b"}, {}});
  ASSERT_THAT(state.alerts(), SizeIs(1));
  Check({{}, {}});
  EXPECT_EQ(alert().state(), v1::Alert::STATE_CLEARED);
  Check({{"a"}, {}});
  EXPECT_THAT(state.alerts(), SizeIs(2));
}

TEST_F(FindingsTest, WhatSomebodyAcknowledgedIsSaidAgainOnlyWhenItChanges) {
  Check({{"a"}, {}});
  Record(*AcknowledgeAlert(state, alert().alert_id(), "rm1", "", now));
  Check({{"a"}, {}});
  EXPECT_THAT(state.alerts(), SizeIs(1));
  Check({{"b"}, {}});
  EXPECT_THAT(state.alerts(), SizeIs(2));
}

// 2026-11-22 is a Sunday.
TEST(DigestTest, LeavesOnTheNextWorkingDayAtItsTimeAndThenDayByDay) {
  History history;
  history.Record(OpenDigest(history.state, history.given()));
  const auto london = [](int day, int hour) {
    return absl::FromCivil(absl::CivilHour(2026, 11, day, hour), clock::London());
  };
  const std::string id = history.alert().alert_id();
  EXPECT_FALSE(history.alert().has_next_attempt_time());
  EXPECT_EQ(clock::FromProto(history.alert().next_climb_time()), london(23, 9));
  EXPECT_THAT(OpenDigest(history.state, history.given()), IsEmpty());
  history.now = london(27, 9);  // a Friday
  history.Record(ClimbAlert(history.state, id, history.given()));
  EXPECT_THAT(history.alert().roles(), ElementsAre(options::v1::ROLE_REGISTERED_MANAGER));
  EXPECT_EQ(clock::FromProto(history.alert().next_attempt_time()), london(27, 9));
  EXPECT_EQ(clock::FromProto(history.alert().next_climb_time()), london(30, 9));
}

TEST(DigestTest, KeepsTheLondonClockThroughItsChange) {
  History history;
  // 2026-10-23 is a Friday; the clocks go back on the Sunday.
  history.now = absl::FromCivil(absl::CivilHour(2026, 10, 23, 12), clock::London());
  history.Record(OpenDigest(history.state, history.given()));
  EXPECT_EQ(clock::FromProto(history.alert().next_climb_time()),
            absl::FromCivil(absl::CivilHour(2026, 10, 26, 9), absl::UTCTimeZone()));
}

TEST(DigestTest, TellsEachOnce) {
  History history;
  history.Record(DutyOverdue(history.state, "e1", Duty("ACTION", true), history.given()));
  const Words words = DigestWords(ShippedTemplates().editions(0), {history.alert()}, "http://x/");
  EXPECT_EQ(words.subject, "Fosterwatch: what is open");
  EXPECT_THAT(words.text, HasSubstr("http://x/events/e1\n"));
}

// An alert whose first rung has been told.
class ReturnedAlertTest : public ::testing::Test, protected History {
 protected:
  ReturnedAlertTest() {
    Record(EventReported(state, "e1", /*of_death=*/false, given()));
    Tell({"rm1"});
  }
  std::string id() const { return alert().alert_id(); }
  void Tell(const std::vector<std::string>& people) {
    while (const auto next = NextAlertMail(state, id(), people, given())) {
      last_ = next->message_id;
      const std::string send_id = absl::StrCat("s", ++sends_);
      Record(BeginAlertMail(state, id(), *next, send_id, given()));
      Record(AlertMailed(state, id(), *next, MailingOf(send_id),
                         {MailResult::Kind::kSent, "SMTP_250"}, people, given()));
    }
  }
  Facts Return(v1::Returned::Kind kind, const std::string& message_id,
               const std::string& returned_id = "r1") {
    v1::Returned returned;
    returned.set_kind(kind);
    returned.set_message_id(message_id);
    returned.set_returned_id(returned_id);
    auto facts = AlertReturned(state, id(), returned, given());
    EXPECT_TRUE(facts.ok()) << facts.status();
    return facts.ok() ? Record(*facts) : Facts{};
  }

  std::string last_;
  int sends_ = 0;
};

TEST_F(ReturnedAlertTest, AnAbsenceNoticeClimbsAtOnceAndOnce) {
  const std::string to_manager = last_;
  Return(v1::Returned::KIND_AUTO_REPLY, to_manager);
  EXPECT_EQ(alert().rung(), 1);
  EXPECT_EQ(clock::FromProto(alert().next_attempt_time()), now);
  Tell({"dm1"});
  Return(v1::Returned::KIND_AUTO_REPLY, to_manager, "r2");
  EXPECT_EQ(alert().rung(), 1);
  EXPECT_THAT(Return(v1::Returned::KIND_AUTO_REPLY, to_manager, "r2"), IsEmpty());
}

TEST_F(ReturnedAlertTest, SoDoesABounce) {
  Return(v1::Returned::KIND_BOUNCED, last_);
  EXPECT_EQ(alert().rung(), 1);
}

TEST_F(ReturnedAlertTest, NotWhileSomebodyElseOfTheRungWasReached) {
  Return(v1::Returned::KIND_BOUNCED, last_);
  Tell({"dm1", "dm2"});
  Return(v1::Returned::KIND_AUTO_REPLY, last_, "r2");
  EXPECT_EQ(alert().rung(), 1);
}

TEST_F(ReturnedAlertTest, AtTheLaddersEndItIsADeadEndAndNoCircle) {
  for (int rung = 1; rung <= 3; ++rung) {
    Return(v1::Returned::KIND_AUTO_REPLY, last_, absl::StrCat("r", rung));
    EXPECT_EQ(alert().rung(), rung);
    Tell({"p"});
  }
  Return(v1::Returned::KIND_AUTO_REPLY, last_, "r9");
  EXPECT_EQ(alert().rung(), 3);
  EXPECT_TRUE(alert().unreachable());
}

TEST_F(ReturnedAlertTest, AfterTheAcknowledgementItIsRecordedOnly) {
  Record(*AcknowledgeAlert(state, id(), "rm1", "", now));
  EXPECT_THAT(Return(v1::Returned::KIND_AUTO_REPLY, last_), SizeIs(1));
  EXPECT_EQ(alert().state(), v1::Alert::STATE_ACKNOWLEDGED);
}

TEST_F(ReturnedAlertTest, AMailThatNeverLeftCannotComeBack) {
  v1::Returned returned;
  returned.set_message_id("<forged@fosterwatch>");
  EXPECT_THAT(AlertReturned(state, id(), returned, given()), HasReason("UNKNOWN_MAIL"));
}

}  // namespace
}  // namespace fosterwatch::notifications::domain
