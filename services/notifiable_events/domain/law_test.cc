#include "services/notifiable_events/domain/law.h"

#include "absl/strings/str_replace.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/clock/deadline.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// One edit of the shipped file.
struct Edit {
  std::string from;
  std::string to;
};

std::string Edited(const Edit& edit) {
  const std::string text = LawText();
  const auto at = text.find(edit.from);
  EXPECT_NE(at, std::string::npos) << edit.from;
  std::string edited = text;
  return edited.replace(at, edit.from.size(), edit.to);
}

// The line of the file about one cell, as it ships.
std::string LineOf(const std::string& kind, const std::string& recipient) {
  std::istringstream in(LawText());
  for (std::string line; std::getline(in, line);) {
    if (line.find("EVENT_KIND_" + kind + "\"") != std::string::npos &&
        line.find("RECIPIENT_" + recipient + "\"") != std::string::npos) {
      return line;
    }
  }
  ADD_FAILURE() << kind << recipient;
  return "";
}

TEST(Name, IsTheNameOfTheProtoWithoutItsPrefix) {
  EXPECT_EQ(Name(v1::EVENT_KIND_CHILD_DEATH), "CHILD_DEATH");
  EXPECT_EQ(Name(v1::RECIPIENT_AREA_AUTHORITY), "AREA_AUTHORITY");
  EXPECT_EQ(Name(v1::MOMENT_ENQUIRY_OUTCOME), "ENQUIRY_OUTCOME");
  EXPECT_EQ(Name(v1::SignOff::STAGE_REGISTERED_MANAGER), "REGISTERED_MANAGER");
  EXPECT_EQ(Name(static_cast<v1::EventKind>(77)), "UNKNOWN");
}

TEST(Law, HasAVersionAndWordsForEachKind) {
  EXPECT_FALSE(OurLaw().version().empty());
  for (int kind = 1; kind <= v1::EventKind_MAX; ++kind) {
    const auto* words = OurLaw().WordsFor(static_cast<v1::EventKind>(kind));
    ASSERT_NE(words, nullptr);
    EXPECT_EQ(words->item(), kind <= 10 ? kind : 0);
  }
}

TEST(Law, TellsNobodyBeforeTheRegulationsCameIntoForceOn1April2011) {
  const absl::Time before = Utc("2011-03-31T22:59:59Z");  // 23:59:59 in London
  EXPECT_THAT(OurLaw().RecipientsOf(v1::EVENT_KIND_CHILD_DEATH, before), IsEmpty());
  EXPECT_THAT(OurLaw().RecipientsOf(v1::EVENT_KIND_CHILD_DEATH, before + absl::Seconds(1)),
              Not(IsEmpty()));
  const auto times = OurLaw().TimesOf(v1::EVENT_KIND_CHILD_DEATH, v1::RECIPIENT_CHIEF_INSPECTOR,
                                      "became_aware_time", before);
  EXPECT_EQ(ReasonOf(times.status()), "LAW_NOT_IN_FORCE");
}

TEST(Law, KeepsForAnOldEventTheMatrixOfItsDay) {
  // From 1 July 2026 the police are told of a missing child too.
  const std::string line = LineOf("CHILD_MISSING", "POLICE");
  const std::string old_line = absl::StrReplaceAll(
      line, {{R"("effective_from": "2011-04-01")",
              R"("effective_from": "2011-04-01", "effective_until": "2026-07-01")"}});
  const std::string new_line = absl::StrReplaceAll(
      line, {{R"("required": false)", R"("required": true)"},
             {R"("effective_from": "2011-04-01")", R"("effective_from": "2026-07-01")"}});
  const auto law = Law::Parse(Edited({line, old_line + "\n" + new_line}));
  ASSERT_TRUE(law.ok()) << law.status();
  // The last second of 30 June in London is 22:59:59 UTC.
  EXPECT_THAT(law->RecipientsOf(v1::EVENT_KIND_CHILD_MISSING, Utc("2026-06-30T22:59:59Z")),
              ElementsAre(v1::RECIPIENT_RESPONSIBLE_AUTHORITY));
  EXPECT_THAT(law->RecipientsOf(v1::EVENT_KIND_CHILD_MISSING, Utc("2026-06-30T23:00:00Z")),
              ElementsAre(v1::RECIPIENT_RESPONSIBLE_AUTHORITY, v1::RECIPIENT_POLICE));
}

TEST(Law, ExplainsANoticeByRuleVersionAndSource) {
  const auto times =
      OurLaw().TimesOf(v1::EVENT_KIND_CHILD_MISSING, v1::RECIPIENT_RESPONSIBLE_AUTHORITY,
                       "became_aware_time", kAware);
  ASSERT_TRUE(times.ok()) << times.status();
  const auto& explanation = times->explanation;
  EXPECT_EQ(explanation.trigger(), "became_aware_time");
  EXPECT_EQ(explanation.rule(), "NOTICE_DUE CHILD_MISSING RESPONSIBLE_AUTHORITY");
  EXPECT_EQ(explanation.rule_version(), OurLaw().version());
  EXPECT_THAT(explanation.source(), HasSubstr("reg 36(1); Sch 7, row 8"));
  EXPECT_THAT(explanation.source(), HasSubstr("NMS 29.1"));
  ASSERT_EQ(explanation.steps_size(), 1);
  EXPECT_EQ(explanation.steps(0).amount(), 86400);
  EXPECT_EQ(explanation.calendar_version(), "");
}

