// What holds for every alert, found out by histories that nobody thought of: holders who come and
// go, mail servers that fail and refuse, processes that end in the middle, people who acknowledge.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "libs/clock/proto_time.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/fixture.h"
#include "services/notifications/domain/heard.h"

namespace fosterwatch::notifications::domain {
namespace {

enum class Mailbox { kTakes, kFails, kRefuses, kNoAddress };

struct Holder {
  options::v1::Role role;
  Mailbox mailbox;
};

constexpr options::v1::Role kRoles[] = {
    options::v1::ROLE_REGISTERED_MANAGER, options::v1::ROLE_DEPUTY_MANAGER,
    options::v1::ROLE_RESPONSIBLE_INDIVIDUAL, options::v1::ROLE_TEAM_MANAGER};

// An alert, the people of its agency, and a process that works it off as the sender does.
class World : public History {
 public:
  explicit World(bool urgent) { Record(EventReported(state, "e1", urgent, given())); }

  std::string id() const { return alert().alert_id(); }
  bool open() const { return alert().state() == v1::Alert::STATE_OPEN; }

  void SetHolder(const std::string& person_id, Holder holder) { holders_[person_id] = holder; }
  void RemoveHolder(const std::string& person_id) { holders_.erase(person_id); }

  bool IsDue() const {
    const auto due = [this](const google::protobuf::Timestamp& time) {
      return clock::FromProto(time) <= now;
    };
    return open() && ((alert().has_next_attempt_time() && due(alert().next_attempt_time())) ||
                      (alert().has_next_climb_time() && due(alert().next_climb_time())));
  }

  // One look at the alert. The process ends after so many steps, wherever that is.
  void Pass(int steps = 1'000'000) {
    if (clock::FromProto(alert().next_climb_time()) <= now) {
      Record(ClimbAlert(state, id(), given()));
      if (--steps <= 0) return;
    }
    const int rung = alert().rung();
    std::vector<std::string> people;
    for (const auto& [person_id, holder] : holders_) {
      const auto roles = RolesOf(alert());
      if (std::find(roles.begin(), roles.end(), holder.role) != roles.end()) {
        people.push_back(person_id);
      }
    }
    bool tried = false;
    while (open() && alert().rung() == rung) {
      const auto next = NextAlertMail(state, id(), people, given());
      if (!next) break;
      tried = true;
      const bool repeat = WasBegun(state, next->message_id);
      const auto holder = holders_.find(next->person_id);
      const Mailbox mailbox =
          holder == holders_.end() ? Mailbox::kNoAddress : holder->second.mailbox;
      const std::string send_id = absl::StrCat("s", ++sends_);
      if (mailbox == Mailbox::kNoAddress) {
        Record(AlertMailed(state, id(), *next, MailingOf(send_id, repeat),
                           {MailResult::Kind::kRefused, "NO_CONTACT"}, people, given()));
        if (--steps <= 0) return;
        continue;
      }
      RC_ASSERT(!sent_.contains(next->message_id));
      Record(BeginAlertMail(state, id(), *next, send_id, given()));
      RC_ASSERT(MayLeave(state, id(), *next));
      if (--steps <= 0) return;  // it may have left
      if (mailbox == Mailbox::kTakes) RC_ASSERT(sent_.insert(next->message_id).second);
      const MailResult result =
          mailbox == Mailbox::kTakes   ? MailResult{MailResult::Kind::kSent, "SMTP_250"}
          : mailbox == Mailbox::kFails ? MailResult{MailResult::Kind::kFailed, "SMTP_451"}
                                       : MailResult{MailResult::Kind::kRefused, "SMTP_550"};
      Record(AlertMailed(state, id(), *next, MailingOf(send_id, repeat), result, people, given()));
      // Told once more, as after an answer of the database that was lost.
      RC_ASSERT(AlertMailed(state, id(), *next, MailingOf(send_id, repeat), result, people, given())
                    .empty());
      if (--steps <= 0) return;
    }
    if (!tried && people.empty()) Record(NobodyToAlert(state, id(), given()));
  }

  // Until nothing is due at this moment.
  void PassAll() {
    for (int passes = 0; IsDue(); ++passes) {
      RC_ASSERT(passes < 20);  // it comes to rest
      const std::string before = state.SerializeAsString();
      Pass();
      // Whoever was still to be told holds no role any more: the sender looks again a little later,
      // and the alert climbs in its time.
      if (state.SerializeAsString() == before) return;
    }
  }

