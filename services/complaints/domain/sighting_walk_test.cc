// Every state that a complaint seen elsewhere can be in, walked breadth first by the production
// decisions: two complaints that it may be, a machine that looks daily, people who match, explain
// and take back. Judged by an oracle that keeps its own books; that it sees faults is shown by
// planted ones.
#include <cstdio>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/complaints/domain/sighting.h"
#include "services/complaints/domain/test_support.h"

namespace fosterwatch::complaints::domain {
namespace {

using v1::Sighting;

struct State {
  Sighting sighting;
  std::set<std::string> here;  // complaints that have been recorded by now
  // What an outside observer has seen: which it is, by the last who said so; and whether an alert
  // is out.
  std::string matched;
  bool explained = false, alert = false;
  std::set<std::string> taken_back;
};

struct Letter {
  std::string name;
  std::function<absl::StatusOr<Facts>(State&, const Given&)> act;
};

Candidate Near(const std::string& id) { return {id, "C-1", "F-1", kReceived, "", {}}; }

std::vector<Candidate> Here(const State& state) {
  std::vector<Candidate> candidates;
  for (const std::string& id : state.here) candidates.push_back(Near(id));
  return candidates;
}

std::vector<Letter> Alphabet() {
  std::vector<Letter> letters;
  letters.push_back({"see again", [](State& state, const Given& given) -> absl::StatusOr<Facts> {
                       Sighting seen;
                       seen.set_sighting_id("seen");
                       return See(state.sighting, seen, Here(state), given);
                     }});
  letters.push_back({"raise", [](State& state, const Given& given) -> absl::StatusOr<Facts> {
                       // Whenever that is due.
                       const absl::Time when =
                           state.sighting.has_next_raise_time()
                               ? clock::FromProto(state.sighting.next_raise_time())
                               : given.now;
                       return Raise(state.sighting, Here(state),
                                    {given.book, given.calendar, when, given.new_id});
                     }});
  for (const std::string id : {"a", "b"}) {
    letters.push_back(
        {"record " + id, [id](State& state, const Given& given) -> absl::StatusOr<Facts> {
           if (!state.here.insert(id).second) return Facts();
           const auto match = FindMatch(state.sighting, {Near(id)}, absl::Hours(24));
           return match ? MatchRecorded(state.sighting, *match, given) : Facts();
         }});
    letters.push_back({"match " + id, [id](State& state, const Given& given) {
                         v1::MatchSightingRequest request;
                         request.set_complaint_id(id);
                         return MatchByPerson(state.sighting, request, kManager, given);
                       }});
    letters.push_back({"take back " + id, [id](State& state, const Given& given) {
                         v1::TakeBackMatchRequest request;
                         request.set_complaint_id(id);
                         request.set_reason("another matter");
                         return TakeBackMatch(state.sighting, request, kManager, given);
                       }});
  }
  letters.push_back({"explain", [](State& state, const Given& given) {
                       v1::ExplainSightingRequest request;
                       request.set_explanation("not a complaint");
                       return ExplainSighting(state.sighting, request, kManager, given);
                     }});
  return letters;
}

// Keeps the books of what was accepted; what is wrong with it, or nothing.
std::string Fault(const Letter& letter, const Facts& facts, const State& before, State& after) {
  const bool by_person = letter.name.rfind("match", 0) == 0;
  for (const auto& fact : facts) {
    if (fact.has_sighting_matched()) {
      const std::string& id = fact.sighting_matched().complaint_id();
      if (!before.matched.empty() || before.explained) return "settled twice";
      if (!by_person && before.taken_back.contains(id)) return "the same match made again";
      after.matched = id;
    } else if (fact.has_sighting_explained()) {
      if (!before.matched.empty() || before.explained) return "settled twice";
      after.explained = true;
    } else if (fact.has_sighting_match_taken_back()) {
      if (before.matched.empty()) return "took back what was not matched";
      after.taken_back.insert(before.matched);
      after.matched.clear();
    } else if (fact.has_attention_needed()) {
      if (!before.matched.empty() || before.explained) return "raised what was settled";
      if (after.alert) return "raised twice at once";
      after.alert = true;
    } else if (fact.has_attention_settled()) {
      if (!after.alert) return "settled an alert that was not out";
      after.alert = false;
    }
  }
  const bool open = after.matched.empty() && !after.explained;
  const Sighting& is = after.sighting;
  if ((is.state() == Sighting::STATE_UNMATCHED) != open) return "is not what it was said to be";
  if (is.matched_complaint_id() != after.matched) return "is matched with another one";
  if (open != is.has_next_raise_time()) return "nobody would hear of it, or for ever";
  if (!open && after.alert) return "an alert outlives it";
  if (is.taken_back_size() < before.sighting.taken_back_size()) return "history was lost";
  return "";
}

std::string KeyOf(const State& state) {
  std::string key = absl::StrCat(state.sighting.state(), "|", state.sighting.matched_complaint_id(),
                                 "|", state.sighting.matched_by(), "|", state.alert, "|");
  for (const std::string& id : state.here) absl::StrAppend(&key, id);
  absl::StrAppend(&key, "|");
  for (const auto& past : state.sighting.taken_back()) {
    absl::StrAppend(&key, past.complaint_id(), past.matched_by());
  }
  return key;
}

State Start() {
  Ids ids;
  Sighting seen;
  seen.set_sighting_id("seen");
  seen.set_source(v1::SIGHTING_SOURCE_FEEDBACK);
  seen.set_child_id("C-1");
  seen.set_carer_id("F-1");
  *seen.mutable_seen_time() = clock::ToProto(kReceived);
  State start;
  const Given given{OurBook(), OurCalendar(), kReceived, ids};
  for (const auto& fact : See({}, seen, {}, given)) EvolveSighting(start.sighting, fact, kReceived);
  return start;
}

struct Walk {
  int states = 0, steps = 0;
  std::set<std::string> faults;
};

Walk WalkAll(const std::vector<Letter>& letters) {
  constexpr int kTakenBack = 4;  // it could go on without end
  Walk walk;
  std::deque<State> queue = {Start()};
  std::set<std::string> seen = {KeyOf(queue.front())};
  Ids ids;
  const Given given{OurBook(), OurCalendar(), kReceived + absl::Hours(1), ids};
  while (!queue.empty()) {
    const State state = std::move(queue.front());
    queue.pop_front();
    ++walk.states;
    for (const Letter& letter : letters) {
      ++walk.steps;
      State after = state;
      const auto facts = letter.act(after, given);
      if (!facts.ok()) continue;
      for (const auto& fact : *facts) EvolveSighting(after.sighting, fact, given.now);
      if (const std::string fault = Fault(letter, *facts, state, after); !fault.empty()) {
        walk.faults.insert(fault);
        continue;
      }
      if (after.sighting.taken_back_size() > kTakenBack) continue;
      if (seen.insert(KeyOf(after)).second) queue.push_back(std::move(after));
    }
  }
  return walk;
}

TEST(SightingWalkTest, WhateverIsMatchedTakenBackOrExplainedItIsSettledOrRaised) {
  const Walk walk = WalkAll(Alphabet());
  std::printf("%d states, %d steps\n", walk.states, walk.steps);
  EXPECT_GT(walk.states, 200);
  EXPECT_THAT(walk.faults, ::testing::IsEmpty());
}

TEST(SightingWalkTest, AForgottenConditionIsSeen) {
  const std::vector<std::tuple<std::string, std::string, std::function<void(Sighting&)>>> plants = {
      {"raise", "the same match made again", [](Sighting& s) { s.clear_taken_back(); }},
      {"match b", "settled twice", [](Sighting& s) { s.set_state(Sighting::STATE_UNMATCHED); }},
      {"explain", "settled twice", [](Sighting& s) { s.set_state(Sighting::STATE_UNMATCHED); }},
      {"explain", "an alert outlives it", [](Sighting& s) { s.set_attention_open(false); }},
  };
  for (const auto& [name, fault, plant] : plants) {
    std::vector<Letter> letters = Alphabet();
    for (Letter& letter : letters) {
      if (letter.name != name) continue;
      letter.act = [act = letter.act, plant = plant](State& state, const Given& given) {
        State forged = state;
        plant(forged.sighting);
        return act(forged, given);
      };
    }
    EXPECT_THAT(WalkAll(letters).faults, ::testing::Contains(fault)) << name;
  }
}

}  // namespace
}  // namespace fosterwatch::complaints::domain
