#include "services/directory/domain/absence.h"

#include <algorithm>

#include "libs/clock/proto_time.h"
#include "libs/mail/address.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/directory/domain/entries.h"
#include "services/directory/domain/fields.h"

namespace fosterwatch::directory::domain {
namespace {

using google::protobuf::RepeatedField;

absl::Status Refused(absl::string_view reason, absl::string_view message, absl::string_view field) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, message,
               {{std::string(field), std::string(message)}});
}

absl::Status CheckAsked(const v1::Absence& asked) {
  if (!asked.absence_id().empty()) return MadeHere("absence.absence_id");
  if (!asked.recorded_by().empty()) return MadeHere("absence.recorded_by");
  if (asked.has_recorded_time()) return MadeHere("absence.recorded_time");
  if (asked.has_ended_time()) return MadeHere("absence.ended_time");
  if (!asked.ended_by().empty()) return MadeHere("absence.ended_by");
  if (!asked.joined_absence_ids().empty()) return MadeHere("absence.joined_absence_ids");
  if (asked.has_joined_from_time()) return MadeHere("absence.joined_from_time");
  if (asked.has_joined_until_time()) return MadeHere("absence.joined_until_time");
  RETURN_IF_ERROR(CheckText("absence.person_id", asked.person_id(), 100));
  RETURN_IF_ERROR(CheckRoleOfPeople("absence.role", asked.role()));
  RETURN_IF_ERROR(CheckText("absence.reason", asked.reason(), 1000));
  if (asked.has_from_time()) RETURN_IF_ERROR(CheckMoment("absence.from_time", asked.from_time()));
  if (asked.has_until_time()) {
    RETURN_IF_ERROR(CheckMoment("absence.until_time", asked.until_time()));
  }
  if (asked.covered_by_person_id().empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckText("absence.covered_by_person_id", asked.covered_by_person_id(), 100));
  if (asked.covered_by_person_id() == asked.person_id()) {
    return InvalidField("absence.covered_by_person_id", "COVERS_ONESELF", "is who is away");
  }
  return absl::OkStatus();
}

// Whether the other one is of the same person and role, and was not called off before it began.
bool IsOfTheSame(const v1::Absence& other, const v1::Absence& absence) {
  return other.person_id() == absence.person_id() && other.role() == absence.role() &&
         EndOf(other) > clock::FromProto(other.from_time());
}

// The absence that says most about a holder who is away; null where they are not.
const v1::Absence* AbsenceOf(const v1::RoleHolder& holder, const std::vector<v1::Absence>& absences,
                             absl::Time moment) {
  const v1::Absence* found = nullptr;
  for (const v1::Absence& absence : absences) {
    if (absence.person_id() != holder.person_id() || !AwayAt(absence, moment)) continue;
    if (absence.role() == holder.role()) return &absence;
    found = &absence;
  }
  return found;
}

// As whom the person covers; null where they cannot be reached in a role that can.
const v1::RoleHolder* CoverOf(const v1::Absence& absence,
                              const std::vector<v1::RoleHolder>& holders,
                              const std::vector<v1::Absence>& absences,
                              const v1::DirectoryPolicy& policy, absl::Time moment) {
  const RepeatedField<int> roles = CoverRoles(policy, absence.role());
  const v1::RoleHolder* found = nullptr;
  for (const v1::RoleHolder& holder : holders) {
    if (holder.person_id() != absence.covered_by_person_id() || !HoldsAt(holder, moment) ||
        std::find(roles.begin(), roles.end(), holder.role()) == roles.end()) {
      continue;
    }
    if (AbsenceOf(holder, absences, moment) != nullptr) return nullptr;
    if (found == nullptr || (!mail::IsAddress(found->email()) && mail::IsAddress(holder.email()))) {
      found = &holder;
    }
  }
  return found;
}

}  // namespace

absl::Time EndOf(const v1::Absence& absence) {
  absl::Time end = absl::InfiniteFuture();
  if (absence.has_until_time()) end = clock::FromProto(absence.until_time());
  if (absence.has_ended_time()) end = std::min(end, clock::FromProto(absence.ended_time()));
  return end;
}

bool AwayAt(const v1::Absence& absence, absl::Time moment) {
  return clock::FromProto(absence.from_time()) <= moment && moment < EndOf(absence);
}

