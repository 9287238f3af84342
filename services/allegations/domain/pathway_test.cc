// The data files of the pathway and of audits: what they say, and what is refused in them.
#include <map>

#include "absl/strings/str_replace.h"

#include "libs/clock/deadline.h"
#include "services/allegations/domain/test_support.h"

namespace fosterwatch::allegations::domain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

std::string Pathway() { return ReadSource("services/allegations/policy/pathway.json"); }
std::string Forms() { return ReadSource("services/allegations/policy/audit_forms.json"); }

TEST(PathwayPolicy, RefersWithinOneWorkingDayOfAwareness) {
  // By hand, in London: the end of the next working day.
  const std::map<std::string, std::string> due = {
      {"2026-11-25T10:00:00Z", "2026-11-27T00:00:00Z"},  // Wednesday
      {"2026-11-27T16:59:00Z", "2026-12-01T00:00:00Z"},  // Friday
      {"2026-12-24T12:00:00Z", "2026-12-30T00:00:00Z"},  // Christmas, Boxing Day on the 28th
      {"2027-03-25T12:00:00Z", "2027-03-30T23:00:00Z"},  // Easter, and the clocks change
  };
  for (const auto& [aware, expected] : due) {
    absl::Time begin, end;
    std::string error;
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, aware, &begin, &error));
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, expected, &end, &error));
    Ids ids;
    const auto duties =
        DutiesOf(v1::Allegation::STATE_RECEIVED, "became_aware_time", begin, OurRules(), kNow, ids);
    ASSERT_TRUE(duties.ok()) << duties.status();
    ASSERT_EQ(duties->size(), 1u);
    const v1::Duty& duty = (*duties)[0];
    EXPECT_EQ(duty.code(), "REFERRAL");
    EXPECT_EQ(clock::FromProto(duty.due_time()), end) << aware;
    EXPECT_EQ(clock::Recompute(duty.explanation(), OurCalendar()).value(), end);
    EXPECT_EQ(duty.explanation().trigger(), "became_aware_time");
    EXPECT_FALSE(duty.explanation().source().empty());
  }
}

std::vector<std::string> CodesOf(const v1::Allegation& allegation) {
  std::vector<std::string> codes;
  for (const auto& item : allegation.checklist()) codes.push_back(item.code());
  return codes;
}

TEST(PathwayPolicy, OpensTheChecklistOfTheOutcomeAndOfWhomItIsAbout) {
  EXPECT_THAT(CodesOf(Concluded(v1::OUTCOME_SUBSTANTIATED)),
              ElementsAre("REVIEW_OF_APPROVAL", "PANEL", "REGISTER_TERMS", "DBS_REFERRAL",
                          "UPDATES_OWED", "SUPPORT", "FILE_SUMMARY", "LEARNING"));
  EXPECT_THAT(CodesOf(Concluded(v1::OUTCOME_FALSE)),
              ElementsAre("REVIEW_OF_APPROVAL", "REGISTER_TERMS", "UPDATES_OWED", "SUPPORT",
                          "FILE_SUMMARY", "LEARNING"));
  auto staff = Told();
  staff.mutable_report()->clear_carer_id();
  staff.mutable_report()->set_person_id("caseworker");
  EXPECT_THAT(CodesOf(Concluded(v1::OUTCOME_SUBSTANTIATED, staff)),
              ElementsAre("EMPLOYMENT_DECISION", "DBS_REFERRAL", "UPDATES_OWED", "SUPPORT",
                          "FILE_SUMMARY", "LEARNING"));
}

TEST(PathwayPolicy, EveryItemIsOwnedAndDatedAndSaysWhy) {
  auto staff = Told();
  staff.mutable_report()->clear_carer_id();
  staff.mutable_report()->set_person_id("caseworker");
  for (const auto& allegation :
       {Concluded(v1::OUTCOME_SUBSTANTIATED), Concluded(v1::OUTCOME_MALICIOUS, staff)}) {
    for (const auto& item : allegation.checklist()) {
      EXPECT_NE(item.action().owner_id(), "") << item.code();
      EXPECT_NE(item.action().owner_id(), allegation.person_id()) << item.code();
      EXPECT_EQ(clock::Recompute(item.explanation(), OurCalendar()).value(),
                clock::FromProto(item.action().due_time()))
          << item.code();
    }
    for (const auto& telling : allegation.tellings()) {
      EXPECT_EQ(clock::Recompute(telling.explanation(), OurCalendar()).value(),
                clock::FromProto(telling.due_time()))
          << telling.party();
    }
  }
}

