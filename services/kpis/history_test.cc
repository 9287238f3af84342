// Whatever the history: any moment is as it was then, the order in which records come does not
// matter, and another program works every figure out again.
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/kpis/domain/period.h"
#include "services/kpis/figure_world.h"
#include "services/kpis/random_history.h"

namespace fosterwatch::kpis {
namespace {

using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;

// Figures without when they were asked for.
std::string Text(std::map<std::string, v1::Figure> figures) {
  std::string text;
  for (auto& [code, figure] : figures) {
    figure.clear_known_at_time();
    text += figure.ShortDebugString() + "\n";
  }
  return text;
}

std::string PeriodText(absl::Time moment) {
  return FormatPeriod(domain::PeriodAt(moment, v1::CADENCE_MONTH));
}

TEST_F(AppTest, WhateverTheHistoryAnyPastMomentIsAsItWasKeptThen) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::string agency = absl::StrCat("agency-", seed), other = agency + "-otherwise";
    const std::vector<Fact> history = RandomHistory(random, 80);
    struct Kept {
      absl::Time when;
      std::string figures;
    };
    std::vector<Kept> kept;
    for (size_t i = 0; i < history.size(); ++i) {
      Take(history[i], agency);
      if (random() % 4 == 0) Take(history[i], agency, /*copy=*/true);
      if (i % 10 == 9) {
        now_ = history[i].recorded;
        kept.push_back({now_, Text(Figures({}, agency))});
      }
    }
    now_ = At("2027-02-01T00:00:00Z");
    for (const Kept& each : kept) {
      v1::ListKpisRequest then;
      *then.mutable_as_at_time() = clock::ToProto(each.when);
      *then.mutable_known_at_time() = clock::ToProto(each.when);
      EXPECT_EQ(Text(Figures(then, agency)), each.figures) << each.when;
    }
    // The order between records does not matter, and what is kept is what all observations add up
    // to.
    std::vector<Fact> otherwise = history;
    std::stable_sort(otherwise.begin(), otherwise.end(), [](const Fact& a, const Fact& b) {
      return std::pair(a.record, a.topic) > std::pair(b.record, b.topic);
    });
    for (const Fact& fact : otherwise) Take(fact, other);
    for (const char* period : {"2026-09", "2026-10", "2026-11", "2026-W41", "2026"}) {
      v1::ListKpisRequest known;
      known.set_period(period);
      const std::string now = Text(Figures(known, agency));
      EXPECT_EQ(Text(Figures(known, other)), now) << period;
      *known.mutable_known_at_time() = clock::ToProto(now_);
      EXPECT_EQ(Text(Figures(known, agency)), now) << period;
    }
  }
}

// The past is asked for by folding what had been recorded; a database that has never known more
// holds it as its present.
TEST_F(AppTest, AnyPastMomentIsWhatALedgerCutThereGives) {
  std::mt19937 random(11);
  const std::vector<Fact> history = RandomHistory(random, 120);
  for (const Fact& fact : history) Take(fact);
  now_ = At("2027-02-01T00:00:00Z");
  FigureWorld cut;
  for (int i = 0; i < 5; ++i) {
    const Fact& last = history[20 + random() % (history.size() - 20)];
    cut.now_ = last.recorded + absl::Seconds(random() % 600);
    SCOPED_TRACE(cut.now_);
    const std::string agency = absl::StrCat("cut-", i);
    for (const Fact& fact : history) {
      if (fact.recorded <= cut.now_) cut.Take(fact, agency);
    }
    for (const char* period : {"", "2026-09", "2026-10", "2026-W41", "2026-Q4"}) {
      v1::ListKpisRequest known;
      known.set_period(period);
      known.set_history_months(3);
      const std::string present = Text(cut.Figures(known, agency));
      if (std::string(period).empty()) known.set_period(PeriodText(cut.now_));
      *known.mutable_as_at_time() = clock::ToProto(cut.now_);
      *known.mutable_known_at_time() = clock::ToProto(cut.now_);
      EXPECT_EQ(Text(Figures(known)), present) << period;
    }
  }
}

TEST_F(AppTest, AnotherProgramWorksEveryFigureOutAgainFromItsExplanation) {
  std::mt19937 random(7);
  for (const Fact& fact : RandomHistory(random, 150)) Take(fact);
  Report("SC5", "2026-10", "3, 10, NULL");
  Report("SC5", "2026-11", "NULL, NULL, 27.3");
  Report("SC11", "2026-11", "NULL, NULL, 2");
  Report("CLA", "2026-11", "NULL, NULL, 902");
  std::vector<v1::ExplainKpiResponse> explained;
  for (const v1::KpiDefinition& kpi : app_->catalogue().kpis()) {
    for (const char* period :
         {"2026-09", "2026-10", "", "2026-12", "2026-W44", "2026-Q4", "2026"}) {
      explained.push_back(Explained(kpi.code(), period));
      EXPECT_EQ(explained.back().next_page_token(), "");
    }
  }
  auto [said, code] = Judged(explained);
  EXPECT_EQ(code, 0) << said;
  EXPECT_THAT(said,
              HasSubstr(absl::StrCat(explained.size(), " figures worked out again, 0 faults")));

  // Each kind of fault is found, and named.
  v1::ExplainKpiResponse* placed = nullptr;
  for (auto& each : explained) {
    if (each.figure().code() == "PL1" && each.figure().numerator() > 0) placed = &each;
  }
  ASSERT_NE(placed, nullptr);
  const v1::ExplainKpiResponse right = *placed;
  const auto found = [&](const char* what) {
    const auto [fault, exit] = Judged(explained);
    EXPECT_EQ(exit, 1);
    EXPECT_THAT(fault, HasSubstr("PL1"));
    EXPECT_THAT(fault, HasSubstr(what));
    *placed = right;
  };
  placed->mutable_figure()->set_value(placed->figure().value() + 1);
  found("value");
  placed->mutable_figure()->set_numerator(0);
  found("numerator");
  placed->mutable_figure()->set_status(v1::STATUS_GREEN);
  found("status");
  placed->mutable_evidence()->RemoveLast();
  found("denominator");
  *placed->mutable_evidence(0)->mutable_end_time() = placed->evidence(0).begin_time();
  found("counted wrongly");
}

}  // namespace
}  // namespace fosterwatch::kpis
