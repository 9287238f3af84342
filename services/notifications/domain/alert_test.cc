#include "services/notifications/domain/alert.h"

#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"
#include "libs/testing/status_matchers.h"
#include "services/notifications/domain/fixture.h"
#include "services/notifications/domain/heard.h"
#include "services/notifications/domain/words.h"

namespace fosterwatch::notifications::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// An alert that an event was reported.
class Alerted : public History {
 public:
  explicit Alerted(bool urgent = false) { Record(EventReported(state, "e1", urgent, given())); }
  std::string id() const { return alert().alert_id(); }

  // Mails everybody who is to be mailed now; the persons, in order.
  std::vector<std::string> Mail(const std::vector<std::string>& people,
                                MailResult::Kind kind = MailResult::Kind::kSent,
                                const std::string& code = "SMTP_250") {
    std::vector<std::string> mailed;
    while (const auto next = NextAlertMail(state, id(), people, given())) {
      const bool repeat = WasBegun(state, next->message_id);
      const std::string send_id = "s" + std::to_string(++sends_);
      Record(BeginAlertMail(state, id(), *next, send_id, given()));
      Record(AlertMailed(state, id(), *next, MailingOf(send_id, repeat), {kind, code}, people,
                         given()));
      mailed.push_back(next->person_id);
    }
    return mailed;
  }

 private:
  int sends_ = 0;
};

TEST(AlertTest, IsDueAtOnceAndClimbsByTheHour) {
  Alerted event;
  EXPECT_EQ(clock::FromProto(event.alert().next_attempt_time()), Start());
  EXPECT_EQ(clock::FromProto(event.alert().next_climb_time()), Start() + absl::Hours(1));
}

TEST(AlertTest, OfADeathClimbsByMinutes) {
  Alerted event(/*urgent=*/true);
  for (int rung = 1; rung <= 2; ++rung) {
    event.now = Start() + absl::Minutes(5) * rung;
    event.Record(ClimbAlert(event.state, event.id(), event.given()));
    EXPECT_EQ(event.alert().rung(), rung);
    EXPECT_EQ(clock::FromProto(event.alert().next_climb_time()), event.now + absl::Minutes(5));
    EXPECT_EQ(clock::FromProto(event.alert().next_attempt_time()), event.now);
  }
}

TEST(AlertTest, DoesNotClimbBeforeItsTime) {
  Alerted event;
  event.now += absl::Minutes(59);
  EXPECT_THAT(ClimbAlert(event.state, event.id(), event.given()), IsEmpty());
}

TEST(AlertTest, TheSameEventIsAlertedOnce) {
  Alerted event;
  EXPECT_THAT(EventReported(event.state, "e1", false, event.given()), IsEmpty());
}

TEST(AlertTest, GoesToManagerDeputyAndResponsibleIndividualAndThenToAllAtACoarserStep) {
  Alerted event(/*urgent=*/true);
  EXPECT_THAT(RolesOf(event.alert()), ElementsAre(options::v1::ROLE_REGISTERED_MANAGER));
  EXPECT_THAT(event.alert().next_roles(), ElementsAre(options::v1::ROLE_DEPUTY_MANAGER));
  EXPECT_EQ(event.alert().policy_version(), "test");
  const auto climb = [&] {
    event.Mail({"somebody"});
    event.now = clock::FromProto(event.alert().next_climb_time());
    event.Record(ClimbAlert(event.state, event.id(), event.given()));
  };
  climb();
  EXPECT_THAT(RolesOf(event.alert()), ElementsAre(options::v1::ROLE_DEPUTY_MANAGER));
  climb();
  EXPECT_THAT(RolesOf(event.alert()), ElementsAre(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL));
  for (int round = 0; round < 50; ++round) {
    climb();
    EXPECT_THAT(
        RolesOf(event.alert()),
        ElementsAre(options::v1::ROLE_REGISTERED_MANAGER, options::v1::ROLE_DEPUTY_MANAGER,
                    options::v1::ROLE_RESPONSIBLE_INDIVIDUAL, options::v1::ROLE_TEAM_MANAGER));
    EXPECT_EQ(clock::FromProto(event.alert().next_climb_time()) - event.now, absl::Minutes(30));
  }
  // However long it stays open, what is kept of it does not grow.
  EXPECT_EQ(event.alert().rung(), 52);
  EXPECT_EQ(event.alert().sends_size(), kSendsKept);
  EXPECT_LE(event.state.attempts_size(), 1);
  EXPECT_THAT(event.state.begun_message_ids(), IsEmpty());
}

