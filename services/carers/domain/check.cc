#include "services/carers/domain/check.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {
namespace {

constexpr absl::CivilDay kEarliest(1950, 1, 1);
constexpr int kOfAge = 18;
constexpr int kMostFosterParents = 4;
constexpr int kMostChildren = 20;

bool IsId(absl::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), absl::ascii_isgraph);
}

}  // namespace

std::optional<absl::CivilDay> ParseDay(absl::string_view text) {
  absl::CivilDay day;
  if (text.size() != 10 || !absl::ParseCivilTime(text, &day)) return std::nullopt;
  return day;
}

std::string ShowDay(absl::CivilDay day) { return absl::FormatCivilTime(day); }

absl::Time StartOf(absl::CivilDay day) { return absl::FromCivil(day, clock::London()); }

std::optional<absl::CivilDay> CheckDay(FieldCheck& check, absl::string_view field,
                                       absl::string_view text, absl::Time now, bool future) {
  if (text.empty()) {
    check.Refuse(field, "REQUIRED", "is missing");
    return std::nullopt;
  }
  const auto day = ParseDay(text);
  if (!day) {
    check.Refuse(field, "INVALID_DATE", "is not a day such as 2026-11-22");
  } else if (*day < kEarliest) {
    check.Refuse(field, "TOO_LONG_AGO", "is before 1950");
  } else if (!future && *day > clock::LondonDay(now + kClockSkew)) {
    check.Refuse(field, "IN_THE_FUTURE", "is after today");
  } else if (*day > absl::CivilDay(2200, 1, 1)) {
    check.Refuse(field, "INVALID_DATE", "is after the year 2200");
  } else {
    return day;
  }
  return std::nullopt;
}

std::optional<absl::Time> CheckTime(FieldCheck& check, absl::string_view field, bool present,
                                    const google::protobuf::Timestamp& timestamp, absl::Time now) {
  if (!present) {
    check.Refuse(field, "REQUIRED", "is missing");
  } else if (!clock::IsValid(timestamp)) {
    check.Refuse(field, "INVALID_TIME", "is no moment between the years 1 and 9999");
  } else if (clock::FromProto(timestamp) < StartOf(kEarliest)) {
    check.Refuse(field, "TOO_LONG_AGO", "is before 1950");
  } else if (clock::FromProto(timestamp) > now + kClockSkew) {
    check.Refuse(field, "IN_THE_FUTURE", "is in the future");
  } else {
    return clock::FromProto(timestamp);
  }
  return std::nullopt;
}

void CheckId(FieldCheck& check, absl::string_view field, absl::string_view id) {
  if (id.empty()) {
    check.Refuse(field, "REQUIRED", "is missing");
  } else if (!IsId(id)) {
    check.Refuse(field, "INVALID_ID", "is not 1 to 64 visible characters");
  }
}

void CheckIds(FieldCheck& check, absl::string_view field,
              const google::protobuf::RepeatedPtrField<std::string>& ids, bool required) {
  if (ids.empty() && required) return check.Refuse(field, "REQUIRED", "is missing");
  if (ids.size() > kMaxListed) return check.Refuse(field, "TOO_MANY", "has more than 50 entries");
  std::set<absl::string_view> seen;
  for (const std::string& id : ids) {
    if (!IsId(id)) return check.Refuse(field, "INVALID_ID", "has an entry that is no id");
    if (!seen.insert(id).second) return check.Refuse(field, "DUPLICATE_ID", "has an id twice");
  }
}

void CheckTerms(FieldCheck& check, absl::string_view field, const v1::Terms& terms) {
  const auto refuse = [&](absl::string_view name, absl::string_view what) {
    check.Refuse(absl::StrCat(field, ".", name), "INVALID_TERMS", what);
  };
  if (terms.max_children() < 0 || terms.max_children() > kMostChildren) {
    refuse("max_children", "is not 0 to 20");
  }
  const auto is_age = [](int age) { return age >= 0 && age <= 17; };
  if (!is_age(terms.min_age())) refuse("min_age", "is not 0 to 17");
  if (!is_age(terms.max_age())) refuse("max_age", "is not 0 to 17");
  if (terms.max_age() < terms.min_age()) refuse("max_age", "is less than min_age");
  std::set<int> kinds;
  for (const int kind : terms.placement_kinds()) {
    if (kind == v1::PLACEMENT_KIND_UNSPECIFIED || !v1::PlacementKind_IsValid(kind) ||
        !kinds.insert(kind).second) {
      refuse("placement_kinds", "has one that is unknown or stands there twice");
      break;
    }
  }
  CheckIds(check, absl::StrCat(field, ".named_child_ids"), terms.named_child_ids(), false);
  check.AtMost(absl::StrCat(field, ".note"), terms.note(), kMaxText);
}

