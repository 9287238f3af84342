// Every state that a complaint can be in, walked breadth first by the production decisions and
// Evolve over a reduced alphabet: one point, two procedures, people of every hat. Whatever path
// leads to Closed has fulfilled every condition, by an oracle that keeps its own books of what was
// accepted and was written from the regulation, apart from the code. That the oracle sees faults is
// shown by planted ones.
#include <cstdio>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/complaints/domain/test_support.h"
#include "services/complaints/domain/walk_letters.h"

namespace fosterwatch::complaints::domain {
namespace {

// What tells one state from another for the walk: free text and times say nothing new.
std::string KeyOf(const State& state) {
  const v1::Complaint& c = state.complaint;
  std::string key = absl::StrCat(c.state(), "|", c.points(0).outcome(),
                                 c.points(0).decided_by().empty() ? "-" : "+", "|",
                                 c.actions_taken_size() > 0, "|", c.report().procedure_id(), "|");
  const v1::Stage& stage = *CurrentStage(c);
  absl::StrAppend(&key, stage.stage_id(), stage.number(), stage.has_answered_time(),
                  stage.has_investigator(), IsPaused(stage), stage.independents_size(), "|");
  absl::StrAppend(&key, c.has_out_of_time(), c.out_of_time().decision(), "|");
  std::set<int> owed;
  for (const v1::Duty& duty : c.duties()) {
    if (IsOpen(duty)) owed.insert(duty.kind());
  }
  for (const int kind : owed) absl::StrAppend(&key, kind, ",");
  absl::StrAppend(&key, "|", c.has_seriousness(), c.seriousness().serious());
  for (const auto& proposal : c.event_proposals()) absl::StrAppend(&key, proposal.state());
  for (const auto& review : c.learning_reviews()) {
    absl::StrAppend(&key, "|r", !review.learning().empty(), review.actions_size() > 0,
                    review.has_closed_time());
  }
  return key;
}

// What the books say of a letter that was accepted on `before`; empty where nothing is wrong.
std::string Fault(const Letter& letter, const State& before, const State& after) {
  const Books& was = before.books;
  const Books& is = after.books;
  const bool closes =
      is.state == "closed" && letter.name.rfind("close", 0) == 0 && letter.name != "close review";
  if (is.state == "closed by its subject") return "the subject took part";
  if (closes) {
    if (was.state != "open") return "closed what had ended";
    if (letter.name == "close without outcome") return "closed without an outcome";
    if (!was.answered && !was.declined) return "closed without an answer";
    if (was.late) return "closed before anybody took it";
    if (!was.point_decided) return "closed with a point undecided";
    if (!was.action_taken) return "closed without an action taken";
    if (was.proposal_open) return "closed over an open proposal";
    if (!was.judged) return "closed before anybody judged it";
    if (after.complaint.learning_reviews().empty()) return "closed without a review to come";
  }
  if (letter.name == "close review" && (!was.learning || !was.action)) {
    return "a review closed without learning or an action";
  }
  if (letter.name == "answer" && (was.answered || was.paused)) return "answered out of turn";
  if (letter.name == "answer" && CurrentStage(before.complaint)->stage_id() == "stage_2" &&
      was.independents != 1) {
    return "answered without the independent person";
  }
  if ((was.late || was.declined) &&
      std::set<std::string>{"answer", "assign", "extend"}.contains(letter.name)) {
    return "considered before anybody took it";
  }
  if (letter.name == "withdraw" && was.serious) return "a serious one withdrawn by anybody";
  if (letter.name == "withdraw by manager" && was.serious &&
      (!was.action_taken || was.proposal_open)) {
    return "a serious one withdrawn without its record";
  }
  if (letter.name == "next" && !was.answered) return "went on without an answer";
  if (was.state != "open" && is.state == was.state &&
      std::set<std::string>{"answer", "assign", "decide", "act", "pause", "resume", "extend",
                            "next", "withdraw", "withdraw by manager", "reclassify", "take late",
                            "decline late"}
          .contains(letter.name)) {
    return "worked on what had ended";
  }
  if (after.complaint.case_number().text() != "2026-0007") return "the number changed";
  if (after.complaint.history_size() <= before.complaint.history_size()) return "history was lost";
  // Whoever waits for something knows until when: an open complaint always has a duty; where its
  // clock stands still, to look whether it has to.
  const bool open = after.complaint.state() == v1::Complaint::STATE_OPEN;
  if (open && !NextOverdue(after.complaint)) return "open, and nothing is owed";
  return "";
}

struct Walk {
  int states = 0, steps = 0;
  std::set<std::string> faults;
};

State Start(bool late = false) {
  Case start;
  v1::RecordComplaintRequest request = Recording();
  if (late) {
    *request.mutable_report()->mutable_happened_time() =
        clock::ToProto(kReceived - absl::Hours(24 * 400));
  }
  EXPECT_TRUE(start.Record(request).ok());
  start.complaint.mutable_report()->mutable_subject()->set_staff_id("subject");
  start.complaint.clear_history();
  Books books;
  books.late = late;
  return {start.complaint, books};
}

State Closed() {
  Case closed;
  EXPECT_TRUE(closed.Record().ok());
  EXPECT_TRUE(closed.Answer().ok());
  EXPECT_TRUE(closed.Decide().ok());
  EXPECT_TRUE(closed.TakeAction().ok());
  EXPECT_TRUE(closed.Judge(false).ok());
  EXPECT_TRUE(closed.Close().ok());
  closed.complaint.clear_history();
  Books books;
  books.state = "closed";
  books.point_decided = books.action_taken = books.answered = books.judged = true;
  return {closed.complaint, books};
}

using Planted = std::function<void(Letter&)>;

// All states from `start` by these letters, or as many as it takes to see the fault `until`.
Walk WalkAll(const State& start, std::vector<Letter> letters, const Planted& plant = nullptr,
             const std::string& until = "") {
  if (plant) {
    for (Letter& letter : letters) plant(letter);
  }
  Walk walk;
  std::set<std::string> seen;
  std::deque<State> queue = {start};
  seen.insert(KeyOf(queue.front()));
  Ids ids;
  while (!queue.empty() && !walk.faults.contains(until)) {
    const State state = std::move(queue.front());
    queue.pop_front();
    ++walk.states;
    for (const Letter& letter : letters) {
      ++walk.steps;
      const Given given{OurBook(), OurCalendar(), kReceived + absl::Hours(1), ids};
      auto facts = letter.decide(state.complaint, letter.actor, given);
      if (!facts.ok() || facts->empty()) continue;
      State after = state;
      const Facts settled = RecordSettled(state.complaint, *facts, given.now);
      facts->insert(facts->end(), settled.begin(), settled.end());
      for (const auto& fact : *facts) Evolve(after.complaint, fact, {"f", given.now, "a"});
      letter.note(after.books);
      if (letter.name == "serious" && OpenProposal(after.complaint) != nullptr) {
        after.books.proposal_open = true;
      }
      if (const std::string fault = Fault(letter, state, after); !fault.empty()) {
        walk.faults.insert(fault);
        continue;  // beyond a fault nothing is learnt
      }
      // Reopened and closed again it has another review, reclassified another stage, without end.
      const bool further =
          after.complaint.stages_size() > 3 || after.complaint.learning_reviews_size() > 1;
      if (further) continue;
      after.complaint.clear_history();
      if (seen.insert(KeyOf(after)).second) queue.push_back(std::move(after));
    }
  }
  return walk;
}

TEST(ExhaustiveWalkTest, NoWayLeadsToClosedWithoutItsConditions) {
  const Walk walk = WalkAll(Start(), Alphabet());
  std::printf("%d states, %d steps\n", walk.states, walk.steps);
  EXPECT_GT(walk.states, 1000);
  EXPECT_THAT(walk.faults, ::testing::IsEmpty());
  EXPECT_THAT(WalkAll(Closed(), LearningAlphabet()).faults, ::testing::IsEmpty());
}

TEST(ExhaustiveWalkTest, WhatIsOutOfTimeIsConsideredOnlyOnceItIsTaken) {
  const Walk walk = WalkAll(Start(/*late=*/true), Alphabet());
  std::printf("%d states, %d steps\n", walk.states, walk.steps);
  EXPECT_GT(walk.states, 1000);
  EXPECT_THAT(walk.faults, ::testing::IsEmpty());
}

// Each plants one fault: the decision of a letter is as if a condition were forgotten.
TEST(ExhaustiveWalkTest, AForgottenConditionIsSeen) {
  using Plant = std::function<v1::Complaint(v1::Complaint)>;
  const auto forged = [](const std::string& name, const Plant& plant) {
    return [name, plant](Letter& letter) {
      if (letter.name != name) return;
      letter.decide = [decide = letter.decide, plant](const v1::Complaint& complaint,
                                                      const Actor& actor, const Given& given) {
        return decide(plant(complaint), actor, given);
      };
    };
  };
  const std::vector<std::tuple<std::string, std::string, Plant>> plants = {
      {"close", "closed without an action taken",
       [](v1::Complaint c) {
         c.add_actions_taken();
         return c;
       }},
      {"close", "closed with a point undecided",
       [](v1::Complaint c) {
         c.mutable_points(0)->set_outcome(v1::POINT_OUTCOME_UPHELD);
         return c;
       }},
      {"close", "closed without an answer",
       [](v1::Complaint c) {
         c.mutable_stages()->rbegin()->mutable_answered_time();
         return c;
       }},
      {"close", "closed over an open proposal",
       [](v1::Complaint c) {
         c.clear_event_proposals();
         return c;
       }},
      {"close", "closed before anybody judged it",
       [](v1::Complaint c) {
         c.mutable_seriousness();
         return c;
       }},
      {"withdraw", "a serious one withdrawn by anybody",
       [](v1::Complaint c) {
         c.clear_seriousness();
         return c;
       }},
      {"withdraw by manager", "a serious one withdrawn without its record",
       [](v1::Complaint c) {
         c.clear_seriousness();
         return c;
       }},
      {"close by the subject", "the subject took part",
       [](v1::Complaint c) {
         c.mutable_report()->mutable_subject()->clear_staff_id();
         return c;
       }},
      {"answer", "considered before anybody took it",
       [](v1::Complaint c) {
         c.clear_out_of_time();
         return c;
       }},
      {"answer", "answered without the independent person",
       [](v1::Complaint c) {
         c.mutable_stages()->rbegin()->add_independents()->set_part_id("independent_person");
         return c;
       }},
      {"act", "worked on what had ended",
       [](v1::Complaint c) {
         c.set_state(v1::Complaint::STATE_OPEN);
         return c;
       }},
      {"close review", "a review closed without learning or an action",
       [](v1::Complaint c) {
         for (auto& review : *c.mutable_learning_reviews()) {
           review.set_learning("so it seems");
           review.add_actions();
         }
         return c;
       }},
  };
  for (const auto& [letter, fault, plant] : plants) {
    const bool learning = letter == "close review";
    const Walk walk =
        WalkAll(learning ? Closed() : Start(/*late=*/fault == "considered before anybody took it"),
                learning ? LearningAlphabet() : Alphabet(), forged(letter, plant), fault);
    EXPECT_THAT(walk.faults, ::testing::Contains(fault)) << letter;
  }
}

}  // namespace
}  // namespace fosterwatch::complaints::domain
