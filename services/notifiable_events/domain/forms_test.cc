#include "services/notifiable_events/domain/forms.h"

#include "absl/strings/str_replace.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Two editions: the second asks of a missing child what the first did not, from 1 November 2026.
constexpr char kTwo[] = R"({"editions": [
  {"version": "a", "effective_from": "2011-04-01", "effective_until": "2026-11-01", "source": "s",
   "questions": [{"question_id": "narrative", "label": "What?", "required": true,
                  "export_field": "narrative", "report_field": "summary"}]},
  {"version": "b", "effective_from": "2026-11-01", "source": "s",
   "questions": [{"question_id": "narrative", "label": "What?", "required": true,
                  "export_field": "narrative", "report_field": "summary"},
                 {"question_id": "initials", "label": "Who?", "required": true,
                  "export_field": "staff_initials"},
                 {"question_id": "last_seen", "label": "Where?", "export_field": "narrative",
                  "kinds": ["EVENT_KIND_CHILD_MISSING"]}]}]})";

const FormBook& Two() {
  static const auto* const book = new FormBook(FormBook::Parse(kTwo).value());
  return *book;
}

v1::ReportEventRequest Missing(const std::string& version = "",
                               const std::vector<std::string>& answered = {}) {
  auto request = ReportRequest({v1::EVENT_KIND_CHILD_MISSING});
  request.mutable_report()->set_form_version(version);
  for (const std::string& id : answered) {
    auto* answer = request.mutable_report()->add_answers();
    answer->set_question_id(id);
    answer->set_text("text");
  }
  return request;
}

absl::StatusOr<Facts> Filled(const v1::ReportEventRequest& request, absl::Time now = kNow) {
  auto facts = DecideReport(request);
  if (!facts.ok()) return facts;
  return Two().WithForm(*facts, {}, now);
}

std::vector<std::string> Open(const v1::NotifiableEvent& event) {
  return {event.unanswered().begin(), event.unanswered().end()};
}

TEST(Forms, AsShippedHaveOneForEachKindThatIsReported) {
  const auto book = FormBook::Parse(ReadSource("services/notifiable_events/law/forms.json"));
  ASSERT_TRUE(book.ok()) << book.status();
  const auto forms = book->FormsOn(absl::CivilDay(2026, 11, 22), v1::EVENT_KIND_UNSPECIFIED);
  EXPECT_EQ(forms.size(), 11u);
  // What the regulator's form asks for (fact sheet, section 2), beside what the record knows
  // itself.
  for (const v1::Form& form : forms) {
    std::vector<std::string> fields;
    for (const auto& question : form.questions()) fields.push_back(question.export_field());
    for (const char* field : {"incident_place", "narrative", "actions_immediate", "staff_initials",
                              "staff_roles", "evaluation", "prevention_plan"}) {
      EXPECT_THAT(fields, Contains(field)) << Name(form.kind());
    }
  }
}

TEST(Forms, AreOfTheDay) {
  const auto before = Two().FormsOn(absl::CivilDay(2026, 10, 31), v1::EVENT_KIND_CHILD_MISSING);
  const auto after = Two().FormsOn(absl::CivilDay(2026, 11, 1), v1::EVENT_KIND_CHILD_MISSING);
  ASSERT_EQ(before.size(), 1u);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(before[0].version(), "a");
  EXPECT_EQ(before[0].questions_size(), 1);
  EXPECT_EQ(after[0].version(), "b");
  EXPECT_EQ(after[0].questions_size(), 3);
  EXPECT_EQ(
      Two().FormsOn(absl::CivilDay(2026, 11, 1), v1::EVENT_KIND_CHILD_DEATH)[0].questions_size(),
      2);
}

TEST(Forms, HoldUpNoReportThatNamesNoneAndListWhatItLeavesOpen) {
  const auto facts = Filled(Missing());
  ASSERT_TRUE(facts.ok()) << facts.status();
  v1::NotifiableEvent event;
  ApplyAll(event, *facts, kCaseworker);
  EXPECT_EQ(event.report().form_version(), "b");
  EXPECT_THAT(Open(event), ElementsAre("initials", "last_seen"));
}

TEST(Forms, ThatAreNamedMustBeAnsweredWhereTheyRequireIt) {
  EXPECT_EQ(Refusal(Filled(Missing("b")).status()), "report.answers.initials REQUIRED");
  const auto facts = Filled(Missing("b", {"initials"}));
  ASSERT_TRUE(facts.ok()) << facts.status();
  v1::NotifiableEvent event;
  ApplyAll(event, *facts, kCaseworker);
  EXPECT_THAT(Open(event), ElementsAre("last_seen"));
}

