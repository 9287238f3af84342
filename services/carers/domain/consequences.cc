#include "services/carers/domain/consequences.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "services/carers/domain/approval.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/duties.h"
#include "services/carers/domain/evolve.h"
#include "services/carers/domain/policy.h"
#include "services/carers/domain/supervision.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;

std::string DayOf(const google::protobuf::Timestamp& time) {
  return ShowDay(clock::LondonDay(clock::FromProto(time)));
}

bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

void AddDutiesChanged(const Carer& before, const std::vector<v1::CarerDuty>& duties,
                      const std::string& policy_version, Facts& facts) {
  std::map<std::string, const v1::CarerDuty*> known;
  for (const auto& duty : before.duties()) known[duty.duty_id()] = &duty;
  v1::DutiesChanged changed;
  for (const auto& duty : duties) {
    const auto found = known.find(duty.duty_id());
    if (found == known.end() || !Same(*found->second, duty)) *changed.add_duties() = duty;
    if (found != known.end()) known.erase(found);
  }
  for (const auto& [id, duty] : known) changed.add_gone_duty_ids(id);
  if (changed.duties().empty() && changed.gone_duty_ids().empty() &&
      before.policy_version() == policy_version) {
    return;
  }
  changed.set_carer_id(before.carer_id());
  changed.set_policy_version(policy_version);
  *facts.emplace_back().mutable_duties_changed() = std::move(changed);
}

// A duty that was owed before and is due at the same time is of the same episode; one that comes
// back begins another, of which somebody is told again.
void SetEpisodes(const Carer& before, std::vector<v1::CarerDuty>& duties, absl::Time now) {
  std::map<std::string, const v1::CarerDuty*> known;
  for (const auto& duty : before.duties()) known[duty.duty_id()] = &duty;
  for (v1::CarerDuty& duty : duties) {
    duty.clear_episode_time();
    const auto found = known.find(duty.duty_id());
    if (found == known.end() || !Same(found->second->due_time(), duty.due_time())) {
      *duty.mutable_episode_time() = clock::ToProto(now);
    } else if (found->second->has_episode_time()) {
      *duty.mutable_episode_time() = found->second->episode_time();
    }
  }
}

void AddCaseloadChanged(const Carer& carer, Facts& facts) {
  const auto grants = CaseloadOf(carer);
  const bool same = std::equal(grants.begin(), grants.end(), carer.caseload().begin(),
                               carer.caseload().end(), Same);
  if (same) return;
  auto* changed = facts.emplace_back().mutable_caseload_changed();
  changed->set_carer_id(carer.carer_id());
  *changed->mutable_grants() = {grants.begin(), grants.end()};
}

Carer After(Carer carer, const Facts& facts, const Context& context) {
  for (const auto& fact : facts) Evolve(carer, fact, {"", context.now, context.actor});
  return carer;
}

// What is said of one duty as its time comes: that it will be due, then that it is overdue.
struct Step {
  std::string attention_id;
  absl::Time at;
  bool overdue;
};

// In the order of their times; the last one is that it is overdue.
std::vector<Step> StepsOf(const Carer& carer, const v1::CarerDuty& duty) {
  std::string id = absl::StrCat(carer.carer_id(), ":", duty.duty_id(), ":", DayOf(duty.due_time()));
  // Of a ledger from before episodes were kept, the ids are as they were, until the duty moves.
  if (duty.has_episode_time()) {
    absl::StrAppend(&id, ":", absl::ToUnixMicros(clock::FromProto(duty.episode_time())));
  }
  std::vector<Step> steps;
  for (const auto& at : duty.warning_times()) {
    steps.push_back({absl::StrCat(id, ":", DayOf(at)), clock::FromProto(at), false});
  }
  steps.push_back({id, clock::FromProto(duty.attention_time()), true});
  return steps;
}

std::set<std::string> ToldOf(const Carer& carer) {
  std::set<std::string> told;
  for (const auto& open : carer.open_attentions()) told.insert(open.attention_id());
  return told;
}

void AddSettled(const Carer& carer, const std::string& attention_id, Facts& facts) {
  auto* settled = facts.emplace_back().mutable_attention_settled();
  settled->set_attention_id(attention_id);
  settled->set_subject_id(carer.carer_id());
}

// Of all whose time has come only the last, which takes the place of those before it.
void AddAttention(const Carer& carer, const v1::CarerDuty& duty, const std::set<std::string>& told,
                  absl::Time now, Facts& facts) {
  const Step* current = nullptr;
  const auto steps = StepsOf(carer, duty);
  for (const Step& step : steps) {
    if (step.at <= now) current = &step;
  }
  if (current == nullptr || told.contains(current->attention_id)) return;
  auto* needed = facts.emplace_back().mutable_attention_needed();
  needed->set_attention_id(current->attention_id);
  needed->set_code(absl::StrCat(Name(duty.kind()), current->overdue ? "_OVERDUE" : "_DUE_SOON"));
  needed->set_subject_id(carer.carer_id());
  *needed->mutable_due_time() = duty.due_time();
  needed->set_in_digest(!current->overdue || duty.basis() == v1::DUTY_BASIS_AGENCY);
  for (const Step& step : steps) {
    if (told.contains(step.attention_id)) AddSettled(carer, step.attention_id, facts);
  }
}

Facts Consequences(const Carer& carer, Facts facts, const Context& context) {
  const Carer after = After(carer, facts, context);
  auto duties = DutiesOf(after, context);
  SetEpisodes(after, duties, context.now);
  AddDutiesChanged(after, duties, InForce(*context.policies, context.now).version(), facts);
  v1::Standing standing = StandingOf(after, context);
  if (!Same(standing, after.standing())) {
    *facts.emplace_back().mutable_standing_changed()->mutable_standing() = std::move(standing);
  }
  AddCaseloadChanged(after, facts);
  std::set<std::string> needed;
  for (const auto& emergency : after.emergencies()) {
    if (emergency.reviewed_by().empty()) needed.insert(AttentionOf(after, emergency));
  }
  for (const auto& duty : duties) {
    for (const Step& step : StepsOf(after, duty)) needed.insert(step.attention_id);
  }
  for (const auto& open : after.open_attentions()) {
    if (!needed.contains(open.attention_id())) AddSettled(after, open.attention_id(), facts);
  }
  return facts;
}

}  // namespace

Facts WithConsequences(const Carer& carer, Facts facts, const Context& context) {
  if (facts.empty()) return facts;
  return Consequences(carer, std::move(facts), context);
}

std::optional<absl::Time> NextMoment(const Carer& carer) {
  std::optional<absl::Time> next;
  const auto at = [&](absl::Time moment) {
    if (!next || moment < *next) next = moment;
  };
  if (carer.policy_version().empty()) at(clock::FromProto(carer.recorded_time()));
  if (const auto ends = EndsByItself(carer)) at(*ends);
  const auto told = ToldOf(carer);
  for (const auto& duty : carer.duties()) {
    const auto steps = StepsOf(carer, duty);
    size_t to_come = 0;
    for (size_t i = 0; i < steps.size(); ++i) {
      if (told.contains(steps[i].attention_id)) to_come = i + 1;
    }
    if (to_come < steps.size()) at(steps[to_come].at);
  }
  return next;
}

Facts OnTime(const Carer& carer, const Context& context) {
  Facts facts = Consequences(carer, EndByItself(carer, context), context);
  const Carer after = After(carer, facts, context);
  const auto told = ToldOf(after);
  for (const auto& duty : after.duties()) AddAttention(after, duty, told, context.now, facts);
  return facts;
}

}  // namespace fosterwatch::carers::domain
