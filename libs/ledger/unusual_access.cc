#include "libs/ledger/unusual_access.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/json/to_message.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::ledger {
namespace {

using operations::v1::AccessRules;
using operations::v1::UnusualAccess;

absl::Status Invalid(int edition, absl::string_view field, absl::string_view why) {
  return InvalidField(absl::StrCat("editions[", edition, "].", field), "INVALID_RULES", why);
}

const AccessRules::Edition* InForce(const AccessRules& rules, absl::Time at) {
  const AccessRules::Edition* found = nullptr;
  for (const AccessRules::Edition& edition : rules.editions()) {
    if (clock::FromProto(edition.from_time()) <= at) found = &edition;
  }
  return found;
}

bool InOffice(const AccessRules::Edition& rules, const clock::WorkingCalendar& calendar,
              absl::Time at) {
  const int hour = absl::ToCivilHour(at, clock::London()).hour();
  return calendar.IsWorkingDay(clock::LondonDay(at)) && hour >= rules.office_from_hour() &&
         hour < rules.office_until_hour();
}

}  // namespace

absl::StatusOr<AccessRules> ParseAccessRules(absl::string_view json) {
  AccessRules rules;
  RETURN_IF_ERROR(json::TextToMessage(json, rules));
  if (rules.editions().empty()) return InvalidField("editions", "INVALID_RULES", "is required");
  for (int i = 0; i < rules.editions_size(); ++i) {
    const AccessRules::Edition& edition = rules.editions(i);
    if (edition.version().empty()) return Invalid(i, "version", "is required");
    if (!edition.has_from_time()) return Invalid(i, "from_time", "is required");
    if (i > 0 && clock::FromProto(edition.from_time()) <=
                     clock::FromProto(rules.editions(i - 1).from_time())) {
      return Invalid(i, "from_time", "is not after that of the edition before");
    }
    if (edition.most_records_an_hour() < 1) {
      return Invalid(i, "most_records_an_hour", "is less than 1");
    }
    if (edition.most_refusals_an_hour() < 1) {
      return Invalid(i, "most_refusals_an_hour", "is less than 1");
    }
    if (edition.most_records_an_hour_outside_office() < 0) {
      return Invalid(i, "most_records_an_hour_outside_office", "is less than 0");
    }
    if (edition.office_from_hour() < 0 || edition.office_until_hour() > 24 ||
        edition.office_from_hour() >= edition.office_until_hour()) {
      return Invalid(i, "office_from_hour", "is not before office_until_hour, both of one day");
    }
    if (edition.look_hour() < 0 || edition.look_hour() > 23) {
      return Invalid(i, "look_hour", "is no hour of a day");
    }
  }
  return rules;
}

std::vector<UnusualAccess> UnusualOf(const AccessRules& rules,
                                     const clock::WorkingCalendar& calendar,
                                     const std::vector<AccessHour>& hours) {
  std::vector<UnusualAccess> unusual;
  for (const AccessHour& hour : hours) {
    const AccessRules::Edition* edition = InForce(rules, hour.hour);
    if (edition == nullptr) continue;
    const auto add = [&](UnusualAccess::Kind kind, absl::string_view rule, int64_t count,
                         int32_t allowed) {
      if (count <= allowed) return;
      UnusualAccess& found = unusual.emplace_back();
      found.set_kind(kind);
      found.set_person_id(hour.person_id);
      *found.mutable_from_time() = clock::ToProto(hour.hour);
      *found.mutable_until_time() = clock::ToProto(hour.hour + absl::Hours(1));
      found.set_count(static_cast<int32_t>(count));
      found.set_allowed(allowed);
      found.set_rule(absl::StrCat(rule, "/", edition->version()));
    };
    add(UnusualAccess::KIND_MANY_RECORDS, "many_records", hour.records,
        edition->most_records_an_hour());
    if (!InOffice(*edition, calendar, hour.hour)) {
      add(UnusualAccess::KIND_OUTSIDE_HOURS, "outside_hours", hour.records,
          edition->most_records_an_hour_outside_office());
    }
    add(UnusualAccess::KIND_MANY_REFUSALS, "many_refusals", hour.refusals,
        edition->most_refusals_an_hour());
  }
  std::sort(unusual.begin(), unusual.end(), [](const UnusualAccess& a, const UnusualAccess& b) {
    return std::make_tuple(b.from_time().seconds(), a.person_id(), a.kind()) <
           std::make_tuple(a.from_time().seconds(), b.person_id(), b.kind());
  });
  return unusual;
}

absl::Time NextLook(const AccessRules& rules, absl::Time now) {
  const AccessRules::Edition* edition = InForce(rules, now);
  const absl::CivilHour hour(clock::LondonDay(now));
  const int look_hour = edition == nullptr ? 0 : edition->look_hour();
  const absl::Time today = absl::FromCivil(hour + look_hour, clock::London());
  if (today > now) return today;
  const absl::CivilHour tomorrow(clock::LondonDay(now) + 1);
  return absl::FromCivil(tomorrow + look_hour, clock::London());
}

}  // namespace fosterwatch::ledger
