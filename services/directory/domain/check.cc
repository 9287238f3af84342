#include "services/directory/domain/check.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/mail/address.h"
#include "services/directory/domain/absence.h"
#include "services/directory/domain/delegation.h"
#include "services/directory/domain/entries.h"

namespace fosterwatch::directory::domain {
namespace {

using options::v1::Role;
using v1::Body;
using v1::Finding;

constexpr int kMostFindings = 500;

// Days in London, the first and the last counted; whoever is back at midnight was not away on the
// day that then begins. The register of events counts in the same way.
int64_t DaysOf(absl::Time from, absl::Time end) {
  if (end == absl::InfiniteFuture()) return std::numeric_limits<int64_t>::max();
  return clock::LondonDay(end - absl::Nanoseconds(1)) - clock::LondonDay(from) + 1;
}

// Who could be told for a role at a moment.
enum class Reach { kSomebody, kUnheld, kAway, kWithoutAddress };

class Checker {
 public:
  Checker(const Directory& directory, const v1::DirectoryPolicy& policy, absl::Time now)
      : directory_(directory),
        policy_(policy),
        now_(now),
        horizon_(now + absl::Hours(24 * policy.check().days_ahead())) {}

  std::vector<Finding> Findings() {
    for (const int role : policy_.check().roles()) CheckRole(static_cast<Role>(role));
    for (const int kind : policy_.check().body_kinds()) CheckKind(static_cast<Body::Kind>(kind));
    for (const Body& body : directory_.bodies) CheckBody(body);
    for (const v1::Absence& absence : directory_.absences) CheckCover(absence);
    CheckManagersAway();
    for (const v1::Delegation& delegation : directory_.delegations) CheckDelegation(delegation);
    std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
      return a.severity() < b.severity();
    });
    return std::move(findings_);
  }

 private:
  Finding& Find(Finding::Code code, Finding::Severity severity) {
    Finding& finding = findings_.emplace_back();
    finding.set_code(code);
    finding.set_severity(severity);
    return finding;
  }

  bool IsNeeded(Role role) const {
    const auto& roles = policy_.check().roles();
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  }

  // --- the rungs
  // -----------------------------------------------------------------------------------

  Reach ReachOf(Role role, absl::Time moment) const {
    std::vector<v1::RoleHolder> holders;
    for (const v1::RoleHolder& holder : directory_.holders) {
      if (holder.role() == role && HoldsAt(holder, moment)) holders.push_back(holder);
    }
    if (holders.empty()) return Reach::kUnheld;
    std::map<std::string, const v1::RoleHolder*> told;
    for (const v1::RoleHolder& holder : holders) told[holder.holder_id()] = &holder;
    const std::vector<v1::HolderAway> away =
        Away(holders, directory_.holders, directory_.absences, policy_, moment);
    for (const v1::HolderAway& one : away) {
      told[one.holder_id()] = one.has_covered_by() ? &one.covered_by() : nullptr;
    }
    Reach reach = Reach::kAway;
    for (const auto& [id, holder] : told) {
      if (holder == nullptr) continue;
      if (mail::IsAddress(holder->email())) return Reach::kSomebody;
      reach = Reach::kWithoutAddress;
    }
    return reach;
  }

  // Every moment of the days ahead at which it may change who can be told.
  std::vector<absl::Time> Moments() const {
    std::set<absl::Time> moments;
    const auto add = [&](absl::Time moment) {
      if (now_ < moment && moment <= horizon_) moments.insert(moment);
    };
    for (const v1::RoleHolder& holder : directory_.holders) {
      add(clock::FromProto(holder.from_time()));
      if (holder.has_until_time()) add(clock::FromProto(holder.until_time()));
    }
    for (const v1::Absence& absence : directory_.absences) {
      add(clock::FromProto(absence.from_time()));
      add(EndOf(absence));
    }
    return {moments.begin(), moments.end()};
  }

