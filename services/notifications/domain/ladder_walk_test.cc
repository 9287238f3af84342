// Every state that an alert, its holders and its mails can come to, walked through by the
// production transitions: none of them leaves a duty under the law with nobody to see to it. The
// same walk finds transitions that were broken on purpose.
//
// The world: for each rung of the ladder the role is held by nobody, by somebody who is there, or
// by somebody who is away, covered by the other or by nobody (as the directory answers); a mail is
// taken, fails, is refused, or the process ends with it on its way; what was taken may bounce or be
// answered by a machine; holders change with or without this service hearing of it; somebody
// acknowledges, or the duty is done. Time goes from one moment at which something is due to the
// next.
#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"
#include "services/notifications/domain/addressees.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/dispatch.h"
#include "services/notifications/domain/fixture.h"
#include "services/notifications/domain/heard.h"

namespace fosterwatch::notifications::domain {
namespace {

enum Holding : uint8_t { kNobody, kThere, kCovered, kUncovered };
constexpr Holding kHoldings[] = {kNobody, kThere, kCovered, kUncovered};
constexpr options::v1::Role kRoles[] = {options::v1::ROLE_REGISTERED_MANAGER,
                                        options::v1::ROLE_DEPUTY_MANAGER};

enum class Outcome { kSent, kFailed, kRefused, kEndsOnItsWay };

// A broken transition: what becomes of the facts that were decided, and of the state after them.
struct Fault {
  std::function<void(Facts&)> decided = [](Facts&) {};
  std::function<void(const v1::Notifications& before, v1::Notifications& after)> applied =
      [](const v1::Notifications&, v1::Notifications&) {};
};

struct World {
  v1::Notifications state;
  absl::Time now = Start();
  std::array<Holding, std::size(kRoles)> holders = {kThere, kThere};
  bool done = false;  // the duty
};

const v1::Alert& AlertOf(const World& world) { return world.state.alerts(0); }
bool IsOpen(const World& world) { return AlertOf(world).state() == v1::Alert::STATE_OPEN; }

// By one of the two ladders, which differ in their data only.
class Walk {
 public:
  explicit Walk(Fault fault) : fault_(std::move(fault)), rules_(QuickPolicy()) {}

  // The number of states, or up to the first one in which a duty is left alone.
  size_t Run() {
    World first;
    Record(first, EventReported(first.state, "e1", /*of_death=*/true, GivenAt(first)));
    Reach(std::move(first));
    while (!waiting_.empty() && wrong_.empty()) {
      const World world = std::move(waiting_.front());
      waiting_.pop_front();
      Next(world);
    }
    return seen_.size();
  }
  const std::string& wrong() const { return wrong_; }

 private:
  // Rungs and minutes are data: two rungs and the round after them have every transition that more
  // have, and with few minutes fewer attempts fit into each.
  static v1::AlertPolicies QuickPolicy() {
    v1::AlertPolicies policies = TestPolicy();
    v1::AlertPolicy::Climb* climb = policies.mutable_editions(0)->mutable_urgent();
    climb->mutable_rungs()->RemoveLast();
    for (v1::AlertPolicy::Rung& rung : *climb->mutable_rungs()) rung.set_minutes(1);
    climb->clear_then_roles();
    for (const options::v1::Role role : kRoles) climb->add_then_roles(role);
    climb->set_every_minutes(1);
    return policies;
  }

  Given GivenAt(const World& world) const { return Given{world.now, rules_, TestId}; }

  void Record(World& world, Facts facts) {
    fault_.decided(facts);
    const v1::Notifications before = world.state;
    for (const v1::NotificationFact& fact : facts) Evolve(world.state, fact);
    fault_.applied(before, world.state);
  }