TEST(PathwayPolicy, GivesAnItemToTheRegisteredManagerWhereNobodyHoldsItsRole) {
  v1::Allegation allegation = Referred();
  const People alone = {{{"registered", options::v1::ROLE_REGISTERED_MANAGER, absl::UnixEpoch()}}};
  for (const auto& [people, owner] :
       std::vector<std::pair<People, std::string>>{{alone, "registered"}, {{}, "recorder"}}) {
    Ids ids;
    const auto opened = OpenChecklist(allegation, v1::OUTCOME_FALSE, kNow, "recorder", people,
                                      OurRules(), kNow, ids);
    ASSERT_TRUE(opened.ok()) << opened.status();
    for (const auto& item : opened->items()) EXPECT_EQ(item.action().owner_id(), owner);
  }
}

TEST(PathwayPolicy, TellsNoChildWhereNoneIsConcerned) {
  auto told = Told();
  told.mutable_report()->clear_child_id();
  std::vector<std::string> parties;
  const v1::Allegation allegation = Concluded(v1::OUTCOME_FALSE, told);
  for (const auto& telling : allegation.tellings()) {
    parties.push_back(telling.party());
  }
  EXPECT_THAT(parties, ElementsAre("SUBJECT"));
}

TEST(PathwayPolicy, KeepsToTheEditionOfTheDay) {
  v1::PathwayPolicies policies = OurPolicies();
  *policies.add_editions() = policies.editions(0);
  policies.mutable_editions(1)->set_version("later");
  policies.mutable_editions(1)->set_effective_from("2027-04-01");
  policies.mutable_editions(1)->mutable_stages(0)->set_urgent(false);
  const absl::Time april = absl::FromCivil(absl::CivilDay(2027, 4, 1), clock::London());
  EXPECT_EQ(InForce(policies, april - absl::Microseconds(1)).version(), "2026-11-23");
  EXPECT_EQ(InForce(policies, april).version(), "later");
  EXPECT_EQ(InForce(policies, absl::UnixEpoch()).version(), "2026-11-23");
  EXPECT_TRUE(LoudnessOf(policies, "2026-11-23", "REFERRAL").urgent);
  EXPECT_FALSE(LoudnessOf(policies, "later", "REFERRAL").urgent);
}

TEST(PathwayPolicy, RefusesAFileThatCannotBeTrusted) {
  const std::map<std::string, std::pair<std::string, std::string>> faults = {
      {"no JSON", {"{", "["}},
      {"an unknown field", {"\"version\"", "\"versions\""}},
      {"no day", {"\"effective_from\": \"2026-11-22\"", "\"effective_from\": \"soon\""}},
      {"no source", {"\"source\": \"agency policy\"", "\"source\": \"\""}},
      {"another grade", {"\"grade\": \"M\"", "\"grade\": \"A\""}},
      {"no days", {"\"working_days\": 1,", "\"working_days\": 0,"}},
      {"days and months",
       {"\"calendar_months\": 1,", "\"calendar_months\": 1, \"working_days\": 1,"}},
      {"a code twice", {"\"code\": \"PANEL\"", "\"code\": \"SUPPORT\""}},
      {"no referral", {"STATE_RECEIVED", "STATE_CLOSED"}},
      {"no learning", {"\"code\": \"LEARNING\"", "\"code\": \"LEARNT\""}},
      {"a party twice", {"\"party\": \"CHILD\"", "\"party\": \"SUBJECT\""}},
  };
  ASSERT_TRUE(ParsePathway(Pathway()).ok());
  for (const auto& [what, fault] : faults) {
    ASSERT_NE(Pathway().find(fault.first), std::string::npos) << what;
    const auto parsed = ParsePathway(absl::StrReplaceAll(Pathway(), {{fault.first, fault.second}}));
    EXPECT_EQ(ReasonOf(parsed.status()), "POLICY_INVALID") << what;
  }
  EXPECT_EQ(ReasonOf(ParsePathway("{}").status()), "POLICY_INVALID");
}

