#include "services/allegations/domain/pathway.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/util/json_util.h"

#include "libs/clock/deadline.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/recount.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::allegations::domain {
namespace {

using v1::PathwayPolicy;

constexpr char kLearning[] = "LEARNING";

absl::Status Invalid(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "POLICY_INVALID",
               absl::StrCat("the pathway of allegations ", what));
}

absl::Status CheckLimit(absl::string_view of, const PathwayPolicy::Limit& limit) {
  const bool days = limit.working_days() != 0;
  const bool months = limit.calendar_months() != 0;
  if (days == months || limit.working_days() < 0 || limit.working_days() > 1000 ||
      limit.calendar_months() < 0 || limit.calendar_months() > 120) {
    return Invalid(absl::StrCat("needs 1 to 1000 working days or 1 to 120 months for ", of));
  }
  if (limit.origin().source().empty()) return Invalid(absl::StrCat("names no source for ", of));
  const std::string& grade = limit.origin().grade();
  if (grade != "H" && grade != "M" && grade != "L") {
    return Invalid(absl::StrCat("has no grade H, M or L for ", of));
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Time> Beginning(const PathwayPolicy& policy) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(policy.effective_from(), &day)) {
    return Invalid("has an edition that does not say from which day it holds");
  }
  return absl::FromCivil(day, clock::London());
}

absl::Status CheckEdition(const PathwayPolicy& edition) {
  if (edition.version().empty()) return Invalid("has an edition without a version");
  std::set<int> states;
  std::set<std::string> codes = {std::string(kAddedItem), std::string(kLearningAction)};
  for (const auto& stage : edition.stages()) {
    if (stage.state() == v1::Allegation::STATE_UNSPECIFIED ||
        stage.state() == v1::Allegation::STATE_CLOSED || !states.insert(stage.state()).second) {
      return Invalid("has a clock for no state, for a closed one, or two for one");
    }
    if (stage.code().empty() || !codes.insert(stage.code()).second) {
      return Invalid("has a clock without a code of its own");
    }
    RETURN_IF_ERROR(CheckLimit(stage.code(), stage.limit()));
  }
  if (!states.contains(v1::Allegation::STATE_RECEIVED)) {
    return Invalid("has no clock for the referral to the designated officer");
  }
  for (const auto& item : edition.checklist()) {
    if (item.code().empty() || !codes.insert(item.code()).second || item.description().empty() ||
        item.owner_role() == options::v1::ROLE_UNSPECIFIED) {
      return Invalid("has an item without a code of its own, a description or a role");
    }
    if (item.dropped_by().empty()) {
      return Invalid(absl::StrCat("does not say who may drop ", item.code()));
    }
    RETURN_IF_ERROR(CheckLimit(item.code(), item.limit()));
  }
  if (!codes.contains(kLearning)) return Invalid("has no item LEARNING");
  for (const auto& party : edition.told()) {
    if (party.party().empty() || !codes.insert(party.party()).second) {
      return Invalid("tells somebody without a name of their own");
    }
    RETURN_IF_ERROR(CheckLimit(party.party(), party.limit()));
  }
  if (edition.closing().events_concluded() && edition.closing().origin().source().empty()) {
    return Invalid("names no source for what closing asks for");
  }
  return CheckLimit("added_item", edition.added_item());
}

const PathwayPolicy& OfVersion(const v1::PathwayPolicies& policies, absl::string_view version) {
  for (const PathwayPolicy& edition : policies.editions()) {
    if (edition.version() == version) return edition;
  }
  return policies.editions(policies.editions_size() - 1);
}

struct Due {
  google::protobuf::Timestamp time;
  type::v1::Explanation explanation;
};

absl::StatusOr<Due> DueAfter(absl::Time begin, absl::string_view trigger, absl::string_view rule,
                             const PathwayPolicy::Limit& limit, const PathwayPolicy& policy,
                             const clock::WorkingCalendar& calendar) {
  const std::string& grade = limit.origin().grade();
  const clock::RuleReference reference = {std::string(trigger), std::string(rule), policy.version(),
                                          limit.origin().source(),
                                          grade == "H"   ? "high"
                                          : grade == "M" ? "medium"
                                                         : "low"};
  ASSIGN_OR_RETURN(const auto deadline,
                   limit.working_days() > 0
                       ? clock::AddWorkingDays(begin, limit.working_days(), calendar)
                       : clock::AddCalendarMonths(begin, limit.calendar_months()));
  return Due{clock::ToProto(deadline.due()), clock::Explain(reference, begin, deadline)};
}