TEST(AlertTest, OneOfBeforeThereWereLaddersClimbsByTheLadder) {
  Alerted event;
  v1::Alert* alert = event.state.mutable_alerts(0);
  alert->clear_roles();
  alert->set_rung(7);
  EXPECT_THAT(RolesOf(*alert),
              ElementsAre(options::v1::ROLE_REGISTERED_MANAGER, options::v1::ROLE_TEAM_MANAGER));
  event.now += absl::Hours(1);
  event.Record(ClimbAlert(event.state, event.id(), event.given()));
  EXPECT_EQ(event.alert().rung(), 8);
  EXPECT_THAT(RolesOf(event.alert()), SizeIs(4));
}

TEST(AlertTest, EachPersonIsMailedOnceARung) {
  Alerted event;
  EXPECT_THAT(event.Mail({"rm1"}), ElementsAre("rm1"));
  EXPECT_FALSE(event.alert().has_next_attempt_time());
  EXPECT_THAT(event.Mail({"rm1"}), IsEmpty());

  event.now += absl::Hours(1);
  event.Record(ClimbAlert(event.state, event.id(), event.given()));
  EXPECT_THAT(event.Mail({"rm1", "tm1", "tm2"}), ElementsAre("rm1", "tm1", "tm2"));
  EXPECT_FALSE(event.alert().has_next_attempt_time());

  std::set<std::string> message_ids;
  for (const v1::Send& send : event.alert().sends()) message_ids.insert(send.message_id());
  EXPECT_THAT(message_ids, SizeIs(4));
  EXPECT_EQ(event.alert().sends(0).reason_code(), "ALERT_RAISED");
  EXPECT_EQ(event.alert().sends(1).reason_code(), "ALERT_CLIMBED");
}

TEST(AlertTest, AFailedMailIsTriedAgainUnderItsMessageIdWhileOthersAreNot) {
  Alerted event;
  EXPECT_THAT(event.Mail({"rm1"}, MailResult::Kind::kFailed, "TIMEOUT"), ElementsAre("rm1"));
  EXPECT_EQ(clock::FromProto(event.alert().next_attempt_time()), Start() + absl::Seconds(5));
  EXPECT_THAT(event.Mail({"rm1", "rm2"}), ElementsAre("rm2"));
  EXPECT_EQ(clock::FromProto(event.alert().next_attempt_time()), Start() + absl::Seconds(5));
  event.now += absl::Seconds(5);
  EXPECT_THAT(event.Mail({"rm1", "rm2"}), ElementsAre("rm1"));
  EXPECT_EQ(event.alert().sends(2).message_id(), event.alert().sends(0).message_id());
  EXPECT_EQ(event.alert().sends(2).reason_code(), "RETRY");
  EXPECT_FALSE(event.alert().has_next_attempt_time());
}

TEST(AlertTest, AFailedMailIsSettledEvenWhenItsAddresseeHasLeftTheRole) {
  Alerted event;
  event.Mail({"rm1"}, MailResult::Kind::kFailed, "TIMEOUT");
  event.now += absl::Seconds(5);
  const auto next = NextAlertMail(event.state, event.id(), {}, event.given());
  ASSERT_TRUE(next);
  EXPECT_EQ(next->person_id, "rm1");
}

TEST(AlertTest, ACrashBetweenBeginningAndOutcomeIsAPossibleRepeat) {
  Alerted event;
  const auto next = NextAlertMail(event.state, event.id(), {"rm1"}, event.given());
  event.Record(BeginAlertMail(event.state, event.id(), *next, "lost", event.given()));
  EXPECT_THAT(event.Mail({"rm1"}), ElementsAre("rm1"));
  EXPECT_TRUE(event.alert().sends(0).possible_repeat());
  EXPECT_EQ(event.alert().sends(0).message_id(), next->message_id);
}