TEST(AuditForms, RefuseAFileThatCannotBeTrusted) {
  const std::map<std::string, std::pair<std::string, std::string>> faults = {
      {"an unknown field", {"\"text\"", "\"words\""}},
      {"a question twice", {"\"question_id\": \"voice\"", "\"question_id\": \"safety\""}},
      {"a grade twice", {"\"code\": \"NOT_MET\"", "\"code\": \"MET\""}},
      {"no days", {"\"finding_working_days\": 20", "\"finding_working_days\": 0"}},
      {"no title", {"\"title\": \"Met\"", "\"title\": \"\""}},
      {"another grade", {"\"grade\": \"M\"", "\"grade\": \"A\""}},
  };
  ASSERT_TRUE(ParseAuditForms(Forms()).ok());
  for (const auto& [what, fault] : faults) {
    ASSERT_NE(Forms().find(fault.first), std::string::npos) << what;
    const auto parsed =
        ParseAuditForms(absl::StrReplaceAll(Forms(), {{fault.first, fault.second}}));
    EXPECT_EQ(ReasonOf(parsed.status()), "FORM_INVALID") << what;
  }
}

TEST(PathwayPolicy, ANewBankHolidayMovesWhatIsOpenAndSaysSo) {
  const std::string days = absl::StrReplaceAll(
      ReadSource("libs/clock/data/bank_holidays_england_and_wales.json"),
      {{OurCalendar().version(), "later"},
       {"\"events\": [",
        "\"events\": [{\"title\": \"Day of mourning\", \"date\": \"2026-11-26\"},"}});
  const auto calendar = clock::WorkingCalendar::Parse(days);
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  // Heard of on Wednesday the 25th, to be referred by the end of the next working day.
  v1::Allegation allegation = Received();
  EXPECT_EQ(MoveDueTimes(allegation, OurCalendar())->size(), 0u);
  const auto moved = MoveDueTimes(allegation, *calendar);
  Apply(allegation, moved);
  ASSERT_EQ(moved->size(), 1u);
  EXPECT_EQ((*moved)[0].allegation_due_times_moved().calendar_version(), "later");
  EXPECT_EQ(
      absl::FormatTime(clock::FromProto(allegation.duties(0).due_time()), absl::UTCTimeZone()),
      "2026-11-28T00:00:00+00:00");
  EXPECT_EQ(MoveDueTimes(allegation, *calendar)->size(), 0u) << "counted by these days already";

  // The checklist and those who are told; what is done stays as it was.
  allegation = Concluded();
  const v1::Allegation before = allegation;
  Apply(allegation, MoveDueTimes(allegation, *calendar));
  EXPECT_EQ(allegation.duties(0).SerializeAsString(), before.duties(0).SerializeAsString());
  int counted = 0;
  const auto expect_counted = [&](const type::v1::Explanation& explanation,
                                  const google::protobuf::Timestamp& due) {
    if (explanation.calendar_version().empty()) return;
    ++counted;
    EXPECT_EQ(explanation.calendar_version(), "later");
    EXPECT_EQ(clock::Recompute(explanation, *calendar).value(), clock::FromProto(due));
  };
  for (const auto& item : allegation.checklist()) {
    expect_counted(item.explanation(), item.action().due_time());
  }
  for (const auto& telling : allegation.tellings()) {
    expect_counted(telling.explanation(), telling.due_time());
  }
  EXPECT_GT(counted, 0);
  EXPECT_EQ(MoveDueTimes(allegation, *calendar)->size(), 0u);
}

}  // namespace
}  // namespace fosterwatch::allegations::domain
