#include "services/carers/domain/work.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

#include "libs/actions/actions.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/found_actions.h"
#include "services/carers/domain/named.h"
#include "services/carers/domain/policy.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;

// Agreements are of those who are fully approved.
absl::Status CheckFullyApproved(const Carer& carer) {
  if (carer.status() == Carer::STATUS_TEMPORARILY_APPROVED) return CheckApproved(Carer());
  return CheckApproved(carer);
}

absl::Status CheckRoom(int kept) {
  if (kept < kMaxKept) return absl::OkStatus();
  return Refused("TOO_MANY", "the record has as many entries as it can hold");
}

void CheckSeen(FieldCheck& check, const Carer& carer, const v1::RecordVisitRequest& request) {
  if (request.seen_size() > kMaxListed) {
    return check.Refuse("seen", "TOO_MANY", "has more than 50 entries");
  }
  for (int i = 0; i < request.seen_size(); ++i) {
    const v1::Visit::Seen& seen = request.seen(i);
    const std::string field = absl::StrCat("seen[", i, "]");
    const int named = (seen.foster_parent_id().empty() ? 0 : 1) +
                      (seen.child_id().empty() ? 0 : 1) + (seen.other().empty() ? 0 : 1);
    if (named != 1) {
      check.Refuse(field, "ONE_PERSON", "does not say one person");
    } else if (!seen.foster_parent_id().empty()) {
      CheckFosterParent(check, field + ".foster_parent_id", carer, seen.foster_parent_id());
    } else if (!seen.child_id().empty()) {
      CheckId(check, field + ".child_id", seen.child_id());
    } else {
      check.AtMost(field + ".other", seen.other(), kMaxName);
    }
  }
}

}  // namespace

absl::StatusOr<Facts> IssueAgreement(const Carer& carer, const v1::IssueAgreementRequest& request,
                                     const Context& context, NewId new_id) {
  RETURN_IF_ERROR(CheckFullyApproved(carer));
  RETURN_IF_ERROR(CheckRoom(carer.agreements_size()));
  const v1::CarerPolicy& policy = InForce(*context.policies, context.now);
  FieldCheck check;
  check.Require("version", request.version(), kMaxName);
  CheckDay(check, "issued_date", request.issued_date(), context.now);
  if (!request.issued_date().empty() && request.issued_date() < carer.approved_date()) {
    check.Refuse("issued_date", "BEFORE_THE_APPROVAL", "is before the approval");
  }
  std::set<std::string> covered(request.items_covered().begin(), request.items_covered().end());
  for (const auto& rule : policy.agreement()) {
    if (covered.erase(rule.code()) == 0) {
      check.Refuse(absl::StrCat("items_covered.", rule.code()), "AGREEMENT_INCOMPLETE",
                   "is not covered");
    }
  }
  if (!covered.empty()) {
    check.Refuse("items_covered", "UNKNOWN_ITEM", "has a code that Schedule 5 does not");
  }
  if (!check.ok()) return check.ToStatus();
  Facts facts;
  auto* set = facts.emplace_back().mutable_agreement_set();
  set->set_carer_id(carer.carer_id());
  v1::Agreement* agreement = set->mutable_agreement();
  agreement->set_agreement_id(new_id());
  agreement->set_version(request.version());
  agreement->set_schedule_version(policy.agreement_version());
  *agreement->mutable_items_covered() = request.items_covered();
  agreement->set_issued_date(request.issued_date());
  agreement->set_recorded_by(context.actor);
  return facts;
}

absl::StatusOr<Facts> RecordAgreementReturned(const Carer& carer,
                                              const v1::RecordAgreementReturnedRequest& request,
                                              const Context& context) {
  FieldCheck check;
  const v1::Agreement* issued = nullptr;
  for (const v1::Agreement& known : carer.agreements()) {
    if (known.agreement_id() == request.agreement_id()) issued = &known;
  }
  if (issued == nullptr) {
    check.Refuse("agreement_id", "UNKNOWN_AGREEMENT", "names no agreement of this carer");
  }
  CheckDay(check, "returned_date", request.returned_date(), context.now);
  if (check.ok() && request.returned_date() < issued->issued_date()) {
    check.Refuse("returned_date", "BEFORE_ITS_ISSUE", "is before the agreement was issued");
  }
  CheckIds(check, "foster_parent_ids", request.foster_parent_ids(), false);
  const auto& signers = request.foster_parent_ids();
  for (const auto& person : carer.foster_parents()) {
    if (std::find(signers.begin(), signers.end(), person.foster_parent_id()) == signers.end()) {
      check.Refuse("foster_parent_ids", "SIGNATURE_MISSING", "does not name every foster parent");
      break;
    }
  }
  for (const std::string& signer : signers) {
    CheckFosterParent(check, "foster_parent_ids", carer, signer);
  }
  if (!check.ok()) return check.ToStatus();
  if (!issued->returned_date().empty()) {
    return Refused("RETURNED_BEFORE", "the agreement was returned before");
  }
  Facts facts;
  auto* set = facts.emplace_back().mutable_agreement_set();
  set->set_carer_id(carer.carer_id());
  *set->mutable_agreement() = *issued;
  set->mutable_agreement()->set_returned_date(request.returned_date());
  *set->mutable_agreement()->mutable_foster_parent_ids() = request.foster_parent_ids();
  return facts;
}