TEST(AlertTest, WithoutAHolderItClimbsAtOnceRungAfterRungToAnAnnouncedDeadEnd) {
  Alerted event;
  for (int rung = 1; rung <= 3; ++rung) {
    const Facts facts = event.Record(NobodyToAlert(event.state, event.id(), event.given()));
    ASSERT_THAT(facts, SizeIs(2));
    EXPECT_EQ(facts[1].alert_climbed().reason_code(), "NOBODY_REACHED");
    EXPECT_EQ(event.alert().rung(), rung);
    EXPECT_EQ(event.alert().sends(rung - 1).result_code(), "NO_CONTACT");
    EXPECT_EQ(clock::FromProto(event.alert().next_attempt_time()), Start());
    EXPECT_FALSE(event.alert().unreachable());
  }
  const Facts facts = event.Record(NobodyToAlert(event.state, event.id(), event.given()));
  ASSERT_THAT(facts, SizeIs(2));
  EXPECT_TRUE(facts[1].has_alert_unreachable());
  EXPECT_TRUE(event.alert().unreachable());
  EXPECT_EQ(event.alert().rung(), 3);
  // From there on by time, or an agency without managers would be mailed in circles.
  EXPECT_FALSE(event.alert().has_next_attempt_time());
  EXPECT_EQ(clock::FromProto(event.alert().next_climb_time()), Start() + absl::Hours(12));
  EXPECT_THAT(NobodyToAlert(event.state, event.id(), event.given()), IsEmpty());

  event.now += absl::Hours(12);
  event.Record(ClimbAlert(event.state, event.id(), event.given()));
  EXPECT_THAT(event.Record(NobodyToAlert(event.state, event.id(), event.given())), SizeIs(1))
      << "it is announced once";
  EXPECT_TRUE(event.alert().unreachable());
}

TEST(AlertTest, ADeadEndIsTriedAgainWhenHoldersChangeAndEndsWithTheFirstMail) {
  Alerted event;
  EXPECT_THAT(HoldersChanged(event.state, event.given()), IsEmpty()) << "no dead end yet";
  while (!event.alert().unreachable()) {
    event.Record(NobodyToAlert(event.state, event.id(), event.given()));
  }
  event.now += absl::Minutes(1);
  const Facts facts = event.Record(HoldersChanged(event.state, event.given()));
  ASSERT_THAT(facts, SizeIs(1));
  EXPECT_EQ(facts[0].alert_climbed().reason_code(), "HOLDERS_CHANGED");
  EXPECT_TRUE(event.alert().unreachable());
  EXPECT_EQ(clock::FromProto(event.alert().next_attempt_time()), event.now);
  EXPECT_THAT(event.Mail({"ri1"}), ElementsAre("ri1"));
  EXPECT_FALSE(event.alert().unreachable());
  EXPECT_THAT(HoldersChanged(event.state, event.given()), IsEmpty());
}

TEST(AlertTest, ADeadEndThatIsAcknowledgedIsNoneAnyMore) {
  Alerted event;
  while (!event.alert().unreachable()) {
    event.Record(NobodyToAlert(event.state, event.id(), event.given()));
  }
  event.Record(*AcknowledgeAlert(event.state, event.id(), "ri1", "Seen on the page", event.now));
  EXPECT_FALSE(event.alert().unreachable());
  EXPECT_THAT(HoldersChanged(event.state, event.given()), IsEmpty());
}

TEST(AlertTest, WhereEveryMailIsRefusedItClimbsAtOnce) {
  Alerted event;
  EXPECT_THAT(event.Mail({"rm1"}, MailResult::Kind::kRefused, "SMTP_550"),
              ElementsAre("rm1", "rm1", "rm1", "rm1"));  // once a rung, and once in the first round
  EXPECT_EQ(event.alert().rung(), 3);
  EXPECT_TRUE(event.alert().unreachable());
}

TEST(AlertTest, OneWhoWasReachedIsEnough) {
  Alerted event;
  event.Mail({"rm1"});
  event.Mail({"rm1", "rm2"}, MailResult::Kind::kRefused, "NO_CONTACT");
  EXPECT_EQ(event.alert().rung(), 0);
}

