// Every state that an event can be in, walked breadth first by the production decisions and
// Evolve over a reduced alphabet: three kinds, mail and telephone, at most one action, and people
// of every hat. Whatever path leads to Concluded has fulfilled every condition, by an oracle that
// keeps its own books of what was done and was written from the requirements, apart from the code.
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/notifiable_events/domain/conclude.h"
#include "services/notifiable_events/domain/confirmation.h"
#include "services/notifiable_events/domain/discussion.h"
#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/outcome.h"
#include "services/notifiable_events/domain/sign_off.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using v1::SignOff;

constexpr char kDelegated[] = "deputy";

// What an outside observer has seen happen, by the calls that were accepted alone.
struct Books {
  std::set<std::string> told;       // notices
  std::set<std::string> phoned;     // of these by telephone
  std::set<std::string> confirmed;  // in writing
  std::string first_signer, second_signer;
  bool discussed = false;
  bool enquiry_ended = false;
  bool action_open = false;
  bool outcome = false;
  bool update_chosen = false;
  bool update_refused_with_reason = false;
  bool concluded = false;
};

struct Walked {
  v1::EventKind kind;
  bool regulator;  // by hand, from Schedule 7
  bool enquiry;
};

struct State {
  v1::NotifiableEvent event;
  Books books;
};

using Decision = std::function<absl::StatusOr<Facts>(const v1::NotifiableEvent&)>;

// One letter of the alphabet: the call, who makes it, and what the books say where it is accepted.
struct Letter {
  std::string name;
  Actor actor;
  Decision decide;
  std::function<void(Books&)> note;
};

People WalkPeople() {
  People people = OurPeople();
  people.holders.pop_back();
  people.delegations = {
      {"d-1", "registered", kDelegated, kNow - absl::Hours(1), kNow + absl::Hours(1)}};
  return people;
}

// The reporter, who has risen to every role since: two hats.
const Actor kReporter = {"caseworker",
                         {options::v1::ROLE_CASEWORKER, options::v1::ROLE_TEAM_MANAGER,
                          options::v1::ROLE_REGISTERED_MANAGER}};
const Actor kDeputy = {kDelegated, {options::v1::ROLE_DEPUTY_MANAGER}};
const Actor kStranger = {"deputy-without-delegation", {options::v1::ROLE_DEPUTY_MANAGER}};