  void CheckRole(Role role) {
    const Reach now = ReachOf(role, now_);
    if (now != Reach::kSomebody) {
      AddReach(role, now, Finding::SEVERITY_UNREACHABLE, now_);
    } else {
      for (const absl::Time moment : Moments()) {
        const Reach then = ReachOf(role, moment);
        if (then == Reach::kSomebody) continue;
        *AddReach(role, then, Finding::SEVERITY_COMING, moment).mutable_at_time() =
            clock::ToProto(moment);
        break;
      }
    }
    if (now == Reach::kWithoutAddress) return;  // said of the role already
    for (const v1::RoleHolder& holder : directory_.holders) {
      if (holder.role() != role || !HoldsAt(holder, now_) || mail::IsAddress(holder.email())) {
        continue;
      }
      Finding& finding = Find(Finding::CODE_HOLDER_WITHOUT_ADDRESS, Finding::SEVERITY_WARNING);
      finding.set_role(role);
      finding.set_person_id(holder.person_id());
    }
  }

  Finding& AddReach(Role role, Reach reach, Finding::Severity severity, absl::Time moment) {
    Finding& finding = Find(reach == Reach::kUnheld ? Finding::CODE_ROLE_UNHELD
                            : reach == Reach::kAway ? Finding::CODE_ROLE_AWAY
                                                    : Finding::CODE_ROLE_WITHOUT_ADDRESS,
                            severity);
    finding.set_role(role);
    if (reach != Reach::kUnheld) return finding;
    absl::Time last = absl::InfinitePast();
    for (const v1::RoleHolder& holder : directory_.holders) {
      if (holder.role() != role || !holder.has_until_time()) continue;
      const absl::Time until = clock::FromProto(holder.until_time());
      if (until > moment || until < last) continue;
      last = until;
      finding.set_person_id(holder.person_id());
    }
    return finding;
  }

  // --- the bodies
  // ----------------------------------------------------------------------------------

  bool IsThere(const std::string& id, Body::Kind kind) const {
    return std::any_of(directory_.bodies.begin(), directory_.bodies.end(), [&](const Body& body) {
      return body.kind() == kind && (id.empty() || body.body_id() == id);
    });
  }

  void CheckKind(Body::Kind kind) {
    if (IsThere("", kind)) return;
    Find(Finding::CODE_BODY_MISSING, Finding::SEVERITY_UNREACHABLE).set_body_kind(kind);
  }

  bool IsUsable(const Body& body, const Body::Contact& contact) const {
    const std::string& address = contact.address();
    switch (contact.channel()) {
      case type::v1::CHANNEL_EMAIL:
        return mail::IsAddress(address);
      case type::v1::CHANNEL_TELEPHONE:
        return std::count_if(address.begin(), address.end(), absl::ascii_isdigit) >= 3;
      case type::v1::CHANNEL_ONLINE_FORM:
        return absl::StartsWith(address, "https://") || absl::StartsWith(address, "http://");
      case type::v1::CHANNEL_WEBHOOK:
        return absl::StartsWith(address, "https://") &&
               directory_.with_secret.contains(body.body_id());
      default:
        return false;
    }
  }

  void CheckBody(const Body& body) {
    if (body.contacts().empty()) {
      AddBody(Finding::CODE_BODY_WITHOUT_CONTACT, Finding::SEVERITY_UNREACHABLE, body);
    }
    const bool reachable =
        std::any_of(body.contacts().begin(), body.contacts().end(),
                    [&](const Body::Contact& contact) { return IsUsable(body, contact); });
    for (int i = 0; i < body.contacts_size(); ++i) {
      if (IsUsable(body, body.contacts(i))) continue;
      AddBody(Finding::CODE_CONTACT_UNUSABLE,
              reachable ? Finding::SEVERITY_WARNING : Finding::SEVERITY_UNREACHABLE, body)
          .set_contact(i + 1);
    }
    if (body.kind() != Body::KIND_LOCAL_AUTHORITY) return;
    if (body.police_body_id().empty() || !IsThere(body.police_body_id(), Body::KIND_POLICE)) {
      AddBody(Finding::CODE_POLICE_MISSING, Finding::SEVERITY_UNREACHABLE, body)
          .set_body_kind(Body::KIND_POLICE);
    }
    if (body.health_body_id().empty() || !IsThere(body.health_body_id(), Body::KIND_HEALTH_BODY)) {
      AddBody(Finding::CODE_HEALTH_BODY_MISSING, Finding::SEVERITY_UNREACHABLE, body)
          .set_body_kind(Body::KIND_HEALTH_BODY);
    }
  }

