#include "services/complaints/domain/procedures.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/status_matchers.h"
#include "services/complaints/domain/test_support.h"

namespace fosterwatch::complaints::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;

// SI 2006/1738 as the fact sheet of the project has it (regulations 14, 17, 19, 20).
TEST(ProceduresTest, TheAuthoritysThreeStagesHaveTheLimitsOfTheRegulations) {
  const Book::Procedure* procedure = FindProcedure(InForce(OurBook(), kReceived), "ca1989");
  ASSERT_NE(procedure, nullptr);
  std::vector<std::pair<int, int>> limits;
  for (const auto& stage : procedure->stages()) {
    for (const auto& step : stage.steps()) {
      limits.emplace_back(step.limit().working_days(), step.extended_limit().working_days());
    }
  }
  EXPECT_THAT(limits, ::testing::ElementsAre(std::pair(10, 20), std::pair(25, 65), std::pair(30, 0),
                                             std::pair(5, 0), std::pair(15, 0)));
  EXPECT_TRUE(procedure->stages(0).informal());
  EXPECT_TRUE(procedure->stages(1).needs_investigator());
  EXPECT_FALSE(procedure->stages(2).has_request_window());
}

TEST(ProceduresTest, WhatTheLawSetsNeverWaitsForTheDigest) {
  for (const auto& procedure : InForce(OurBook(), kReceived).procedures()) {
    for (const auto& stage : procedure.stages()) {
      for (const auto& step : stage.steps()) {
        EXPECT_FALSE(step.limit().in_digest()) << procedure.procedure_id() << " " << step.step_id();
      }
    }
  }
}

TEST(ProceduresTest, ABookThatIsNotWholeIsRefused) {
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"\"version\": \"2026-11-22.3\"", "\"version\": \"\""},
      {"\"effective_from\": \"2026-11-22\"", "\"effective_from\": \"soon\""},
      {"\"stage_id\": \"formal\"", "\"stage_id\": \"informal\""},
      {"\"procedure_id\": \"ca1989\"", "\"procedure_id\": \"reg18\""},
      {"\"working_days\": 25,", ""},
      {"\"working_days\": 25,", "\"calendar_days\": 25,"},
      {"\"working_days\": 65,", "\"working_days\": 25,"},
      {"\"working_days\": 65,", "\"working_days\": 1001,"},
      {"\"start\": \"START_STAGE\",", ""},
      {"\"grade\": \"H\"", "\"grade\": \"Q\""},
      {"\"source\": \"SI 2006/1738 reg 17\"", "\"source\": \"\""},
      {"\"hours\": 12", "\"hours\": 0"},
      {"\"window_days\": 14", "\"window_days\": -1"},
      {"\"code\": \"OTHER\"", "\"code\": \"DELAY\""},
      {"\"months\": 12", "\"months\": 0"},
      {"\"out_of_time_decision\"", "\"closing\""},
      {"\"considered_by\": [\"ROLE_RESPONSIBLE_INDIVIDUAL\"]", "\"considered_by\": []"},
      {"\"considered_by\": [\"ROLE_RESPONSIBLE_INDIVIDUAL\"]",
       "\"considered_by\": [\"ROLE_REGISTERED_MANAGER\"]"},
      {"\"informal\": true", "\"informel\": true"},
      {"\"count\": 3", "\"count\": 10"},
      {"\"part_id\": \"panel\"", "\"part_id\": \"\""},
      {"\"source\": \"SI 2006/1738 reg 17: investigated with an independent person\"",
       "\"source\": \"\""},
  };
  for (const auto& [from, to] : faults) {
    const std::string text = absl::StrReplaceAll(BookText(), {{from, to}});
    ASSERT_NE(text, BookText()) << from;
    EXPECT_THAT(ParseProcedures(text).status(), HasReason("POLICY_INVALID")) << from << " " << to;
  }
  EXPECT_THAT(ParseProcedures("").status(), HasReason("POLICY_INVALID"));
  EXPECT_THAT(ParseProcedures("{}").status(), HasReason("POLICY_INVALID"));
}

TEST(ProceduresTest, AnOldComplaintKeepsTheEditionThatItBeganUnder) {
  Book book = OurBook();
  Book::Edition* later = book.add_editions();
  *later = book.editions(0);
  later->set_version("2027-01-01");
  later->set_effective_from("2027-01-01");
  EXPECT_EQ(InForce(book, kReceived).version(), "2026-11-22.3");
  EXPECT_EQ(InForce(book, Utc("2027-01-01T00:00:00Z")).version(), "2027-01-01");
  EXPECT_EQ(EditionOf(book, "2026-11-22.3", Utc("2027-06-01T00:00:00Z")).version(), "2026-11-22.3");
}

std::string OwnText(const std::string& from_day) {
  return absl::StrReplaceAll(BookText(),
                             {{"\"version\": \"2026-11-22.3\"", "\"version\": \"own-1\""},
                              {"\"effective_from\": \"2026-11-22\"",
                               absl::StrCat("\"effective_from\": \"", from_day, "\"")},
                              {"The agency's complaints procedure", "How we listen"}});
}

TEST(AgencyBooksTest, AnAgencysOwnEditionsHoldForItAloneAndFromTheirDay) {
  AgencyBooks books(OurBook());
  ASSERT_THAT(books.Adopt("northern", OwnText("2027-04-01")), IsOk());
  const absl::Time before = Utc("2027-03-31T22:59:59Z");  // a second before midnight in London
  const absl::Time after = Utc("2027-03-31T23:00:00Z");
  EXPECT_EQ(InForce(books.Of("northern"), before).version(), "2026-11-22.3");
  EXPECT_EQ(InForce(books.Of("northern"), after).version(), "own-1");
  EXPECT_EQ(FindProcedure(InForce(books.Of("northern"), after), "reg18")->title(), "How we listen");
  EXPECT_EQ(InForce(books.Of("southern"), after).version(), "2026-11-22.3");
  // What was begun before goes on as it began.
  EXPECT_EQ(EditionOf(books.Of("northern"), "2026-11-22.3", after).version(), "2026-11-22.3");
}

TEST(AgencyBooksTest, OwnEditionsInWhichAComplaintWouldLoseItsPlaceAreRefusedAndLeaveOurs) {
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"\"version\": \"own-1\"", "\"version\": \"2026-11-22.3\""},
      {"\"procedure_id\": \"reg18\"", "\"procedure_id\": \"reg_18\""},
      {"\"stage_id\": \"formal\"", "\"stage_id\": \"second\""},
      {"\"effective_from\": \"2027-04-01\"", "\"effective_from\": \"April\""},
      {"\"hours\": 12", "\"hours\": 0"},
  };
  AgencyBooks books(OurBook());
  for (const auto& [from, to] : faults) {
    const std::string text = absl::StrReplaceAll(OwnText("2027-04-01"), {{from, to}});
    ASSERT_NE(text, OwnText("2027-04-01")) << from;
    EXPECT_THAT(books.Adopt("northern", text), HasReason("POLICY_INVALID")) << from << " " << to;
  }
  EXPECT_EQ(InForce(books.Of("northern"), Utc("2028-01-01T00:00:00Z")).version(), "2026-11-22.3");
}

}  // namespace
}  // namespace fosterwatch::complaints::domain