TEST(Forms, TakeTheAnswersOfAnEarlierEditionAndNoneOfALaterOne) {
  const auto earlier = Filled(Missing("a"));
  ASSERT_TRUE(earlier.ok()) << earlier.status();
  EXPECT_EQ(earlier->front().event_reported().report().form_version(), "a");
  EXPECT_EQ(Refusal(Filled(Missing("b", {"initials"}), Utc("2026-10-31T12:00:00Z")).status()),
            "report.form_version UNKNOWN_FORM");
  EXPECT_EQ(Refusal(Filled(Missing("c")).status()), "report.form_version UNKNOWN_FORM");
}

TEST(Forms, TakeNoAnswerToAQuestionThatTheyDoNotAsk) {
  EXPECT_EQ(Refusal(Filled(Missing("", {"favourite_colour"})).status()),
            "report.answers UNKNOWN_QUESTION");
  // Another kind's question; one that the report answers elsewhere; one answered twice.
  auto death = Missing("", {"last_seen"});
  death.mutable_report()->set_kinds(0, v1::EVENT_KIND_CHILD_DEATH);
  EXPECT_EQ(Refusal(Filled(death).status()), "report.answers UNKNOWN_QUESTION");
  EXPECT_EQ(Refusal(Filled(Missing("", {"narrative"})).status()),
            "report.answers UNKNOWN_QUESTION");
  EXPECT_EQ(Refusal(Filled(Missing("", {"initials", "initials"})).status()),
            "report.answers.initials DUPLICATE_ANSWER");
}

TEST(Forms, AreCompletedByACorrectionUnderTheEditionOfTheRecord) {
  v1::NotifiableEvent event;
  ApplyAll(event, *Filled(Missing()), kCaseworker);
  v1::CorrectEventRequest request;
  request.set_reason("asked again");
  auto* answer = request.mutable_report()->add_answers();
  answer->set_question_id("last_seen");
  answer->set_text("at the bus stop");
  Ids ids;
  const auto facts = Correct(event, request, kCaseworker, OurLaw(), World(kAway), kNow, ids);
  ASSERT_TRUE(facts.ok()) << facts.status();
  const auto filled = Two().WithForm(*facts, event, kNow);
  ASSERT_TRUE(filled.ok()) << filled.status();
  ApplyAll(event, *filled, kCaseworker);
  EXPECT_THAT(Open(event), ElementsAre("initials"));
  EXPECT_EQ(EffectiveReport(event).answers(0).text(), "at the bus stop");
}

TEST(Forms, AddTheQuestionsOfAKindThatACorrectionAdds) {
  auto request = Missing();
  request.mutable_report()->set_kinds(0, v1::EVENT_KIND_CHILD_DEATH);
  v1::NotifiableEvent event;
  ApplyAll(event, *Filled(request), kCaseworker);
  EXPECT_THAT(Open(event), Not(Contains("last_seen")));
  v1::CorrectEventRequest correction;
  correction.set_reason("was missing before");
  correction.mutable_report()->add_kinds(v1::EVENT_KIND_CHILD_MISSING);
  Ids ids;
  const auto facts = Correct(event, correction, kCaseworker, OurLaw(), World(kAway), kNow, ids);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *Two().WithForm(*facts, event, kNow), kCaseworker);
  EXPECT_THAT(Open(event), Contains("last_seen"));
}

TEST(Forms, ThatCannotBeTrustedAreRefusedByName) {
  struct Case {
    const char* from;
    const char* to;
    const char* message;
  };
  const Case cases[] = {
      {R"("version": "b")", R"("version": "a")", "editions[1].version"},
      {R"("effective_from": "2026-11-01")", R"("effective_from": "2026-11-02")",
       "editions[1].effective_from"},
      {R"("question_id": "initials")", R"("question_id": "narrative")", "editions[1].questions[1]"},
      {R"("report_field": "summary")", R"("report_field": "kinds")", "report_field"},
      {R"("label": "Who?")", R"("label": "")", "editions[1].questions[1]"},
      {R"("source": "s")", R"("source": "")", ".source: is missing"},
      {R"("editions")", R"("additions")", "additions"},
  };
  for (const Case& c : cases) {
    const auto book = FormBook::Parse(absl::StrReplaceAll(kTwo, {{c.from, c.to}}));
    ASSERT_FALSE(book.ok()) << c.to;
    EXPECT_EQ(ReasonOf(book.status()), "FORMS_INVALID");
    EXPECT_THAT(std::string(book.status().message()), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