TEST(Law, HasADeathDueAtAwarenessAndInTimeFor24Hours) {
  const auto times = OurLaw().TimesOf(v1::EVENT_KIND_CHILD_DEATH, v1::RECIPIENT_HEALTH_BODY,
                                      "became_aware_time", kAware);
  ASSERT_TRUE(times.ok()) << times.status();
  EXPECT_EQ(times->due, kAware);
  EXPECT_EQ(times->in_time_until, kAware + absl::Hours(24));
  EXPECT_EQ(times->explanation.steps(0).amount(), 0);
  EXPECT_EQ(times->in_time_explanation.rule(), "NOTICE_IN_TIME CHILD_DEATH HEALTH_BODY");
}

TEST(Law, HasSignOffsDueByTheEndOfTheFirstAndTheThirdWorkingDay) {
  // Recorded on the evening of Christmas Eve 2026, a Thursday; Boxing Day is taken on Monday.
  const absl::Time recorded = Utc("2026-12-24T20:00:00Z");
  const auto manager = OurLaw().SignOffDue(v1::SignOff::STAGE_MANAGER, recorded, OurCalendar());
  const auto registered =
      OurLaw().SignOffDue(v1::SignOff::STAGE_REGISTERED_MANAGER, recorded, OurCalendar());
  ASSERT_TRUE(manager.ok() && registered.ok());
  EXPECT_EQ(manager->due, Utc("2026-12-30T00:00:00Z"));
  EXPECT_EQ(registered->due, Utc("2027-01-01T00:00:00Z"));
  EXPECT_EQ(manager->explanation.rule(), "SIGN_OFF_DUE MANAGER");
  EXPECT_EQ(manager->explanation.trigger(), "recorded_time");
  EXPECT_EQ(manager->explanation.confidence(), "medium");
  EXPECT_EQ(manager->explanation.calendar_version(), OurCalendar().version());
}

TEST(Law, RefusesAFileThatCannotBeTrustedAndNamesTheLine) {
  const std::string death = LineOf("CHILD_DEATH", "POLICE");
  const std::string missing = LineOf("CHILD_MISSING", "RESPONSIBLE_AUTHORITY");
  const auto with = [](const std::string& line, const std::string& from, const std::string& to) {
    return absl::StrReplaceAll(line, {{from, to}});
  };
  struct Case {
    const char* what;
    Edit edit;
    const char* message;
  };
  const Case cases[] = {
      {"an unknown field", {R"("version")", R"("extra": 1, "version")"}, "extra"},
      {"an unknown kind", {"EVENT_KIND_CHILD_DEATH", "EVENT_KIND_CHILD_BIRTH"}, "CHILD_BIRTH"},
      {"no version",
       {R"("version": "schedule7-2026.2")", R"("version": "")"},
       "version: is missing"},
      {"a cell twice", {death, death + "\n" + death}, "CHILD_DEATH POLICE: has two lines"},
      {"a cell that is missing", {death, ""}, "CHILD_DEATH POLICE: has no line on 2011-04-01"},
      {"a cell that ends",
       {death, with(death, R"("2011-04-01")", R"("2011-04-01", "effective_until": "2020-01-01")")},
       "CHILD_DEATH POLICE: has no line on 2020-01-01"},
      {"an end before the beginning",
       {death, with(death, R"("2011-04-01")", R"("2011-04-01", "effective_until": "2011-04-01")")},
       "effective_until: is not after effective_from"},
      {"a day that does not exist",
       {death, with(death, "2011-04-01", "2011-04-31")},
       "effective_from: is no day"},
      {"no source", {death, with(death, "reg 36(1); Sch 7, row 1", "")}, ".source: is missing"},
      {"no confidence",
       {death, with(death, "CONFIDENCE_HIGH", "CONFIDENCE_UNSPECIFIED")},
       ".confidence: is missing"},
      {"a kind that nobody is told of",
       {missing, with(missing, R"("required": true)", R"("required": false)")},
       "rows CHILD_MISSING: tells nobody on 2011-04-01"},
      {"a kind without words", {R"("title": "Missing child")", R"("title": "")"}, "lacks its kind"},
      {"a time rule that is missing",
       {"NAME_NOTICE_IN_TIME", "NAME_NOTICE_DUE"},
       "NAME_NOTICE_IN_TIME UNSPECIFIED UNSPECIFIED: has no line"},
      {"working days for a notice",
       {R"("NAME_NOTICE_IN_TIME", "elapsed_hours": 24)",
        R"("NAME_NOTICE_IN_TIME", "working_days": 1)"},
       "has not the limit"},
      {"policy in the matrix",
       {death, with(death, R"("required": false)", R"("basis": "BASIS_POLICY")")},
       "is policy, which stands in policy_rows"},
      {"policy without a source",
       {R"("source": "police under the missing protocol")", R"("source": "")"},
       "policy_rows[1].source: is missing"},
      {"elapsed hours for the notice of an absence",
       {R"("EVENT_KIND_MANAGER_ABSENCE", "calendar_months_before": 1)",
        R"("EVENT_KIND_MANAGER_ABSENCE", "elapsed_hours": 24)"},
       "has not the limit"},
      {"no rule for an emergency",
       {R"("emergency": true, "calendar_days": 7)", R"("calendar_days": 7)"},
       "MANAGER_ABSENCE UNSPECIFIED: has two lines"},
      {"hours for a sign-off",
       {R"("STAGE_MANAGER", "working_days": 1)", R"("STAGE_MANAGER", "elapsed_hours": 24)"},
       "has not the limit"},
  };
  for (const Case& c : cases) {
    std::string text = Edited(c.edit);
    // A line taken out leaves its comma to nobody.
    text = absl::StrReplaceAll(text, {{"\n\n", "\n"}});
    const auto law = Law::Parse(text);
    ASSERT_FALSE(law.ok()) << c.what;
    EXPECT_EQ(ReasonOf(law.status()), "LAW_INVALID") << c.what;
    EXPECT_THAT(std::string(law.status().message()), HasSubstr(c.message)) << c.what;
  }
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
