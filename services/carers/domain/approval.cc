#include "services/carers/domain/approval.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/named.h"
#include "services/carers/domain/policy.h"
#include "services/carers/domain/register.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;

bool IsTemporary(const Carer& carer) {
  return carer.status() == Carer::STATUS_TEMPORARILY_APPROVED;
}

// The first day of what lasts now.
const std::string& SinceOf(const Carer& carer) {
  return IsTemporary(carer) ? carer.temporary_approval().from_date() : carer.approved_date();
}

void CheckNotBeforeApproval(FieldCheck& check, absl::string_view field, const std::string& day,
                            const Carer& carer) {
  if (!day.empty() && day < SinceOf(carer)) {
    check.Refuse(field, "BEFORE_THE_APPROVAL", "is before the approval");
  }
}

DueTime TemporaryEnd(const v1::TemporaryApproval& approval, const Context& context) {
  const absl::Time start = StartOf(*ParseDay(approval.from_date()));
  const v1::CarerPolicy& policy = InForce(*context.policies, start);
  v1::CarerPolicy::Limit limit = policy.temporary_approval();
  if (approval.extended()) {
    limit.set_calendar_days(limit.calendar_days() + policy.temporary_extension().calendar_days());
    limit.set_calendar_months(limit.calendar_months() +
                              policy.temporary_extension().calendar_months());
    limit.mutable_origin()->set_source(absl::StrCat(
        limit.origin().source(), "; ", policy.temporary_extension().origin().source()));
  }
  return DueAfter(start, "from_date", "TEMPORARY_APPROVAL", policy, limit, *context.calendar);
}

}  // namespace

std::optional<absl::Time> EndsByItself(const Carer& carer) {
  std::optional<absl::Time> ends;
  if (!IsApproved(carer)) return ends;
  if (carer.has_resignation()) ends = clock::FromProto(carer.resignation().ends_time());
  if (IsTemporary(carer)) {
    const absl::Time over = clock::FromProto(carer.temporary_approval().ends_time());
    ends = ends ? std::min(*ends, over) : over;
  }
  return ends;
}

void AddEnd(const Carer& carer, const std::string& last_day, v1::EndReason reason,
            const Context& context, Facts& facts) {
  auto* ended = facts.emplace_back().mutable_approval_ended();
  ended->set_carer_id(carer.carer_id());
  ended->set_ended_date(last_day);
  ended->set_reason(reason);
  AddChange(facts, carer.carer_id(), context, absl::StrCat("end/", last_day), last_day)
      ->mutable_approval_end()
      ->set_reason(reason);
}

Facts EndByItself(const Carer& carer, const Context& context) {
  Facts facts;
  const auto ends = EndsByItself(carer);
  if (!ends || *ends > context.now) return facts;
  const bool resigned =
      carer.has_resignation() && clock::FromProto(carer.resignation().ends_time()) == *ends;
  AddEnd(carer, ShowDay(clock::LondonDay(*ends - absl::Microseconds(1))),
         resigned ? v1::END_REASON_RESIGNATION : v1::END_REASON_TEMPORARY_APPROVAL_OVER, context,
         facts);
  return facts;
}

type::v1::Explanation ExplainTemporary(const v1::TemporaryApproval& approval,
                                       const Context& context) {
  return TemporaryEnd(approval, context).explanation;
}