  // Who is addressed now, as the directory would answer and the sender ask.
  std::vector<std::string> People(const World& world) const {
    std::vector<std::string> people;
    for (const options::v1::Role role : RolesOf(AlertOf(world))) {
      const size_t index = std::find(std::begin(kRoles), std::end(kRoles), role) - kRoles;
      if (index == std::size(kRoles)) continue;  // nobody holds it
      const Holding holding = world.holders[index];
      if (holding == kNobody) continue;
      domain::Holder holder{.person = {absl::StrCat("p", index), ""}, .away = holding != kThere};
      if (holding == kCovered) holder.covered_by = Person{absl::StrCat("p", 1 - index), ""};
      for (const Person& person : Reachable({holder})) {
        if (std::find(people.begin(), people.end(), person.person_id) == people.end()) {
          people.push_back(person.person_id);
        }
      }
    }
    return people;
  }

  static bool IsDue(const World& world) {
    const v1::Alert& alert = AlertOf(world);
    const auto due = [&](const google::protobuf::Timestamp& time) {
      return clock::FromProto(time) <= world.now;
    };
    return IsOpen(world) && ((alert.has_next_attempt_time() && due(alert.next_attempt_time())) ||
                             (alert.has_next_climb_time() && due(alert.next_climb_time())));
  }

  // One look of the sender at the alert, with the same outcome for each mail.
  void Pass(World& world, Outcome outcome) {
    const std::string id = AlertOf(world).alert_id();
    if (AlertOf(world).has_next_climb_time() &&
        clock::FromProto(AlertOf(world).next_climb_time()) <= world.now) {
      Record(world, ClimbAlert(world.state, id, GivenAt(world)));
    }
    const int rung = AlertOf(world).rung();
    const std::vector<std::string> people = People(world);
    bool tried = false;
    for (int mails = 0; mails < 10 && IsOpen(world) && AlertOf(world).rung() == rung; ++mails) {
      const auto next = NextAlertMail(world.state, id, people, GivenAt(world));
      if (!next) break;
      tried = true;
      const std::string send_id = absl::StrCat("s", ++sends_);
      const Mailing mailing = MailingOf(send_id, WasBegun(world.state, next->message_id));
      // A mail that failed is tried again although its addressee has gone: then without an address.
      if (std::find(people.begin(), people.end(), next->person_id) == people.end()) {
        Record(world,
               AlertMailed(world.state, id, *next, mailing,
                           {MailResult::Kind::kRefused, "NO_CONTACT"}, people, GivenAt(world)));
        continue;
      }
      Record(world, BeginAlertMail(world.state, id, *next, send_id, GivenAt(world)));
      if (outcome == Outcome::kEndsOnItsWay) return;
      const MailResult result =
          outcome == Outcome::kSent     ? MailResult{MailResult::Kind::kSent, "SMTP_250"}
          : outcome == Outcome::kFailed ? MailResult{MailResult::Kind::kFailed, "SMTP_451"}
                                        : MailResult{MailResult::Kind::kRefused, "SMTP_550"};
      Record(world, AlertMailed(world.state, id, *next, mailing, result, people, GivenAt(world)));
    }
    if (!tried && people.empty()) {
      Record(world, NobodyToAlert(world.state, id, GivenAt(world)));
    }
  }