template <typename Wanted>
bool Fits(const google::protobuf::RepeatedField<int>& listed, Wanted wanted) {
  return listed.empty() || std::find(listed.begin(), listed.end(), wanted) != listed.end();
}

v1::ChecklistItem ItemOf(absl::string_view code, absl::string_view description,
                         absl::string_view owner_id, const Due& due, NewId new_id) {
  v1::ChecklistItem item;
  item.set_code(std::string(code));
  // Not by actions::Add, which takes nothing that is due in the past: a conclusion that is recorded
  // late leaves less time, and may leave none.
  item.mutable_action()->set_action_id(new_id());
  item.mutable_action()->set_description(std::string(description));
  item.mutable_action()->set_owner_id(std::string(owner_id));
  *item.mutable_action()->mutable_due_time() = due.time;
  item.mutable_action()->set_state(type::v1::Action::STATE_OPEN);
  *item.mutable_explanation() = due.explanation;
  return item;
}

}  // namespace

std::string OwnerOf(options::v1::Role role, const v1::Allegation& allegation,
                    absl::string_view recorder, const People& people, absl::Time now) {
  for (const options::v1::Role held : {role, options::v1::ROLE_REGISTERED_MANAGER}) {
    std::string owner = people.HolderOf(held, now, allegation.person_id());
    if (!owner.empty()) return owner;
  }
  return std::string(recorder);
}

absl::StatusOr<v1::PathwayPolicies> ParsePathway(absl::string_view json) {
  v1::PathwayPolicies policies;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &policies);
  if (!parsed.ok()) return Invalid(absl::StrCat("cannot be read: ", std::string(parsed.message())));
  if (policies.editions().empty()) return Invalid("has no edition");
  absl::Time before = absl::InfinitePast();
  std::set<std::string> versions;
  for (const PathwayPolicy& edition : policies.editions()) {
    ASSIGN_OR_RETURN(const absl::Time beginning, Beginning(edition));
    if (beginning <= before) return Invalid("has editions that are not in the order of their days");
    before = beginning;
    RETURN_IF_ERROR(CheckEdition(edition));
    if (!versions.insert(edition.version()).second) return Invalid("has a version twice");
  }
  return policies;
}

const PathwayPolicy& InForce(const v1::PathwayPolicies& policies, absl::Time moment) {
  int last = 0;
  for (int i = 1; i < policies.editions_size(); ++i) {
    const auto beginning = Beginning(policies.editions(i));
    if (beginning.ok() && *beginning <= moment) last = i;
  }
  return policies.editions(last);
}

absl::StatusOr<std::vector<v1::Duty>> DutiesOf(v1::Allegation::State state,
                                               absl::string_view trigger, absl::Time begin,
                                               const Rules& rules, absl::Time now, NewId new_id) {
  const PathwayPolicy& policy = InForce(rules.policies, now);
  std::vector<v1::Duty> duties;
  for (const auto& stage : policy.stages()) {
    if (stage.state() != state) continue;
    ASSIGN_OR_RETURN(const Due due, DueAfter(begin, trigger, absl::StrCat(stage.code(), "_DUE"),
                                             stage.limit(), policy, rules.calendar));
    v1::Duty& duty = duties.emplace_back();
    duty.set_duty_id(new_id());
    duty.set_code(stage.code());
    *duty.mutable_due_time() = due.time;
    *duty.mutable_explanation() = due.explanation;
  }
  return duties;
}

absl::StatusOr<v1::ChecklistOpened> OpenChecklist(const v1::Allegation& allegation,
                                                  v1::Outcome outcome, absl::Time concluded,
                                                  absl::string_view recorder, const People& people,
                                                  const Rules& rules, absl::Time now,
                                                  NewId new_id) {
  const PathwayPolicy& policy = InForce(rules.policies, now);
  const auto subject =
      allegation.person_id().empty() ? PathwayPolicy::SUBJECT_CARER : PathwayPolicy::SUBJECT_STAFF;
  constexpr char kTrigger[] = "concluded_time";
  v1::ChecklistOpened opened;
  opened.set_allegation_id(allegation.allegation_id());
  opened.set_policy_version(policy.version());
  for (const auto& item : policy.checklist()) {
    if (!Fits(item.subjects(), subject) || !Fits(item.outcomes(), outcome)) continue;
    ASSIGN_OR_RETURN(const Due due,
                     DueAfter(concluded, kTrigger, absl::StrCat("CHECKLIST_DUE ", item.code()),
                              item.limit(), policy, rules.calendar));
    *opened.add_items() =
        ItemOf(item.code(), item.description(),
               OwnerOf(item.owner_role(), allegation, recorder, people, now), due, new_id);
  }
  for (const auto& party : policy.told()) {
    if (party.needs_child() && allegation.child_id().empty()) continue;
    ASSIGN_OR_RETURN(const Due due,
                     DueAfter(concluded, kTrigger, absl::StrCat("TELLING_DUE ", party.party()),
                              party.limit(), policy, rules.calendar));
    v1::Telling& telling = *opened.add_tellings();
    telling.set_party(party.party());
    *telling.mutable_due_time() = due.time;
    *telling.mutable_explanation() = due.explanation;
  }
  return opened;
}

