#include "services/carers/domain/merge.h"

#include <string>

#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

v1::MergeCarersRequest Into(const std::string& id) {
  v1::MergeCarersRequest request;
  request.set_carer_id("F-9");
  request.set_into_carer_id(id);
  request.set_reason("taken over twice");
  return request;
}

TEST(MergeTest, NothingIsOwedOnAMergedRecordUntilTheMergeIsTakenBack) {
  World world;
  world.Approve();  // 2026-11-22
  const int owed = world.carer.duties_size();
  ASSERT_GT(owed, 5);
  world.Pass(absl::Hours(24 * 300));
  ASSERT_GT(world.carer.open_attentions_size(), 0);
  const absl::CivilDay approved(2026, 11, 22), today = clock::LondonDay(world.now);
  const absl::Time before = world.now;
  world.Pass(absl::Seconds(1));
  world.Do(MergeInto(world.carer, Into("F-1"), world.At(), NextId));
  EXPECT_EQ(world.carer.merged_into_carer_id(), "F-1");
  EXPECT_EQ(world.carer.duties_size(), 0);
  EXPECT_EQ(world.carer.open_attentions_size(), 0);
  EXPECT_EQ(world.carer.standing().status(), v1::Carer::STATUS_ENDED);
  EXPECT_EQ(world.carer.standing().ended_date(), world.Today());
  EXPECT_EQ(world.carer.status(), v1::Carer::STATUS_APPROVED) << "its history stays";
  for (const absl::CivilDay day : {approved, today}) {
    EXPECT_FALSE(IsApprovedOn(world.Entry(day), day)) << "as known now";
    EXPECT_TRUE(IsApprovedOn(world.Entry(day, before), day)) << "as known then";
  }
  EXPECT_TRUE(world.RegisterStandsAlone());
  v1::RecordVisitRequest visit;
  *visit.mutable_visited_time() = world.Now();
  EXPECT_EQ(ReasonOf(RecordVisit(world.carer, visit, world.At(), NextId).status()),
            "RECORD_MERGED");
  EXPECT_EQ(ReasonOf(MergeInto(world.carer, Into("F-2"), world.At(), NextId).status()),
            "MERGED_BEFORE");
  v1::CorrectRegisterRequest strike;
  strike.set_change_id(world.carer.register_changes().rbegin()->change_id());
  strike.set_strike(true);
  strike.set_reason("no");
  EXPECT_EQ(ReasonOf(CorrectRegister(world.carer, strike, world.At(), NextId).status()),
            "MERGE_STANDS");
  v1::UndoMergeRequest undo;
  EXPECT_EQ(ReasonOf(UndoMerge(world.carer, undo, world.At(), NextId).status()), "REQUIRED");
  undo.set_reason("cousins of one name");
  world.Do(UndoMerge(world.carer, undo, world.At(), NextId));
  EXPECT_EQ(world.carer.merged_into_carer_id(), "");
  EXPECT_EQ(world.carer.duties_size(), owed);
  EXPECT_EQ(world.carer.standing().status(), v1::Carer::STATUS_APPROVED);
  EXPECT_TRUE(IsApprovedOn(world.Entry(today), today));
  EXPECT_EQ(ReasonOf(UndoMerge(world.carer, undo, world.At(), NextId).status()), "NOT_MERGED");
  // What was told before the merge is told again.
  world.Pass(absl::Seconds(1));
  EXPECT_GT(world.carer.open_attentions_size(), 0);
}

TEST(MergeTest, IsRefusedWhereSomethingGoesOnByTheRecord) {
  World world;
  world.Apply();
  EXPECT_EQ(ReasonOf(MergeInto(world.carer, Into("F-1"), world.At(), NextId).status()),
            "APPLICATION_OPEN");
  World placed;
  placed.Approve();
  EXPECT_EQ(ReasonOf(MergeInto(placed.carer, Into("F-9"), placed.At(), NextId).status()),
            "SAME_RECORD");
  placed.Place("C-1");
  EXPECT_EQ(ReasonOf(MergeInto(placed.carer, Into("F-1"), placed.At(), NextId).status()),
            "CHILD_PLACED");
  placed.Leave("C-1");
  v1::RecordAccessRequestRequest ask;
  ask.set_service_name("Example Fostering");
  ask.set_basis("reg 26(1A)(e), with consent");
  ask.set_received_date(placed.Today());
  placed.Do(RecordAccessRequest(placed.carer, ask, placed.At(), NextId));
  EXPECT_EQ(ReasonOf(MergeInto(placed.carer, Into("F-1"), placed.At(), NextId).status()),
            "WORK_OPEN");
  v1::AnswerAccessRequestRequest answer;
  answer.set_access_request_id(placed.carer.access_requests(0).access_request_id());
  answer.set_answer("copies sent");
  answer.set_answered_date(placed.Today());
  placed.Do(AnswerAccessRequest(placed.carer, answer, placed.At()));
  placed.Do(TakeIn(placed.carer, "F-1"));
  EXPECT_EQ(ReasonOf(MergeInto(placed.carer, Into("F-2"), placed.At(), NextId).status()),
            "MERGED_BEFORE");
  placed.Do(LetGo(placed.carer, "F-1"));
  placed.Do(MergeInto(placed.carer, Into("F-2"), placed.At(), NextId));
  EXPECT_EQ(ReasonOf(TakeIn(placed.carer, "F-1").status()), "MERGED_BEFORE");
}

TEST(MergeTest, TwoThatAreSaidToBeTwoAreNotProposedAgain) {
  World world;
  world.Approve();
  EXPECT_TRUE(MayBeProposed(world.carer, "F-1"));
  EXPECT_EQ(ReasonOf(KeepApart(world.carer, "F-9").status()), "SAME_RECORD");
  world.Do(KeepApart(world.carer, "F-1"));
  EXPECT_FALSE(MayBeProposed(world.carer, "F-1"));
  EXPECT_TRUE(MayBeProposed(world.carer, "F-2"));
  EXPECT_TRUE(KeepApart(world.carer, "F-1")->empty());
  world.Do(TakeIn(world.carer, "F-2"));
  EXPECT_EQ(ReasonOf(KeepApart(world.carer, "F-2").status()), "MERGED_BEFORE");
}

TEST(MergeTest, OnePersonIsLikeThemselvesHoweverTheirNameWasTyped) {
  World world;
  world.Apply();
  v1::Carer other = world.carer;
  other.set_address("2 Elsewhere Road");
  other.mutable_foster_parents(0)->set_name("  ann  EXAMPLE. ");
  other.mutable_foster_parents(1)->set_birth_date("1981-02-03");
  const Likeness a = LikenessOf(world.carer), b = LikenessOf(other);
  EXPECT_EQ(a.persons[0], b.persons[0]);
  EXPECT_NE(a.persons[1], b.persons[1]);
  EXPECT_NE(a.household, b.household);
  other.clear_address();
  EXPECT_EQ(LikenessOf(other).household, "");
}

}  // namespace
}  // namespace fosterwatch::carers::domain
