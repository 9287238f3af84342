#include "services/notifications/domain/access_watch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "services/notifications/domain/alert.h"

namespace fosterwatch::notifications::domain {
namespace {

// As much as a service reports at once, less the hour by which London's clocks change.
constexpr int kMostDays = 30;
constexpr size_t kFindingsNamed = 100;

absl::Time Beginning(absl::CivilDay day) { return absl::FromCivil(day, clock::London()); }

}  // namespace

void EvolveAccessWatch(v1::AccessWatch& watch, const v1::NotificationFact& fact) {
  if (fact.has_access_watch_planned()) watch = fact.access_watch_planned().watch();
  if (fact.has_access_looked()) watch = fact.access_looked().watch();
}

Facts PlanAccessWatch(const v1::AccessWatch& watch, const std::string& service, absl::Time now) {
  if (watch.has_next_look_time()) return {};
  v1::NotificationFact fact;
  v1::AccessWatch* planned = fact.mutable_access_watch_planned()->mutable_watch();
  planned->set_service(service);
  *planned->mutable_looked_until_time() = clock::ToProto(Beginning(clock::LondonDay(now)));
  *planned->mutable_next_look_time() = clock::ToProto(now);
  return {fact};
}

std::optional<Span> SpanToLookAt(const v1::AccessWatch& watch, absl::Time now) {
  const absl::Time from = clock::FromProto(watch.looked_until_time());
  const absl::Time until =
      std::min(Beginning(clock::LondonDay(now)), Beginning(clock::LondonDay(from) + kMostDays));
  if (until <= from) return std::nullopt;
  return Span{from, until};
}

Facts AccessLookedAt(const v1::AccessWatch& watch, const std::optional<Span>& span, int found,
                     absl::Time now, absl::Time next) {
  v1::NotificationFact fact;
  v1::AccessLooked* looked = fact.mutable_access_looked();
  looked->set_found(found);
  v1::AccessWatch& after = *looked->mutable_watch();
  after = watch;
  if (span) *after.mutable_looked_until_time() = clock::ToProto(span->until);
  *after.mutable_next_look_time() = clock::ToProto(SpanToLookAt(after, now) ? now : next);
  return {fact};
}

Facts UnusualAccessFound(const v1::Notifications& state, const UnusualAccess& found,
                         const Given& given) {
  AlertCause cause;
  cause.kind = v1::Alert::KIND_UNUSUAL_ACCESS;
  cause.in_register = found.service;
  cause.record_id = found.person_id;
  cause.findings = found.findings;
  if (cause.findings.size() > kFindingsNamed) cause.findings.resize(kFindingsNamed);
  cause.not_to_person_ids = {found.person_id};
  cause.only_roles = {options::v1::ROLE_REGISTERED_MANAGER,
                      options::v1::ROLE_RESPONSIBLE_INDIVIDUAL};
  return RaiseAlert(
      state,
      given.derive_id(absl::StrCat("unusual_access/", found.service, "/", found.person_id, "/",
                                   absl::ToUnixSeconds(found.looked_from))),
      cause, given);
}

}  // namespace fosterwatch::notifications::domain
