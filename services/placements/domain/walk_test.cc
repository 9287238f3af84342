// Every way of up to three steps through what may be recorded of one child: after each, what
// placement.h promises of a child's placements holds, and what is refused changes nothing.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/placements/domain/check.h"
#include "services/placements/domain/test_support.h"

namespace fosterwatch::placements::domain {
namespace {

using Step = std::function<absl::StatusOr<Facts>(const v1::ChildFile&)>;

std::string Broken(const v1::ChildFile& file) {
  std::string current;
  int open = 0;
  for (int i = 0; i < file.placements_size(); ++i) {
    const v1::Placement& placement = file.placements(i);
    v1::Placement again = placement;
    SetEnding(again, ShippedCodes());
    if (again.ending() != placement.ending()) return "an ending does not follow from its reason";
    if (placement.end_date().empty()) {
      ++open;
      current = placement.carer_id();
      if (i + 1 != file.placements_size()) return "one without an end is not the last";
    } else if (placement.end_date() < placement.start_date()) {
      return "one ends before it starts";
    } else if (i + 1 < file.placements_size() &&
               file.placements(i + 1).start_date() < placement.end_date()) {
      return "two overlap";
    }
    for (int j = 0; j < i; ++j) {
      if (file.placements(j).placement_id() == placement.placement_id()) return "an id is twice";
    }
  }
  if (open > 1) return "two have no end";
  if (file.carer_id() != current) return "the child is said to live elsewhere";
  return "";
}

std::vector<Step> Steps() {
  std::vector<Step> steps;
  for (const std::string day : {"2026-02-01", "2026-03-01", "2026-04-01"}) {
    steps.push_back([=](const auto& file) { return End(file, EndRequest(day, "ALLEG"), Today()); });
    for (const std::string carer : {"F-1", "F-2"}) {
      steps.push_back(
          [=](const auto& file) { return Start(file, StartRequest(carer, day), Today()); });
      steps.push_back(
          [=](const auto& file) { return Move(file, MoveRequest(carer, day, "CARPL"), Today()); });
      for (const std::string end : {"", "2026-03-01", "2026-04-01"}) {
        steps.push_back([=](const auto& file) {
          v1::RecordPlacementRequest request;
          *request.mutable_placement() = StartRequest(carer, day).placement();
          request.mutable_placement()->set_end_date(end);
          return Record(file, request, Today());
        });
      }
    }
    // Corrections of the first and of the last placement.
    for (const bool last : {false, true}) {
      for (const std::string field : {"start_date", "end_date"}) {
        steps.push_back([=](const v1::ChildFile& file) {
          v1::CorrectPlacementRequest request;
          if (!file.placements().empty()) {
            request.mutable_placement()->set_placement_id(
                file.placements(last ? file.placements_size() - 1 : 0).placement_id());
          }
          (field == "start_date" ? *request.mutable_placement()->mutable_start_date()
                                 : *request.mutable_placement()->mutable_end_date()) = day;
          request.set_why("it was wrong");
          return Correct(file, request, Today());
        });
      }
    }
  }
  steps.push_back([=](const v1::ChildFile& file) {
    v1::CorrectPlacementRequest request;
    if (!file.placements().empty()) {
      request.mutable_placement()->set_placement_id(file.placements(0).placement_id());
    }
    request.add_cleared("end_date");
    request.add_cleared("reason_code");
    request.set_why("it did not end");
    return Correct(file, request, Today());
  });
  for (const std::string carer : {"", "F-1", "F-2"}) {
    steps.push_back([=](const v1::ChildFile& file) {
      v1::RecordChildRequest request;
      *request.mutable_child() = ChildOf(file);
      request.mutable_child()->set_carer_id(carer);
      return RecordChild(file, request, Today());
    });
  }
  return steps;
}

struct Walk {
  std::vector<Step> steps = Steps();
  int taken = 0;
  int refused = 0;

  void From(const v1::ChildFile& file, int depth) {
    if (depth == 0) return;
    for (const Step& step : steps) {
      const auto facts = step(file);
      if (!facts.ok()) {
        ++refused;
        ASSERT_NE(ReasonOf(facts.status()), "");
        continue;
      }
      ++taken;
      const v1::ChildFile after = After(file, *facts);
      ASSERT_EQ(Broken(after), "") << after.ShortDebugString();
      From(after, depth - 1);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
};

TEST(WalkTest, WhateverIsRecordedInWhateverOrderThePlacementsOfAChildFitTogether) {
  Walk walk;
  walk.From(NotPlaced(), 3);
  EXPECT_GT(walk.taken, 10'000);
  EXPECT_GT(walk.refused, 10'000);
}

TEST(WalkTest, WouldSeeEachFault) {
  v1::ChildFile file = Placed();
  file.set_carer_id("F-2");
  EXPECT_EQ(Broken(file), "the child is said to live elsewhere");
  file = After(Placed(), *Move(Placed(), MoveRequest("F-2", "2026-05-04", "CREQB"), Today()));
  file.mutable_placements(1)->set_start_date("2026-05-03");
  EXPECT_EQ(Broken(file), "two overlap");
  file.mutable_placements(1)->set_start_date("2026-05-04");
  file.mutable_placements(0)->set_ending(v1::ENDING_PLANNED);
  EXPECT_EQ(Broken(file), "an ending does not follow from its reason");
  file.mutable_placements(0)->clear_end_date();
  file.mutable_placements(0)->clear_ending();
  EXPECT_EQ(Broken(file), "one without an end is not the last");
}

}  // namespace
}  // namespace fosterwatch::placements::domain