absl::StatusOr<Facts> ApproveTemporarily(const Carer& carer,
                                         const v1::ApproveTemporarilyRequest& request,
                                         const Context& context, NewId new_id) {
  FieldCheck check;
  const bool is_new = carer.carer_id().empty();
  CheckId(check, "carer_id", request.carer_id());
  if (is_new || request.has_particulars()) {
    CheckParticulars(check, "particulars", request.particulars(), context.now);
  }
  CheckDay(check, "from_date", request.from_date(), context.now);
  CheckId(check, "child_id", request.child_id());
  if (request.has_terms()) CheckTerms(check, "terms", request.terms());
  if (!check.ok()) return check.ToStatus();
  if (!is_new && carer.status() != Carer::STATUS_APPLICANT) {
    return Refused("NOT_AN_APPLICANT", "the household is approved, or its record is closed");
  }
  if (!is_new && carer.kind() != Carer::KIND_CONNECTED) {
    return Refused("NOT_CONNECTED", "the household does not apply as connected persons");
  }
  const std::string& id = request.carer_id();
  Facts facts;
  const v1::Particulars particulars = WithIds(request.particulars());
  if (is_new) {
    auto* told = facts.emplace_back().mutable_carer_recorded()->mutable_carer();
    told->set_carer_id(id);
    told->set_kind(Carer::KIND_CONNECTED);
    told->set_name(HouseholdName(particulars));
    told->set_address(particulars.address());
  }
  auto* approved = facts.emplace_back().mutable_temporary_approval_set();
  approved->set_carer_id(id);
  v1::TemporaryApproval* approval = approved->mutable_temporary_approval();
  approval->set_from_date(request.from_date());
  approval->set_child_id(request.child_id());
  *approval->mutable_ends_time() = clock::ToProto(TemporaryEnd(*approval, context).due);
  if (is_new || request.has_particulars()) {
    *AddChange(facts, id, context, new_id(), request.from_date())->mutable_particulars() =
        particulars;
  }
  AddChange(facts, id, context, new_id(), request.from_date())
      ->mutable_approval_begin()
      ->set_temporary(true);
  v1::Terms* terms = AddChange(facts, id, context, new_id(), request.from_date())->mutable_terms();
  *terms = request.terms();
  const auto& named = terms->named_child_ids();
  if (std::find(named.begin(), named.end(), request.child_id()) == named.end()) {
    terms->add_named_child_ids(request.child_id());
  }
  return facts;
}

absl::StatusOr<Facts> ExtendTemporaryApproval(const Carer& carer,
                                              const v1::ExtendTemporaryApprovalRequest& request,
                                              const Context& context) {
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  if (!IsTemporary(carer)) {
    return Refused("NOT_TEMPORARY", "the carer is not temporarily approved");
  }
  v1::TemporaryApproval approval = carer.temporary_approval();
  if (approval.extended()) return Refused("EXTENDED_BEFORE", "it was extended before");
  if (clock::FromProto(approval.ends_time()) <= context.now) {
    return Refused("WEEKS_OVER", "the weeks of the temporary approval are over");
  }
  approval.set_extended(true);
  approval.set_extension_reason(request.reason());
  *approval.mutable_ends_time() = clock::ToProto(TemporaryEnd(approval, context).due);
  Facts facts;
  auto* set = facts.emplace_back().mutable_temporary_approval_set();
  set->set_carer_id(carer.carer_id());
  *set->mutable_temporary_approval() = std::move(approval);
  return facts;
}

absl::StatusOr<Facts> ChangeTerms(const Carer& carer, const v1::ChangeTermsRequest& request,
                                  const Context& context, NewId new_id) {
  RETURN_IF_ERROR(CheckApproved(carer));
  FieldCheck check;
  if (!request.has_terms()) {
    check.Refuse("terms", "TERMS_REQUIRED", "is missing");
  } else {
    CheckTerms(check, "terms", request.terms());
  }
  CheckDay(check, "agreed_date", request.agreed_date(), context.now);
  CheckDay(check, "effective_date", request.effective_date(), context.now, true);
  CheckNotBeforeApproval(check, "effective_date", request.effective_date(), carer);
  if (check.ok() && request.effective_date() < request.agreed_date()) {
    check.Refuse("effective_date", "BEFORE_THE_AGREEMENT", "is before the carer agreed");
  }
  if (!check.ok()) return check.ToStatus();
  Facts facts;
  *AddChange(facts, carer.carer_id(), context, new_id(), request.effective_date())
       ->mutable_terms() = request.terms();
  return facts;
}

