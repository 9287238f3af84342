#include "services/complaints/domain/sighting.h"

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/status_matchers.h"
#include "services/complaints/domain/test_support.h"

namespace fosterwatch::complaints::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;

constexpr absl::Duration kWindow = absl::Hours(24 * 14);

v1::Sighting Seen(const std::string& child, const std::string& carer, absl::Time when,
                  const std::string& complaint = "") {
  v1::Sighting seen;
  seen.set_sighting_id("seen");
  seen.set_source(v1::SIGHTING_SOURCE_FEEDBACK);
  seen.set_source_id("feed-1");
  seen.set_child_id(child);
  seen.set_carer_id(carer);
  seen.set_complaint_id(complaint);
  *seen.mutable_seen_time() = clock::ToProto(when);
  return seen;
}

Candidate Complained(const std::string& id, const std::string& child, const std::string& carer,
                     absl::Time when) {
  return {id, child, carer, when, "", {}};
}

TEST(SightingTest, IsTheSameByChildCarerAndTime) {
  struct Row {
    std::string child, carer;
    absl::Duration apart;
    bool same;
  };
  for (const Row& row : std::vector<Row>{
           {"C-1", "F-1", absl::ZeroDuration(), true},
           {"C-1", "", absl::Hours(1), true},   // the feed knows no carer
           {"", "F-1", -absl::Hours(1), true},  // nor child
           {"C-1", "F-2", absl::ZeroDuration(), false},
           {"C-2", "F-1", absl::ZeroDuration(), false},
           {"", "", absl::ZeroDuration(), false},
           {"C-1", "F-1", kWindow, true},
           {"C-1", "F-1", kWindow + absl::Seconds(1), false},
       }) {
    EXPECT_EQ(SameByWindow(Seen(row.child, row.carer, kReceived + row.apart),
                           Complained("a", "C-1", "F-1", kReceived), kWindow),
              row.same)
        << row.child << " " << row.carer << " " << row.apart;
  }
}

TEST(SightingTest, AnIdGoesBeforeTheWindowAndTheNearestBeforeTheRest) {
  const std::vector<Candidate> candidates = {
      Complained("far", "C-1", "F-1", kReceived - absl::Hours(100)),
      Complained("near", "C-1", "F-1", kReceived - absl::Hours(3)),
      Complained("named", "C-9", "F-9", kReceived - absl::Hours(9000))};
  const auto match = FindMatch(Seen("C-1", "F-1", kReceived), candidates, kWindow);
  ASSERT_TRUE(match);
  EXPECT_EQ(match->complaint_id, "near");
  EXPECT_EQ(match->by, v1::MATCHED_BY_WINDOW);
  const auto named = FindMatch(Seen("C-1", "F-1", kReceived, "named"), candidates, kWindow);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->complaint_id, "named");
  EXPECT_EQ(named->by, v1::MATCHED_BY_ID);
  // What names a complaint that is not here is a gap, whatever lies near it.
  EXPECT_FALSE(FindMatch(Seen("C-1", "F-1", kReceived, "lost"), candidates, kWindow));
}

TEST(SightingTest, AnEventThatAComplaintHasLedToIsThatComplaint) {
  Candidate candidate = Complained("a", "", "F-1", kReceived - absl::Hours(9000));
  candidate.event_id = "event-1";
  v1::Sighting seen = Seen("C-1", "F-1", kReceived);
  seen.set_source(v1::SIGHTING_SOURCE_EVENT);
  seen.set_source_id("event-1");
  const auto match = FindMatch(seen, {candidate}, kWindow);
  ASSERT_TRUE(match);
  EXPECT_EQ(match->by, v1::MATCHED_BY_ID);
}

class RaisingTest : public ::testing::Test {
 protected:
  void Apply(const Facts& facts) {
    for (const auto& fact : facts) EvolveSighting(sighting_, fact, now_);
  }
  Given given() const { return {OurBook(), OurCalendar(), now_, ids_}; }

  Ids ids_;
  absl::Time now_ = kReceived;
  v1::Sighting sighting_;
};