TEST(AcknowledgeTest, EndsTheClimbingAtOnce) {
  Alerted event(/*urgent=*/true);
  event.now += absl::Minutes(5);
  const auto facts = AcknowledgeAlert(event.state, event.id(), "rm1", "I am on my way", event.now);
  ASSERT_THAT(facts, IsOk());
  event.Record(*facts);
  EXPECT_EQ(event.alert().state(), v1::Alert::STATE_ACKNOWLEDGED);
  EXPECT_EQ(event.alert().acknowledged_by(), "rm1");
  EXPECT_EQ(event.alert().comment(), "I am on my way");
  EXPECT_FALSE(event.alert().has_next_climb_time());
  EXPECT_FALSE(event.alert().has_next_attempt_time());
  EXPECT_THAT(ClimbAlert(event.state, event.id(), event.given()), IsEmpty());
  EXPECT_FALSE(NextAlertMail(event.state, event.id(), {"rm1"}, event.given()));
  EXPECT_THAT(
      BeginAlertMail(event.state, event.id(), {"rm1", "<m@fosterwatch>"}, "s", event.given()),
      IsEmpty());
}

TEST(AcknowledgeTest, AMailOnItsWayDoesNotStartItAgain) {
  Alerted event;
  const auto next = NextAlertMail(event.state, event.id(), {"rm1"}, event.given());
  event.Record(BeginAlertMail(event.state, event.id(), *next, "s1", event.given()));
  event.Record(*AcknowledgeAlert(event.state, event.id(), "rm1", "", event.now));
  event.Record(AlertMailed(event.state, event.id(), *next, MailingOf("s1"),
                           {MailResult::Kind::kFailed, "TIMEOUT"}, {"rm1"}, event.given()));
  EXPECT_EQ(event.alert().state(), v1::Alert::STATE_ACKNOWLEDGED);
  EXPECT_FALSE(event.alert().has_next_attempt_time());
  EXPECT_FALSE(event.alert().has_next_climb_time());
  EXPECT_EQ(event.alert().rung(), 0);
}

TEST(AcknowledgeTest, KnowsOfAMailOnItsWayUntilItsOutcomeIsRecorded) {
  Alerted event;
  EXPECT_FALSE(InFlight(event.state, event.id()));
  const auto next = NextAlertMail(event.state, event.id(), {"rm1"}, event.given());
  event.Record(BeginAlertMail(event.state, event.id(), *next, "s1", event.given()));
  EXPECT_TRUE(MayLeave(event.state, event.id(), *next));
  event.Record(*AcknowledgeAlert(event.state, event.id(), "rm1", "", event.now));
  EXPECT_TRUE(InFlight(event.state, event.id()));
  EXPECT_FALSE(MayLeave(event.state, event.id(), *next));
  event.Record(AlertMailed(event.state, event.id(), *next, MailingOf("s1"),
                           {MailResult::Kind::kSent, "SMTP_250"}, {"rm1"}, event.given()));
  EXPECT_FALSE(InFlight(event.state, event.id()));
  EXPECT_THAT(event.state.attempts(), IsEmpty());
  EXPECT_THAT(event.state.begun_message_ids(), IsEmpty());
}

TEST(AlertTest, AMailOfAnEarlierRungIsRecordedAndChangesNothingOfThePresentOne) {
  Alerted event;
  while (!event.alert().unreachable()) {
    event.Record(NobodyToAlert(event.state, event.id(), event.given()));
  }
  const auto next = NextAlertMail(event.state, event.id(), {"ri1"}, event.given());
  event.Record(BeginAlertMail(event.state, event.id(), *next, "earlier", event.given()));
  event.Record(HoldersChanged(event.state, event.given()));
  EXPECT_FALSE(MayLeave(event.state, event.id(), *next));
  EXPECT_THAT(BeginAlertMail(event.state, event.id(), *next, "s2", event.given()), IsEmpty());
  event.Record(AlertMailed(event.state, event.id(), *next, MailingOf("earlier"),
                           {MailResult::Kind::kRefused, "SMTP_550"}, {"ri1"}, event.given()));
  EXPECT_EQ(event.alert().sends(event.alert().sends_size() - 1).send_id(), "earlier");
  EXPECT_EQ(clock::FromProto(event.alert().next_attempt_time()), event.now);
  EXPECT_THAT(event.Mail({"ri1"}), ElementsAre("ri1"));
}

