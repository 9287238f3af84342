#include "services/kpis/domain/fold.h"

#include <algorithm>
#include <random>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fosterwatch::kpis::domain {
namespace {

using Kind = Observation::Kind;

absl::Time Hour(int hour) { return absl::UnixEpoch() + absl::Hours(hour); }

// One of a record's, in the order in which they are made.
class History {
 public:
  Recorded& Add(Kind kind, const std::string& key, int at, const std::string& chain = "") {
    Recorded& next = all.emplace_back();
    next.aggregate_id = "r";
    next.version = static_cast<int64_t>(all.size());
    next.fact_id = "f" + std::to_string(all.size());
    next.recorded = Hour(1000 + static_cast<int>(all.size()));
    next.observation.kind = kind;
    next.observation.key = key;
    next.observation.chain = chain;
    next.observation.time = Hour(at);
    return next;
  }
  Span Only(bool chained = false) const {
    const auto spans = Fold(chained, all);
    EXPECT_EQ(spans.size(), 1u);
    return spans.empty() ? Span() : spans[0];
  }

  std::vector<Recorded> all;
};

TEST(FoldTest, TheFirstEndCountsUntilItIsReopened) {
  History history;
  history.Add(Kind::kBegins, "n", 1);
  history.Add(Kind::kEnds, "n", 5);
  history.Add(Kind::kEnds, "n", 3);
  EXPECT_EQ(history.Only().end, Hour(5));
  EXPECT_EQ(history.Only().end_fact_id, "f2");
  history.Add(Kind::kReopens, "n", 6);
  EXPECT_FALSE(history.Only().end);
  history.Add(Kind::kEnds, "n", 7);
  EXPECT_EQ(history.Only().end, Hour(7));
}

TEST(FoldTest, AnEndMayBeKnownBeforeItsBeginning) {
  History history;
  history.Add(Kind::kEnds, "n", 5);
  EXPECT_TRUE(Fold(false, history.all).empty());
  history.Add(Kind::kBegins, "n", 1);
  EXPECT_EQ(history.Only().end, Hour(5));
}

TEST(FoldTest, DoneTakesThePlaceOfLapsedAndNotTheOtherWayRound) {
  History history;
  history.Add(Kind::kBegins, "n", 1);
  history.Add(Kind::kLapses, "n", 3);
  EXPECT_TRUE(history.Only().lapsed);
  history.Add(Kind::kEnds, "n", 4);
  EXPECT_FALSE(history.Only().lapsed);
  history.Add(Kind::kLapses, "n", 5);
  EXPECT_EQ(history.Only().end, Hour(4));
}

TEST(FoldTest, WithoutAKeyItIsOfWhatHasBegunInTheChain) {
  History history;
  history.Add(Kind::kBegins, "a", 1, "one");
  history.Add(Kind::kBegins, "b", 2, "two");
  history.Add(Kind::kBegins, "c", 9, "one");
  history.Add(Kind::kEnds, "", 5, "one");
  auto spans = Fold(false, history.all);
  EXPECT_EQ(spans[0].end, Hour(5));
  EXPECT_FALSE(spans[1].end) << "of another chain";
  EXPECT_FALSE(spans[2].end) << "it had not begun";
  history.Add(Kind::kLapses, "", 10);
  spans = Fold(false, history.all);
  EXPECT_EQ(spans[0].end, Hour(5));
  EXPECT_TRUE(spans[1].lapsed);
  EXPECT_TRUE(spans[2].lapsed);
  history.Add(Kind::kResets, "", 11, "one");
  EXPECT_EQ(Fold(false, history.all).size(), 1u);
}

TEST(FoldTest, InAChainEachEndsWhenTheNextBeginsInWhateverOrderTheyBecomeKnown) {
  for (const bool late : {false, true}) {
    History history;
    const std::vector<std::pair<std::string, int>> known =
        late ? std::vector<std::pair<std::string, int>>{{"a", 1}, {"c", 9}, {"b", 4}}
             : std::vector<std::pair<std::string, int>>{{"a", 1}, {"b", 4}, {"c", 9}};
    for (const auto& [key, begin] : known) history.Add(Kind::kBegins, key, begin, "visit");
    const auto spans = Fold(/*chained=*/true, history.all);
    ASSERT_EQ(spans.size(), 3u);
    EXPECT_EQ(spans[0].end, Hour(4)) << late;
    EXPECT_EQ(spans[1].end, Hour(9)) << late;
    EXPECT_FALSE(spans[2].end) << late;
  }
}

TEST(FoldTest, MovesADueTimeOrTakesItAway) {
  History history;
  history.Add(Kind::kBegins, "n", 1).observation.due = Hour(10);
  history.Add(Kind::kMoves, "n", 2).observation.due = Hour(20);
  EXPECT_EQ(history.Only().due, Hour(20));
  history.Add(Kind::kMoves, "n", 3);
  EXPECT_FALSE(history.Only().due);
  history.Add(Kind::kMoves, "unknown", 3).observation.due = Hour(20);
  EXPECT_EQ(history.Only().key, "n");
}

TEST(FoldTest, NeitherOrderBetweenRecordsNorCopiesMatter) {
  std::mt19937 random(20261122);
  for (int round = 0; round < 300; ++round) {
    std::vector<Recorded> all;
    for (int i = 0; i < 40; ++i) {
      Recorded next;
      next.aggregate_id = std::string(1, static_cast<char>('a' + random() % 3));
      next.version = i;
      next.fact_id = "f" + std::to_string(i);
      next.recorded = Hour(i);
      next.observation.kind = static_cast<Kind>(random() % 6);
      next.observation.chain = random() % 2 == 0 ? "x" : "y";
      next.observation.key = std::string(1, static_cast<char>('k' + random() % 4));
      if (next.observation.kind != Kind::kBegins && random() % 3 == 0) next.observation.key = "";
      next.observation.time = Hour(static_cast<int>(random() % 50));
      // Those cannot be without a key.
      if (next.observation.key.empty() &&
          (next.observation.kind == Kind::kMoves || next.observation.kind == Kind::kReopens)) {
        next.observation.key = "k";
      }
      all.push_back(std::move(next));
    }
    for (const bool chained : {false, true}) {
      const std::vector<Span> spans = Fold(chained, all);
      std::vector<Recorded> otherwise = all;
      for (int i = 0; i < 10; ++i) otherwise.push_back(all[random() % all.size()]);
      std::shuffle(otherwise.begin(), otherwise.end(), random);
      ASSERT_EQ(Fold(chained, otherwise), spans) << round;
    }
  }
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
