#include "services/notifiable_events/domain/notice_words.h"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "libs/clock/proto_time.h"
#include "services/notifiable_events/domain/notice_text.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::HasSubstr;

std::string Refused(const std::function<void(v1::NoticeWords&)>& change) {
  v1::NoticeWords words = OurNoticeWords();
  change(words);
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(words, &json).ok());
  const auto parsed = ParseNoticeWords(json);
  EXPECT_EQ(parsed.ok() ? "" : ReasonOf(parsed.status()), "NOTICE_WORDS_INVALID");
  return std::string(parsed.status().message());
}

v1::NoticeTemplate* Named(v1::NoticeWords& words, const std::string& name) {
  for (v1::NoticeTemplate& entry : *words.mutable_editions(0)->mutable_templates()) {
    if (entry.name() == name) return &entry;
  }
  return nullptr;
}

// What left under version 2 can be shown again, to the letter.
TEST(NoticeWords, OfTheSecondVersionStayAsTheyAre) {
  auto request = ReportRequest({v1::EVENT_KIND_CHILD_MISSING});
  auto& report = *request.mutable_report();
  report.set_place("the park");
  report.set_summary("did not come home from {school}");
  report.set_immediate_actions("the police were told");
  *report.mutable_occurred_time() = clock::ToProto(Utc("2026-11-18T13:00:00Z"));
  *report.mutable_became_aware_time() = clock::ToProto(Utc("2026-11-18T14:30:00Z"));
  v1::NotifiableEvent event;
  ApplyAll(event, *DecideReport(request), kCaseworker);
  event.mutable_report()->set_child_id("C-1");
  event.mutable_report()->set_carer_id("F-1");
  const auto content = NoticeText(event, {event.notices(0).notice_id()}, OurLaw(),
                                  InForce(OurNoticeWords(), Utc("2026-11-22T12:00:00Z")));
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->template_version(), "2");
  EXPECT_EQ(content->subject(),
            "Notifiable event: notice under regulation 36 (our reference event)");
  EXPECT_EQ(content->body(),
            "This is a notice under regulation 36 of the Fostering Services (England) Regulations "
            "2011.\n\n"
            "Event\n"
            "- A child placed with foster parents is missing from the placement (Schedule 7, item "
            "8)\n\n"
            "Our reference\nevent\n\n"
            "Child (our reference)\nC-1\n\n"
            "Foster carer (our reference)\nF-1\n\n"
            "When it happened\nWednesday 18 November 2026 at 13:00 GMT\n\n"
            "When we became aware\nWednesday 18 November 2026 at 14:30 GMT\n\n"
            "Where\nthe park\n\n"
            "What happened\ndid not come home from {school}\n\n"
            "What was done at once\nthe police were told\n\n"
            "Please confirm that you have received this notice, naming our reference.\n");
}

TEST(NoticeWords, OfALaterEditionHoldFromItsDayInLondon) {
  v1::NoticeWords words = OurNoticeWords();
  *words.add_editions() = words.editions(0);
  words.mutable_editions(1)->set_version("3");
  words.mutable_editions(1)->set_effective_from("2027-07-01");
  EXPECT_EQ(InForce(words, Utc("2027-06-30T22:59:59Z")).version(), "2");
  EXPECT_EQ(InForce(words, Utc("2027-06-30T23:00:00Z")).version(), "3");
  EXPECT_EQ(InForce(words, Utc("2020-01-01T00:00:00Z")).version(), "2");
}

TEST(NoticeWords, TakeNothingPersonalIntoASubject) {
  for (const char* placeholder : {"{child}", "{carer}", "{summary}", "{place}", "{kinds}"}) {
    EXPECT_THAT(Refused([&](v1::NoticeWords& words) {
                  Named(words, "notice-of-event")->set_subject(placeholder);
                }),
                HasSubstr("the subject of the template notice-of-event"));
  }
}

TEST(NoticeWords, AreRefusedWhereTheyAreNotWholeOrNotInOrder) {
  EXPECT_THAT(Refused([](v1::NoticeWords& words) { words.clear_editions(); }),
              HasSubstr("no edition"));
  EXPECT_THAT(Refused([](v1::NoticeWords& words) {
                words.mutable_editions(0)->mutable_templates()->DeleteSubrange(0, 1);
              }),
              HasSubstr("is missing"));
  EXPECT_THAT(Refused([](v1::NoticeWords& words) {
                words.mutable_editions(0)->add_templates()->set_name("notice-of-event");
              }),
              HasSubstr("there twice"));
  EXPECT_THAT(Refused([](v1::NoticeWords& words) { *words.add_editions() = words.editions(0); }),
              HasSubstr("no version of its own"));
  EXPECT_THAT(Refused([](v1::NoticeWords& words) {
                *words.add_editions() = words.editions(0);
                words.mutable_editions(1)->set_version("3");
              }),
              HasSubstr("not in the order"));
  EXPECT_THAT(
      Refused([](v1::NoticeWords& words) { Named(words, "line_place")->set_text("{stranger}"); }),
      HasSubstr("takes in what it may not"));
  EXPECT_THAT(
      Refused([](v1::NoticeWords& words) { Named(words, "rule_policy")->set_subject("x"); }),
      HasSubstr("is no message"));
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
