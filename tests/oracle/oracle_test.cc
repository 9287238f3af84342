// The judge is judged: a clean history is clean, and each fault that is put into it is named.
#include "tests/oracle/oracle.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace fosterwatch::oracle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two requests of two facts each, all in order everywhere.
History Clean() {
  History history;
  for (const std::string request : {"r1", "r2"}) {
    history.requests.push_back({request, Answer::kAcknowledged});
    const std::string key = absl::StrCat("agency/event-of-", request);
    for (int64_t version = 1; version <= 2; ++version) {
      const std::string fact_id = absl::StrCat(request, ".", version);
      history.facts.push_back({fact_id, key, version, request});
      history.records.push_back({fact_id, key, version});
      history.effects.push_back({fact_id, key, version});
    }
  }
  return history;
}

TEST(Oracle, FindsNothingInACleanHistory) {
  const Verdict verdict = Judge(Clean());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
  EXPECT_EQ(verdict.repeated_records, 0);
}

TEST(Oracle, NamesAnAcknowledgedRequestThatIsNotInTheLedger) {
  History history = Clean();
  history.requests.push_back({"r3", Answer::kAcknowledged});
  EXPECT_THAT(Judge(history).lost, ElementsAre(HasSubstr("request r3")));
}

TEST(Oracle, NamesAFactThatNeverCameToTheBus) {
  History history = Clean();
  history.records.pop_back();
  const Verdict verdict = Judge(history);
  EXPECT_THAT(verdict.lost, ElementsAre("fact r2.2 is not on the bus"));
  EXPECT_THAT(verdict.ghost, IsEmpty());
}

TEST(Oracle, NamesAFactWithoutEffectUnlessNoneWasExpected) {
  History history = Clean();
  history.effects.pop_back();
  EXPECT_THAT(Judge(history).lost, ElementsAre("fact r2.2 had no effect"));
  history.facts.back().has_effect = false;
  EXPECT_TRUE(Judge(history).ok());
}

TEST(Oracle, NamesAGapInTheLedger) {
  History history = Clean();
  history.facts.back().version = 3;
  EXPECT_THAT(Judge(history).lost, ElementsAre("version 2 of agency/event-of-r2 is missing"));
}

TEST(Oracle, NamesGhosts) {
  History history = Clean();
  history.requests[1].answer = Answer::kRefused;
  EXPECT_THAT(Judge(history).ghost, ElementsAre("request r2 was refused and is in the ledger"));

  history = Clean();
  history.requests.pop_back();
  EXPECT_THAT(Judge(history).ghost, ElementsAre(HasSubstr("nobody asked")));

  history = Clean();
  history.records.push_back({"rolled-back", "agency/event-of-r1", 3});
  EXPECT_THAT(Judge(history).ghost,
              ElementsAre("fact rolled-back is on the bus, not in the ledger"));

  history = Clean();
  history.effects.push_back({"rolled-back", "agency/event-of-r1", 3});
  EXPECT_THAT(Judge(history).ghost, ElementsAre(HasSubstr("had an effect")));
}

TEST(Oracle, NamesARequestThatWasRecordedTwice) {
  History history = Clean();
  history.facts.push_back({"again", "agency/another-event", 1, "r1", /*has_effect=*/false});
  history.records.push_back({"again", "agency/another-event", 1});
  EXPECT_THAT(Judge(history).duplicate, ElementsAre("request r1 was recorded 2 times"));
}

TEST(Oracle, NamesAVersionThatIsThereTwice) {
  History history = Clean();
  history.facts.back().version = 1;
  EXPECT_THAT(Judge(history).duplicate,
              ElementsAre("version 1 of agency/event-of-r2 is there twice"));
}

TEST(Oracle, NamesAnEffectThatHappenedTwice) {
  History history = Clean();
  history.effects.push_back(history.effects.front());
  const Verdict verdict = Judge(history);
  EXPECT_THAT(verdict.duplicate, ElementsAre("fact r1.1 had its effect 2 times"));
  EXPECT_THAT(verdict.out_of_order, IsEmpty()) << "a repetition is no disorder";
}

TEST(Oracle, CountsARecordThatIsOnTheBusTwiceAndAllowsIt) {
  History history = Clean();
  history.records.push_back(history.records.front());
  const Verdict verdict = Judge(history);
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
  EXPECT_EQ(verdict.repeated_records, 1);
}

TEST(Oracle, NamesASwapOnTheBusAndInTheEffects) {
  History history = Clean();
  std::swap(history.records[0], history.records[1]);
  EXPECT_THAT(Judge(history).out_of_order,
              ElementsAre("version 1 of agency/event-of-r1 comes after version 2 on the bus"));

  history = Clean();
  std::swap(history.effects[2], history.effects[3]);
  EXPECT_THAT(Judge(history).out_of_order, ElementsAre(HasSubstr("in the effects")));
}

TEST(Oracle, AllowsDisorderBetweenKeys) {
  History history = Clean();
  std::swap(history.records[0], history.records[2]);
  std::swap(history.records[1], history.records[3]);
  EXPECT_TRUE(Judge(history).ok()) << Judge(history).ToString();
}

TEST(Oracle, AllowsARequestWithoutAnswerEitherWay) {
  History history = Clean();
  history.requests[0].answer = Answer::kUnknown;
  history.requests.push_back({"r3", Answer::kUnknown});
  const Verdict verdict = Judge(history);
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
  EXPECT_EQ(verdict.unknown_recorded, 1);
  EXPECT_EQ(verdict.unknown_absent, 1);
}

TEST(Oracle, SaysAllOfItInOneText) {
  History history = Clean();
  history.requests.push_back({"r3", Answer::kAcknowledged});
  std::swap(history.records[0], history.records[1]);
  EXPECT_THAT(Judge(history).ToString(), HasSubstr("lost 1, ghost 0, duplicate 0, out of order 1"));
}

}  // namespace
}  // namespace fosterwatch::oracle
