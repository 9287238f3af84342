#include "services/kpis/domain/edition.h"

#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "services/kpis/domain/test_support.h"

namespace fosterwatch::kpis::domain {
namespace {

using v1::EditionFile;
using v1::Restatement;
using v1::StatedFigure;

std::string Hash(absl::string_view text) {
  return absl::StrCat(std::hash<std::string>()(std::string(text)));
}

StatedFigure Ratio(int64_t numerator, int64_t denominator) {
  StatedFigure figure;
  figure.set_period("2026-09");
  figure.set_numerator(numerator);
  figure.set_denominator(denominator);
  if (denominator > 0) {
    figure.set_value(100.0 * static_cast<double>(numerator) / static_cast<double>(denominator));
  }
  return figure;
}

class EditionTest : public ::testing::Test {
 protected:
  absl::StatusOr<Facts> Freeze(absl::Time now = At(2026, 10, 5),
                               const std::string& period = "2026-09") {
    Freezing freezing{"board", period, {}, "manager-1", now};
    for (const auto& [code, figure] : figures_) {
      v1::StatedKpi& kpi = freezing.kpis.emplace_back();
      kpi.set_code(code);
      kpi.set_definition_version("1");
      *kpi.mutable_figure() = figure;
    }
    return Taken(domain::Freeze(file_, freezing, Hash));
  }
  Facts Look() { return *Taken(Compare(file_, figures_, {{"SC5", "fact-7"}}, At(2026, 10, 20))); }
  absl::StatusOr<Facts> Accept(const std::string& id, const std::string& reason = "late figures") {
    return Taken(domain::Accept(file_, id, reason, "manager-1", At(2026, 10, 21)));
  }
  absl::StatusOr<Facts> Taken(absl::StatusOr<Facts> facts) {
    if (facts.ok()) {
      for (const v1::KpiFact& fact : *facts) Evolve(file_, fact, At(2026, 10, 22));
    }
    return facts;
  }