TEST_F(RaisingTest, IsRaisedDailyUntilSomebodyExplainsIt) {
  Apply(See(sighting_, Seen("C-1", "F-1", kReceived), {}, given()));
  EXPECT_EQ(sighting_.state(), v1::Sighting::STATE_UNMATCHED);
  EXPECT_TRUE(Raise(sighting_, {}, given()).empty());  // not yet
  std::set<std::string> ids;
  for (int day = 1; day <= 3; ++day) {
    now_ += absl::Hours(24);
    const Facts facts = Raise(sighting_, {}, given());
    ASSERT_EQ(facts.size(), day == 1 ? 1u : 2u);
    EXPECT_EQ(facts.back().attention_needed().code(), "COMPLAINT_SEEN_ELSEWHERE");
    EXPECT_TRUE(ids.insert(facts.back().attention_needed().attention_id()).second);
    Apply(facts);
    EXPECT_TRUE(Raise(sighting_, {}, given()).empty());
  }
  EXPECT_EQ(sighting_.times_raised(), 3);
  v1::ExplainSightingRequest explain;
  EXPECT_THAT(ExplainSighting(sighting_, explain, kManager, given()).status(),
              HasReason("REQUIRED"));
  explain.set_explanation("thanks, not a complaint");
  const auto explained = ExplainSighting(sighting_, explain, kManager, given());
  ASSERT_THAT(explained, IsOk());
  EXPECT_TRUE(explained->back().has_attention_settled());
  Apply(*explained);
  EXPECT_FALSE(sighting_.has_next_raise_time());
  EXPECT_THAT(ExplainSighting(sighting_, explain, kManager, given()).status(),
              HasReason("SETTLED_BEFORE"));
  EXPECT_THAT(MatchByPerson(sighting_, {}, kManager, given()).status(),
              HasReason("SETTLED_BEFORE"));
  now_ += absl::Hours(24);
  EXPECT_TRUE(Raise(sighting_, {}, given()).empty());
}

TEST_F(RaisingTest, AComplaintThatIsThereByThenIsMatchedInsteadOfRaised) {
  Apply(See(sighting_, Seen("C-1", "F-1", kReceived), {}, given()));
  now_ += absl::Hours(24);
  const Facts facts = Raise(sighting_, {Complained("late", "C-1", "F-1", kReceived)}, given());
  ASSERT_EQ(facts.size(), 1u);
  Apply(facts);
  EXPECT_EQ(sighting_.state(), v1::Sighting::STATE_MATCHED);
  EXPECT_EQ(sighting_.matched_complaint_id(), "late");
  EXPECT_TRUE(See(sighting_, Seen("C-1", "F-1", kReceived), {}, given()).empty());
}

// A feed without ids over a year: complaints of many carers, each seen elsewhere within a few days,
// some of which were left out of the register on purpose.
TEST(CompletenessTest, PlantedGapsAreFoundAndFalseAlarmsCounted) {
  std::mt19937 random(20261122);
  const auto pick = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  constexpr int kComplaints = 400;
  std::vector<Candidate> candidates;
  std::vector<std::pair<v1::Sighting, bool>> sightings;  // and whether it was left out
  for (int i = 0; i < kComplaints; ++i) {
    const std::string carer = absl::StrCat("F-", pick(200));
    const std::string child = absl::StrCat(carer, "/C-", pick(2));
    const absl::Time when = kReceived - absl::Hours(24 * pick(365));
    const bool planted = pick(10) == 0;
    // One in three of the feed's records knows the carer alone.
    sightings.emplace_back(Seen(pick(3) == 0 ? "" : child, carer, when + absl::Hours(24 * pick(5))),
                           planted);
    if (!planted) candidates.push_back(Complained(absl::StrCat(i), child, carer, when));
  }
  int planted = 0, found = 0, alarms = 0;
  for (const auto& [sighting, left_out] : sightings) {
    const bool raised = !FindMatch(sighting, candidates, kWindow).has_value();
    planted += left_out;
    found += left_out && raised;
    alarms += !left_out && raised;
  }
  std::printf("%d of %d planted gaps found, %d false alarms among %d complaints that are there\n",
              found, planted, alarms, kComplaints - planted);
  EXPECT_GE(planted, 30);
  EXPECT_EQ(alarms, 0);
  // One is hidden only where another complaint about the same carer lies within the window.
  EXPECT_GE(found * 100, planted * 85);
}

}  // namespace
}  // namespace fosterwatch::complaints::domain
