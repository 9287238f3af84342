#include "services/notifiable_events/domain/agency_law.h"

#include <string>

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events::domain {

absl::CivilDay ReadDay(FieldCheck& check, absl::string_view field, absl::string_view text,
                       absl::Time now) {
  absl::CivilDay day = clock::LondonDay(now);
  if (text.empty()) return day;
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) {
    check.Refuse(field, "INVALID_DAY", "is no day such as 2026-11-23");
  }
  return day;
}

namespace {

absl::CivilDay ReadComingDay(FieldCheck& check, absl::string_view text, absl::Time now) {
  const absl::CivilDay day = ReadDay(check, "effective_from", text, now);
  if (day < clock::LondonDay(now)) {
    check.Refuse("effective_from", "DAY_IS_OVER", "is a day that is over");
  }
  return day;
}

}  // namespace

absl::StatusOr<Facts> SwitchPolicyRecipient(const Law& law,
                                            const v1::SwitchPolicyRecipientRequest& request,
                                            const Actor& actor, absl::Time now) {
  FieldCheck check;
  const absl::CivilDay day = ReadComingDay(check, request.effective_from(), now);
  check.Require("reason", request.reason(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());
  const v1::PolicyRow* line = nullptr;
  const auto policy = law.PolicyOn(day);
  for (const auto& row : policy) {
    if (row.kind() == request.kind() && row.recipient() == request.recipient()) line = &row;
  }
  if (line == nullptr) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_POLICY_RECIPIENT",
                 "the policy has no such recipient of that kind of event",
                 {{"recipient", "is none that the policy adds to that kind of event"}});
  }
  if (line->on() == request.on()) {
    return Error(absl::StatusCode::kFailedPrecondition, "SWITCHED_BEFORE",
                 "the recipient is switched so already on that day");
  }
  v1::NotifiableEventFact fact;
  auto* policy_switch = fact.mutable_policy_recipient_switched()->mutable_policy_switch();
  policy_switch->set_kind(request.kind());
  policy_switch->set_recipient(request.recipient());
  policy_switch->set_on(request.on());
  policy_switch->set_effective_from(absl::FormatCivilTime(day));
  policy_switch->set_reason(request.reason());
  policy_switch->set_switched_by(actor.id);
  *policy_switch->mutable_switched_time() = clock::ToProto(now);
  return Facts{fact};
}

absl::StatusOr<Facts> AdoptLaw(const Law& shipped, const v1::AgencyLaw& agency,
                               const v1::AdoptLawRequest& request, const Actor& actor,
                               absl::Time now) {
  FieldCheck check;
  if (request.effective_from().empty()) {
    check.Refuse("effective_from", "REQUIRED", "is required");
  }
  const absl::CivilDay day = ReadComingDay(check, request.effective_from(), now);
  check.Require("reason", request.reason(), kMaxNarrative);
  if (request.law_json().size() > kMaxLawBytes) {
    check.Refuse("law_json", "TEXT_TOO_LONG", "is longer than 500,000 bytes");
  }
  RETURN_IF_ERROR(check.ToStatus());
  ASSIGN_OR_RETURN(const Edition edition, Edition::Parse(request.law_json()));
  const std::string& version = edition.data.version();
  bool used = version == shipped.version();
  for (const auto& adoption : agency.adoptions()) {
    used |= adoption.version() == version && adoption.law_json() != request.law_json();
  }
  if (used) {
    return Error(absl::StatusCode::kFailedPrecondition, "LAW_VERSION_USED",
                 "another edition has that version", {{"law_json", "needs a version of its own"}});
  }
  v1::NotifiableEventFact fact;
  auto* adoption = fact.mutable_law_adopted()->mutable_adoption();
  adoption->set_version(version);
  adoption->set_effective_from(absl::FormatCivilTime(day));
  adoption->set_law_json(request.law_json());
  adoption->set_reason(request.reason());
  adoption->set_adopted_by(actor.id);
  *adoption->mutable_adopted_time() = clock::ToProto(now);
  return Facts{fact};
}

void EvolveAgencyLaw(v1::AgencyLaw& agency, const v1::NotifiableEventFact& fact) {
  if (fact.has_policy_recipient_switched()) {
    *agency.add_policy_switches() = fact.policy_recipient_switched().policy_switch();
  } else if (fact.has_law_adopted()) {
    *agency.add_adoptions() = fact.law_adopted().adoption();
  }
}

}  // namespace fosterwatch::notifiable_events::domain