TEST(AcknowledgeTest, RefusesWhatCannotBe) {
  Alerted event;
  EXPECT_THAT(AcknowledgeAlert(event.state, "other", "rm1", "", event.now),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(AcknowledgeAlert(event.state, event.id(), "rm1", std::string(2001, 'x'), event.now),
              HasReason("TEXT_TOO_LONG"));
  event.Record(*AcknowledgeAlert(event.state, event.id(), "rm1", "", event.now));
  EXPECT_THAT(AcknowledgeAlert(event.state, event.id(), "rm2", "", event.now),
              HasReason("ALERT_NOT_OPEN"));
}

TEST(EventConcludedTest, ClearsWhatIsStillOpen) {
  Alerted event;
  event.Record(EventConcluded(event.state));
  EXPECT_EQ(event.alert().state(), v1::Alert::STATE_CLEARED);
  EXPECT_FALSE(event.alert().has_next_climb_time());
  EXPECT_THAT(EventConcluded(event.state), IsEmpty());
}

TEST(IntakeRecordParkedTest, NamesTheRecordAndTheReason) {
  History history;
  history.Record(IntakeRecordParked(history.state, "p1", "MALFORMED_JSON", history.given()));
  EXPECT_EQ(history.state.subject_id(), "p1");
  EXPECT_EQ(history.alert().kind(), v1::Alert::KIND_INTAKE_RECORD_PARKED);
  EXPECT_EQ(history.alert().parked_id(), "p1");
  EXPECT_EQ(history.alert().reason_code(), "MALFORMED_JSON");
}

TEST(IntakeRecordParkedTest, OneOpenAlertTellsOfAllAndTheNextComesOnceItWasSeenTo) {
  History history;
  history.Record(IntakeRecordParked(history.state, "p1", "MALFORMED_JSON", history.given()));
  EXPECT_TRUE(IntakeRecordParked(history.state, "p2", "UNKNOWN_CHILD", history.given()).empty());
  history.state.mutable_alerts(0)->set_state(v1::Alert::STATE_ACKNOWLEDGED);
  history.Record(IntakeRecordParked(history.state, "p3", "UNKNOWN_CHILD", history.given()));
  ASSERT_EQ(history.state.alerts_size(), 2);
  EXPECT_EQ(history.state.alerts(1).parked_id(), "p3");
}

TEST(AlertWordsTest, LeadToTheEventAndSayHowUrgentItIs) {
  Alerted event(/*urgent=*/true);
  const Words words =
      AlertWords(ShippedTemplates().editions(0), event.alert(), "http://127.0.0.1:8410/");
  EXPECT_EQ(words.subject, "Fosterwatch: urgent, an event needs your attention");
  EXPECT_THAT(words.text, HasSubstr("\nhttp://127.0.0.1:8410/events/e1\n"));
  EXPECT_THAT(words.text, Not(HasSubstr("Nobody")));
  EXPECT_THAT(words.text, HasSubstr("it goes to the deputy manager\non Sunday 22 November 2026, "
                                    "00:05 (London)"));
  event.now += absl::Minutes(5);
  event.Record(ClimbAlert(event.state, event.id(), event.given()));
  EXPECT_THAT(AlertWords(ShippedTemplates().editions(0), event.alert(), "http://x").text,
              ::testing::StartsWith("Nobody has acknowledged this alert yet.\n"));
}

TEST(AlertWordsTest, ShowMomentsInLondon) {
  v1::Alert alert;
  alert.set_kind(v1::Alert::KIND_NOTICE_NEEDS_PERSON);
  alert.set_event_id("e1");
  *alert.mutable_raised_time() =
      clock::ToProto(absl::FromCivil(absl::CivilSecond(2026, 7, 1, 23, 30), absl::UTCTimeZone()));
  EXPECT_THAT(AlertWords(ShippedTemplates().editions(0), alert, "http://x").text,
              HasSubstr("Raised: Thursday 02 July 2026, 00:30 (London)"));
}

}  // namespace
}  // namespace fosterwatch::notifications::domain
