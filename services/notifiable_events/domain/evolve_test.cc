#include "services/notifiable_events/domain/evolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/sign_off.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::ElementsAre;

TEST(Evolve, OpensAnEventByItsReport) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_MISSING, v1::EVENT_KIND_CHILD_DEATH});
  EXPECT_EQ(event.event_id(), "event");
  EXPECT_EQ(event.state(), v1::NotifiableEvent::STATE_OPEN);
  EXPECT_THAT(event.kinds(), ElementsAre(v1::EVENT_KIND_CHILD_DEATH, v1::EVENT_KIND_CHILD_MISSING));
  EXPECT_EQ(event.reporter_id(), "caseworker");
  EXPECT_EQ(clock::FromProto(event.recorded_time()), kNow);
  EXPECT_EQ(event.matrix_version(), OurLaw().version());
  EXPECT_EQ(event.version(), 2);
}

TEST(Evolve, WritesOneLineOfHistoryForEachFact) {
  auto event = Reported({v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY});
  Delivery delivery;
  delivery.notice_ids = {event.notices(2).notice_id()};
  delivery.channel = type::v1::CHANNEL_EMAIL;
  delivery.attempt_time = kNow;
  delivery.result_code = "CONNECTION_REFUSED";
  ApplyAll(event, *RecordAttempt(event, delivery), kSender);
  delivery.result_code = "SMTP_250";
  ApplyAll(event, *RecordSent(event, delivery, kSender), kSender);
  v1::SignOffEventRequest sign;
  sign.set_stage(v1::SignOff::STAGE_MANAGER);
  ApplyAll(event, *SignOff(event, sign, kManager, kNow), kManager);

  std::vector<std::string> lines;
  for (const auto& entry : event.timeline()) {
    lines.push_back(absl::StrCat(entry.fact_id(), " ", entry.fact(), " by ", entry.actor(), ": ",
                                 entry.subject()));
  }
  EXPECT_THAT(
      lines,
      ElementsAre(
          "fact-1 event_reported by caseworker: CHILD_PROTECTION_ENQUIRY",
          "fact-2 notices_owed by caseworker: CHIEF_INSPECTOR RESPONSIBLE_AUTHORITY AREA_AUTHORITY",
          "fact-3 notice_attempted by notifications: CHILD_PROTECTION_ENQUIRY AREA_AUTHORITY "
          "southshire CONNECTION_REFUSED",
          "fact-4 notice_given by notifications: CHILD_PROTECTION_ENQUIRY AREA_AUTHORITY "
          "southshire",
          "fact-5 signed_off by manager: MANAGER"));
  EXPECT_EQ(event.version(), 5);
}

TEST(Evolve, TakesFactsWhosePersonalFieldsAreShredded) {
  auto facts = DecideReport(ReportRequest({v1::EVENT_KIND_CHILD_MISSING}));
  ASSERT_TRUE(facts.ok()) << facts.status();
  (*facts)[0].mutable_event_reported()->mutable_report()->clear_summary();
  v1::NotifiableEvent event;
  ApplyAll(event, *facts, kCaseworker);
  EXPECT_EQ(event.report().summary(), "");
  EXPECT_EQ(event.report().child_id(), "away");
  EXPECT_EQ(event.notices_size(), 2);
}

TEST(Evolve, CountsAFactAboutANoticeThatItDoesNotKnowAndChangesNothing) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  const auto before = event;
  v1::NotifiableEventFact fact;
  fact.mutable_notice_given()->set_notice_id("none");
  Evolve(event, fact, {"f", kNow, "a"});
  EXPECT_EQ(event.version(), before.version() + 1);
  EXPECT_TRUE(Same(event.notices(0), before.notices(0)));
}

TEST(Evolve, LeavesOnlyALineForARecordThatWasParked) {
  v1::NotifiableEventFact fact;
  fact.mutable_intake_record_parked()->set_reason_code("UNKNOWN_CHILD");
  v1::NotifiableEvent event;
  Evolve(event, fact, {"f", kNow, "intake"});
  EXPECT_EQ(event.state(), v1::NotifiableEvent::STATE_UNSPECIFIED);
  ASSERT_EQ(event.timeline_size(), 1);
  EXPECT_EQ(event.timeline(0).fact(), "intake_record_parked");
  EXPECT_EQ(event.timeline(0).subject(), "UNKNOWN_CHILD");
}

TEST(EffectiveReport, LaysEachCorrectionOverWhatWasSaidBefore) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  event.add_corrections()->mutable_report()->set_place("the park");
  auto& second = *event.add_corrections()->mutable_report();
  second.set_summary("again");
  *second.mutable_occurred_time() = clock::ToProto(kOccurred - absl::Hours(1));
  event.add_corrections()->mutable_report()->set_summary("and again");
  const auto report = EffectiveReport(event);
  EXPECT_EQ(report.place(), "the park");
  EXPECT_EQ(report.summary(), "and again");
  EXPECT_EQ(clock::FromProto(report.occurred_time()), kOccurred - absl::Hours(1));
  EXPECT_EQ(clock::FromProto(report.became_aware_time()), kAware);
  EXPECT_EQ(report.child_id(), "away");
  EXPECT_THAT(report.kinds(), ElementsAre(v1::EVENT_KIND_CHILD_MISSING));
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
