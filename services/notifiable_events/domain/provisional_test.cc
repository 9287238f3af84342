#include "services/notifiable_events/domain/provisional.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/clock/deadline.h"
#include "services/notifiable_events/domain/awareness.h"
#include "services/notifiable_events/domain/conclude.h"
#include "services/notifiable_events/domain/notice_text.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/sign_off.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

v1::ReportProvisionalEventRequest Call(v1::EventKind kind) {
  v1::ReportProvisionalEventRequest request;
  request.set_kind(kind);
  request.set_child_id("away");
  request.set_summary("taken to hospital");
  return request;
}

absl::StatusOr<Facts> Decide(const v1::ReportProvisionalEventRequest& request,
                             absl::Time now = kNow) {
  Ids ids;
  return ReportProvisionally({}, request, "event", kCaseworker, OurLaw(), OurCalendar(),
                             OurPolicies(), World(kAway), now, ids);
}

v1::NotifiableEvent Provisionally(v1::EventKind kind, absl::Time now = kNow) {
  v1::NotifiableEvent event;
  const auto facts = Decide(Call(kind), now);
  EXPECT_TRUE(facts.ok()) << facts.status();
  if (facts.ok()) ApplyAll(event, *facts, kCaseworker, now);
  return event;
}

absl::StatusOr<Facts> DecideCompletion(const v1::NotifiableEvent& event,
                                       const v1::EventReport& report, absl::Time now = kNow) {
  v1::CompleteReportRequest request;
  *request.mutable_report() = report;
  int last = 100;
  return Complete(event, request, kManager, OurLaw(), World(kAway), now,
                  [&] { return absl::StrCat("id-", ++last); });
}

v1::EventReport Completion(absl::Time occurred) {
  v1::EventReport report;
  *report.mutable_occurred_time() = clock::ToProto(occurred);
  return report;
}