bool HoldsOneOf(const std::vector<v1::RoleHolder>& holders, const std::string& person_id,
                const RepeatedField<int>& roles, absl::Time moment) {
  return std::any_of(holders.begin(), holders.end(), [&](const v1::RoleHolder& holder) {
    return holder.person_id() == person_id && HoldsAt(holder, moment) &&
           std::find(roles.begin(), roles.end(), holder.role()) != roles.end();
  });
}

RepeatedField<int> CoverRoles(const v1::DirectoryPolicy& policy, options::v1::Role role) {
  for (const auto& cover : policy.covers().covers()) {
    if (cover.role() == role) return cover.cover_roles();
  }
  return {};
}

bool BackBetween(absl::Time end, absl::Time from, const clock::WorkingCalendar& calendar,
                 const v1::DirectoryPolicy::LongAbsence& policy) {
  const absl::CivilDay last = clock::LondonDay(from);
  for (absl::CivilDay day = clock::LondonDay(end); day <= last; ++day) {
    if (!calendar.IsWorkingDay(day)) continue;
    const auto at = [&](int hour) {
      return absl::FromCivil(absl::CivilHour(day) + hour, clock::London());
    };
    if (std::max(end, at(policy.back_from_hour())) < std::min(from, at(policy.back_until_hour()))) {
      return true;
    }
  }
  return false;
}

v1::Absence Joined(const v1::Absence& absence, const std::vector<v1::Absence>& absences,
                   const clock::WorkingCalendar& calendar,
                   const v1::DirectoryPolicy::LongAbsence& policy) {
  absl::Time from = clock::FromProto(absence.from_time());
  absl::Time end = EndOf(absence);
  std::vector<const v1::Absence*> others;
  for (const v1::Absence& other : absences) {
    if (other.absence_id() != absence.absence_id() && IsOfTheSame(other, absence)) {
      others.push_back(&other);
    }
  }
  std::sort(others.begin(), others.end(), [](const v1::Absence* a, const v1::Absence* b) {
    return clock::FromProto(a->from_time()) < clock::FromProto(b->from_time());
  });
  v1::Absence joined = absence;
  const auto join = [&](const v1::Absence& other) {
    joined.add_joined_absence_ids(other.absence_id());
    from = std::min(from, clock::FromProto(other.from_time()));
    end = std::max(end, EndOf(other));
  };
  // They do not overlap: backwards in time from this one, then forwards.
  for (auto other = others.rbegin(); other != others.rend(); ++other) {
    if (EndOf(**other) > from) continue;
    if (BackBetween(EndOf(**other), from, calendar, policy)) break;
    join(**other);
  }
  for (const v1::Absence* other : others) {
    const absl::Time begins = clock::FromProto(other->from_time());
    if (begins < end) continue;
    if (BackBetween(end, begins, calendar, policy)) break;
    join(*other);
  }
  if (joined.joined_absence_ids().empty()) return joined;
  *joined.mutable_joined_from_time() = clock::ToProto(from);
  if (end != absl::InfiniteFuture()) *joined.mutable_joined_until_time() = clock::ToProto(end);
  return joined;
}

v1::Absence Noted(const v1::Absence& absence) {
  v1::Absence noted = absence;
  noted.clear_reason();
  noted.clear_covered_by_person_id();
  return noted;
}

void Note(v1::PersonAbsences& list, const v1::Absence& noted) {
  for (v1::Absence& absence : *list.mutable_absences()) {
    if (absence.absence_id() == noted.absence_id()) {
      absence = noted;
      return;
    }
  }
  *list.add_absences() = noted;
}

std::vector<v1::Absence> With(std::vector<v1::Absence> absences, const v1::PersonAbsences& list) {
  std::erase_if(absences, [&](const v1::Absence& absence) {
    return std::any_of(
        list.absences().begin(), list.absences().end(),
        [&](const v1::Absence& noted) { return noted.absence_id() == absence.absence_id(); });
  });
  absences.insert(absences.end(), list.absences().begin(), list.absences().end());
  return absences;
}