std::vector<Letter> LettersOf(const v1::NotifiableEvent& event, const People& people) {
  std::vector<Letter> letters;
  for (const auto& notice : event.notices()) {
    const std::string id = notice.notice_id();
    for (const auto channel : {type::v1::CHANNEL_EMAIL, type::v1::CHANNEL_TELEPHONE}) {
      v1::GiveNoticeRequest give;
      give.set_notice_id(id);
      give.set_channel(channel);
      const bool phone = channel == type::v1::CHANNEL_TELEPHONE;
      // The others differ from the first in nothing that this would show.
      if (phone && id != event.notices(0).notice_id()) continue;
      letters.push_back({phone ? "phone" : "mail", kManager,
                         [give](const auto& e) { return GiveNotice(e, give, kManager, kNow); },
                         [id, phone](Books& books) {
                           books.told.insert(id);
                           if (phone) books.phoned.insert(id);
                         }});
    }
    if (id != event.notices(0).notice_id()) continue;
    v1::ConfirmNoticeInWritingRequest confirm;
    confirm.set_notice_id(id);
    confirm.set_channel(type::v1::CHANNEL_EMAIL);
    letters.push_back(
        {"confirm", kManager,
         [confirm](const auto& e) { return ConfirmInWriting(e, confirm, kManager, kNow); },
         [id](Books& books) { books.confirmed.insert(id); }});
  }
  for (const Actor& actor : {kReporter, kManager, kRegistered, kDeputy, kStranger}) {
    for (const auto stage : {SignOff::STAGE_MANAGER, SignOff::STAGE_REGISTERED_MANAGER}) {
      v1::SignOffEventRequest sign;
      sign.set_stage(stage);
      letters.push_back(
          {absl::StrCat("sign ", actor.id), actor,
           [=](const auto& e) { return domain::SignOff(e, sign, actor, people, kNow); },
           [stage, id = actor.id](Books& books) {
             (stage == SignOff::STAGE_MANAGER ? books.first_signer : books.second_signer) = id;
           }});
    }
  }
  v1::RecordDiscussionRequest discuss;
  *discuss.mutable_discussed_time() = clock::ToProto(kNow);
  discuss.set_discussed_with("the social worker");
  discuss.set_agreed("a visit");
  letters.push_back(
      {"discuss", kManager,
       [discuss](const auto& e) { return RecordDiscussion(e, discuss, kManager, kNow); },
       [](Books& books) { books.discussed = true; }});
  v1::RecordEnquiryOutcomeRequest ended;
  *ended.mutable_outcome_time() = clock::ToProto(kNow);
  *ended.mutable_became_aware_time() = clock::ToProto(kNow);
  ended.set_outcome("no further action");
  letters.push_back({"end enquiry", kManager,
                     [ended](const auto& e) {
                       int last = 0;
                       const auto id = [&] { return absl::StrCat("ended-", ++last); };
                       return RecordEnquiryOutcome(e, ended, kManager, OurLaw(), World(kHome), kNow,
                                                   id);
                     },
                     [](Books& books) { books.enquiry_ended = true; }});
  if (event.actions().empty()) {
    v1::AddActionRequest add;
    add.set_description("do");
    add.set_owner_id("manager");
    *add.mutable_due_time() = clock::ToProto(kNow);
    letters.push_back({"add action", kManager,
                       [=](const auto& e) {
                         return AddAction(e, add, people, kNow,
                                          [] { return std::string("action"); });
                       },
                       [](Books& books) { books.action_open = true; }});
  }
  v1::CloseActionRequest close;
  close.set_action_id("action");
  close.set_evidence("done");
  letters.push_back({"close action", kManager,
                     [close](const auto& e) { return CloseAction(e, close, kManager, kNow); },
                     [](Books& books) { books.action_open = false; }});
  for (const auto update : {v1::REGULATOR_UPDATE_UNSPECIFIED, v1::REGULATOR_UPDATE_GIVE,
                            v1::REGULATOR_UPDATE_NOT_NEEDED}) {
    for (const char* reason : {"", "so"}) {
      v1::RecordOutcomeRequest outcome;
      outcome.set_outcome("it ended");
      *outcome.mutable_outcome_time() = clock::ToProto(kNow);
      outcome.set_regulator_update(update);
      outcome.set_reason(reason);
      letters.push_back({"outcome", kManager,
                         [outcome](const auto& e) {
                           int last = 0;
                           const auto id = [&] { return absl::StrCat("outcome-", ++last); };
                           return RecordOutcome(e, outcome, kManager, OurLaw(), World(kHome), kNow,
                                                id);
                         },
                         [update, reason](Books& books) {
                           books.outcome = true;
                           books.update_chosen = update == v1::REGULATOR_UPDATE_GIVE;
                           books.update_refused_with_reason =
                               update == v1::REGULATOR_UPDATE_NOT_NEEDED && *reason != '\0';
                         }});
    }
  }
  // All at once or as little as can be said, with the regulator's reference and without.
  for (const Actor& actor : {kRegistered, kManager, kDeputy}) {
    for (const char* outcome : {"", "it ended"}) {
      for (const bool choose : {false, true}) {
        for (const char* reference : {"", "OFS-1"}) {
          if (actor.id != kRegistered.id && (*outcome == '\0' || *reference == '\0')) continue;
          v1::ConcludeEventRequest request;
          request.set_outcome(outcome);
          request.set_regulator_reference(reference);
          if (choose) {
            request.set_regulator_update(v1::REGULATOR_UPDATE_NOT_NEEDED);
            request.set_reason("so");
          }
          letters.push_back({absl::StrCat("conclude ", actor.id,
                                          *reference == '\0' ? " without" : " with", " reference"),
                             actor,
                             [=](const auto& e) { return Conclude(e, request, actor, kNow); },
                             [=](Books& books) {
                               books.concluded = true;
                               if (*outcome != '\0') books.outcome = true;
                               if (choose) books.update_refused_with_reason = true;
                             }});
        }
      }
    }
  }
  return letters;
}

