// Every state that an allegation can be in, walked breadth first by the production decisions and
// Evolve over a reduced policy (two items, one of them LEARNING; two to be told) and at most one
// reopening. Whatever path leads to Closed has fulfilled every condition, by books that were kept
// of the accepted calls alone and rules written from the requirements, apart from the code.
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/allegations/domain/test_support.h"

namespace fosterwatch::allegations::domain {
namespace {

using type::v1::Action;
using v1::Allegation;

const v1::PathwayPolicies& SmallPolicy() {
  static const auto* const policies = [] {
    auto* small = new v1::PathwayPolicies(OurPolicies());
    auto* edition = small->mutable_editions(0);
    edition->clear_checklist();
    for (const auto& item : OurPolicies().editions(0).checklist()) {
      if (item.code() == "PANEL" || item.code() == "LEARNING") *edition->add_checklist() = item;
    }
    edition->mutable_told()->RemoveLast();
    return small;
  }();
  return *policies;
}

// What an outside observer has seen happen since the last conclusion, by the calls that were
// accepted alone.
struct Books {
  bool referred = false;
  bool named = false;  // whom it is about
  bool concluded = false;
  bool reviewing = false;
  bool panel = false;  // done or dropped
  bool learning_dropped = false;
  bool learning = false;
  bool action = false;  // ever, of what was learnt
  bool action_open = false;
  bool added_open = false;
  std::set<std::string> told;
  bool closed = false;
  bool reopened = false;
};

struct State {
  Allegation allegation;
  Books books;
};

struct Letter {
  std::string name;
  std::function<absl::StatusOr<Facts>(const Allegation&)> decide;
  std::function<void(Books&)> note;
};

std::vector<Letter> LettersOf(const Allegation& allegation) {
  const Rules rules = {SmallPolicy(), OurCalendar()};
  // Ids that are new in each state, and the same on each way to it.
  const auto new_id = [prefix = absl::StrCat(allegation.version(), "-"), ids = Ids()] {
    return prefix + ids();
  };
  std::vector<Letter> letters;
  const auto add = [&](std::string name,
                       std::function<absl::StatusOr<Facts>(const Allegation&)> decide,
                       std::function<void(Books&)> note) {
    letters.push_back({std::move(name), std::move(decide), std::move(note)});
  };
  add(
      "refer",
      [=](const auto& a) { return Refer(a, Referring(), "manager", false, rules, kNow, new_id); },
      [](Books& books) { books.referred = true; });
  add(
      "name",
      [=](const auto& a) {
        v1::AmendAllegationRequest request;
        request.set_reason("it is known now");
        request.set_carer_id("F-1");
        return Amend(a, request, "manager", Everybody(), OurPeople(), kNow, new_id);
      },
      [](Books& books) { books.named = true; });
  if (allegation.strategy_meetings().empty()) {
    add(
        "meet",
        [=](const auto& a) {
          return RecordStrategyMeeting(a, Meeting(), "manager", rules, kNow, new_id);
        },
        [](Books&) {});
  }
  add(
      "investigate",
      [=](const auto& a) {
        return StartInvestigation(a, Investigating(), "manager", rules, kNow, new_id);
      },
      [](Books&) {});
  add(
      "conclude",
      [=](const auto& a) {
        return RecordOfficerConclusion(a, Concluding(), "manager", OurPeople(), rules, kNow,
                                       new_id);
      },
      [](Books& books) {
        const Books before = books;
        books = {};
        books.referred = before.referred;
        books.named = before.named;
        books.reopened = before.reopened;
        // What was learnt before it was reopened stays learnt.
        books.learning = before.learning;
        books.action = before.action;
        books.concluded = true;
      });
  add(
      "review", [=](const auto& a) { return StartAgencyReview(a, "manager", rules, kNow, new_id); },
      [](Books& books) { books.reviewing = true; });
  for (const auto& item : allegation.checklist()) {
    // Each item of its own code; those of before a reopening are closed for good.
    if (item.action().state() != Action::STATE_OPEN) continue;
    for (const bool dropped : {false, true}) {
      // What was added is dropped as any other.
      if (dropped && item.code() != "PANEL" && item.code() != "LEARNING") continue;
      add(
          absl::StrCat(dropped ? "drop " : "do ", item.code()),
          [item, dropped](const auto& a) {
            auto request = Done(item);
            request.set_dropped(dropped);
            return CloseItem(a, request, "registered", kTheManager, OurPolicies(), kNow);
          },
          [code = item.code(), dropped](Books& books) {
            if (code == "PANEL") books.panel = true;
            if (code == "LEARNING") books.learning_dropped = dropped;
            if (code == "ADDED") books.added_open = false;
            if (code == "LEARNING_ACTION") books.action_open = false;
          });
    }
  }
  const auto has = [&](const char* code) {
    for (const auto& item : allegation.checklist()) {
      if (item.code() == code) return true;
    }
    return false;
  };
  if (!has("ADDED")) {
    add(
        "add an item",
        [=](const auto& a) {
          v1::AddChecklistItemRequest request;
          request.set_description("speak with the school");
          request.set_owner_id("caseworker");
          return AddItem(a, request, OurPeople(), rules, kNow, new_id);
        },
        [](Books& books) { books.added_open = true; });
  }
  for (const bool acting : {false, true}) {
    if (acting && has("LEARNING_ACTION")) continue;
    add(
        acting ? "learn and act" : "learn",
        [=](const auto& a) {
          auto request = Learning();
          if (!acting) {
            request.clear_action();
            request.clear_action_owner_id();
          }
          return RecordLearning(a, request, "registered", OurPeople(), rules, kNow, new_id);
        },
        [acting](Books& books) {
          books.learning = true;
          books.action = books.action || acting;
          books.action_open = books.action_open || acting;
        });
  }
  for (const char* party : {"SUBJECT", "CHILD"}) {
    for (const bool not_told : {false, true}) {
      add(
          absl::StrCat("tell ", party),
          [party, not_told](const auto& a) {
            auto request = Telling(party);
            if (not_told) {
              request.clear_told_time();
              request.clear_channel();
              request.set_not_told(true);
              request.set_reason("so");
            }
            return RecordTold(a, request, "manager", kNow);
          },
          [party](Books& books) { books.told.insert(party); });
    }
  }
  add(
      "close",
      [](const auto& a) { return Close(a, Closing(), "registered", {}, OurPolicies(), kNow); },
      [](Books& books) { books.closed = true; });
  if (allegation.reopenings().empty()) {
    add(
        "reopen",
        [=](const auto& a) {
          v1::ReopenAllegationRequest request;
          request.set_reason("new evidence");
          return Reopen(a, request, "registered", rules, kNow, new_id);
        },
        [](Books& books) {
          const Books before = books;
          books = {};
          books.referred = before.referred;
          books.named = before.named;
          books.learning = before.learning;
          books.action = before.action;
          books.reopened = true;
        });
  }
  return letters;
}

// What a closed allegation lacks by the books; empty where it lacks nothing.
std::string Wrong(const Books& books) {
  std::string wrong;
  const auto must = [&](bool holds, const char* what) {
    if (!holds) absl::StrAppend(&wrong, what, "; ");
  };
  must(books.referred, "the designated officer was not told");
  must(books.named, "nobody knows whom it is about");
  must(books.concluded, "no outcome");
  must(books.reviewing, "no review of the agency's own");
  must(books.panel, "the panel is open");
  must(books.learning, "nothing was learnt");
  must(books.action, "nothing came of what was learnt");
  must(!books.action_open, "what came of the learning is open");
  must(!books.added_open, "an item that a person added is open");
  must(books.told.count("SUBJECT") == 1, "whom it is about was not told");
  must(books.told.count("CHILD") == 1, "the child was not told");
  return wrong;
}

// Without what two states need not differ in for what comes after: who recorded what, and when.
std::string KeyOf(const State& state) {
  const Allegation& a = state.allegation;
  const Books& b = state.books;
  std::string key = absl::StrCat(a.state(), a.carer_id(), ",", a.strategy_meetings_size(),
                                 a.reopenings_size(), a.has_conclusion(), a.has_learning(), ",");
  for (const auto& item : a.checklist()) absl::StrAppend(&key, item.action().state());
  absl::StrAppend(&key, ",");
  for (const auto& telling : a.tellings()) absl::StrAppend(&key, telling.has_told_time());
  absl::StrAppend(&key, ",", b.referred, b.named, b.concluded, b.reviewing, b.panel, b.learning,
                  b.action, b.action_open, b.added_open, b.told.size(), b.closed, b.reopened);
  return key;
}

struct Found {
  int states = 0;
  int closed = 0;
  long transitions = 0;
  std::set<std::string> wrong;
};

// Stands between the walk and a decision; the planted faults do so.
using Wrapper = std::function<absl::StatusOr<Facts>(const Letter&, const Allegation&)>;

Found Walk(const Wrapper& wrapper, bool to_the_end = true) {
  Ids ids;
  State first;
  const auto opened = OpenFromComplaint({"K-1", "", "", "C-1", kNow - absl::Hours(1), "caseworker"},
                                        "A-1", Everybody(), OurRules(), kNow, ids);
  Apply(first.allegation, opened);
  std::set<std::string> seen = {KeyOf(first)};
  std::deque<State> waiting = {first};
  Found found;
  while (!waiting.empty() && (to_the_end || found.wrong.empty())) {
    const State state = std::move(waiting.front());
    waiting.pop_front();
    ++found.states;
    if (state.allegation.state() == Allegation::STATE_CLOSED) ++found.closed;
    for (const Letter& letter : LettersOf(state.allegation)) {
      const auto facts = wrapper(letter, state.allegation);
      if (!facts.ok()) {
        if (ReasonOf(facts.status()).empty()) found.wrong.insert("a refusal without a reason");
        continue;
      }
      ++found.transitions;
      State next = state;
      Apply(next.allegation, facts);
      letter.note(next.books);
      if (next.books.concluded && !(next.books.referred && next.books.named)) {
        found.wrong.insert("concluded, and not referred or about nobody");
      }
      if (next.allegation.state() == Allegation::STATE_CLOSED) {
        const std::string wrong = Wrong(next.books);
        if (!wrong.empty()) found.wrong.insert(wrong);
        if (!OwedBy(next.allegation).empty()) found.wrong.insert("closed, and something is owed");
        for (const auto& raised : next.allegation.attention()) {
          if (!raised.has_settled_time()) found.wrong.insert("closed, and an alert is out");
        }
      }
      if (seen.insert(KeyOf(next)).second) waiting.push_back(std::move(next));
    }
  }
  return found;
}

TEST(ExhaustiveWalk, ReachesClosedByPathsThatFulfilEveryConditionAndByNoOthers) {
  const Found found =
      Walk([](const Letter& letter, const Allegation& a) { return letter.decide(a); });
  EXPECT_TRUE(found.wrong.empty()) << *found.wrong.begin();
  EXPECT_GT(found.closed, 1) << "also after it was reopened";
  std::printf("%d states, %ld transitions, %d closed\n", found.states, found.transitions,
              found.closed);
}

// What the rules refuse, done all the same.
TEST(ExhaustiveWalk, FindsEachPlantedFault) {
  // Decides as if something were settled, and keeps the facts.
  const auto blind = [](const std::string& name,
                        std::function<void(Allegation&)> settle) -> Wrapper {
    return [=](const Letter& letter, const Allegation& a) -> absl::StatusOr<Facts> {
      if (letter.name != name) return letter.decide(a);
      Allegation settled = a;
      settle(settled);
      return letter.decide(settled);
    };
  };
  const struct {
    const char* what;
    Wrapper wrapper;
  } faults[] = {
      {"closes with an open checklist", blind("close",
                                              [](auto& a) {
                                                for (auto& item : *a.mutable_checklist()) {
                                                  item.mutable_action()->set_state(
                                                      Action::STATE_DONE);
                                                }
                                              })},
      {"closes with somebody not told", blind("close", [](auto& a) { a.clear_tellings(); })},
      {"closes without learning", blind("close",
                                        [](auto& a) {
                                          a.mutable_learning();
                                          a.add_checklist()->set_code("LEARNING_ACTION");
                                        })},
      {"closes without an action of the learning",
       blind("close", [](auto& a) { a.add_checklist()->set_code("LEARNING_ACTION"); })},
      {"closes without the review",
       blind("close", [](auto& a) { a.set_state(Allegation::STATE_AGENCY_REVIEW); })},
      {"concludes about nobody", blind("conclude", [](auto& a) { a.set_carer_id("F-1"); })},
      {"concludes without a referral", blind("conclude",
                                             [](auto& a) {
                                               if (a.state() == Allegation::STATE_RECEIVED)
                                                 a.set_state(Allegation::STATE_REFERRED);
                                             })},
      {"forgets what was owed before it was reopened",
       [](const Letter& letter, const Allegation& a) -> absl::StatusOr<Facts> {
         auto facts = letter.decide(a);
         // The conclusion opens no checklist the second time.
         if (facts.ok() && letter.name == "conclude" && !a.reopenings().empty()) facts->pop_back();
         return facts;
       }},
  };
  for (const auto& fault : faults) {
    EXPECT_FALSE(Walk(fault.wrapper, /*to_the_end=*/false).wrong.empty()) << fault.what;
  }
}

}  // namespace
}  // namespace fosterwatch::allegations::domain
