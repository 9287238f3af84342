// Every state that an approval can be in, walked breadth first by the production decisions and
// Evolve over a reduced list of information. Whatever path leads to Approved, Refused or Ended has
// fulfilled every condition, by an oracle that keeps its own books of what was done and was written
// from the requirements, apart from the code. Faults that are planted are found.
#include <cstdio>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "services/carers/domain/walk_letters.h"

namespace fosterwatch::carers::domain {
namespace {

// Whether what was proposed may take effect, by the books.
bool MayConfirm(const Books& books, absl::Time now) {
  if (books.told == absl::InfiniteFuture()) return false;
  switch (books.answer) {
    case DecisionAnswer::KIND_AGREED:
      return true;
    case DecisionAnswer::KIND_UNSPECIFIED:
      return now >= MidnightAfter(books.told, 28);
    default:
      return books.heard_after_answer;
  }
}

// What is wrong with a step from one state to the next; empty where all is well.
std::string Wrong(const State& before, const Letter& letter, const State& after) {
  const Carer::Status was = before.world.carer.status();
  const Carer::Status is = after.world.carer.status();
  const Books& books = before.books;
  const absl::Time now = after.world.now;
  std::string wrong;
  const auto must = [&](bool holds, const char* what) {
    if (!holds) absl::StrAppend(&wrong, what, "; ");
  };
  if (after.world.carer.register_changes_size() != before.world.carer.register_changes_size()) {
    must(after.world.RegisterStandsAlone(), "the register rests on facts that nobody reads for it");
  }
  const bool decided = letter.name.substr(0, 6) == "decide";
  if (decided && books.recommended) {
    must(letter.name.find(books.panel) == std::string::npos, "one of the panel decided");
  }
  if (is == Carer::STATUS_APPROVED && was != Carer::STATUS_APPROVED &&
      was != Carer::STATUS_SUSPENDED) {
    must(decided, "approved by something that is no decision");
    must(books.item[1] && books.item[2], "approved without the information");
    must(books.stage_two, "approved without stage 2");
    must(books.recommended && books.recommended_on_approval, "approved without the panel");
    must(!after.world.carer.approved_date().empty(), "approved on no day");
    must(!TermsOf(after.world.carer).empty(), "approved without terms");
  }
  if (is == Carer::STATUS_REFUSED && was != is) {
    must(letter.name == "end stage one"
             ? !books.stage_two
             : books.proposed == Decision::OUTCOME_REFUSAL_PROPOSED && MayConfirm(books, now),
         "refused without its conditions");
  }
  if (is == Carer::STATUS_WITHDRAWN && was != is) {
    must(letter.name == "withdraw", "withdrawn by nobody");
  }
  if (is == Carer::STATUS_TEMPORARILY_APPROVED && was != is) {
    must(letter.name == "approve temporarily", "temporarily approved by nobody");
    must(after.world.carer.kind() == Carer::KIND_CONNECTED, "a stranger approved temporarily");
  }
  const bool ended = after.world.carer.ended_date() != before.world.carer.ended_date() &&
                     !after.world.carer.ended_date().empty();
  if (ended) {
    switch (after.world.carer.end_reason()) {
      case v1::END_REASON_RESIGNATION:
        must(now >= MidnightAfter(books.resigned, 28), "a resignation ended before its days");
        break;
      case v1::END_REASON_TERMINATION:
        must(books.proposed == Decision::OUTCOME_TERMINATION_PROPOSED && MayConfirm(books, now),
             "terminated without its conditions");
        break;
      case v1::END_REASON_TEMPORARY_APPROVAL_OVER:
        must(now >= MidnightAfter(books.temporary_since, books.extended ? 56 : 28),
             "a temporary approval ended before its weeks");
        break;
      default:
        must(false, "ended for no reason");
    }
  }
  if (is == Carer::STATUS_ENDED && was != is) must(ended, "ended on no day");
  if (letter.name == "review") {
    bool decision_owed = false, reviewed_again = false;
    for (const auto& duty : DutiesOf(after.world.carer, after.world.At())) {
      decision_owed |= duty.kind() == v1::DUTY_KIND_REVIEW_DECISION;
      reviewed_again |= duty.kind() == v1::DUTY_KIND_ANNUAL_REVIEW;
    }
    must(decision_owed, "nobody owes a decision on a carer who is not suitable");
    must(!reviewed_again, "a carer who is not suitable simply waits for the next review");
  }
  if (letter.name.substr(0, 8) == "decide 2") {
    must(before.books.recommended || before.books.unsuitable, "continued for no reason");
  }
  // Nothing withdraws a resignation.
  must(!before.world.carer.has_resignation() || after.world.carer.has_resignation() ||
           was == Carer::STATUS_APPLICANT,
       "a resignation was withdrawn");
  if (was == Carer::STATUS_ENDED || was == Carer::STATUS_REFUSED ||
      was == Carer::STATUS_WITHDRAWN) {
    must(is == was, "a closed record was opened again");
  }
  return wrong;
}

// Without what two states need not differ in for what comes after: who recorded what, and when.
std::string KeyOf(const State& state) {
  const Carer& carer = state.world.carer;
  const Books& books = state.books;
  std::string key = absl::StrCat(carer.status(), carer.kind(), carer.application().state(),
                                 carer.application().items_size(),
                                 carer.application().stage_two_begun_date().empty(), "|");
  for (const auto& given : carer.recommendations()) {
    if (AwaitsDecision(carer, given)) absl::StrAppend(&key, given.matter(), ",");
  }
  if (const Decision* open = OpenProposal(carer)) {
    absl::StrAppend(&key, "|", open->outcome(), open->has_oral_notice(), open->has_written_notice(),
                    open->answer().kind(),
                    open->has_answer_until_time() &&
                        clock::FromProto(open->answer_until_time()) <= state.world.now);
  }
  bool unsuitable = false, to_panel = false, unanswered = false;
  for (const auto& review : carer.reviews()) {
    unsuitable |= !review.still_suitable();
    unanswered |= AwaitsAnswer(review);
    to_panel |= review.to_panel() && review.recommendation_id().empty();
  }
  const auto reviews = ReviewDatesOf(carer);
  absl::StrAppend(&key, "|", unsuitable, unanswered, to_panel, reviews.empty(),
                  !reviews.empty() && reviews.back() == state.world.Today(), "|",
                  carer.has_resignation(), carer.has_temporary_approval(),
                  carer.temporary_approval().extended(), carer.decisions().empty());
  if (const auto ends = EndsByItself(carer)) {
    absl::StrAppend(&key, "|", absl::ToInt64Hours(*ends - state.world.now) / 24);
  }
  absl::StrAppend(&key, "|", books.item[1], books.item[2], books.stage_two, books.recommended,
                  books.recommended_on_approval, books.proposed, books.answer,
                  books.heard_after_answer, books.unsuitable, books.told < absl::InfiniteFuture());
  return key;
}

struct Found {
  int states = 0;
  long transitions = 0;
  std::set<int> statuses;
  std::set<std::string> wrong;
};

// Stands between the walk and a decision; the planted faults do so.
using Wrapper = std::function<absl::StatusOr<Facts>(const Letter&, const World&)>;

absl::StatusOr<Facts> AsItIs(const Letter& letter, const World& world) {
  return letter.decide(world);
}

// Ends early where it has found what it is told to look for.
Found Walk(const Wrapper& wrapper, const std::string& wanted = "") {
  State first;
  first.world.policies = &ReducedPolicies();
  std::set<std::string> seen = {KeyOf(first)};
  std::deque<State> ahead = {first};
  Found found;
  while (!ahead.empty()) {
    const State state = std::move(ahead.front());
    ahead.pop_front();
    ++found.states;
    found.statuses.insert(state.world.carer.status());
    for (const Letter& letter : Letters()) {
      const auto facts = wrapper(letter, state.world);
      if (!facts.ok()) {
        if (ReasonOf(facts.status()).empty() && !absl::IsNotFound(facts.status())) {
          found.wrong.insert("a refusal without a reason");
        }
        continue;
      }
      ++found.transitions;
      State next = state;
      if (letter.name == "wait") next.world.now += 29 * kDay;
      next.world.Take(*facts);
      letter.note(next.books, next.world);
      const std::string wrong = Wrong(state, letter, next);
      if (!wrong.empty()) found.wrong.insert(wrong);
      if (!wanted.empty() && wrong.find(wanted) != std::string::npos) return found;
      // What is wrong is not followed, so that a planted fault ends.
      if (wrong.empty() && seen.insert(KeyOf(next)).second) ahead.push_back(std::move(next));
    }
  }
  return found;
}

TEST(ExhaustiveWalk, ReachesApprovedRefusedAndEndedByPathsThatFulfilEveryConditionAndByNoOthers) {
  const Found found = Walk(AsItIs);
  EXPECT_THAT(found.wrong, ::testing::IsEmpty());
  EXPECT_EQ(
      found.statuses,
      (std::set<int>{Carer::STATUS_UNSPECIFIED, Carer::STATUS_APPLICANT, Carer::STATUS_APPROVED,
                     Carer::STATUS_TEMPORARILY_APPROVED, Carer::STATUS_SUSPENDED,
                     Carer::STATUS_ENDED, Carer::STATUS_REFUSED, Carer::STATUS_WITHDRAWN}));
  EXPECT_GT(found.states, 500);
  std::printf("%d states, %ld transitions\n", found.states, found.transitions);
}

// A decision that sees a state which is better than it is, or a later clock.
struct Fault {
  std::string of;  // the letters whose names begin so
  std::function<void(World&)> lie;
  std::string found;
};

void Complete(World& world) {
  for (const char* code : {"ITEM1", "ITEM2"}) {
    world.carer.mutable_application()->add_items()->set_code(code);
  }
}

TEST(ExhaustiveWalk, FindsEachFaultThatIsPlanted) {
  const Fault faults[] = {
      // Without a look at the information by the panel and by the decision.
      {"", Complete, "approved without the information"},
      {"recommend",
       [](World& world) {
         Complete(world);
         world.carer.mutable_application()->set_stage_two_begun_date("2026-11-22");
       },
       "approved without stage 2"},
      {"decide 1",
       [](World& world) {
         auto* given = world.carer.add_recommendations();
         given->set_recommendation_id("none");
         given->set_matter(v1::MATTER_APPROVAL);
         given->set_application_id(world.carer.application().application_id());
       },
       "approved without the panel"},
      {"decide",
       [](World& world) {
         for (auto& given : *world.carer.mutable_recommendations()) given.clear_member_ids();
       },
       "one of the panel decided"},
      {"decide 6",
       [](World& world) {
         for (auto& decision : *world.carer.mutable_decisions()) {
           *decision.mutable_answer_until_time() = world.Now();
         }
       },
       "without its conditions"},
      {"decide 6",
       [](World& world) {
         for (auto& decision : *world.carer.mutable_decisions()) {
           decision.mutable_answer()->set_kind(DecisionAnswer::KIND_AGREED);
           decision.mutable_written_notice();
         }
       },
       "without its conditions"},
      // What was recommended on an application that was withdrawn counts for the next one.
      {"",
       [](World& world) {
         for (auto& given : *world.carer.mutable_recommendations()) {
           if (given.matter() == v1::MATTER_APPROVAL) {
             given.set_application_id(world.carer.application().application_id());
           }
         }
       },
       "approved without"},
      {"decide 2", [](World& world) { world.carer.add_reviews(); }, "continued for no reason"},
      {"wait", [](World& world) { world.now += 60 * kDay; }, "ended before its weeks"},
  };
  for (const Fault& fault : faults) {
    const Found found = Walk(
        [&](const Letter& letter, const World& world) {
          if (letter.name.substr(0, fault.of.size()) != fault.of) return letter.decide(world);
          World other = world;
          fault.lie(other);
          return letter.decide(other);
        },
        fault.found);
    EXPECT_THAT(found.wrong, ::testing::Contains(::testing::HasSubstr(fault.found)));
  }
}

}  // namespace
}  // namespace fosterwatch::carers::domain