void CheckParticulars(FieldCheck& check, absl::string_view field,
                      const v1::Particulars& particulars, absl::Time now) {
  check.AtMost(absl::StrCat(field, ".name"), particulars.name(), kMaxName);
  check.AtMost(absl::StrCat(field, ".address"), particulars.address(), kMaxAddress);
  const std::string list = absl::StrCat(field, ".foster_parents");
  if (particulars.foster_parents().empty()) return check.Refuse(list, "REQUIRED", "is missing");
  if (particulars.foster_parents_size() > kMostFosterParents) {
    return check.Refuse(list, "TOO_MANY", "has more than four");
  }
  std::set<std::string> ids;
  for (int i = 0; i < particulars.foster_parents_size(); ++i) {
    const v1::FosterParent& person = particulars.foster_parents(i);
    const auto at = [&](absl::string_view name) { return absl::StrCat(list, "[", i, "].", name); };
    if (!person.foster_parent_id().empty()) {
      CheckId(check, at("foster_parent_id"), person.foster_parent_id());
      if (!ids.insert(person.foster_parent_id()).second) {
        check.Refuse(at("foster_parent_id"), "DUPLICATE_ID", "stands there twice");
      }
    }
    check.Require(at("name"), person.name(), kMaxName);
    const bool at_home = person.address().empty();
    check.Require(at("address"), at_home ? particulars.address() : person.address(), kMaxAddress);
    if (const auto born = CheckDay(check, at("birth_date"), person.birth_date(), now)) {
      const absl::CivilDay today = clock::LondonDay(now);
      if (absl::CivilDay(born->year() + kOfAge, born->month(), born->day()) > today) {
        check.Refuse(at("birth_date"), "NOT_OF_AGE", "is less than 18 years ago");
      }
    }
    if (person.sex() == v1::FosterParent::SEX_UNSPECIFIED ||
        !v1::FosterParent::Sex_IsValid(person.sex())) {
      check.Refuse(at("sex"), "REQUIRED", "is missing or unknown");
    }
  }
}

v1::Particulars WithIds(v1::Particulars particulars) {
  std::set<std::string> taken;
  for (const auto& person : particulars.foster_parents()) taken.insert(person.foster_parent_id());
  int next = 1;
  for (auto& person : *particulars.mutable_foster_parents()) {
    person.clear_approved_date();  // worked out when it is read
    if (!person.foster_parent_id().empty()) continue;
    while (taken.contains(absl::StrCat(next))) ++next;
    person.set_foster_parent_id(absl::StrCat(next));
    taken.insert(person.foster_parent_id());
  }
  return particulars;
}

std::string HouseholdName(const v1::Particulars& particulars) {
  if (!particulars.name().empty()) return particulars.name();
  return absl::StrJoin(particulars.foster_parents(), " and ",
                       [](std::string* out, const v1::FosterParent& person) {
                         absl::StrAppend(out, person.name());
                       });
}

absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, message);
}

bool IsApproved(const v1::Carer& carer) {
  return carer.status() == v1::Carer::STATUS_APPROVED ||
         carer.status() == v1::Carer::STATUS_SUSPENDED ||
         carer.status() == v1::Carer::STATUS_TEMPORARILY_APPROVED;
}

absl::Status CheckApproved(const v1::Carer& carer) {
  if (!carer.merged_into_carer_id().empty()) {
    return Refused("RECORD_MERGED", "the household goes on in another record");
  }
  if (IsApproved(carer)) return absl::OkStatus();
  return Refused("NOT_APPROVED", "the carer is not approved");
}

void CheckFosterParent(FieldCheck& check, absl::string_view field, const v1::Carer& carer,
                       absl::string_view foster_parent_id) {
  for (const auto& person : carer.foster_parents()) {
    if (person.foster_parent_id() == foster_parent_id) return;
  }
  check.Refuse(field, "UNKNOWN_FOSTER_PARENT", "names nobody of this household");
}

}  // namespace fosterwatch::carers::domain
