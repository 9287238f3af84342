// What follows the officer's conclusion: the checklist, telling the outcome, learning, closing; and
// the alerts of what stalls.
#include "services/allegations/domain/test_support.h"

namespace fosterwatch::allegations::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using v1::Allegation;

TEST(Close, NamesEverythingThatIsMissing) {
  EXPECT_THAT(
      FieldsOf(Close(Received(), Closing(), "registered", {}, OurPolicies(), kNow).status()),
      ElementsAre("referral", "conclusion", "agency_review", "learning", "learning_action"));
  const auto refused =
      Close(Reviewing(), Closing(), "registered", {}, OurPolicies(), kNow).status();
  EXPECT_EQ(ReasonOf(refused), "NOT_READY_TO_CLOSE");
  EXPECT_THAT(
      FieldsOf(refused),
      ElementsAre("checklist[REVIEW_OF_APPROVAL]", "checklist[PANEL]", "checklist[REGISTER_TERMS]",
                  "checklist[UPDATES_OWED]", "checklist[SUPPORT]", "checklist[FILE_SUMMARY]",
                  "checklist[LEARNING]", "tellings[SUBJECT]", "tellings[CHILD]",
                  "tellings[RESPONSIBLE_AUTHORITY]", "learning", "learning_action"));
  EXPECT_TRUE(Close(Ready(), Closing(), "registered", {}, OurPolicies(), kNow).ok());
  EXPECT_THAT(FieldsOf(Close(Ready(), {}, "registered", {}, OurPolicies(), kNow).status()),
              ElementsAre("summary"));
}

TEST(Close, IsRefusedForEachThingThatIsTakenAway) {
  const Allegation ready = Ready();
  for (int i = 0; i < ready.checklist_size(); ++i) {
    Allegation open = ready;
    open.mutable_checklist(i)->mutable_action()->set_state(type::v1::Action::STATE_OPEN);
    EXPECT_THAT(FieldsOf(Close(open, Closing(), "r", {}, OurPolicies(), kNow).status()),
                ElementsAre(absl::StrCat("checklist[", open.checklist(i).code(), "]")));
  }
  for (int i = 0; i < ready.tellings_size(); ++i) {
    Allegation open = ready;
    open.mutable_tellings(i)->clear_told_time();
    EXPECT_THAT(FieldsOf(Close(open, Closing(), "r", {}, OurPolicies(), kNow).status()),
                ElementsAre(absl::StrCat("tellings[", open.tellings(i).party(), "]")));
  }
  Allegation open = ready;
  open.clear_learning();
  EXPECT_THAT(FieldsOf(Close(open, Closing(), "r", {}, OurPolicies(), kNow).status()),
              ElementsAre("learning"));
  open = ready;
  open.clear_conclusion();
  EXPECT_THAT(FieldsOf(Close(open, Closing(), "r", {}, OurPolicies(), kNow).status()),
              ElementsAre("conclusion"));
}

TEST(CloseItem, IsDoneOnceAndWithEvidence) {
  Allegation allegation = Concluded();
  const v1::ChecklistItem item = allegation.checklist(0);
  auto request = Done(item);
  request.clear_evidence();
  EXPECT_THAT(
      FieldsOf(CloseItem(allegation, request, "m", kAManager, OurPolicies(), kNow).status()),
      ElementsAre("evidence"));
  Apply(allegation, CloseItem(allegation, Done(item), "manager", kAManager, OurPolicies(), kNow));
  EXPECT_EQ(allegation.checklist(0).action().state(), type::v1::Action::STATE_DONE);
  EXPECT_EQ(
      ReasonOf(CloseItem(allegation, Done(item), "m", kAManager, OurPolicies(), kNow).status()),
      "ACTION_CLOSED");
  request.set_item_id("no such");
  EXPECT_EQ(ReasonOf(CloseItem(allegation, request, "m", kAManager, OurPolicies(), kNow).status()),
            "UNKNOWN_ITEM");
  EXPECT_EQ(
      ReasonOf(CloseItem(Referred(), Done(item), "m", kAManager, OurPolicies(), kNow).status()),
      "WRONG_STATE");
}