  std::map<std::string, StatedFigure> figures_ = {{"SC5", Ratio(11, 30)}, {"SC6", Ratio(9, 9)}};
  EditionFile file_;
};

TEST_F(EditionTest, IsNumberedHashedAndNeverChanges) {
  ASSERT_TRUE(Freeze().ok());
  ASSERT_EQ(file_.editions_size(), 1);
  const v1::Edition first = file_.editions(0);
  EXPECT_EQ(first.edition_id(), "board-2026-09-1");
  EXPECT_EQ(first.content(),
            "edition board 2026-09 1 2026-10-05T11:00:00.000000Z\n"
            "SC5 version=1\n2026-09 value=36.666666666666664 of=11/30 target=- status=0\n"
            "SC6 version=1\n2026-09 value=100 of=9/9 target=- status=0\n");
  EXPECT_EQ(first.hash(), Hash(first.content()));
  EXPECT_EQ(ContentOf(first), first.content());

  figures_["SC5"] = Ratio(12, 30);
  EXPECT_FALSE(Look().empty());
  ASSERT_TRUE(Accept("board-2026-09-r1").ok());
  ASSERT_TRUE(Freeze().ok());
  ASSERT_EQ(file_.editions_size(), 2);
  EXPECT_EQ(file_.editions(0).SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(file_.editions(1).edition_id(), "board-2026-09-2");
  EXPECT_THAT(file_.editions(1).restatement_ids(), ::testing::ElementsAre("board-2026-09-r1"));
  EXPECT_NE(file_.editions(1).hash(), first.hash());
}

TEST_F(EditionTest, IsRefusedWhereItWouldStateNothingNewOrTooEarly) {
  EXPECT_EQ(ReasonOf(Freeze(At(2026, 9, 30, 23)).status()), "MONTH_NOT_OVER");
  EXPECT_EQ(ReasonOf(Freeze(At(2026, 10, 5), "September").status()), "INVALID_PERIOD");
  const auto figures = figures_;
  for (auto& [code, figure] : figures_) figure.clear_value();
  EXPECT_EQ(ReasonOf(Freeze().status()), "NOTHING_TO_STATE");
  figures_ = figures;
  ASSERT_TRUE(Freeze().ok());
  EXPECT_EQ(ReasonOf(Freeze().status()), "UNCHANGED");
  figures_["SC5"] = Ratio(12, 30);
  Look();
  EXPECT_EQ(ReasonOf(Freeze().status()), "RESTATEMENTS_WAITING");
}

TEST_F(EditionTest, AnotherFigureWaitsAsARestatementUntilAPersonAcceptsIt) {
  EXPECT_TRUE(Look().empty()) << "no edition yet";
  ASSERT_TRUE(Freeze().ok());
  EXPECT_TRUE(Look().empty()) << "nothing has changed";
  figures_["SC5"] = Ratio(12, 30);
  Facts facts = Look();
  ASSERT_EQ(facts.size(), 2u);
  const Restatement& noticed = facts[0].restatement_noticed().restatement();
  EXPECT_EQ(noticed.before().numerator(), 11);
  EXPECT_EQ(noticed.after().numerator(), 12);
  EXPECT_EQ(noticed.cause_fact_id(), "fact-7");
  EXPECT_EQ(facts[1].attention_needed().subject_id(), "SC5");
  EXPECT_TRUE(Look().empty()) << "once";

  // Yet another figure: what waited falls away, and its attention with it.
  figures_["SC5"] = Ratio(13, 30);
  facts = Look();
  ASSERT_EQ(facts.size(), 4u);
  EXPECT_EQ(facts[0].restatement_fell_away().restatement_id(), "board-2026-09-r1");
  EXPECT_EQ(facts[1].attention_settled().attention_id(), "board-2026-09-r1");
  EXPECT_EQ(facts[2].restatement_noticed().restatement().before().numerator(), 11);

  EXPECT_EQ(ReasonOf(Accept("board-2026-09-r1").status()), "NOT_WAITING");
  EXPECT_EQ(ReasonOf(Accept("board-2026-09-r9").status()), "NOT_FOUND");
  EXPECT_EQ(ReasonOf(Accept("board-2026-09-r2", " ").status()), "REQUIRED");
  EXPECT_EQ(ReasonOf(Accept("board-2026-09-r2", std::string(2001, 'x')).status()), "TEXT_TOO_LONG");
  ASSERT_TRUE(Accept("board-2026-09-r2").ok());
  EXPECT_EQ(ReasonOf(Accept("board-2026-09-r2").status()), "NOT_WAITING");
  EXPECT_EQ(file_.restatements(1).reason(), "late figures");
  EXPECT_TRUE(Look().empty()) << "it is what was stated by now";

  // From here on the accepted figure is what was last stated.
  figures_["SC5"] = Ratio(11, 30);
  facts = Look();
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[0].restatement_noticed().restatement().before().numerator(), 13);
}

TEST_F(EditionTest, WhatIsWhatItWasAgainNeedsNobody) {
  ASSERT_TRUE(Freeze().ok());
  figures_["SC6"] = Ratio(0, 0);
  EXPECT_EQ(Look().size(), 2u) << "a figure that is gone is another one";
  figures_["SC6"] = Ratio(9, 9);
  const Facts facts = Look();
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_TRUE(facts[0].has_restatement_fell_away());
  EXPECT_TRUE(facts[1].has_attention_settled());
  EXPECT_EQ(file_.restatements(0).state(), Restatement::STATE_FALLEN_AWAY);
  EXPECT_EQ(clock::FromProto(file_.restatements(0).fallen_away_time()), At(2026, 10, 22));
}

TEST_F(EditionTest, AKpiThatIsNoLongerThereSaysNothing) {
  ASSERT_TRUE(Freeze().ok());
  figures_.erase("SC6");
  EXPECT_TRUE(Look().empty());
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