  void CheckAlways() const {
    if (open()) {
      RC_ASSERT(alert().has_next_climb_time());
      RC_ASSERT(!alert().roles().empty());
    } else {
      RC_ASSERT(!alert().has_next_climb_time());
      RC_ASSERT(!alert().has_next_attempt_time());
      RC_ASSERT(!alert().unreachable());
      RC_ASSERT(!NextAlertMail(state, id(), {"p0", "p1"}, given()));
      RC_ASSERT(ClimbAlert(state, id(), given()).empty());
      RC_ASSERT(HoldersChanged(state, given()).empty());
      RC_ASSERT(NobodyToAlert(state, id(), given()).empty());
    }
    RC_ASSERT(alert().sends_size() <= kSendsKept);
    RC_ASSERT(state.attempts_size() <= 6);
    RC_ASSERT(state.begun_message_ids_size() <= 6);
  }

  // At rest somebody of this rung was reached, or is tried at a time that is set, or it is an
  // announced dead end.
  void CheckAtRest() const {
    if (!open() || alert().has_next_attempt_time() || alert().unreachable()) return;
    RC_ASSERT(
        std::any_of(state.attempts().begin(), state.attempts().end(),
                    [](const auto& attempt) { return attempt.result() == v1::Send::RESULT_SENT; }));
  }

 private:
  std::map<std::string, Holder> holders_;
  std::set<std::string> sent_;  // Message-IDs of which an outcome is recorded
  int sends_ = 0;
};

Holder AnyHolder() {
  return {kRoles[*rc::gen::inRange(0, 4)], static_cast<Mailbox>(*rc::gen::inRange(0, 4))};
}

RC_GTEST_PROP(Ladder, NeverFallsSilentNeverSaysItTwiceAndEndsWithTheAcknowledgement, ()) {
  World world(*rc::gen::arbitrary<bool>());
  const auto any_person = [] { return absl::StrCat("p", *rc::gen::inRange(0, 5)); };
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i) world.SetHolder(any_person(), AnyHolder());
  const int steps = *rc::gen::inRange(1, 60);
  for (int step = 0; step < steps; ++step) {
    switch (*rc::gen::inRange(0, 12)) {
      case 0:
        world.SetHolder(any_person(), AnyHolder());
        world.Record(HoldersChanged(world.state, world.given()));
        break;
      case 1:
        world.RemoveHolder(any_person());
        break;
      case 2:
        world.SetHolder(any_person(), AnyHolder());  // and nobody heard of it yet
        break;
      case 3:
        if (*rc::gen::inRange(0, 8) == 0) {
          const auto facts = AcknowledgeAlert(world.state, world.id(), "p0", "Seen", world.now);
          if (facts.ok()) world.Record(*facts);
        }
        break;
      case 4:
        world.now -= absl::Minutes(*rc::gen::inRange(1, 90));  // a clock that is set back
        break;
      case 5:
      case 6:
        if (world.IsDue()) world.Pass(*rc::gen::inRange(1, 4));  // the process ends in the middle
        break;
      case 7:
      case 8:
        world.now += absl::Seconds(*rc::gen::inRange(1, 600));
        break;
      case 9:
        world.now += absl::Minutes(*rc::gen::inRange(1, 1000));
        break;
      default:
        world.PassAll();
        world.CheckAlways();
        world.CheckAtRest();
    }
    world.CheckAlways();
  }
}

// Nobody acknowledges and nobody can be reached, for a month.
RC_GTEST_PROP(Ladder, ADeadEndStaysAnnouncedUntilSomebodyIsThere, ()) {
  World world(*rc::gen::arbitrary<bool>());
  const int people = *rc::gen::inRange(0, 4);
  for (int i = 0; i < people; ++i) {
    Holder holder = AnyHolder();
    if (holder.mailbox == Mailbox::kTakes || holder.mailbox == Mailbox::kFails) {
      holder.mailbox = Mailbox::kRefuses;
    }
    world.SetHolder(absl::StrCat("p", i), holder);
  }
  const absl::Time end = world.now + absl::Hours(24 * 30);
  while (world.now < end) {
    world.PassAll();
    RC_ASSERT(world.alert().unreachable());
    world.CheckAlways();
    world.now = clock::FromProto(world.alert().next_climb_time());
  }
  world.SetHolder("p9", {kRoles[*rc::gen::inRange(0, 4)], Mailbox::kTakes});
  world.Record(HoldersChanged(world.state, world.given()));
  world.PassAll();
  RC_ASSERT(!world.alert().unreachable());
}

}  // namespace
}  // namespace fosterwatch::notifications::domain