  // Every world that can follow.
  void Next(const World& world) {
    const std::string id = AlertOf(world).alert_id();
    if (IsDue(world)) {
      for (const Outcome outcome :
           {Outcome::kSent, Outcome::kFailed, Outcome::kRefused, Outcome::kEndsOnItsWay}) {
        World after = world;
        Pass(after, outcome);
        Reach(std::move(after));
      }
    } else if (IsOpen(world)) {
      World after = world;
      const v1::Alert& alert = AlertOf(after);
      absl::Time next = absl::InfiniteFuture();
      if (alert.has_next_attempt_time()) next = clock::FromProto(alert.next_attempt_time());
      if (alert.has_next_climb_time()) {
        next = std::min(next, clock::FromProto(alert.next_climb_time()));
      }
      if (next < absl::InfiniteFuture()) {
        after.now = next;
        Reach(std::move(after));
      }
    }
    for (size_t role = 0; role < world.holders.size(); ++role) {
      for (const Holding holding : kHoldings) {
        if (holding == world.holders[role]) continue;
        World after = world;
        after.holders[role] = holding;
        World heard = after;
        Reach(std::move(after));
        Record(heard, HoldersChanged(heard.state, GivenAt(heard)));
        Reach(std::move(heard));
      }
    }
    for (const v1::Notifications::Attempt& attempt : world.state.attempts()) {
      if (attempt.result() != v1::Send::RESULT_SENT) continue;
      World after = world;
      v1::Returned returned;
      returned.set_returned_id(absl::StrCat("r", ++sends_));
      returned.set_message_id(attempt.message_id());
      returned.set_kind(v1::Returned::KIND_AUTO_REPLY);
      const auto facts = AlertReturned(after.state, id, returned, GivenAt(after));
      ASSERT_TRUE(facts.ok()) << facts.status();
      Record(after, *facts);
      Reach(std::move(after));
    }
    if (!IsOpen(world)) return;
    World acknowledged = world;
    const auto facts = AcknowledgeAlert(acknowledged.state, id, "p0", "Seen", acknowledged.now);
    ASSERT_TRUE(facts.ok()) << facts.status();
    Record(acknowledged, *facts);
    Reach(std::move(acknowledged));
    World done = world;
    done.done = true;
    Record(done, EventConcluded(done.state));
    Reach(std::move(done));
  }

  // Takes a world in, unless one like it was walked to before.
  void Reach(World world) {
    // What a log keeps leads nowhere, and neither does how often it went round.
    v1::Alert* alert = world.state.mutable_alerts(0);
    while (alert->sends_size() > 6) alert->mutable_sends()->DeleteSubrange(0, 1);
    world.state.clear_returned();
    if (!seen_.insert(KeyOf(world)).second) return;
    const std::string wrong = WrongWith(world);
    if (!wrong.empty() && wrong_.empty()) {
      wrong_ = absl::StrCat(wrong, "\n", world.state.ShortDebugString());
    }
    waiting_.push_back(std::move(world));
  }

  // All that what follows depends on, relative to now; rounds after the last rung are alike.
  static std::string KeyOf(const World& world) {
    const v1::Alert& alert = AlertOf(world);
    const auto left = [&](bool has, const google::protobuf::Timestamp& time) {
      return has ? absl::StrCat(absl::ToInt64Seconds(clock::FromProto(time) - world.now)) : "-";
    };
    std::string key = absl::StrCat(
        alert.state(), "|", std::min<int>(alert.rung(), std::size(kRoles)), "|",
        alert.unreachable(), "|", left(alert.has_next_attempt_time(), alert.next_attempt_time()),
        "|", left(alert.has_next_climb_time(), alert.next_climb_time()), "|", world.done);
    for (const Holding holding : world.holders) absl::StrAppend(&key, "|", holding);
    std::vector<std::string> attempts;
    for (const v1::Notifications::Attempt& attempt : world.state.attempts()) {
      // Whom a mail on its way is for is known by its Message-ID only.
      const std::string who = attempt.message_id().substr(attempt.message_id().rfind('/') + 1);
      const bool settled =
          attempt.result() == v1::Send::RESULT_SENT || attempt.result() == v1::Send::RESULT_REFUSED;
      attempts.push_back(absl::StrCat(who, ",", attempt.person_id(), ",", attempt.result()));
      if (settled) continue;
      absl::StrAppend(&attempts.back(), ",", std::min(attempt.failed(), 4), ",",
                      left(attempt.failed() > 0, attempt.failed_time()));
    }
    std::sort(attempts.begin(), attempts.end());
    for (const std::string& attempt : attempts) absl::StrAppend(&key, ";", attempt);
    // Whether "nobody" was said of this very rung.
    absl::StrAppend(
        &key, "|",
        std::any_of(alert.sends().begin(), alert.sends().end(), [&](const v1::Send& send) {
          return send.send_id() ==
                 TestId(absl::StrCat(alert.alert_id(), "/", alert.rung(), "/nobody"));
        }));
    return key;
  }