  Finding& AddBody(Finding::Code code, Finding::Severity severity, const Body& body) {
    Finding& finding = Find(code, severity);
    finding.set_body_id(body.body_id());
    finding.set_body_kind(body.kind());
    return finding;
  }

  // --- who is away
  // ---------------------------------------------------------------------------------

  // Lasts now or begins in the days ahead.
  bool IsNear(absl::Time from, absl::Time end) const {
    return from < end && end > now_ && from <= horizon_;
  }

  Finding& AddAbsence(Finding::Code code, const v1::Absence& absence) {
    Finding& finding = Find(code, Finding::SEVERITY_WARNING);
    finding.set_role(absence.role());
    finding.set_person_id(absence.person_id());
    finding.set_absence_id(absence.absence_id());
    if (clock::FromProto(absence.from_time()) > now_)
      *finding.mutable_at_time() = absence.from_time();
    return finding;
  }

  void CheckCover(const v1::Absence& absence) {
    const absl::Time from = clock::FromProto(absence.from_time());
    const absl::Time end = EndOf(absence);
    if (!IsNear(from, end) || !IsNeeded(absence.role())) return;
    const std::string& cover = absence.covered_by_person_id();
    if (cover.empty()) {
      AddAbsence(Finding::CODE_COVER_MISSING, absence);
      return;
    }
    std::vector<absl::Time> moments = {std::max(from, now_)};
    for (const absl::Time moment : Moments()) {
      if (from < moment && moment < end) moments.push_back(moment);
    }
    const auto roles = CoverRoles(policy_, absence.role());
    const auto first = [&](auto holds) {
      return std::find_if(moments.begin(), moments.end(), holds);
    };
    const auto without = first(
        [&](absl::Time moment) { return !HoldsOneOf(directory_.holders, cover, roles, moment); });
    if (without != moments.end()) AddCover(Finding::CODE_COVER_WITHOUT_ROLE, absence, *without);
    const auto away = first([&](absl::Time moment) {
      return std::any_of(directory_.absences.begin(), directory_.absences.end(),
                         [&](const v1::Absence& other) {
                           return other.person_id() == cover && AwayAt(other, moment);
                         });
    });
    if (away != moments.end()) AddCover(Finding::CODE_COVER_AWAY, absence, *away);
  }

  void AddCover(Finding::Code code, const v1::Absence& absence, absl::Time moment) {
    Finding& finding = AddAbsence(code, absence);
    finding.clear_at_time();
    if (moment > now_) *finding.mutable_at_time() = clock::ToProto(moment);
  }

  // --- the registered managers
  // ---------------------------------------------------------------------

  // Absences that follow each other without a break are one.
  void CheckManagersAway() {
    std::map<std::string, std::vector<const v1::Absence*>> of_person;
    for (const v1::Absence& absence : directory_.absences) {
      if (absence.role() == options::v1::ROLE_REGISTERED_MANAGER &&
          clock::FromProto(absence.from_time()) < EndOf(absence)) {
        of_person[absence.person_id()].push_back(&absence);
      }
    }
    for (auto& [person, absences] : of_person) {
      std::sort(absences.begin(), absences.end(), [](const v1::Absence* a, const v1::Absence* b) {
        return clock::FromProto(a->from_time()) < clock::FromProto(b->from_time());
      });
      for (size_t first = 0, next; first < absences.size(); first = next) {
        absl::Time end = EndOf(*absences[first]);
        for (next = first + 1; next < absences.size() &&
                               !BackBetween(end, clock::FromProto(absences[next]->from_time()),
                                            directory_.calendar, policy_.long_absence());
             ++next) {
          end = std::max(end, EndOf(*absences[next]));
        }
        CheckManagerAway(*absences[first], end);
      }
    }
  }

