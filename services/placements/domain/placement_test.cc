#include "services/placements/domain/placement.h"

#include <functional>

#include <gtest/gtest.h>

#include "services/placements/domain/test_support.h"

namespace fosterwatch::placements::domain {
namespace {

TEST(PlacementTest, AStartIsWhereTheChildLivesFromThenOn) {
  const v1::ChildFile file = Placed();
  ASSERT_NE(Current(file), nullptr);
  EXPECT_EQ(Current(file)->carer_id(), "F-1");
  EXPECT_EQ(Current(file)->start_date(), "2026-03-01");
  EXPECT_EQ(Current(file)->ending(), v1::ENDING_UNSPECIFIED);
  EXPECT_EQ(file.carer_id(), "F-1");
}

TEST(PlacementTest, AMoveEndsAndStartsOnOneDayAndTheReasonSaysHowItCounts) {
  const v1::ChildFile before = Placed();
  const auto facts = Move(before, MoveRequest("F-2", "2026-05-04", "CREQB"), Today());
  ASSERT_TRUE(facts.ok()) << facts.status();
  const v1::ChildFile file = After(before, *facts);
  ASSERT_EQ(file.placements_size(), 2);
  EXPECT_EQ(file.placements(0).end_date(), "2026-05-04");
  EXPECT_EQ(file.placements(0).ending(), v1::ENDING_UNPLANNED);
  EXPECT_EQ(file.placements(1).start_date(), "2026-05-04");
  EXPECT_EQ(file.carer_id(), "F-2");
  EXPECT_TRUE(facts->back().has_child_recorded());
}

TEST(PlacementTest, AnEndLeavesTheChildWithNobody) {
  const auto facts = End(Placed(), EndRequest("2026-11-22", "CARPL"), Today());
  ASSERT_TRUE(facts.ok()) << facts.status();
  const v1::ChildFile file = After(Placed(), *facts);
  EXPECT_EQ(Current(file), nullptr);
  EXPECT_EQ(file.placements(0).ending(), v1::ENDING_PLANNED);
  EXPECT_EQ(file.carer_id(), "");
  EXPECT_EQ(ReasonOf(End(file, EndRequest("2026-11-22", "CARPL"), Today()).status()), "NOT_PLACED");
}

TEST(PlacementTest, WhoLivesWithACarerIsMovedNotStarted) {
  EXPECT_EQ(ReasonOf(Start(Placed(), StartRequest("F-2", "2026-05-04"), Today()).status()),
            "ALREADY_PLACED");
}

struct Refusal {
  const char* why;
  void (*change)(v1::Placement& placement);
  const char* reason;
  const char* field;
};

class StartRefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(StartRefusalTest, SaysWhatIsWrongWithWhichField) {
  v1::StartPlacementRequest request = StartRequest("F-1", "2026-03-01");
  GetParam().change(*request.mutable_placement());
  const auto facts = Start(NotPlaced(), request, Today());
  EXPECT_EQ(ReasonOf(facts.status()), GetParam().reason);
  EXPECT_EQ(FieldAtFault(facts.status()), GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    Each, StartRefusalTest,
    ::testing::Values(Refusal{"unknown carer", [](auto& p) { p.set_carer_id("F-9"); },
                              "UNKNOWN_CARER", "placement.carer_id"},
                      Refusal{"no carer", [](auto& p) { p.clear_carer_id(); }, "UNKNOWN_CARER",
                              "placement.carer_id"},
                      Refusal{"no day", [](auto& p) { p.set_start_date("2026-02-29"); },
                              "INVALID_DATE", "placement.start_date"},
                      Refusal{"a day in other words", [](auto& p) { p.set_start_date("2026-3-1"); },
                              "INVALID_DATE", "placement.start_date"},
                      Refusal{"tomorrow", [](auto& p) { p.set_start_date("2026-11-23"); },
                              "IN_THE_FUTURE", "placement.start_date"},
                      Refusal{"unborn", [](auto& p) { p.set_start_date("2014-05-31"); },
                              "BEFORE_BIRTH", "placement.start_date"},
                      Refusal{"no code", [](auto& p) { p.clear_placement_code(); }, "REQUIRED",
                              "placement.placement_code"},
                      Refusal{"unknown code", [](auto& p) { p.set_placement_code("U9"); },
                              "UNKNOWN_CODE", "placement.placement_code"},
                      Refusal{"a home", [](auto& p) { p.set_placement_code("K2"); },
                              "NOT_WITH_A_CARER", "placement.placement_code"},
                      Refusal{"unknown kind", [](auto& p) { p.set_kind("FOREVER"); },
                              "UNKNOWN_CODE", "placement.kind"},
                      Refusal{"unknown authority",
                              [](auto& p) { p.set_placing_authority_id("nowhere"); },
                              "UNKNOWN_BODY", "placement.placing_authority_id"},
                      Refusal{"an end", [](auto& p) { p.set_end_date("2026-04-01"); }, "NOT_ENDED",
                              "placement.end_date"},
                      Refusal{"a reason", [](auto& p) { p.set_reason_code("CREQB"); }, "NOT_ENDED",
                              "placement.reason_code"},
                      Refusal{"a long id",
                              [](auto& p) { p.set_placement_id(std::string(65, 'x')); },
                              "INVALID_ID", "placement.placement_id"}));

TEST(PlacementTest, NothingIsSaidOfAChildWhoIsNotThere) {
  EXPECT_EQ(ReasonOf(Start(v1::ChildFile(), StartRequest("F-1", "2026-03-01"), Today()).status()),
            "UNKNOWN_CHILD");
  EXPECT_EQ(ReasonOf(End(v1::ChildFile(), EndRequest("2026-03-01", "CARPL"), Today()).status()),
            "UNKNOWN_CHILD");
}

TEST(PlacementTest, AMoveToADayBeforeTheChildCameIsRefused) {
  const auto facts = Move(Placed(), MoveRequest("F-2", "2026-02-01", "CREQB"), Today());
  EXPECT_EQ(ReasonOf(facts.status()), "BEFORE_START");
  EXPECT_EQ(FieldAtFault(facts.status()), "next.start_date");
}

TEST(PlacementTest, ACorrectionKeepsWhatWasSaidFirst) {
  const v1::ChildFile before =
      After(Placed(), *End(Placed(), EndRequest("2026-05-04", "CARPL"), Today()));
  v1::CorrectPlacementRequest request;
  request.mutable_placement()->set_placement_id(before.placements(0).placement_id());
  request.mutable_placement()->set_reason_code("ALLEG");
  request.set_why("the removal followed an allegation");
  const auto facts = Correct(before, request, Today());
  ASSERT_TRUE(facts.ok()) << facts.status();
  const v1::ChildFile file = After(before, *facts);
  EXPECT_EQ(file.placements(0).ending(), v1::ENDING_UNPLANNED);
  ASSERT_EQ(file.placements(0).corrections_size(), 1);
  const v1::PlacementCorrection& correction = file.placements(0).corrections(0);
  ASSERT_EQ(correction.replaced_size(), 1);
  EXPECT_EQ(correction.replaced(0).field(), "reason_code");
  EXPECT_EQ(correction.replaced(0).before(), "CARPL");
  EXPECT_EQ(correction.person_id(), "person-1");
  // The same again says nothing new.
  EXPECT_TRUE(Correct(file, request, Today())->empty());
}

TEST(PlacementTest, AnEndThatNeverWasIsTakenBackByACorrection) {
  const v1::ChildFile before =
      After(Placed(), *End(Placed(), EndRequest("2026-05-04", "CARPL"), Today()));
  v1::CorrectPlacementRequest request;
  request.mutable_placement()->set_placement_id(before.placements(0).placement_id());
  request.add_cleared("end_date");
  request.set_why("the child stayed");
  EXPECT_EQ(ReasonOf(Correct(before, request, Today()).status()), "NOT_ENDED");
  request.add_cleared("reason_code");
  const auto facts = Correct(before, request, Today());
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(After(before, *facts).carer_id(), "F-1");
}

TEST(PlacementTest, ACorrectionThatCannotBeRightIsRefusedByItsField) {
  const v1::ChildFile moved =
      After(Placed(), *Move(Placed(), MoveRequest("F-2", "2026-05-04", "CARPL"), Today()));
  struct Case {
    const char* what;
    std::function<void(v1::CorrectPlacementRequest&)> spoil;
    const char* reason;
    const char* field;
  };
  using Request = v1::CorrectPlacementRequest;
  const Case cases[] = {
      {"no reason why", [](Request& r) { r.clear_why(); }, "REQUIRED", "why"},
      {"another child's", [](Request& r) { r.mutable_placement()->set_placement_id("P-9"); },
       "NOT_FOUND", "placement.placement_id"},
      {"a carer nobody knows", [](Request& r) { r.mutable_placement()->set_carer_id("F-9"); },
       "UNKNOWN_CARER", "placement.carer_id"},
      {"no day", [](Request& r) { r.mutable_placement()->set_start_date("1 March"); },
       "INVALID_DATE", "placement.start_date"},
      {"a day to come", [](Request& r) { r.mutable_placement()->set_end_date("2026-11-23"); },
       "IN_THE_FUTURE", "placement.end_date"},
      {"an end before the start",
       [](Request& r) { r.mutable_placement()->set_end_date("2026-02-01"); }, "BEFORE_START",
       "placement.end_date"},
      {"a day when the child lived elsewhere",
       [](Request& r) { r.mutable_placement()->set_end_date("2026-06-01"); }, "OVERLAPS",
       "placement.start_date"},
      {"a code of no list", [](Request& r) { r.mutable_placement()->set_placement_code("U9"); },
       "UNKNOWN_CODE", "placement.placement_code"},
      {"a reason of no list", [](Request& r) { r.mutable_placement()->set_reason_code("BORED"); },
       "UNKNOWN_CODE", "placement.reason_code"},
      {"no carer at all", [](Request& r) { r.add_cleared("carer_id"); }, "NOT_CORRECTABLE",
       "cleared"},
      {"a field that there is not", [](Request& r) { r.add_cleared("ending"); }, "NOT_CORRECTABLE",
       "cleared"},
      {"cleared and given",
       [](Request& r) {
         r.mutable_placement()->set_kind("SHORT_TERM");
         r.add_cleared("kind");
       },
       "NOT_CORRECTABLE", "cleared"},
      {"a note too long",
       [](Request& r) { r.mutable_placement()->set_ending_note(std::string(30'000, 'x')); },
       "TEXT_TOO_LONG", "placement.ending_note"},
  };
  for (const Case& one : cases) {
    Request request;
    request.mutable_placement()->set_placement_id(moved.placements(0).placement_id());
    request.set_why("misread");
    one.spoil(request);
    const absl::Status status = Correct(moved, request, Today()).status();
    EXPECT_EQ(ReasonOf(status), one.reason) << one.what << ": " << status;
    EXPECT_EQ(FieldAtFault(status), one.field) << one.what << ": " << status;
  }
}

TEST(PlacementTest, TheRecordOfAChildMovesTheChildToday) {
  v1::RecordChildRequest request;
  *request.mutable_child() = ChildOf(Placed());
  request.mutable_child()->set_carer_id("F-2");
  const auto facts = RecordChild(Placed(), request, Today());
  ASSERT_TRUE(facts.ok()) << facts.status();
  const v1::ChildFile file = After(Placed(), *facts);
  ASSERT_EQ(file.placements_size(), 2);
  EXPECT_EQ(file.placements(0).end_date(), "2026-11-22");
  EXPECT_EQ(file.placements(0).ending(), v1::ENDING_NOT_SAID);
  EXPECT_TRUE(file.placements(0).end_assumed());
  EXPECT_EQ(Current(file)->carer_id(), "F-2");
  EXPECT_TRUE(Current(file)->start_assumed());
  // Again, it changes nothing.
  EXPECT_TRUE(RecordChild(file, request, Today())->empty());
}

TEST(PlacementTest, ARecordThatKeepsThePlacementMovesNobody) {
  v1::RecordChildRequest request;
  *request.mutable_child() = ChildOf(Placed());
  request.mutable_child()->clear_carer_id();
  request.mutable_child()->set_name("Another Name");
  request.set_keep_placement(true);
  const v1::ChildFile file = After(Placed(), *RecordChild(Placed(), request, Today()));
  EXPECT_EQ(file.name(), "Another Name");
  EXPECT_EQ(Current(file)->carer_id(), "F-1");
  request.mutable_child()->set_carer_id("F-2");
  EXPECT_EQ(ReasonOf(RecordChild(file, request, Today()).status()), "PLACEMENT_KEPT");
}

TEST(PlacementTest, AFactFromBeforePlacementsWereKeptMakesOneWithAnAssumedStart) {
  v1::ChildFile file;
  v1::PlacementsFact fact;
  *fact.mutable_child_recorded()->mutable_child() = ChildOf(Placed());
  Evolve(file, fact, {"fact-1", Noon(2026, 1, 5)});
  ASSERT_NE(Current(file), nullptr);
  EXPECT_EQ(Current(file)->placement_id(), "fact-1");
  EXPECT_EQ(Current(file)->start_date(), "2026-01-05");
  EXPECT_TRUE(Current(file)->start_assumed());
  fact.mutable_child_recorded()->mutable_child()->set_carer_id("F-2");
  Evolve(file, fact, {"fact-2", Noon(2026, 2, 5)});
  ASSERT_EQ(file.placements_size(), 2);
  EXPECT_EQ(file.placements(0).end_date(), "2026-02-05");
  EXPECT_EQ(Current(file)->carer_id(), "F-2");
}

v1::RecordPlacementRequest Row(const std::string& carer_id, const std::string& from,
                               const std::string& to = "", const std::string& reason = "") {
  v1::RecordPlacementRequest request;
  request.mutable_placement()->set_child_id("C-1");
  request.mutable_placement()->set_carer_id(carer_id);
  request.mutable_placement()->set_start_date(from);
  request.mutable_placement()->set_end_date(to);
  request.mutable_placement()->set_reason_code(reason);
  return request;
}

TEST(RecordPlacementTest, TakesThePastInAnyOrderAndOnce) {
  v1::ChildFile file = NotPlaced();
  for (const auto& row : {Row("F-2", "2026-03-01"), Row("F-1", "2024-01-10", "2025-06-30", "CLOSE"),
                          Row("F-3", "2025-06-30", "2026-03-01", "CREQO")}) {
    const auto facts = Record(file, row, Today());
    ASSERT_TRUE(facts.ok()) << facts.status();
    file = After(file, *facts);
    EXPECT_TRUE(Record(file, row, Today())->empty());
  }
  ASSERT_EQ(file.placements_size(), 3);
  EXPECT_EQ(file.placements(0).carer_id(), "F-1");
  EXPECT_EQ(file.placements(2).carer_id(), "F-2");
  EXPECT_EQ(file.carer_id(), "F-2");
  EXPECT_EQ(ReasonOf(Record(file, Row("F-1", "2025-01-01", "2025-02-01"), Today()).status()),
            "OVERLAPS");
}

TEST(RecordPlacementTest, AnEndThatIsNewIsAnEndingNotACorrection) {
  const auto facts = Record(Placed(), Row("F-1", "2026-03-01", "2026-10-01", "CHILD"), Today());
  ASSERT_TRUE(facts.ok()) << facts.status();
  const v1::ChildFile file = After(Placed(), *facts);
  EXPECT_EQ(file.placements(0).ending(), v1::ENDING_UNPLANNED);
  EXPECT_EQ(file.placements(0).corrections_size(), 0);
  EXPECT_EQ(file.carer_id(), "");
}

TEST(RecordPlacementTest, AnAssumedStartGivesWayToTheOneThatIsSaid) {
  v1::RecordChildRequest request;
  *request.mutable_child() = ChildOf(Placed());
  const v1::ChildFile assumed = After(NotPlaced(), *RecordChild(NotPlaced(), request, Today()));
  const v1::ChildFile file = After(assumed, *Record(assumed, Row("F-1", "2025-02-01"), Today()));
  ASSERT_EQ(file.placements_size(), 1);
  EXPECT_EQ(Current(file)->start_date(), "2025-02-01");
  EXPECT_FALSE(Current(file)->start_assumed());
}

}  // namespace
}  // namespace fosterwatch::placements::domain