// What the requirements ask of a concluded event, by the books and by what the record says of its
// notices; empty where all is well. Nothing here asks the code under test.
std::string Wrong(const Walked& world, const State& state, const Letter& last) {
  const Books& books = state.books;
  std::string wrong;
  const auto must = [&](bool holds, const char* what) {
    if (!holds) absl::StrAppend(&wrong, what, "; ");
  };
  std::set<std::string> all;
  bool outcome_to_inspector = false, update_to_inspector = false;
  for (const auto& notice : state.event.notices()) {
    if (notice.basis() != v1::BASIS_POLICY || notice.moment() == v1::MOMENT_CONCLUSION) {
      all.insert(notice.notice_id());
    }
    if (notice.recipient() != v1::RECIPIENT_CHIEF_INSPECTOR) continue;
    outcome_to_inspector |= notice.moment() == v1::MOMENT_ENQUIRY_OUTCOME;
    update_to_inspector |= notice.moment() == v1::MOMENT_CONCLUSION;
  }
  for (const std::string& id : all) must(books.told.count(id) > 0, "a notice was not given");
  for (const std::string& id : books.phoned) {
    must(books.confirmed.count(id) > 0, "a call was not confirmed in writing");
  }
  must(books.discussed, "nothing was discussed with the social worker");
  must(books.outcome, "no outcome");
  must(!books.action_open, "an action is open");
  must(books.first_signer == "manager" || books.first_signer == "registered" ||
           books.first_signer == kDelegated,
       "the first signature is not a manager's");
  must(books.second_signer == "registered" || books.second_signer == kDelegated,
       "the second signature is neither the registered manager's nor delegated");
  must(books.first_signer != books.second_signer, "one person signed both");
  must(books.first_signer != "caseworker" && books.second_signer != "caseworker",
       "the reporter signed");
  must(!world.enquiry || (books.enquiry_ended && outcome_to_inspector),
       "the enquiry has no end that was told");
  must(!world.regulator || last.name == "conclude registered with reference",
       "no reference of the regulator");
  must(world.regulator || !update_to_inspector, "the regulator is told of what was none of its");
  if (world.regulator && !world.enquiry) {
    must(books.update_chosen ? update_to_inspector : books.update_refused_with_reason,
         "nobody decided whether the regulator is updated");
  }
  must(last.actor.id == "registered", "concluded by somebody else");
  return wrong;
}

// Without what two states need not differ in for what comes after: who recorded what, and when.
std::string KeyOf(const State& state) {
  std::string key;
  for (const auto& notice : state.event.notices()) {
    absl::StrAppend(&key, notice.state(), state.books.phoned.count(notice.notice_id()),
                    notice.written_confirmation().has_confirmed_time(), ",");
  }
  for (const auto& sign_off : state.event.sign_offs()) {
    absl::StrAppend(&key, sign_off.signed_by(), ",");
  }
  absl::StrAppend(&key, state.event.discussion().has_discussed_time(),
                  state.event.has_enquiry_outcome(), state.event.actions_size(),
                  state.books.action_open, state.event.has_outcome(),
                  state.event.outcome().regulator_update(), state.event.state(),
                  state.books.update_chosen, state.books.update_refused_with_reason);
  return key;
}

struct Found {
  int states = 0;
  int concluded = 0;
  long transitions = 0;
  double paths = 0;
  std::set<std::string> wrong;
};

// Stands between the walk and a decision; the planted faults do so.
using Wrapper = std::function<absl::StatusOr<Facts>(const Letter&, const v1::NotifiableEvent&)>;

absl::StatusOr<Facts> AsItIs(const Letter& letter, const v1::NotifiableEvent& event) {
  return letter.decide(event);
}