TEST(CloseItem, LearningIsDoneByRecordingIt) {
  Allegation allegation = Concluded();
  const v1::ChecklistItem item = allegation.checklist(allegation.checklist_size() - 1);
  ASSERT_EQ(item.code(), "LEARNING");
  EXPECT_EQ(
      ReasonOf(CloseItem(allegation, Done(item), "m", kAManager, OurPolicies(), kNow).status()),
      "LEARNING_NOT_RECORDED");
  const auto learn = [&](const v1::RecordLearningRequest& request) {
    Ids ids;
    return RecordLearning(allegation, request, "registered", OurPeople(), OurRules(), kNow,
                          [&] { return "l-" + ids(); });
  };
  EXPECT_THAT(FieldsOf(learn({}).status()), ElementsAre("learning"));
  auto request = Learning();
  request.clear_action_owner_id();
  EXPECT_THAT(FieldsOf(learn(request).status()), ElementsAre("action_owner_id"));
  request = Learning();
  request.clear_action();
  request.set_action_owner_id("left");
  EXPECT_THAT(FieldsOf(learn(request).status()), ElementsAre("action", "action_owner_id"));
  Apply(allegation, learn(Learning()));
  ASSERT_EQ(allegation.checklist_size(), 8);
  EXPECT_EQ(allegation.checklist(6).action().state(), type::v1::Action::STATE_DONE);
  EXPECT_EQ(allegation.checklist(7).code(), "LEARNING_ACTION");
  EXPECT_EQ(allegation.checklist(7).action().owner_id(), "manager");
}

TEST(CloseItem, IsDroppedByWhomThePolicyLetsAlone) {
  const Allegation allegation = Concluded(v1::OUTCOME_SUBSTANTIATED);
  std::vector<std::string> kept;
  for (const v1::ChecklistItem& item : allegation.checklist()) {
    auto request = Done(item);
    request.set_dropped(true);
    const auto dropped =
        CloseItem(allegation, request, "manager", kAManager, OurPolicies(), kNow).status();
    if (!dropped.ok()) {
      EXPECT_EQ(ReasonOf(dropped), "NOT_YOURS_TO_DROP");
      kept.push_back(item.code());
    }
    EXPECT_TRUE(CloseItem(allegation, request, "r", kTheManager, OurPolicies(), kNow).ok());
  }
  EXPECT_THAT(kept, ElementsAre("PANEL", "DBS_REFERRAL", "LEARNING"));
}

TEST(Close, WaitsForLinkedEventsWhereThePolicySaysSo) {
  const std::vector<std::string> open = {"E-1"};
  EXPECT_THAT(FieldsOf(Close(Ready(), Closing(), "r", open, OurPolicies(), kNow).status()),
              ElementsAre("event[E-1]"));
  v1::PathwayPolicies lax = OurPolicies();
  lax.mutable_editions(0)->clear_closing();
  EXPECT_TRUE(Close(Ready(), Closing(), "r", open, lax, kNow).ok());
}

TEST(Checklist, NobodySeesToWhatIsSaidAboutThem) {
  Allegation allegation = Concluded(v1::OUTCOME_FALSE, AboutStaff("manager"));
  for (const v1::ChecklistItem& item : allegation.checklist()) {
    EXPECT_NE(item.action().owner_id(), "manager") << item.code();
  }
  v1::AssignChecklistItemRequest assign;
  assign.set_item_id(allegation.checklist(0).action().action_id());
  assign.set_owner_id("manager");
  EXPECT_EQ(ReasonOf(AssignItem(allegation, assign, OurPeople(), kNow).status()),
            "SUBJECT_TAKES_NO_PART");
}

TEST(AssignItem, HandsItToSomebodyWhoIsThereAndMovesNoDueTime) {
  Allegation allegation = Concluded();
  v1::AssignChecklistItemRequest request;
  request.set_item_id(allegation.checklist(0).action().action_id());
  const auto due = allegation.checklist(0).action().due_time();
  for (const char* nobody : {"", "left", "stranger"}) {
    request.set_owner_id(nobody);
    EXPECT_THAT(FieldsOf(AssignItem(allegation, request, OurPeople(), kNow).status()),
                ElementsAre("owner_id"));
  }
  request.set_owner_id("registered");
  Apply(allegation, AssignItem(allegation, request, OurPeople(), kNow));
  EXPECT_EQ(allegation.checklist(0).action().owner_id(), "registered");
  EXPECT_EQ(allegation.checklist(0).action().due_time().seconds(), due.seconds());
  EXPECT_THAT(*AssignItem(allegation, request, OurPeople(), kNow), IsEmpty());
}

TEST(AddItem, IsDueByThePolicy) {
  Allegation allegation = Concluded();
  Ids ids;
  v1::AddChecklistItemRequest request;
  EXPECT_THAT(FieldsOf(AddItem(allegation, request, OurPeople(), OurRules(), kNow, ids).status()),
              ElementsAre("description", "owner_id"));
  request.set_description("speak with the school");
  request.set_owner_id("caseworker");
  Apply(allegation, AddItem(allegation, request, OurPeople(), OurRules(), kNow, ids));
  const auto& added = allegation.checklist(allegation.checklist_size() - 1);
  EXPECT_EQ(added.code(), "ADDED");
  // Twenty working days from Wednesday 25 November: Wednesday 23 December, to its end.
  EXPECT_EQ(clock::FromProto(added.action().due_time()),
            absl::FromCivil(absl::CivilDay(2026, 12, 24), clock::London()));
}