absl::StatusOr<v1::ChecklistItem> AddedItem(absl::string_view code, absl::string_view description,
                                            absl::string_view owner_id, const Rules& rules,
                                            absl::Time now, NewId new_id) {
  const PathwayPolicy& policy = InForce(rules.policies, now);
  ASSIGN_OR_RETURN(const Due due,
                   DueAfter(now, "recorded_time", absl::StrCat("CHECKLIST_DUE ", code),
                            policy.added_item(), policy, rules.calendar));
  return ItemOf(code, description, owner_id, due, new_id);
}

bool MayDrop(const v1::PathwayPolicies& policies, const v1::ChecklistItem& item,
             const std::vector<options::v1::Role>& roles) {
  for (const auto& known : OfVersion(policies, item.explanation().rule_version()).checklist()) {
    if (known.code() != item.code()) continue;
    return std::any_of(roles.begin(), roles.end(), [&](options::v1::Role role) {
      return std::find(known.dropped_by().begin(), known.dropped_by().end(), role) !=
             known.dropped_by().end();
    });
  }
  return true;
}

Loudness LoudnessOf(const v1::PathwayPolicies& policies, absl::string_view version,
                    absl::string_view code) {
  const PathwayPolicy& policy = OfVersion(policies, version);
  for (const auto& stage : policy.stages()) {
    if (stage.code() == code) return {stage.urgent(), stage.in_digest()};
  }
  for (const auto& item : policy.checklist()) {
    if (item.code() == code) return {item.urgent(), item.in_digest()};
  }
  for (const auto& party : policy.told()) {
    if (party.party() == code) return {false, party.in_digest()};
  }
  return {};
}

absl::StatusOr<Facts> MoveDueTimes(const v1::Allegation& allegation,
                                   const clock::WorkingCalendar& calendar) {
  if (allegation.state() == v1::Allegation::STATE_CLOSED) return Facts{};
  v1::AllegationDueTimesMoved moved;
  const auto again = [&calendar](const type::v1::Explanation& explanation,
                                 const google::protobuf::Timestamp& due_time, auto* now) {
    *now->mutable_explanation() = explanation;
    *now->mutable_due_time() = due_time;
    return clock::Recount(*now->mutable_explanation(), *now->mutable_due_time(), {}, calendar);
  };
  for (const v1::Duty& duty : allegation.duties()) {
    if (duty.has_done_time() || !clock::IsCountedOtherwise(duty.explanation(), calendar)) continue;
    *moved.add_duties() = duty;
    RETURN_IF_ERROR(again(duty.explanation(), duty.due_time(), &*moved.mutable_duties()->rbegin()));
  }
  for (const v1::ChecklistItem& item : allegation.checklist()) {
    if (item.action().state() != type::v1::Action::STATE_OPEN ||
        !clock::IsCountedOtherwise(item.explanation(), calendar)) {
      continue;
    }
    v1::MovedItem* now = moved.add_items();
    now->set_action_id(item.action().action_id());
    RETURN_IF_ERROR(again(item.explanation(), item.action().due_time(), now));
  }
  for (const v1::Telling& telling : allegation.tellings()) {
    if (telling.has_told_time() || !clock::IsCountedOtherwise(telling.explanation(), calendar)) {
      continue;
    }
    v1::MovedTelling* now = moved.add_tellings();
    now->set_party(telling.party());
    RETURN_IF_ERROR(again(telling.explanation(), telling.due_time(), now));
  }
  if (moved.duties().empty() && moved.items().empty() && moved.tellings().empty()) return Facts{};
  moved.set_allegation_id(allegation.allegation_id());
  moved.set_calendar_version(calendar.version());
  Facts facts(1);
  *facts[0].mutable_allegation_due_times_moved() = std::move(moved);
  return facts;
}

}  // namespace fosterwatch::allegations::domain
