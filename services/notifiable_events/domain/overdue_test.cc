#include "services/notifiable_events/domain/overdue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/sign_off.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Show(const std::vector<Duty>& duties) {
  std::vector<std::string> shown;
  for (const Duty& duty : duties) {
    shown.push_back(
        absl::StrCat(Name(duty.kind), " ", duty.id, " ",
                     absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", duty.due, absl::UTCTimeZone())));
  }
  return shown;
}

std::vector<std::string> Show(const Facts& facts) {
  std::vector<std::string> shown;
  for (const auto& fact : facts) {
    if (fact.has_duty_overdue()) {
      shown.push_back(absl::StrCat("overdue ", Name(fact.duty_overdue().kind()), " ",
                                   fact.duty_overdue().duty_id()));
    } else if (fact.has_duty_settled()) {
      shown.push_back(absl::StrCat("settled ", fact.duty_settled().duty_id()));
    } else {
      shown.push_back("another");
    }
  }
  return shown;
}

// A missing child with one notice owed (id-3), two sign-offs (id-1, id-2), and no discussion.
v1::NotifiableEvent Missing() {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  event.clear_discussion();
  // Policy has the police told too.
  while (event.notices_size() > 1) event.mutable_notices()->RemoveLast();
  return event;
}

TEST(Overdue, NamesWhatAnEventStillAsksForAndByWhen) {
  auto event = Missing();
  auto* action = event.add_actions();
  action->set_action_id("action");
  action->set_state(type::v1::Action::STATE_OPEN);
  *action->mutable_due_time() = clock::ToProto(kNow + absl::Hours(2));
  event.mutable_discussion()->set_discussion_id("talk");
  *event.mutable_discussion()->mutable_due_time() = clock::ToProto(kNow + absl::Hours(3));
  auto* confirmation = event.mutable_notices(0)->mutable_written_confirmation();
  confirmation->set_confirmation_id("letter");
  *confirmation->mutable_due_time() = clock::ToProto(kNow + absl::Hours(4));
  *confirmation->mutable_in_time_until() = clock::ToProto(kNow + absl::Hours(5));
  event.mutable_outcome()->set_outcome_id("outcome");
  *event.mutable_outcome()->mutable_due_time() = clock::ToProto(kNow + absl::Hours(6));
  const std::string notice_id = event.notices(0).notice_id();
  EXPECT_THAT(
      Show(DutiesOf(event)),
      ElementsAre(
          absl::StrCat("NOTICE ", notice_id, " 2026-11-19T14:00:00Z"),
          "WRITTEN_CONFIRMATION letter 2026-11-18T19:00:00Z",
          absl::StrCat("SIGN_OFF ", event.sign_offs(0).sign_off_id(), " 2026-11-20T00:00:00Z"),
          absl::StrCat("SIGN_OFF ", event.sign_offs(1).sign_off_id(), " 2026-11-24T00:00:00Z"),
          "DISCUSSION talk 2026-11-18T18:00:00Z", "ACTION action 2026-11-18T17:00:00Z",
          "CONCLUSION outcome 2026-11-18T21:00:00Z"));
  event.set_state(v1::NotifiableEvent::STATE_CONCLUDED);
  EXPECT_THAT(DutiesOf(event), IsEmpty());
}

TEST(Overdue, CountsADeathAsLateWhenItIsNoLongerInTime) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_DEATH});
  for (const Duty& duty : DutiesOf(event)) {
    if (duty.kind == v1::OVERDUE_DUTY_NOTICE) {
      EXPECT_EQ(duty.due, kAware + absl::Hours(24));
    }
  }
}

TEST(Overdue, IsRecordedOnceWhenTheMomentHasPassedAndNotAtIt) {
  auto event = Missing();
  const absl::Time due = kAware + absl::Hours(24);
  ASSERT_EQ(NextOverdue(event), due + absl::Microseconds(1));
  EXPECT_THAT(RecordOverdue(event, due), IsEmpty());
  const auto facts = RecordOverdue(event, *NextOverdue(event));
  EXPECT_THAT(Show(facts),
              ElementsAre(absl::StrCat("overdue NOTICE ", event.notices(0).notice_id())));
  ApplyAll(event, facts, kSender, due + absl::Microseconds(1));
  EXPECT_THAT(RecordOverdue(event, due + absl::Hours(1)), IsEmpty());
  EXPECT_EQ(event.timeline().rbegin()->subject(),
            "NOTICE CHILD_MISSING RESPONSIBLE_AUTHORITY northshire");
  // What comes next is the manager's sign-off.
  EXPECT_EQ(NextOverdue(event), Utc("2026-11-20T00:00:00Z") + absl::Microseconds(1));
}

TEST(Overdue, IsCaughtUpAllAtOnceAfterALongTime) {
  EXPECT_EQ(RecordOverdue(Missing(), kNow + absl::Hours(24 * 365)).size(), 3u);
}

TEST(Overdue, IsSettledWithWhatFulfilsItAndWithNothingElse) {
  auto event = Missing();
  const absl::Time late = kNow + absl::Hours(24 * 30);
  ApplyAll(event, RecordOverdue(event, late), kSender, late);
  v1::NotifiableEventFact signed_off;
  *signed_off.mutable_signed_off()->mutable_sign_off() = event.sign_offs(0);
  signed_off.mutable_signed_off()->mutable_sign_off()->set_signed_by("manager");
  EXPECT_THAT(Show(RecordSettled(event, {signed_off})),
              ElementsAre(absl::StrCat("settled ", event.sign_offs(0).sign_off_id())));
  v1::NotifiableEventFact returned;
  returned.mutable_child_returned();
  EXPECT_THAT(RecordSettled(event, {returned}), IsEmpty());
  v1::NotifiableEventFact concluded;
  concluded.mutable_event_concluded();
  const auto all = RecordSettled(event, {concluded});
  EXPECT_EQ(all.size(), 3u);
  ApplyAll(event, {concluded}, kRegistered, late);
  ApplyAll(event, all, kRegistered, late);
  for (const auto& overdue : event.overdue()) {
    EXPECT_EQ(clock::FromProto(overdue.settled_time()), late);
  }
  // Once, whatever follows.
  EXPECT_THAT(RecordSettled(event, {returned}), IsEmpty());
}

TEST(Overdue, EndsForTheConclusionWhenTheRegulatorIsUpdated) {
  auto event = Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT});
  event.clear_discussion();
  event.clear_sign_offs();
  for (auto& notice : *event.mutable_notices()) notice.set_state(v1::Notice::STATE_GIVEN);
  event.mutable_outcome()->set_outcome_id("outcome");
  *event.mutable_outcome()->mutable_due_time() = clock::ToProto(kNow);
  EXPECT_THAT(Show(DutiesOf(event)), ElementsAre("CONCLUSION outcome 2026-11-18T15:00:00Z"));
  auto* update = event.add_notices();
  update->set_recipient(v1::RECIPIENT_CHIEF_INSPECTOR);
  update->set_moment(v1::MOMENT_CONCLUSION);
  update->set_state(v1::Notice::STATE_GIVEN);
  EXPECT_THAT(DutiesOf(event), IsEmpty());
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