TEST(RecordTold, IsToldOrNotToldWithAReason) {
  Allegation allegation = Concluded();
  v1::RecordOutcomeToldRequest request;
  request.set_party("CHILD");
  EXPECT_THAT(FieldsOf(RecordTold(allegation, request, "m", kNow).status()),
              ElementsAre("told_time", "channel"));
  request = Telling("CHILD");
  *request.mutable_told_time() = clock::ToProto(kNow - absl::Seconds(1));
  EXPECT_EQ(ReasonOf(RecordTold(allegation, request, "m", kNow).status()), "BEFORE_CONCLUSION");
  request = Telling("CHILD");
  request.set_not_told(true);
  EXPECT_THAT(FieldsOf(RecordTold(allegation, request, "m", kNow).status()),
              ElementsAre("reason", "told_time", "channel"));
  v1::RecordOutcomeToldRequest not_told;
  not_told.set_party("CHILD");
  not_told.set_not_told(true);
  not_told.set_reason("too young");
  Apply(allegation, RecordTold(allegation, not_told, "manager", kNow));
  EXPECT_EQ(ReasonOf(RecordTold(allegation, Telling("CHILD"), "m", kNow).status()), "TOLD_BEFORE");
  EXPECT_EQ(ReasonOf(RecordTold(allegation, Telling("PRESS"), "m", kNow).status()),
            "UNKNOWN_PARTY");
}

std::vector<std::string> CodesOf(const Facts& facts) {
  std::vector<std::string> codes;
  for (const auto& fact : facts) codes.push_back(fact.attention_needed().code());
  return codes;
}

TEST(Attention, ComesOnceForEachThingThatIsLate) {
  Allegation allegation = Received();
  const absl::Time due = clock::FromProto(allegation.duties(0).due_time());
  EXPECT_EQ(NextAttention(allegation), due + absl::Microseconds(1));
  EXPECT_THAT(RaiseAttention(allegation, OurPolicies(), due), IsEmpty()) << "in time to the end";
  const Facts facts = RaiseAttention(allegation, OurPolicies(), due + absl::Microseconds(1));
  ASSERT_THAT(CodesOf(facts), ElementsAre("ALLEGATION_REFERRAL_OVERDUE"));
  EXPECT_TRUE(facts[0].attention_needed().urgent());
  EXPECT_FALSE(facts[0].attention_needed().in_digest());
  EXPECT_EQ(facts[0].attention_needed().subject_id(), "A-1");
  Apply(allegation, facts);
  EXPECT_THAT(RaiseAttention(allegation, OurPolicies(), due + absl::Hours(99)), IsEmpty());
  EXPECT_FALSE(NextAttention(allegation).has_value());
  // Done at last: settled with it.
  Ids ids;
  auto request = Referring();
  Apply(allegation, Refer(allegation, request, "manager", false, OurRules(), kNow,
                          [&] { return "r-" + ids(); }));
  ASSERT_EQ(allegation.attention_size(), 1);
  EXPECT_TRUE(allegation.attention(0).has_settled_time());
}

TEST(Attention, AStalledChecklistIsToldItemByItem) {
  Allegation allegation = Reviewing();
  absl::Time late = kNow;
  int raised = 0;
  // Each in its turn, by the clock of a timer.
  while (const auto next = NextAttention(allegation)) {
    ASSERT_GT(*next, late);
    late = *next;
    const Facts facts = RaiseAttention(allegation, OurPolicies(), late);
    ASSERT_FALSE(facts.empty());
    raised += static_cast<int>(facts.size());
    Apply(allegation, facts, late);
  }
  // The items, the tellings, and the review itself.
  EXPECT_EQ(raised, allegation.checklist_size() + allegation.tellings_size() + 1);
  std::set<std::string> ids;
  for (const auto& attention : allegation.attention()) ids.insert(attention.attention_id());
  EXPECT_EQ(ids.size(), static_cast<size_t>(raised));
  Apply(allegation,
        CloseItem(allegation, Done(allegation.checklist(0)), "manager", kAManager, OurPolicies(),
                  late),
        late);
  int settled = 0;
  for (const auto& attention : allegation.attention()) settled += attention.has_settled_time();
  EXPECT_EQ(settled, 1);
}

}  // namespace
}  // namespace fosterwatch::allegations::domain