absl::StatusOr<v1::Absence> Record(const v1::Absence& asked, const Recording& recording,
                                   const std::vector<v1::RoleHolder>& holders,
                                   const std::vector<v1::Absence>& absences,
                                   const clock::WorkingCalendar& calendar,
                                   const v1::DirectoryPolicy& policy) {
  RETURN_IF_ERROR(CheckAsked(asked));
  v1::Absence absence = asked;
  absence.set_absence_id(recording.id);
  absence.set_recorded_by(recording.person_id);
  *absence.mutable_recorded_time() = clock::ToProto(recording.now);
  if (!absence.has_from_time()) *absence.mutable_from_time() = absence.recorded_time();
  const absl::Time from = clock::FromProto(absence.from_time());
  if (EndOf(absence) <= from) {
    return InvalidField("absence.until_time", "ENDS_BEFORE_IT_BEGINS", "is not after from_time");
  }
  RepeatedField<int> role;
  role.Add(absence.role());
  if (!HoldsOneOf(holders, absence.person_id(), role, from)) {
    return Refused("PERSON_WITHOUT_ROLE",
                   "the person does not hold the role when the absence begins",
                   "absence.person_id");
  }
  if (!absence.covered_by_person_id().empty() &&
      !HoldsOneOf(holders, absence.covered_by_person_id(), CoverRoles(policy, absence.role()),
                  std::max(from, recording.now))) {
    return Refused("COVER_WITHOUT_ROLE",
                   "whoever covers holds no role in which they could: appoint them first",
                   "absence.covered_by_person_id");
  }
  for (const v1::Absence& other : absences) {
    const absl::Time other_from = clock::FromProto(other.from_time());
    if (IsOfTheSame(other, absence) && other_from < EndOf(absence) && from < EndOf(other)) {
      return Refused("ABSENCE_OVERLAPS",
                     "an absence of this person and role is recorded for some of this time",
                     "absence.from_time");
    }
  }
  return Joined(absence, absences, calendar, policy.long_absence());
}

absl::StatusOr<v1::Absence> Back(const v1::Absence& absence, absl::Time back,
                                 const Recording& recording) {
  if (back > recording.now) {
    return InvalidField("back_time", "IN_THE_FUTURE", "is in the future");
  }
  // One that was called off before it began ends in the future, and is over all the same.
  if (absence.has_ended_time() || EndOf(absence) <= recording.now) {
    return Error(absl::StatusCode::kFailedPrecondition, "ABSENCE_OVER", "the absence is over");
  }
  const absl::Time from = clock::FromProto(absence.from_time());
  // What has not begun is called off; what has is over since then, and not since before.
  if (from <= recording.now && back < from) {
    return InvalidField("back_time", "ENDS_BEFORE_IT_BEGINS", "is before the absence begins");
  }
  v1::Absence ended;
  ended.set_absence_id(absence.absence_id());
  ended.set_person_id(absence.person_id());
  ended.set_role(absence.role());
  *ended.mutable_ended_time() = clock::ToProto(std::max(from, back));
  ended.set_ended_by(recording.person_id);
  const bool is_last =
      absence.has_joined_until_time() == absence.has_until_time() &&
      (!absence.has_until_time() ||
       clock::FromProto(absence.until_time()) == clock::FromProto(absence.joined_until_time()));
  if (is_last) *ended.mutable_joined_absence_ids() = absence.joined_absence_ids();
  return ended;
}

std::vector<v1::HolderAway> Away(const std::vector<v1::RoleHolder>& asked,
                                 const std::vector<v1::RoleHolder>& holders,
                                 const std::vector<v1::Absence>& absences,
                                 const v1::DirectoryPolicy& policy, absl::Time moment) {
  std::vector<v1::HolderAway> away;
  for (const v1::RoleHolder& holder : asked) {
    const v1::Absence* absence = AbsenceOf(holder, absences, moment);
    if (absence == nullptr) continue;
    v1::HolderAway& entry = away.emplace_back();
    entry.set_holder_id(holder.holder_id());
    entry.set_absence_id(absence->absence_id());
    if (absence->has_until_time()) *entry.mutable_until_time() = absence->until_time();
    if (absence->role() != holder.role()) continue;
    const v1::RoleHolder* cover = CoverOf(*absence, holders, absences, policy, moment);
    if (cover != nullptr) *entry.mutable_covered_by() = *cover;
  }
  return away;
}

}  // namespace fosterwatch::directory::domain