Found Walk(const Walked& world, const Wrapper& wrapper) {
  const People people = WalkPeople();
  struct Node {
    State state;
    double paths = 0;
  };
  std::map<std::string, Node> nodes;
  // Every accepted call adds at least one fact, so states of fewer calls come first and the paths
  // to a state are all counted before it is left.
  std::map<int, std::set<std::string>> levels;
  State first{Reported({world.kind}, World(kHome)), {}};
  const std::string start = KeyOf(first);
  nodes[start] = {first, 1};
  levels[0].insert(start);
  std::map<std::string, int> depth_of = {{start, 0}};
  Found found;
  for (int depth = 0; levels.count(depth) > 0; ++depth) {
    for (const std::string& key : levels[depth]) {
      const Node node = nodes[key];
      ++found.states;
      if (node.state.books.concluded) {
        ++found.concluded;
        found.paths += node.paths;
        continue;
      }
      for (const Letter& letter : LettersOf(node.state.event, people)) {
        const auto facts = wrapper(letter, node.state.event);
        if (!facts.ok()) {
          if (ReasonOf(facts.status()).empty()) found.wrong.insert("a refusal without a reason");
          continue;
        }
        ++found.transitions;
        State next = node.state;
        ApplyAll(next.event, *facts, letter.actor);
        letter.note(next.books);
        if (next.books.concluded) {
          const std::string wrong = Wrong(world, next, letter);
          if (!wrong.empty()) found.wrong.insert(wrong);
        }
        const std::string next_key = KeyOf(next);
        const auto [known, added] = depth_of.try_emplace(next_key, depth + 1);
        if (added) {
          levels[depth + 1].insert(next_key);
          nodes[next_key] = {std::move(next), 0};
        }
        // One call is one step on, whichever way it is reached.
        if (known->second == depth + 1) nodes[next_key].paths += node.paths;
      }
    }
  }
  return found;
}

const Walked kWorlds[] = {
    {v1::EVENT_KIND_CHILD_SERIOUS_OFFENCE, false, false},
    {v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT, true, false},
    {v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY, true, true},
};

TEST(ExhaustiveWalk, ReachesConcludedByPathsThatFulfilEveryConditionAndByNoOthers) {
  for (const Walked& world : kWorlds) {
    const Found found = Walk(world, AsItIs);
    EXPECT_TRUE(found.wrong.empty()) << Name(world.kind) << ": " << *found.wrong.begin();
    EXPECT_GT(found.concluded, 0) << Name(world.kind);
    std::printf("%s: %d states, %ld transitions, %d concluded, reached by %.0f shortest paths\n",
                Name(world.kind).c_str(), found.states, found.transitions, found.concluded,
                found.paths);
  }
}

// One transition too many: what the rules refuse, done all the same.
TEST(ExhaustiveWalk, FindsEachPlantedFault) {
  struct Fault {
    const char* what;
    Walked world;
    Wrapper wrapper;
  };
  // Decides on the event as if something were settled, and keeps the facts.
  const auto blind = [](const std::string& prefix,
                        std::function<void(v1::NotifiableEvent&)> settle) -> Wrapper {
    return [=](const Letter& letter, const v1::NotifiableEvent& event) -> absl::StatusOr<Facts> {
      if (letter.name.rfind(prefix, 0) != 0) return letter.decide(event);
      v1::NotifiableEvent settled = event;
      settle(settled);
      return letter.decide(settled);
    };
  };
  const Fault faults[] = {
      {"concludes with a notice not given", kWorlds[0],
       blind("conclude",
             [](auto& e) {
               for (auto& notice : *e.mutable_notices()) notice.set_state(v1::Notice::STATE_GIVEN);
             })},
      {"concludes without the written confirmation", kWorlds[0],
       blind("conclude",
             [](auto& e) {
               for (auto& notice : *e.mutable_notices()) notice.clear_written_confirmation();
             })},
      {"concludes without the discussion", kWorlds[0],
       blind("conclude", [](auto& e) { e.clear_discussion(); })},
      {"concludes with an open action", kWorlds[0],
       blind("conclude", [](auto& e) { e.clear_actions(); })},
      {"concludes an enquiry that has not ended", kWorlds[2],
       blind("conclude", [](auto& e) { e.mutable_enquiry_outcome(); })},
      {"forgets that the regulator was told", kWorlds[1],
       blind("conclude",
             [](auto& e) {
               for (auto& notice : *e.mutable_notices()) notice.set_basis(v1::BASIS_POLICY);
             })},
      {"compares roles and not persons", kWorlds[0],
       blind("sign",
             [](auto& e) {
               for (auto& sign_off : *e.mutable_sign_offs()) {
                 if (!sign_off.signed_by().empty()) sign_off.set_signed_by("somebody else");
               }
             })},
      {"lets the reporter sign", kWorlds[0],
       blind("sign", [](auto& e) { e.set_reporter_id("somebody else"); })},
  };
  for (const Fault& fault : faults) {
    EXPECT_FALSE(Walk(fault.world, fault.wrapper).wrong.empty()) << fault.what;
  }
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
