#include "services/allegations/domain/follow_up.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/actions/actions.h"
#include "libs/clock/check_time.h"
#include "libs/clock/proto_time.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/allegations/domain/steps.h"

namespace fosterwatch::allegations::domain {
namespace {

using type::v1::Action;
using v1::Allegation;

constexpr char kLearning[] = "LEARNING";

absl::Status CheckFollowing(const Allegation& allegation) {
  return CheckState(allegation,
                    {Allegation::STATE_OFFICER_CONCLUDED, Allegation::STATE_AGENCY_REVIEW});
}

absl::Status Not(absl::StatusCode code, absl::string_view reason, absl::string_view message) {
  return Error(code, reason, message);
}

absl::StatusOr<const v1::ChecklistItem*> ItemOf(const Allegation& allegation,
                                                absl::string_view item_id) {
  for (const v1::ChecklistItem& item : allegation.checklist()) {
    if (item.action().action_id() == item_id) return &item;
  }
  return Not(absl::StatusCode::kNotFound, "UNKNOWN_ITEM", "the checklist has no such item");
}

// Nobody sees to what is said about them.
void CheckOwner(FieldCheck& check, absl::string_view field, const Allegation& allegation,
                const std::string& owner_id, const People& people, absl::Time now) {
  if (!people.HoldsAnyRole(owner_id, now)) {
    check.Refuse(field, "NO_ROLE_HOLDER", "holds no role in the agency now");
  } else if (owner_id == allegation.person_id()) {
    check.Refuse(field, "SUBJECT_TAKES_NO_PART", "is whom the allegation is about");
  }
}

v1::AllegationFact ClosedFact(const Allegation& allegation, const Action& action) {
  v1::AllegationFact fact;
  fact.mutable_checklist_item_closed()->set_allegation_id(allegation.allegation_id());
  *fact.mutable_checklist_item_closed()->mutable_action() = action;
  return fact;
}

}  // namespace

absl::StatusOr<Facts> CloseItem(const Allegation& allegation,
                                const v1::CloseChecklistItemRequest& request,
                                absl::string_view actor,
                                const std::vector<options::v1::Role>& roles,
                                const v1::PathwayPolicies& policies, absl::Time now) {
  RETURN_IF_ERROR(CheckFollowing(allegation));
  ASSIGN_OR_RETURN(const v1::ChecklistItem* item, ItemOf(allegation, request.item_id()));
  ASSIGN_OR_RETURN(const Action closed, actions::Close(item->action(), request.dropped(),
                                                       request.evidence(), actor, now));
  if (request.dropped() && !MayDrop(policies, *item, roles)) {
    return Not(absl::StatusCode::kPermissionDenied, "NOT_YOURS_TO_DROP",
               "by the policy this item is dropped by others alone");
  }
  if (item->code() == kLearning && !request.dropped()) {
    return Not(absl::StatusCode::kFailedPrecondition, "LEARNING_NOT_RECORDED",
               "the learning itself is to be recorded, which closes the item");
  }
  return Facts{ClosedFact(allegation, closed)};
}

absl::StatusOr<Facts> AssignItem(const Allegation& allegation,
                                 const v1::AssignChecklistItemRequest& request,
                                 const People& people, absl::Time now) {
  RETURN_IF_ERROR(CheckFollowing(allegation));
  ASSIGN_OR_RETURN(const v1::ChecklistItem* item, ItemOf(allegation, request.item_id()));
  FieldCheck check;
  CheckOwner(check, "owner_id", allegation, request.owner_id(), people, now);
  RETURN_IF_ERROR(check.ToStatus());
  if (item->action().state() != Action::STATE_OPEN) {
    return Not(absl::StatusCode::kFailedPrecondition, "ACTION_CLOSED",
               "the item has been closed before");
  }
  if (item->action().owner_id() == request.owner_id()) return Facts{};
  Facts facts(1);
  auto* assigned = facts[0].mutable_checklist_item_assigned();
  assigned->set_allegation_id(allegation.allegation_id());
  assigned->set_item_id(request.item_id());
  assigned->set_owner_id(request.owner_id());
  return facts;
}

absl::StatusOr<Facts> AddItem(const Allegation& allegation,
                              const v1::AddChecklistItemRequest& request, const People& people,
                              const Rules& rules, absl::Time now, NewId new_id) {
  RETURN_IF_ERROR(CheckFollowing(allegation));
  FieldCheck check;
  check.Require("description", request.description(), actions::kMaxDescription);
  CheckOwner(check, "owner_id", allegation, request.owner_id(), people, now);
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto* added = facts[0].mutable_checklist_item_added();
  added->set_allegation_id(allegation.allegation_id());
  ASSIGN_OR_RETURN(*added->mutable_item(), AddedItem(kAddedItem, request.description(),
                                                     request.owner_id(), rules, now, new_id));
  return facts;
}

absl::StatusOr<Facts> RecordTold(const Allegation& allegation,
                                 const v1::RecordOutcomeToldRequest& request,
                                 absl::string_view actor, absl::Time now) {
  RETURN_IF_ERROR(CheckFollowing(allegation));
  const auto found =
      std::find_if(allegation.tellings().begin(), allegation.tellings().end(),
                   [&](const v1::Telling& telling) { return telling.party() == request.party(); });
  if (found == allegation.tellings().end()) {
    return Not(absl::StatusCode::kNotFound, "UNKNOWN_PARTY",
               "nobody of that name is to be told the outcome");
  }
  if (found->has_told_time()) {
    return Not(absl::StatusCode::kFailedPrecondition, "TOLD_BEFORE",
               "it has been recorded before whether they were told");
  }
  FieldCheck check;
  if (request.not_told()) {
    check.Require("reason", request.reason(), kMaxNarrative);
    if (request.has_told_time()) {
      check.Refuse("told_time", "NOT_WITH_NOT_TOLD", "is absent where somebody is not told");
    }
    if (request.channel() != type::v1::CHANNEL_UNSPECIFIED) {
      check.Refuse("channel", "NOT_WITH_NOT_TOLD", "is absent where somebody is not told");
    }
  } else {
    const auto told =
        clock::CheckTime(check, "told_time", request.has_told_time(), request.told_time(), now);
    if (told && *told < clock::FromProto(allegation.conclusion().concluded_time())) {
      check.Refuse("told_time", "BEFORE_CONCLUSION", "is before the officer concluded");
    }
    if (request.channel() == type::v1::CHANNEL_UNSPECIFIED ||
        !type::v1::Channel_IsValid(request.channel())) {
      check.Refuse("channel", "REQUIRED", "is missing or unknown");
    }
    check.AtMost("reason", request.reason(), kMaxNarrative);
  }
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto* fact = facts[0].mutable_outcome_told();
  fact->set_allegation_id(allegation.allegation_id());
  v1::Telling& telling = *fact->mutable_telling();
  telling = *found;
  *telling.mutable_told_time() = request.not_told() ? clock::ToProto(now) : request.told_time();
  telling.set_recorded_by(std::string(actor));
  telling.set_channel(request.channel());
  telling.set_not_told(request.not_told());
  telling.set_reason(request.reason());
  return facts;
}

absl::StatusOr<Facts> RecordLearning(const Allegation& allegation,
                                     const v1::RecordLearningRequest& request,
                                     absl::string_view actor, const People& people,
                                     const Rules& rules, absl::Time now, NewId new_id) {
  RETURN_IF_ERROR(CheckFollowing(allegation));
  const bool has_action = !request.action().empty() || !request.action_owner_id().empty();
  FieldCheck check;
  check.Require("learning", request.learning(), kMaxNarrative);
  if (has_action) {
    check.Require("action", request.action(), actions::kMaxDescription);
    CheckOwner(check, "action_owner_id", allegation, request.action_owner_id(), people, now);
  }
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto* fact = facts[0].mutable_learning_recorded();
  fact->set_allegation_id(allegation.allegation_id());
  fact->mutable_learning()->set_learning(request.learning());
  fact->mutable_learning()->set_recorded_by(std::string(actor));
  *fact->mutable_learning()->mutable_recorded_time() = clock::ToProto(now);
  for (const v1::ChecklistItem& item : allegation.checklist()) {
    if (item.code() != kLearning || item.action().state() != Action::STATE_OPEN) continue;
    ASSIGN_OR_RETURN(const Action closed, actions::Close(item.action(), /*dropped=*/false,
                                                         "the learning was recorded", actor, now));
    facts.push_back(ClosedFact(allegation, closed));
  }
  if (has_action) {
    auto* added = facts.emplace_back().mutable_checklist_item_added();
    added->set_allegation_id(allegation.allegation_id());
    ASSIGN_OR_RETURN(*added->mutable_item(),
                     AddedItem(kLearningAction, request.action(), request.action_owner_id(), rules,
                               now, new_id));
  }
  return facts;
}

std::vector<Violation> MissingForClosure(const Allegation& allegation) {
  std::vector<Violation> missing;
  if (!allegation.has_referral()) {
    missing.push_back({"referral", "it has not been referred to the designated officer"});
  }
  if (allegation.carer_id().empty() && allegation.person_id().empty()) {
    missing.push_back({"subject", "nobody has said whom it is about"});
  }
  if (!allegation.has_conclusion()) {
    missing.push_back({"conclusion", "the designated officer's conclusion is not recorded"});
  }
  if (allegation.state() != Allegation::STATE_AGENCY_REVIEW) {
    missing.push_back({"agency_review", "the agency's review is not under way"});
  }
  for (const v1::ChecklistItem& item : allegation.checklist()) {
    if (item.action().state() == Action::STATE_OPEN) {
      missing.push_back({absl::StrCat("checklist[", item.code(), "]"), "is still open"});
    }
  }
  for (const v1::Telling& telling : allegation.tellings()) {
    if (!telling.has_told_time()) {
      missing.push_back(
          {absl::StrCat("tellings[", telling.party(), "]"), "has not been told the outcome"});
    }
  }
  if (!allegation.has_learning()) missing.push_back({"learning", "is not recorded"});
  if (std::none_of(allegation.checklist().begin(), allegation.checklist().end(),
                   [](const v1::ChecklistItem& item) { return item.code() == kLearningAction; })) {
    missing.push_back({"learning_action", "nothing is to be done about what was learnt"});
  }
  return missing;
}

absl::StatusOr<Facts> Close(const Allegation& allegation, const v1::CloseAllegationRequest& request,
                            absl::string_view actor, const std::vector<std::string>& open_events,
                            const v1::PathwayPolicies& policies, absl::Time now) {
  if (allegation.state() == Allegation::STATE_CLOSED) {
    return Not(absl::StatusCode::kFailedPrecondition, "ALLEGATION_CLOSED",
               "the allegation has been closed before");
  }
  FieldCheck check;
  check.Require("summary", request.summary(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());
  auto missing = MissingForClosure(allegation);
  if (InForce(policies, now).closing().events_concluded()) {
    for (const std::string& event_id : open_events) {
      missing.push_back({absl::StrCat("event[", event_id, "]"), "is linked to it and still open"});
    }
  }
  if (!missing.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_READY_TO_CLOSE",
                 "the allegation cannot be closed yet", std::move(missing));
  }
  Facts facts(1);
  auto* fact = facts[0].mutable_allegation_closed();
  fact->set_allegation_id(allegation.allegation_id());
  fact->mutable_closure()->set_closed_by(std::string(actor));
  *fact->mutable_closure()->mutable_closed_time() = clock::ToProto(now);
  fact->mutable_closure()->set_summary(request.summary());
  return facts;
}

}  // namespace fosterwatch::allegations::domain
