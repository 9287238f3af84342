#include "services/carers/domain/supervision.h"

#include <algorithm>
#include <string>
#include <vector>

#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {
namespace {

using type::v1::CaseloadGrant;

absl::StatusOr<Facts> Assign(const World& world, const std::string& person,
                             const std::string& day = "") {
  v1::AssignSupervisorRequest request;
  request.set_supervisor_id(person);
  request.set_from_date(day);
  return AssignSupervisor(world.carer, request, world.At(), NextId);
}

absl::StatusOr<Facts> Open(const World& world, const std::string& person,
                           const std::string& reason = "the child rang at night") {
  v1::OpenInEmergencyRequest request;
  request.set_reason(reason);
  Context context = world.At();
  context.actor = person;
  return OpenInEmergency(world.carer, request, context, NextId);
}

absl::StatusOr<Facts> Review(const World& world, const std::string& person,
                             const std::string& emergency_id, bool end = false,
                             const std::string& note = "rightly so") {
  v1::ReviewEmergencyRequest request;
  request.set_emergency_id(emergency_id);
  request.set_note(note);
  request.set_end(end);
  Context context = world.At();
  context.actor = person;
  return ReviewEmergency(world.carer, request, context);
}

// Who is let in at a moment, by what was published last.
std::string SeenBy(const World& world, absl::Time at) {
  std::vector<std::string> people;
  for (const CaseloadGrant& grant : world.carer.caseload()) {
    if (clock::FromProto(grant.from_time()) <= at &&
        (!grant.has_until_time() || at < clock::FromProto(grant.until_time()))) {
      people.push_back(grant.person_id());
    }
  }
  std::sort(people.begin(), people.end());
  std::string text;
  for (const std::string& person : people) text += (text.empty() ? "" : " ") + person;
  return text;
}

absl::Time Noon(int month, int day) {
  return StartOf(absl::CivilDay(2026, month, day)) + absl::Hours(12);
}

World Approved() {
  World world;  // 2026-11-22
  world.Approve();
  return world;
}

TEST(SupervisionTest, EachLastsFromItsDayUntilTheNextOneBegins) {
  World world = Approved();
  EXPECT_EQ(SeenBy(world, world.now), "");
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-1")));
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-2", "2026-12-01")));
  ASSERT_TRUE(world.Do(Assign(world, "", "2026-12-10")));
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-3", "2026-12-20")));
  struct Case {
    int month, day;
    const char* by;
  };
  for (const Case& c : std::vector<Case>{{11, 21, ""},
                                         {11, 22, "social-worker-1"},
                                         {11, 30, "social-worker-1"},
                                         {12, 1, "social-worker-2"},
                                         {12, 9, "social-worker-2"},
                                         {12, 10, ""},
                                         {12, 19, ""},
                                         {12, 20, "social-worker-3"},
                                         {12, 31, "social-worker-3"}}) {
    EXPECT_EQ(SeenBy(world, Noon(c.month, c.day)), c.by) << c.month << "/" << c.day;
    EXPECT_EQ(SupervisorOn(world.carer, ShowDay(absl::CivilDay(2026, c.month, c.day))), c.by);
  }
  // To the moment: days begin in London.
  const absl::Time change = StartOf(absl::CivilDay(2026, 12, 1));
  EXPECT_EQ(SeenBy(world, change - absl::Microseconds(1)), "social-worker-1");
  EXPECT_EQ(SeenBy(world, change), "social-worker-2");
  EXPECT_EQ(Present(world.carer, world.At()).supervisor_id(), "social-worker-1");
  EXPECT_EQ(world.carer.supervisions_size(), 4) << "what was is kept";
}

TEST(SupervisionTest, OfOneDayTheOneRecordedLastCounts) {
  World world = Approved();
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-1", "2026-12-01")));
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-2", "2026-12-01")));
  EXPECT_EQ(SeenBy(world, Noon(12, 1)), "social-worker-2");
  // One that is recorded late comes between.
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-3", "2026-11-20")));
  EXPECT_EQ(SeenBy(world, Noon(11, 25)), "social-worker-3");
  EXPECT_EQ(SeenBy(world, Noon(12, 2)), "social-worker-2");
}

TEST(SupervisionTest, TheSameAgainIsNothing) {
  World world = Approved();
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-1", "2026-11-20")));
  EXPECT_EQ(Assign(world, "social-worker-1", "2026-11-22").value_or(Facts(1)).size(), 0u);
  // Beside one to come it says something.
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-2", "2026-12-01")));
  EXPECT_EQ(Assign(world, "social-worker-1", "2026-11-22").value_or(Facts()).size(), 1u);
}

TEST(SupervisionTest, IsOfSomebodyWhoHoldsARole) {
  World world = Approved();
  Directory directory;
  directory.holders.push_back(
      {"social-worker-1", world.now - absl::Hours(1), world.now + absl::Hours(24 * 365)});
  Context context = world.At();
  context.directory = &directory;
  v1::AssignSupervisorRequest request;
  const auto reason = [&] {
    return ReasonOf(AssignSupervisor(world.carer, request, context, NextId).status());
  };
  request.set_supervisor_id("social-worker-1");
  EXPECT_EQ(reason(), "");
  request.set_supervisor_id("nobody-1");
  EXPECT_EQ(reason(), "NO_ROLE_HOLDER");
  request.set_supervisor_id("with\nline");
  EXPECT_EQ(reason(), "INVALID_ID");
  request.set_supervisor_id("social-worker-1");
  request.set_from_date("soon");
  EXPECT_EQ(reason(), "INVALID_DATE");
  request.clear_supervisor_id();
  request.clear_from_date();
  EXPECT_EQ(reason(), "REQUIRED") << "that it is nobody has to be meant";
}

TEST(EmergencyTest, OpensAtOnceAlertsAndEndsByItself) {
  World world = Approved();
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-1")));
  ASSERT_TRUE(world.Do(Open(world, "social-worker-2")));
  const int hours = OurPolicies().editions(0).emergency().hours();
  const absl::Time ends = world.now + absl::Hours(hours);
  EXPECT_EQ(SeenBy(world, world.now), "social-worker-1 social-worker-2");
  EXPECT_EQ(SeenBy(world, ends - absl::Microseconds(1)), "social-worker-1 social-worker-2");
  EXPECT_EQ(SeenBy(world, ends), "social-worker-1");
  EXPECT_EQ(Codes(world.last), (std::multiset<std::string>{"EMERGENCY_ACCESS"}));
  for (const auto& fact : world.last) {
    if (!fact.has_attention_needed()) continue;
    EXPECT_EQ(fact.attention_needed().subject_id(), world.carer.carer_id());
    EXPECT_FALSE(fact.attention_needed().in_digest());
    ASSERT_EQ(fact.attention_needed().not_to_person_ids_size(), 1);
    EXPECT_EQ(fact.attention_needed().not_to_person_ids(0), "social-worker-2");
  }
  EXPECT_EQ(world.carer.emergencies(0).policy_version(), OurPolicies().editions(0).version());
}

TEST(EmergencyTest, StaysToBeLookedAtWhateverElseHappensAndHoweverLate) {
  World world = Approved();
  ASSERT_TRUE(world.Do(Open(world, "social-worker-2")));
  const std::string attention = AttentionOf(world.carer, world.carer.emergencies(0));
  const auto open = [&] {
    return std::any_of(world.carer.open_attentions().begin(), world.carer.open_attentions().end(),
                       [&](const auto& one) { return one.attention_id() == attention; });
  };
  EXPECT_TRUE(open());
  world.Pass(absl::Hours(72));
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-1")));
  EXPECT_TRUE(open());
  ASSERT_TRUE(world.Do(Review(world, "manager-1", world.carer.emergencies(0).emergency_id())));
  EXPECT_FALSE(open());
  EXPECT_EQ(world.carer.emergencies(0).reviewed_by(), "manager-1");
  EXPECT_EQ(world.carer.emergencies(0).review_note(), "rightly so");
}

TEST(EmergencyTest, AManagerMayEndItAndNobodyLooksAtTheirOwn) {
  World world = Approved();
  ASSERT_TRUE(world.Do(Open(world, "social-worker-2")));
  const std::string id = world.carer.emergencies(0).emergency_id();
  world.now += absl::Hours(1);
  EXPECT_EQ(ReasonOf(Review(world, "social-worker-2", id).status()), "OWN_EMERGENCY");
  EXPECT_EQ(ReasonOf(Review(world, "manager-1", "another").status()), "UNKNOWN_EMERGENCY");
  EXPECT_EQ(ReasonOf(Review(world, "manager-1", id, true, " ").status()), "REQUIRED");
  ASSERT_TRUE(world.Do(Review(world, "manager-1", id, /*end=*/true)));
  EXPECT_EQ(SeenBy(world, world.now - absl::Seconds(1)), "social-worker-2");
  EXPECT_EQ(SeenBy(world, world.now), "");
  EXPECT_EQ(ReasonOf(Review(world, "manager-1", id).status()), "REVIEWED_BEFORE");
  // What is over before is not made longer.
  ASSERT_TRUE(world.Do(Open(world, "social-worker-2")));
  const auto ends = world.carer.emergencies(1).until_time();
  world.now += absl::Hours(24);
  ASSERT_TRUE(
      world.Do(Review(world, "manager-1", world.carer.emergencies(1).emergency_id(), true)));
  EXPECT_EQ(clock::FromProto(world.carer.emergencies(1).until_time()), clock::FromProto(ends));
}

TEST(EmergencyTest, NeedsAReasonAndIsForWhomTheHouseholdIsClosed) {
  World world = Approved();
  EXPECT_EQ(ReasonOf(Open(world, "social-worker-2", "").status()), "REQUIRED");
  EXPECT_EQ(ReasonOf(Open(world, "social-worker-2", " \n").status()), "REQUIRED");
  EXPECT_EQ(ReasonOf(Open(world, "social-worker-2", std::string(2001, 'a')).status()),
            "TEXT_TOO_LONG");
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-1")));
  EXPECT_EQ(ReasonOf(Open(world, "social-worker-1").status()), "OPEN_ALREADY");
  ASSERT_TRUE(world.Do(Open(world, "social-worker-2")));
  EXPECT_EQ(ReasonOf(Open(world, "social-worker-2").status()), "OPEN_ALREADY");
  world.now += absl::Hours(OurPolicies().editions(0).emergency().hours());
  EXPECT_TRUE(world.Do(Open(world, "social-worker-2"))) << "it is over";
}

TEST(EmergencyTest, OthersAreNotShownToWhoeverSeesTheirOwnCaseload) {
  World world = Approved();
  ASSERT_TRUE(world.Do(Assign(world, "social-worker-1")));
  ASSERT_TRUE(world.Do(Open(world, "social-worker-2")));
  ASSERT_TRUE(world.Do(Open(world, "social-worker-3")));
  v1::Review* review = world.carer.add_reviews();
  for (const auto kind : {v1::ReviewInput::KIND_ALLEGATION, v1::ReviewInput::KIND_COMPLAINT,
                          v1::ReviewInput::KIND_VISIT}) {
    review->add_inputs()->set_kind(kind);
  }
  const v1::Carer shown = PresentToOwn(Present(world.carer, world.At()), "social-worker-2");
  ASSERT_EQ(shown.emergencies_size(), 1);
  EXPECT_EQ(shown.emergencies(0).person_id(), "social-worker-2");
  ASSERT_EQ(shown.reviews(0).inputs_size(), 1);
  EXPECT_EQ(shown.reviews(0).inputs(0).kind(), v1::ReviewInput::KIND_VISIT);
}

}  // namespace
}  // namespace fosterwatch::carers::domain