  // Empty where somebody sees to the duty, or is going to be told, or it is said that nobody can
  // be.
  static std::string WrongWith(const World& world) {
    const v1::Alert& alert = AlertOf(world);
    if (!IsOpen(world)) {
      if (alert.has_next_climb_time() || alert.has_next_attempt_time()) {
        return "somebody has seen to it, and it goes on";
      }
      if (world.done || !alert.acknowledged_by().empty()) return "";
      return "closed, and nobody has seen to it";
    }
    if (!alert.has_next_climb_time()) return "open, and never to climb";
    if (alert.roles().empty()) return "open, and addressed to nobody";
    if (alert.has_next_attempt_time()) return "";  // somebody is to be told, at a time
    if (alert.unreachable()) return "";            // a dead end, announced
    const bool told =
        std::any_of(world.state.attempts().begin(), world.state.attempts().end(),
                    [](const auto& attempt) { return attempt.result() == v1::Send::RESULT_SENT; });
    return told ? "" : "open, nobody was told, nobody is to be, and nobody says so";
  }

  const Fault fault_;
  const Rules rules_;
  std::deque<World> waiting_;
  std::unordered_set<std::string> seen_;
  std::string wrong_;
  int64_t sends_ = 0;
};

TEST(LadderWalkTest, NoReachableStateLeavesADutyWithNobodyWhoSeesToIt) {
  Walk walk({});
  const size_t states = walk.Run();
  EXPECT_EQ(walk.wrong(), "");
  std::printf("walked %zu states\n", states);
  EXPECT_GT(states, 1000u) << "the walk stands still";
}

void Drop(Facts& facts, const std::function<bool(const v1::NotificationFact&)>& which) {
  facts.erase(std::remove_if(facts.begin(), facts.end(), which), facts.end());
}

TEST(LadderWalkTest, FindsAnAcknowledgementThatLeavesTheTimer) {
  Fault fault;
  fault.applied = [](const v1::Notifications& before, v1::Notifications& after) {
    if (before.alerts().empty() || after.alerts(0).state() != v1::Alert::STATE_ACKNOWLEDGED) return;
    if (!before.alerts(0).has_next_climb_time()) return;
    *after.mutable_alerts(0)->mutable_next_climb_time() = before.alerts(0).next_climb_time();
  };
  Walk walk(fault);
  walk.Run();
  EXPECT_NE(walk.wrong(), "");
}

TEST(LadderWalkTest, FindsAFailedRungThatDoesNotClimb) {
  Fault fault;
  fault.decided = [](Facts& facts) {
    Drop(facts, [](const v1::NotificationFact& fact) {
      return fact.alert_climbed().reason_code() == "NOBODY_REACHED";
    });
  };
  Walk walk(fault);
  walk.Run();
  EXPECT_NE(walk.wrong(), "");
}

TEST(LadderWalkTest, FindsADeadEndThatIsNotAnnounced) {
  Fault fault;
  fault.decided = [](Facts& facts) {
    Drop(facts, [](const v1::NotificationFact& fact) { return fact.has_alert_unreachable(); });
  };
  Walk walk(fault);
  walk.Run();
  EXPECT_NE(walk.wrong(), "");
}

TEST(LadderWalkTest, FindsAnAbsenceNoticeThatCountsAsRead) {
  Fault fault;
  fault.applied = [](const v1::Notifications& before, v1::Notifications& after) {
    // The attempt is forgotten, and nothing climbs.
    if (before.alerts().empty() || after.returned_size() == before.returned_size()) return;
    const v1::Notifications log = after;
    after = before;
    *after.mutable_returned() = log.returned();
    after.clear_attempts();
  };
  Walk walk(fault);
  walk.Run();
  EXPECT_NE(walk.wrong(), "");
}

}  // namespace
}  // namespace fosterwatch::notifications::domain