TEST(Provisional, ThreeFieldsOpenEveryNoticeAndTheClockRunsFromAwareness) {
  const auto event = Provisionally(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  EXPECT_TRUE(IsProvisional(event));
  EXPECT_EQ(Show(event.provisional().due_time()), "2026-11-20T00:00:00Z");
  EXPECT_THAT(ShowNotices(event),
              testing::ElementsAre("SERIOUS_ILLNESS_ACCIDENT CHIEF_INSPECTOR inspector",
                                   "SERIOUS_ILLNESS_ACCIDENT RESPONSIBLE_AUTHORITY northshire",
                                   "SERIOUS_ILLNESS_ACCIDENT AREA_AUTHORITY southshire"));
  for (const auto& notice : event.notices()) {
    EXPECT_EQ(clock::FromProto(notice.due_time()), kNow + absl::Hours(24));
  }
  auto earlier = Call(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  *earlier.mutable_became_aware_time() = clock::ToProto(kAware);
  const auto facts = Decide(earlier);
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(clock::FromProto((*facts)[1].notices_owed().notices(0).due_time()),
            kAware + absl::Hours(24));
}

TEST(Provisional, InTheNightWhenClocksGoBackTwentyFourHoursAreTwentyFour) {
  // Sunday 25 October 2026, three in the morning in London, GMT again for an hour; 01:30 was twice.
  const absl::Time call = Utc("2026-10-25T03:00:00Z");
  auto request = Call(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  *request.mutable_became_aware_time() = clock::ToProto(Utc("2026-10-25T00:30:00Z"));  // 01:30 BST
  const auto first = Decide(request, call);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Show((*first)[1].notices_owed().notices(0).due_time()), "2026-10-26T00:30:00Z");
  *request.mutable_became_aware_time() = clock::ToProto(Utc("2026-10-25T01:30:00Z"));  // 01:30 GMT
  const auto second = Decide(request, call);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(Show((*second)[1].notices_owed().notices(0).due_time()), "2026-10-26T01:30:00Z");
  // Due on Monday's end: the day of the call, a Sunday, does not count.
  EXPECT_EQ(Show((*first)[0].event_reported().provisional().due_time()), "2026-10-27T00:00:00Z");
}

TEST(Provisional, RefusalsNameTheFieldsThatWereAskedFor) {
  EXPECT_EQ(Refusal(Decide(Call(v1::EVENT_KIND_UNSPECIFIED)).status()), "kind REQUIRED");
  auto nobody = Call(v1::EVENT_KIND_CHILD_MISSING);
  nobody.clear_child_id();
  EXPECT_EQ(Refusal(Decide(nobody).status()), "child_id REQUIRED");
  auto nothing = Call(v1::EVENT_KIND_CHILD_MISSING);
  nothing.set_summary(" ");
  EXPECT_EQ(Refusal(Decide(nothing).status()), "summary REQUIRED");
  auto future = Call(v1::EVENT_KIND_CHILD_MISSING);
  *future.mutable_became_aware_time() = clock::ToProto(kNow + absl::Hours(1));
  const auto refused = Decide(future).status();
  ASSERT_EQ(ViolationsOf(refused).size(), 1u);
  EXPECT_EQ(ViolationsOf(refused)[0].field, "became_aware_time");
  EXPECT_EQ(ReasonOf(refused), "IN_THE_FUTURE");
}

TEST(Provisional, IsNeitherSignedOffNorConcludedAndSaysSoInItsNotices) {
  auto event = Provisionally(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  v1::SignOffEventRequest sign;
  sign.set_stage(v1::SignOff::STAGE_MANAGER);
  EXPECT_EQ(ReasonOf(CheckCompleted(event)), "PROVISIONAL");
  std::vector<std::string> missing;
  for (const auto& violation : MissingForConclusion(event, "over", "REF")) {
    missing.push_back(violation.field);
  }
  EXPECT_THAT(missing, Contains("report"));
  auto text =
      NoticeText(event, {event.notices(0).notice_id()}, OurLaw(), OurNoticeWords().editions(0));
  ASSERT_TRUE(text.ok());
  EXPECT_THAT(text->subject(), HasSubstr("Provisional"));
  EXPECT_THAT(text->body(), HasSubstr("It is provisional"));
  EXPECT_THAT(text->body(), HasSubstr("Not established yet"));

  const auto completed = DecideCompletion(event, Completion(kOccurred));
  ASSERT_TRUE(completed.ok()) << completed.status();
  ApplyAll(event, *completed, kManager);
  EXPECT_TRUE(CheckCompleted(event).ok());
  text = NoticeText(event, {event.notices(0).notice_id()}, OurLaw(), OurNoticeWords().editions(0));
  ASSERT_TRUE(text.ok());
  EXPECT_THAT(text->body(), Not(HasSubstr("rovisional")));
  EXPECT_THAT(text->body(), HasSubstr("13:00 GMT"));
}

TEST(Provisional, CompletionAddsAndLeavesWhatWasSaidFirst) {
  auto event = Provisionally(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  auto report = Completion(kOccurred);
  report.add_kinds(v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY);
  report.set_place("the kitchen");
  const auto facts = DecideCompletion(event, report);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kManager);
  EXPECT_FALSE(IsProvisional(event));
  EXPECT_EQ(event.provisional().completed_by(), "manager");
  EXPECT_EQ(event.report().summary(), "taken to hospital");
  EXPECT_EQ(event.report().kinds_size(), 1);
  const auto now = EffectiveReport(event);
  EXPECT_EQ(now.place(), "the kitchen");
  EXPECT_EQ(clock::FromProto(now.occurred_time()), kOccurred);
  EXPECT_THAT(ShowNotices(event), Contains("CHILD_PROTECTION_ENQUIRY AREA_AUTHORITY southshire"));
  EXPECT_EQ(ReasonOf(DecideCompletion(event, report).status()), "COMPLETED_BEFORE");
}

TEST(Provisional, CompletionMayMakeAwarenessEarlierNeverLater) {
  auto event = Provisionally(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  auto later = Completion(kOccurred);
  *later.mutable_became_aware_time() = clock::ToProto(kNow + absl::Seconds(30));
  EXPECT_EQ(Refusal(DecideCompletion(event, later).status()),
            "report.became_aware_time LATER_THAN_FIRST_SAID");
  EXPECT_EQ(Refusal(DecideCompletion(event, {}).status()), "report.occurred_time REQUIRED");
  auto earlier = Completion(kOccurred);
  *earlier.mutable_became_aware_time() = clock::ToProto(kAware);
  const auto facts = DecideCompletion(event, earlier);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kManager);
  for (const auto& notice : event.notices()) {
    EXPECT_EQ(clock::FromProto(notice.due_time()), kAware + absl::Hours(24));
    EXPECT_EQ(clock::Recompute(notice.explanation(), OurCalendar()).value(),
              clock::FromProto(notice.due_time()));
  }
}

TEST(Provisional, AWholeReportIsNotCompleted) {
  EXPECT_EQ(
      ReasonOf(DecideCompletion(Reported({v1::EVENT_KIND_CHILD_MISSING}), Completion(kOccurred))
                   .status()),
      "NOT_PROVISIONAL");
}

TEST(Awareness, AnEarlierOneMovesWhatIsOwedAndALaterOneNothing) {
  auto event = Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT});
  v1::GiveNoticeRequest give;
  give.set_notice_id(event.notices(0).notice_id());
  give.set_channel(type::v1::CHANNEL_TELEPHONE);
  const auto given = GiveNotice(event, give, kCaseworker, kNow);
  ASSERT_TRUE(given.ok()) << given.status();
  ApplyAll(event, *given, kCaseworker);
  const auto correct = [&](absl::Time aware) {
    v1::CorrectEventRequest request;
    request.set_reason("the log of the night");
    *request.mutable_report()->mutable_became_aware_time() = clock::ToProto(aware);
    Ids ids;
    const auto facts = Correct(event, request, kManager, OurLaw(), World(kAway), kNow, ids);
    EXPECT_TRUE(facts.ok()) << facts.status();
    return *facts;
  };
  EXPECT_EQ(correct(kAware + absl::Minutes(10)).size(), 1u) << "a later one gains no time";
  const absl::Time earlier = kAware - absl::Minutes(30);
  const auto facts = correct(earlier);
  ASSERT_EQ(facts.size(), 2u);
  const auto& moved = facts[1].due_times_moved();
  ASSERT_EQ(moved.notices_size(), event.notices_size() - 1) << "what was given keeps its times";
  EXPECT_EQ(moved.notices(0).notice_id(), event.notices(1).notice_id());
  ApplyAll(event, facts, kManager);
  EXPECT_EQ(clock::FromProto(event.notices(0).due_time()), kAware + absl::Hours(24));
  EXPECT_EQ(clock::FromProto(event.notices(1).due_time()), earlier + absl::Hours(24));
  EXPECT_EQ(clock::FromProto(event.notices(1).explanation().trigger_time()), earlier);
  EXPECT_TRUE(MoveDueTimes(event, earlier, OurLaw()).empty()) << "once is enough";
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
