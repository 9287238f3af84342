#include "services/placements/domain/codes.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "services/placements/domain/test_support.h"

namespace fosterwatch::placements::domain {
namespace {

TEST(CodesTest, TheShippedReasonsCountAsTheGuideHasThem) {
  const v1::CodeList& list = InForce(ShippedCodes(), "2026-11-22");
  std::set<std::string> unplanned, planned, others;
  for (const v1::ReasonCode& reason : list.reason_codes()) {
    (reason.ending() == v1::ENDING_UNPLANNED ? unplanned
     : reason.ending() == v1::ENDING_PLANNED ? planned
                                             : others)
        .insert(reason.code());
  }
  EXPECT_EQ(unplanned,
            (std::set<std::string>{"ALLEG", "STAND", "APPRR", "CREQB", "CREQO", "CHILD", "LAREQ"}));
  EXPECT_EQ(planned, (std::set<std::string>{"CARPL", "CLOSE"}));
  EXPECT_EQ(others, (std::set<std::string>{"PLACE", "CUSTOD", "OTHER"}));
  for (const char* code : {"U1", "U2", "U3", "U4", "U5", "U6"}) {
    ASSERT_NE(FindPlacementCode(list, code), nullptr) << code;
    EXPECT_TRUE(FindPlacementCode(list, code)->with_carer()) << code;
  }
  EXPECT_FALSE(FindPlacementCode(list, "K2")->with_carer());
  EXPECT_EQ(FindPlacementCode(list, "U7"), nullptr);
}

std::string File(const std::string& reasons) {
  const auto edition = [&](const std::string& from) {
    return absl::StrCat(
        R"({"version": ")", from, R"(", "effective_from": ")", from,
        R"(", "origin": {"source": "s", "grade": "M"}, "placement_codes":)"
        R"( [{"code": "U4", "title": "t"}], "kinds": [{"kind": "K", "title": "t"}],)"
        R"( "reason_codes": [)",
        reasons, "]}");
  };
  return absl::StrCat(R"({"editions": [)", edition("2026-01-01"), ",", edition("2027-01-01"), "]}");
}

TEST(CodesTest, TheEditionOfTheDayHolds) {
  const auto lists =
      ParseCodeLists(File(R"({"code": "X", "title": "t", "ending": "ENDING_PLANNED"})"));
  ASSERT_TRUE(lists.ok()) << lists.status();
  EXPECT_EQ(InForce(*lists, "2020-05-05").version(), "2026-01-01");
  EXPECT_EQ(InForce(*lists, "2026-12-31").version(), "2026-01-01");
  EXPECT_EQ(InForce(*lists, "2027-01-01").version(), "2027-01-01");
}

TEST(CodesTest, AListThatMakesNoSenseStopsTheStart) {
  const std::string good = R"({"code": "X", "title": "t", "ending": "ENDING_PLANNED"})";
  for (const std::string& text :
       {std::string("{}"), std::string("no json"), File(""), File(good + "," + good),
        File(R"({"code": "X", "title": "t"})"),
        File(R"({"code": "X", "title": "t", "ending": "ENDING_NOT_SAID"})"),
        File(R"({"code": "X", "title": "t", "ending": "ENDING_PLANNED", "colour": "red"})")}) {
    EXPECT_EQ(ReasonOf(ParseCodeLists(text).status()), "CODES_INVALID") << text;
  }
}

}  // namespace
}  // namespace fosterwatch::placements::domain
