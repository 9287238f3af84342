#include "services/carers/domain/supervision.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/named.h"
#include "services/carers/domain/policy.h"

namespace fosterwatch::carers::domain {
namespace {

using type::v1::CaseloadGrant;
using v1::Carer;
using v1::EmergencyAccess;
using v1::Supervision;

constexpr int kMaxReason = 2000;

absl::Status CheckStands(const Carer& carer, int kept) {
  if (!carer.merged_into_carer_id().empty()) {
    return Refused("RECORD_MERGED", "the household goes on in another record");
  }
  if (kept >= kMaxKept) {
    return Refused("TOO_MANY", "the record has as many entries as it can hold");
  }
  return absl::OkStatus();
}

// By their days; of one day in the order in which they were recorded.
std::vector<const Supervision*> ByDay(const Carer& carer) {
  std::vector<const Supervision*> all;
  for (const Supervision& supervision : carer.supervisions()) all.push_back(&supervision);
  std::stable_sort(all.begin(), all.end(), [](const Supervision* a, const Supervision* b) {
    return a->from_date() < b->from_date();
  });
  return all;
}

bool HoldsAt(const CaseloadGrant& grant, absl::Time at) {
  return clock::FromProto(grant.from_time()) <= at &&
         (!grant.has_until_time() || at < clock::FromProto(grant.until_time()));
}

Facts Set(const Carer& carer, EmergencyAccess emergency) {
  Facts facts(1);
  auto* set = facts[0].mutable_emergency_set();
  set->set_carer_id(carer.carer_id());
  *set->mutable_emergency() = std::move(emergency);
  return facts;
}

}  // namespace

absl::StatusOr<Facts> AssignSupervisor(const Carer& carer,
                                       const v1::AssignSupervisorRequest& request,
                                       const Context& context, NewId new_id) {
  RETURN_IF_ERROR(CheckStands(carer, carer.supervisions_size()));
  const std::string today = ShowDay(clock::LondonDay(context.now));
  // Nobody is left without by a request that says nothing.
  const bool today_is_meant = request.from_date().empty() && !request.supervisor_id().empty();
  const std::string from = today_is_meant ? today : request.from_date();
  FieldCheck check;
  if (!request.supervisor_id().empty()) CheckId(check, "supervisor_id", request.supervisor_id());
  const auto day = CheckDay(check, "from_date", from, context.now, /*future=*/true);
  if (check.ok()) {
    CheckHolder(check, "supervisor_id", request.supervisor_id(), StartOf(*day), context);
  }
  if (!check.ok()) return check.ToStatus();
  const bool last =
      std::none_of(carer.supervisions().begin(), carer.supervisions().end(),
                   [&](const Supervision& supervision) { return supervision.from_date() > from; });
  if (last && SupervisorOn(carer, from) == request.supervisor_id()) return Facts();
  Facts facts(1);
  auto* assigned = facts[0].mutable_supervisor_assigned();
  assigned->set_carer_id(carer.carer_id());
  Supervision* supervision = assigned->mutable_supervision();
  supervision->set_supervision_id(new_id());
  supervision->set_supervisor_id(request.supervisor_id());
  supervision->set_from_date(from);
  supervision->set_recorded_by(context.actor);
  *supervision->mutable_recorded_time() = clock::ToProto(context.now);
  return facts;
}

absl::StatusOr<Facts> OpenInEmergency(const Carer& carer, const v1::OpenInEmergencyRequest& request,
                                      const Context& context, NewId new_id) {
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxReason);
  if (!check.ok()) return check.ToStatus();
  RETURN_IF_ERROR(CheckStands(carer, carer.emergencies_size()));
  for (const CaseloadGrant& grant : CaseloadOf(carer)) {
    if (grant.person_id() == context.actor && HoldsAt(grant, context.now)) {
      return Refused("OPEN_ALREADY", "the household is open to you now");
    }
  }
  const v1::CarerPolicy& policy = InForce(*context.policies, context.now);
  EmergencyAccess emergency;
  emergency.set_emergency_id(new_id());
  emergency.set_person_id(context.actor);
  *emergency.mutable_from_time() = clock::ToProto(context.now);
  *emergency.mutable_until_time() =
      clock::ToProto(context.now + absl::Hours(policy.emergency().hours()));
  emergency.set_reason(request.reason());
  emergency.set_policy_version(policy.version());
  const std::string attention_id = AttentionOf(carer, emergency);
  Facts facts = Set(carer, std::move(emergency));
  auto* needed = facts.emplace_back().mutable_attention_needed();
  needed->set_attention_id(attention_id);
  needed->set_code("EMERGENCY_ACCESS");
  needed->set_subject_id(carer.carer_id());
  needed->add_not_to_person_ids(context.actor);
  return facts;
}