absl::StatusOr<Facts> RecordVisit(const Carer& carer, const v1::RecordVisitRequest& request,
                                  const Context& context, NewId new_id) {
  if (carer.application().state() != v1::Application::STATE_OPEN) {
    RETURN_IF_ERROR(CheckApproved(carer));
  }
  RETURN_IF_ERROR(CheckRoom(carer.visits_size()));
  FieldCheck check;
  CheckTime(check, "visited_time", request.has_visited_time(), request.visited_time(), context.now);
  const std::string& visitor = request.visitor_id();
  if (!visitor.empty()) CheckId(check, "visitor_id", visitor);
  if (check.ok()) {
    CheckHolder(check, "visitor_id", visitor, clock::FromProto(request.visited_time()), context);
  }
  CheckSeen(check, carer, request);
  check.AtMost("notes", request.notes(), 5 * kMaxText);
  if (!check.ok()) return check.ToStatus();
  Facts facts;
  auto* recorded = facts.emplace_back().mutable_visit_recorded();
  recorded->set_carer_id(carer.carer_id());
  v1::Visit visit;
  visit.set_visit_id(new_id());
  *visit.mutable_visited_time() = request.visited_time();
  visit.set_visitor_id(visitor.empty() ? context.actor : visitor);
  visit.set_unannounced(request.unannounced());
  visit.set_supervision(request.supervision());
  visit.set_home_safety(request.home_safety());
  *visit.mutable_seen() = request.seen();
  visit.set_notes(request.notes());
  visit.set_recorded_by(context.actor);
  *visit.mutable_recorded_time() = clock::ToProto(context.now);
  ASSIGN_OR_RETURN(*visit.mutable_action_ids(),
                   AddFoundActions(carer, "findings", request.findings(), context, new_id, facts));
  *facts[0].mutable_visit_recorded()->mutable_visit() = std::move(visit);
  return facts;
}

absl::StatusOr<Facts> RecordCheck(const Carer& carer, const v1::RecordCheckRequest& request,
                                  const Context& context, NewId new_id) {
  RETURN_IF_ERROR(CheckApproved(carer));
  RETURN_IF_ERROR(CheckRoom(carer.checks_size()));
  FieldCheck check;
  if (request.kind() == v1::CHECK_KIND_UNSPECIFIED || !v1::CheckKind_IsValid(request.kind())) {
    check.Refuse("kind", "REQUIRED", "is missing or unknown");
  }
  if (!request.foster_parent_id().empty()) {
    CheckFosterParent(check, "foster_parent_id", carer, request.foster_parent_id());
  } else if (request.kind() != v1::CHECK_KIND_TRAINING_STANDARDS &&
             !carer.foster_parents().empty()) {
    // One workbook may serve the household; a certificate is of a person.
    check.Refuse("foster_parent_id", "REQUIRED", "is missing");
  }
  CheckDay(check, "done_date", request.done_date(), context.now);
  check.AtMost("reference", request.reference(), kMaxName);
  if (!check.ok()) return check.ToStatus();
  Facts facts;
  auto* recorded = facts.emplace_back().mutable_check_recorded();
  recorded->set_carer_id(carer.carer_id());
  v1::Check* done = recorded->mutable_check();
  done->set_check_id(new_id());
  done->set_kind(request.kind());
  done->set_foster_parent_id(request.foster_parent_id());
  done->set_done_date(request.done_date());
  done->set_reference(request.reference());
  done->set_recorded_by(context.actor);
  return facts;
}

absl::StatusOr<Facts> CloseAction(const Carer& carer, const v1::CloseCarerActionRequest& request,
                                  const Context& context) {
  for (const type::v1::Action& action : carer.actions()) {
    if (action.action_id() != request.action_id()) continue;
    ASSIGN_OR_RETURN(
        type::v1::Action closed,
        actions::Close(action, request.dropped(), request.evidence(), context.actor, context.now));
    Facts facts;
    auto* fact = facts.emplace_back().mutable_action_closed();
    fact->set_carer_id(carer.carer_id());
    *fact->mutable_action() = std::move(closed);
    return facts;
  }
  return InvalidField("action_id", "UNKNOWN_ACTION", "names no action of this carer");
}

}  // namespace fosterwatch::carers::domain