absl::StatusOr<Facts> GrantExemption(const Carer& carer, const v1::GrantExemptionRequest& request,
                                     const Context& context, NewId new_id) {
  RETURN_IF_ERROR(CheckApproved(carer));
  FieldCheck check;
  if (!request.siblings()) CheckId(check, "body_id", request.body_id());
  CheckAuthority(check, "body_id", request.body_id(), context);
  CheckIds(check, "child_ids", request.child_ids(), true);
  CheckDay(check, "from_date", request.from_date(), context.now, true);
  CheckNotBeforeApproval(check, "from_date", request.from_date(), carer);
  if (!request.until_date().empty()) {
    CheckDay(check, "until_date", request.until_date(), context.now, true);
    if (check.ok() && request.until_date() < request.from_date()) {
      check.Refuse("until_date", "BEFORE_ITS_BEGIN", "is before from_date");
    }
  }
  check.Require("reason", request.reason(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  Facts facts;
  v1::Exemption* exemption =
      AddChange(facts, carer.carer_id(), context, new_id(), request.from_date())
          ->mutable_exemption();
  exemption->set_exemption_id(new_id());
  exemption->set_body_id(request.body_id());
  *exemption->mutable_child_ids() = request.child_ids();
  exemption->set_from_date(request.from_date());
  exemption->set_until_date(request.until_date());
  exemption->set_siblings(request.siblings());
  exemption->set_reason(request.reason());
  return facts;
}

absl::StatusOr<Facts> SuspendApproval(const Carer& carer, const v1::SuspendApprovalRequest& request,
                                      const Context& context) {
  FieldCheck check;
  CheckDay(check, "from_date", request.from_date(), context.now);
  CheckNotBeforeApproval(check, "from_date", request.from_date(), carer);
  check.Require("reason", request.reason(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  if (carer.status() == Carer::STATUS_SUSPENDED) {
    return Refused("SUSPENDED_BEFORE", "the carer is suspended");
  }
  if (carer.status() != Carer::STATUS_APPROVED) {
    return Refused("NOT_APPROVED", "the carer is not approved");
  }
  Facts facts;
  auto* set = facts.emplace_back().mutable_suspension_set();
  set->set_carer_id(carer.carer_id());
  v1::Suspension* suspension = set->mutable_suspension();
  suspension->set_from_date(request.from_date());
  suspension->set_reason(request.reason());
  suspension->set_recorded_by(context.actor);
  return facts;
}

absl::StatusOr<Facts> LiftSuspension(const Carer& carer, const v1::LiftSuspensionRequest& request,
                                     const Context& context) {
  if (carer.status() != Carer::STATUS_SUSPENDED) {
    return Refused("NOT_SUSPENDED", "the carer is not suspended");
  }
  FieldCheck check;
  CheckDay(check, "until_date", request.until_date(), context.now);
  if (check.ok() && request.until_date() < carer.suspension().from_date()) {
    check.Refuse("until_date", "BEFORE_ITS_BEGIN", "is before the suspension began");
  }
  if (!check.ok()) return check.ToStatus();
  Facts facts;
  auto* set = facts.emplace_back().mutable_suspension_set();
  set->set_carer_id(carer.carer_id());
  *set->mutable_suspension() = carer.suspension();
  set->mutable_suspension()->set_until_date(request.until_date());
  return facts;
}

absl::StatusOr<Facts> RecordResignation(const Carer& carer,
                                        const v1::RecordResignationRequest& request,
                                        const Context& context) {
  RETURN_IF_ERROR(CheckApproved(carer));
  FieldCheck check;
  const auto received = CheckDay(check, "received_date", request.received_date(), context.now);
  CheckNotBeforeApproval(check, "received_date", request.received_date(), carer);
  check.AtMost("reason", request.reason(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  if (carer.has_resignation()) return Refused("RESIGNED_BEFORE", "the carer has resigned before");
  const v1::CarerPolicy& policy = InForce(*context.policies, StartOf(*received));
  Facts facts;
  auto* resigned = facts.emplace_back().mutable_resignation_received();
  resigned->set_carer_id(carer.carer_id());
  v1::Resignation* resignation = resigned->mutable_resignation();
  resignation->set_received_date(request.received_date());
  *resignation->mutable_ends_time() =
      clock::ToProto(DueAfter(StartOf(*received), "received_date", "RESIGNATION", policy,
                              policy.resignation(), *context.calendar)
                         .due);
  resignation->set_recorded_by(context.actor);
  resignation->set_reason(request.reason());
  return facts;
}

absl::StatusOr<Facts> RecordDeath(const Carer& carer, const v1::RecordDeathRequest& request,
                                  const Context& context) {
  RETURN_IF_ERROR(CheckApproved(carer));
  FieldCheck check;
  CheckDay(check, "died_date", request.died_date(), context.now);
  CheckNotBeforeApproval(check, "died_date", request.died_date(), carer);
  if (!check.ok()) return check.ToStatus();
  if (carer.foster_parents_size() > 1) {
    return Refused("NOT_THE_ONLY_ONE", "the household has other foster parents");
  }
  Facts facts;
  AddEnd(carer, request.died_date(), v1::END_REASON_DEATH, context, facts);
  return facts;
}

}  // namespace fosterwatch::carers::domain