absl::StatusOr<Facts> ReviewEmergency(const Carer& carer, const v1::ReviewEmergencyRequest& request,
                                      const Context& context) {
  FieldCheck check;
  check.Require("note", request.note(), kMaxReason);
  const auto found = std::find_if(
      carer.emergencies().begin(), carer.emergencies().end(),
      [&](const EmergencyAccess& known) { return known.emergency_id() == request.emergency_id(); });
  if (found == carer.emergencies().end()) {
    check.Refuse("emergency_id", "UNKNOWN_EMERGENCY", "names no emergency of this carer");
  }
  if (!check.ok()) return check.ToStatus();
  if (found->person_id() == context.actor) {
    return Error(absl::StatusCode::kPermissionDenied, "OWN_EMERGENCY",
                 "another manager looks at what you opened");
  }
  if (!found->reviewed_by().empty()) {
    return Refused("REVIEWED_BEFORE", "a manager has looked at it");
  }
  EmergencyAccess reviewed = *found;
  reviewed.set_reviewed_by(context.actor);
  *reviewed.mutable_reviewed_time() = clock::ToProto(context.now);
  reviewed.set_review_note(request.note());
  if (request.end() && context.now < clock::FromProto(reviewed.until_time())) {
    *reviewed.mutable_until_time() = clock::ToProto(context.now);
  }
  return Set(carer, std::move(reviewed));
}

std::string SupervisorOn(const Carer& carer, absl::string_view day) {
  std::string supervisor;
  for (const Supervision* supervision : ByDay(carer)) {
    if (supervision->from_date() <= day) supervisor = supervision->supervisor_id();
  }
  return supervisor;
}

std::vector<CaseloadGrant> CaseloadOf(const Carer& carer) {
  std::vector<CaseloadGrant> grants;
  const auto begin = [](const Supervision& supervision) {
    return clock::ToProto(StartOf(*ParseDay(supervision.from_date())));
  };
  const std::vector<const Supervision*> all = ByDay(carer);
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i]->supervisor_id().empty()) continue;
    CaseloadGrant& grant = grants.emplace_back();
    grant.set_grant_id(all[i]->supervision_id());
    grant.set_person_id(all[i]->supervisor_id());
    grant.set_kind(CaseloadGrant::KIND_SUPERVISING);
    *grant.mutable_from_time() = begin(*all[i]);
    if (i + 1 < all.size()) *grant.mutable_until_time() = begin(*all[i + 1]);
  }
  for (const EmergencyAccess& emergency : carer.emergencies()) {
    CaseloadGrant& grant = grants.emplace_back();
    grant.set_grant_id(emergency.emergency_id());
    grant.set_person_id(emergency.person_id());
    grant.set_kind(CaseloadGrant::KIND_EMERGENCY);
    *grant.mutable_from_time() = emergency.from_time();
    *grant.mutable_until_time() = emergency.until_time();
  }
  return grants;
}

std::string AttentionOf(const Carer& carer, const EmergencyAccess& emergency) {
  return absl::StrCat(carer.carer_id(), ":EMERGENCY_ACCESS:", emergency.emergency_id());
}

}  // namespace fosterwatch::carers::domain
