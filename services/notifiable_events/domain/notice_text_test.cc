#include "services/notifiable_events/domain/notice_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(NoticeText, SaysWhatHappenedWhenAndToWhomAsTheRecordNowStands) {
  auto request = ReportRequest(
      {v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT, v1::EVENT_KIND_POLICE_CALLED_SERIOUS_INCIDENT});
  auto& report = *request.mutable_report();
  report.set_summary("a fall from the stairs");
  report.set_immediate_actions("an ambulance was called");
  // 13:30 in UTC is half past two in London's summer.
  *report.mutable_occurred_time() = clock::ToProto(Utc("2026-07-01T13:30:00Z"));
  *report.mutable_became_aware_time() = clock::ToProto(Utc("2026-07-01T14:00:00Z"));
  v1::NotifiableEvent event;
  ApplyAll(event, *DecideReport(request), kCaseworker);
  event.add_corrections()->mutable_report()->set_place("the kitchen");
  const auto content =
      NoticeText(event, {event.notices(0).notice_id(), event.notices(3).notice_id()}, OurLaw(),
                 OurNoticeWords().editions(0));
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_THAT(content->body(),
              AllOf(HasSubstr("Schedule 7, item 3"), HasSubstr("Schedule 7, item 7"),
                    HasSubstr("Wednesday 1 July 2026 at 14:30 BST"),
                    HasSubstr("Wednesday 1 July 2026 at 15:00 BST"), HasSubstr("the kitchen"),
                    HasSubstr("a fall from the stairs"), HasSubstr("an ambulance was called"),
                    HasSubstr("\naway\n"), Not(HasSubstr("Outcome"))));
  EXPECT_EQ(content->subject(),
            "Notifiable event: notice under regulation 36 (our reference event)");
  EXPECT_EQ(content->template_(), "notice-of-event");
  EXPECT_FALSE(content->template_version().empty());
}

TEST(NoticeText, SaysUnderWhatItStands) {
  const auto missing = Reported({v1::EVENT_KIND_CHILD_MISSING});
  const auto by_policy =
      NoticeText(missing, {missing.notices(1).notice_id()}, OurLaw(), OurNoticeWords().editions(0));
  ASSERT_TRUE(by_policy.ok()) << by_policy.status();
  EXPECT_THAT(by_policy->subject(), HasSubstr("notice under our policy"));
  EXPECT_THAT(by_policy->body(), HasSubstr("does not ask for it"));
  // Whoever is told of one thing by law and of another by policy is told by law.
  const auto both =
      NoticeText(missing, {missing.notices(0).notice_id(), missing.notices(1).notice_id()},
                 OurLaw(), OurNoticeWords().editions(0));
  EXPECT_THAT(both->subject(), HasSubstr("notice under regulation 36"));
  const auto concern = Reported({v1::EVENT_KIND_MENTAL_HEALTH_CONCERN});
  const auto by_standard =
      NoticeText(concern, {concern.notices(0).notice_id()}, OurLaw(), OurNoticeWords().editions(0));
  EXPECT_THAT(by_standard->subject(), HasSubstr("notice under National Minimum Standard 29.3"));
  EXPECT_THAT(by_standard->body(), Not(HasSubstr("Schedule 7")));
  EXPECT_THAT(by_standard->body(), Not(HasSubstr("regulation")));
}

TEST(NoticeText, NamesOnlyTheKindsOfItsNotices) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_MISSING, v1::EVENT_KIND_SEXUAL_EXPLOITATION});
  // The responsible authority's notice that the child is missing.
  const auto* notice = FindNotice(event, event.notices(4).notice_id());
  ASSERT_EQ(notice->kind(), v1::EVENT_KIND_CHILD_MISSING);
  const auto content =
      NoticeText(event, {notice->notice_id()}, OurLaw(), OurNoticeWords().editions(0));
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_THAT(content->body(), AllOf(HasSubstr("item 8"), Not(HasSubstr("item 6"))));
}

TEST(NoticeText, TellsTheOutcomeOfAnEnquiryToThoseWhoAreOwedIt) {
  auto event = Reported({v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY});
  v1::RecordEnquiryOutcomeRequest request;
  *request.mutable_outcome_time() = clock::ToProto(kNow);
  *request.mutable_became_aware_time() = clock::ToProto(kNow);
  request.set_outcome("no further action");
  int last = 500;
  ApplyAll(event,
           *RecordEnquiryOutcome(event, request, kCaseworker, OurLaw(), World(kAway), kNow,
                                 [&] { return absl::StrCat("id-", ++last); }),
           kCaseworker);
  const auto begun =
      NoticeText(event, {event.notices(0).notice_id()}, OurLaw(), OurNoticeWords().editions(0));
  const auto ended =
      NoticeText(event, {event.notices(3).notice_id()}, OurLaw(), OurNoticeWords().editions(0));
  ASSERT_TRUE(begun.ok() && ended.ok());
  EXPECT_THAT(begun->body(), Not(HasSubstr("no further action")));
  EXPECT_THAT(ended->body(), HasSubstr("no further action"));
  EXPECT_EQ(ended->template_(), "notice-of-enquiry-outcome");
  EXPECT_THAT(ended->subject(), HasSubstr("Outcome of a child protection enquiry"));
}

TEST(NoticeText, HasASubjectWithoutThePersonsOfTheEvent) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_DEATH});
  const auto content =
      NoticeText(event, {event.notices(0).notice_id()}, OurLaw(), OurNoticeWords().editions(0));
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_THAT(content->subject(), AllOf(Not(HasSubstr("away")), Not(HasSubstr("carer")),
                                        Not(HasSubstr("what happened"))));
}

TEST(NoticeText, RefusesNoNoticeAndAnotherEventsNotice) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_DEATH});
  EXPECT_EQ(Refusal(NoticeText(event, {}, OurLaw(), OurNoticeWords().editions(0)).status()),
            "notice_ids REQUIRED");
  const auto unknown = NoticeText(event, {event.notices(0).notice_id(), "none"}, OurLaw(),
                                  OurNoticeWords().editions(0));
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(unknown.status()), "UNKNOWN_NOTICE");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