  void CheckManagerAway(const v1::Absence& absence, absl::Time end) {
    const absl::Time from = clock::FromProto(absence.from_time());
    if (end > now_ && DaysOf(from, end) >= policy_.long_absence().days()) {
      // Not only in the days ahead: a planned one has to be told a month before.
      AddAbsence(Finding::CODE_MANAGER_AWAY_LONG, absence);
    }
    if (!IsNear(from, end)) return;
    const absl::Time moment = std::max(from, now_);
    const bool delegated =
        std::any_of(directory_.delegations.begin(), directory_.delegations.end(),
                    [&](const v1::Delegation& delegation) {
                      return delegation.from_person_id() == absence.person_id() &&
                             UsableAt(delegation, directory_.holders, policy_, moment);
                    });
    const bool other_manager = std::any_of(
        directory_.holders.begin(), directory_.holders.end(), [&](const v1::RoleHolder& holder) {
          return holder.role() == options::v1::ROLE_REGISTERED_MANAGER &&
                 holder.person_id() != absence.person_id() && HoldsAt(holder, moment);
        });
    if (!delegated && !other_manager) AddAbsence(Finding::CODE_DELEGATION_MISSING, absence);
  }

  void CheckDelegation(const v1::Delegation& delegation) {
    const absl::Time from = clock::FromProto(delegation.from_time());
    const absl::Time end = EndOf(delegation);
    if (!IsNear(from, end)) return;
    const absl::Time moment = std::max(from, now_);
    std::vector<absl::Time> moments = {moment};
    for (const absl::Time later : Moments()) {
      if (moment < later && later < end) moments.push_back(later);
    }
    for (const absl::Time at : moments) {
      if (DelegateHolds(delegation, directory_.holders, policy_, at)) continue;
      AddDelegation(Finding::CODE_DELEGATE_WITHOUT_ROLE, delegation, delegation.to_person_id(), at);
      break;
    }
    for (const absl::Time at : moments) {
      if (DelegatorHolds(delegation, directory_.holders, at)) continue;
      AddDelegation(Finding::CODE_DELEGATOR_WITHOUT_ROLE, delegation, delegation.from_person_id(),
                    at);
      break;
    }
    if (end > horizon_) return;
    const bool still_away = std::any_of(
        directory_.absences.begin(), directory_.absences.end(), [&](const v1::Absence& absence) {
          return absence.person_id() == delegation.from_person_id() && AwayAt(absence, end);
        });
    const bool followed =
        std::any_of(directory_.delegations.begin(), directory_.delegations.end(),
                    [&](const v1::Delegation& other) {
                      return other.from_person_id() == delegation.from_person_id() &&
                             UsableAt(other, directory_.holders, policy_, end);
                    });
    if (still_away && !followed) {
      AddDelegation(Finding::CODE_DELEGATION_ENDS, delegation, delegation.to_person_id(), end);
    }
  }

  void AddDelegation(Finding::Code code, const v1::Delegation& delegation,
                     const std::string& person_id, absl::Time moment) {
    Finding& finding = Find(code, Finding::SEVERITY_WARNING);
    finding.set_person_id(person_id);
    finding.set_delegation_id(delegation.delegation_id());
    if (moment > now_) *finding.mutable_at_time() = clock::ToProto(moment);
  }

  const Directory& directory_;
  const v1::DirectoryPolicy& policy_;
  const absl::Time now_;
  const absl::Time horizon_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> Check(const Directory& directory, const v1::DirectoryPolicy& policy,
                           absl::Time now) {
  return Checker(directory, policy, now).Findings();
}

v1::DirectoryCheck Checked(std::vector<Finding> findings, const v1::DirectoryPolicy& policy,
                           absl::Time now, absl::Time next) {
  v1::DirectoryCheck check;
  *check.mutable_checked_time() = clock::ToProto(now);
  *check.mutable_next_check_time() = clock::ToProto(next);
  check.set_policy_version(policy.version());
  check.set_findings_count(static_cast<int>(findings.size()));
  for (Finding& finding : findings) {
    if (finding.severity() == Finding::SEVERITY_UNREACHABLE) {
      check.set_unreachable_count(check.unreachable_count() + 1);
    }
    if (check.findings_size() < kMostFindings) *check.add_findings() = std::move(finding);
  }
  return check;
}

}  // namespace fosterwatch::directory::domain
