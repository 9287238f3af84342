#include "services/allegations/domain/correct.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/actions/actions.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/allegations/domain/evolve.h"

namespace fosterwatch::allegations::domain {
namespace {

using type::v1::Action;
using v1::Allegation;

constexpr char kSubject[] = "SUBJECT";
constexpr char kLearning[] = "LEARNING";

// The checklist of `after`, whom the officer's conclusion is about now, against that of before.
absl::Status FollowSubject(const Allegation& after, absl::string_view actor, const People& people,
                           const Rules& rules, absl::Time now, NewId new_id, Facts& facts) {
  ASSIGN_OR_RETURN(v1::ChecklistOpened opened,
                   OpenChecklist(after, after.conclusion().outcome(),
                                 clock::FromProto(after.conclusion().concluded_time()), actor,
                                 people, rules, now, new_id));
  std::set<std::string> wanted = {std::string(kAddedItem), std::string(kLearningAction)};
  for (const v1::ChecklistItem& item : opened.items()) wanted.insert(item.code());
  std::set<std::string> kept;
  if (after.has_learning()) kept.insert(kLearning);
  for (const v1::ChecklistItem& item : after.checklist()) {
    const Action& action = item.action();
    if (action.state() != Action::STATE_OPEN) continue;
    if (!wanted.contains(item.code())) {
      auto* closed = facts.emplace_back().mutable_checklist_item_closed();
      closed->set_allegation_id(after.allegation_id());
      ASSIGN_OR_RETURN(*closed->mutable_action(),
                       actions::Close(action, /*dropped=*/true,
                                      "it was corrected whom the allegation is about", actor, now));
      continue;
    }
    kept.insert(item.code());
    if (action.owner_id() != after.person_id()) continue;
    auto* assigned = facts.emplace_back().mutable_checklist_item_assigned();
    assigned->set_allegation_id(after.allegation_id());
    assigned->set_item_id(action.action_id());
    assigned->set_owner_id(
        OwnerOf(options::v1::ROLE_REGISTERED_MANAGER, after, actor, people, now));
  }
  const v1::ChecklistOpened all = std::exchange(opened, {});
  opened.set_allegation_id(all.allegation_id());
  opened.set_policy_version(all.policy_version());
  for (const v1::ChecklistItem& item : all.items()) {
    if (!kept.contains(item.code())) *opened.add_items() = item;
  }
  // What the others were told was said of the same conclusion.
  for (const v1::Telling& telling : all.tellings()) {
    const auto before =
        std::find_if(after.tellings().begin(), after.tellings().end(),
                     [&](const v1::Telling& known) { return known.party() == telling.party(); });
    const bool stands = before != after.tellings().end() && telling.party() != kSubject;
    *opened.add_tellings() = stands ? *before : telling;
  }
  *facts.emplace_back().mutable_checklist_opened() = std::move(opened);
  return absl::OkStatus();
}

bool IsManager(const std::vector<options::v1::Role>& roles) {
  return std::any_of(roles.begin(), roles.end(), [](options::v1::Role role) {
    return role == options::v1::ROLE_TEAM_MANAGER || role == options::v1::ROLE_DEPUTY_MANAGER ||
           role == options::v1::ROLE_REGISTERED_MANAGER;
  });
}

}  // namespace

absl::StatusOr<Facts> CorrectSubject(const Allegation& allegation,
                                     const v1::AmendAllegationRequest& request,
                                     absl::string_view actor,
                                     const std::vector<options::v1::Role>& roles,
                                     const Named& named, const People& people, const Rules& rules,
                                     absl::Time now, NewId new_id) {
  if (!IsManager(roles)) {
    return Error(absl::StatusCode::kPermissionDenied, "MANAGERS_CORRECT",
                 "a manager corrects whom an allegation is about");
  }
  if (allegation.state() == Allegation::STATE_CLOSED) {
    return Error(absl::StatusCode::kFailedPrecondition, "ALLEGATION_CLOSED",
                 "the allegation has been closed");
  }
  if (allegation.carer_id().empty() && allegation.person_id().empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "SUBJECT_UNKNOWN",
                 "nobody has said yet whom the allegation is about");
  }
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxNarrative);
  check.AtMost("addition", request.addition(), kMaxNarrative);
  CheckNamed(check, "", request.carer_id(), request.person_id(), "", named, people);
  if (request.carer_id().empty() && request.person_id().empty()) {
    check.Refuse("carer_id", "REQUIRED", "or person_id is required: whom it is about");
  } else if (request.carer_id() == allegation.carer_id() &&
             request.person_id() == allegation.person_id()) {
    check.Refuse(request.carer_id().empty() ? "person_id" : "carer_id", "SAME_SUBJECT",
                 "is whom it is about on record");
  }
  if (!request.child_id().empty()) {
    check.Refuse("child_id", "NOT_WITH_CORRECTION", "is named in an addition of its own");
  }
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  v1::AllegationAmended& amended = *facts[0].mutable_allegation_amended();
  amended = Amended(allegation, request, actor, now, new_id);
  amended.mutable_amendment()->set_corrects_subject(true);
  amended.mutable_amendment()->set_former_carer_id(allegation.carer_id());
  amended.mutable_amendment()->set_former_person_id(allegation.person_id());
  AlertAnew(allegation, facts);
  if (allegation.has_conclusion()) {
    Allegation after = allegation;
    Evolve(after, facts[0], {});
    RETURN_IF_ERROR(FollowSubject(after, actor, people, rules, now, new_id, facts));
  }
  return facts;
}

}  // namespace fosterwatch::allegations::domain
