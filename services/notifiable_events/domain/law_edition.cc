#include "services/notifiable_events/domain/law_edition.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include <google/protobuf/util/json_util.h>

#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/law.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

constexpr char kInvalid[] = "LAW_INVALID";
constexpr int kMaxHours = 24 * 366;
constexpr int kMaxDays = 1000;
constexpr size_t kListedFaults = 20;

// The table of Schedule 7; what is beside it has lines only where somebody is told.
constexpr int kItems = 10;
constexpr int kColumns = 6;

std::vector<v1::EventKind> AllKinds() {
  std::vector<v1::EventKind> kinds;
  for (int kind = 1; kind <= v1::EventKind_MAX; ++kind) {
    kinds.push_back(static_cast<v1::EventKind>(kind));
  }
  return kinds;
}

struct Reader {
  FieldCheck check;

  // What every line has: days, source, confidence.
  template <typename Line>
  Period ReadLine(const std::string& where, const Line& line) {
    Period period{kInForce, absl::CivilDay::max()};
    const auto day = [&](absl::string_view field, const std::string& text, absl::CivilDay* out) {
      if (!absl::ParseCivilTime(text, out) || absl::FormatCivilTime(*out) != text) {
        check.Refuse(absl::StrCat(where, ".", field), kInvalid, "is no day such as 2011-04-01");
      }
    };
    day("effective_from", line.effective_from(), &period.from);
    if (!line.effective_until().empty())
      day("effective_until", line.effective_until(), &period.until);
    if (period.until <= period.from) {
      check.Refuse(absl::StrCat(where, ".effective_until"), kInvalid,
                   "is not after effective_from");
    }
    if (line.source().empty()) check.Refuse(absl::StrCat(where, ".source"), kInvalid, "is missing");
    if (line.confidence() == v1::CONFIDENCE_UNSPECIFIED) {
      check.Refuse(absl::StrCat(where, ".confidence"), kInvalid, "is missing");
    }
    return period;
  }

  // The lines about one thing follow each other without overlap and, where the thing must always be
  // settled, without a gap from the Regulations on.
  void CheckSuccession(const std::string& what, std::vector<Period> periods, bool always) {
    std::sort(periods.begin(), periods.end(),
              [](const Period& a, const Period& b) { return a.from < b.from; });
    for (size_t i = 1; i < periods.size(); ++i) {
      if (periods[i].from < periods[i - 1].until) {
        check.Refuse(what, kInvalid,
                     absl::StrCat("has two lines on ", absl::FormatCivilTime(periods[i].from)));
      } else if (always && periods[i].from > periods[i - 1].until) {
        check.Refuse(what, kInvalid,
                     absl::StrCat("has no line on ", absl::FormatCivilTime(periods[i - 1].until)));
      }
    }
    if (!always) return;
    if (periods.empty() || periods.front().from > kInForce) {
      check.Refuse(what, kInvalid,
                   absl::StrCat("has no line on ", absl::FormatCivilTime(kInForce)));
    }
    if (!periods.empty() && periods.back().until != absl::CivilDay::max()) {
      check.Refuse(what, kInvalid,
                   absl::StrCat("has no line on ", absl::FormatCivilTime(periods.back().until)));
    }
  }

  void ReadKinds(const v1::Law& data) {
    std::map<v1::EventKind, int> lines;
    for (int i = 0; i < data.kinds_size(); ++i) {
      const auto& kind = data.kinds(i);
      ++lines[kind.kind()];
      if (kind.title().empty() || kind.text().empty() ||
          kind.item() != (kind.kind() <= kItems ? kind.kind() : 0) ||
          kind.kind() == v1::EVENT_KIND_UNSPECIFIED) {
        check.Refuse(absl::StrCat("kinds[", i, "]"), kInvalid,
                     "lacks its kind, item, title or text");
      }
    }
    for (const v1::EventKind kind : AllKinds()) {
      if (lines[kind] != 1) {
        check.Refuse(absl::StrCat("kinds ", domain::Name(kind)), kInvalid,
                     "does not have its words exactly once");
      }
    }
  }

  std::vector<Period> ReadRows(const v1::Law& data) {
    std::vector<Period> all;
    std::map<std::pair<v1::EventKind, v1::Recipient>, std::vector<Period>> cells;
    std::map<v1::EventKind, std::vector<Period>> told;
    for (int i = 0; i < data.rows_size(); ++i) {
      const auto& row = data.rows(i);
      const std::string where = absl::StrCat("rows[", i, "]");
      if (row.kind() == v1::EVENT_KIND_UNSPECIFIED ||
          row.recipient() == v1::RECIPIENT_UNSPECIFIED) {
        check.Refuse(where, kInvalid, "lacks its kind or recipient");
      }
      if (row.basis() == v1::BASIS_POLICY) {
        check.Refuse(where, kInvalid, "is policy, which stands in policy_rows");
      }
      all.push_back(ReadLine(where, row));
      cells[{row.kind(), row.recipient()}].push_back(all.back());
      if (row.required()) told[row.kind()].push_back(all.back());
    }
    for (const v1::EventKind kind : AllKinds()) {
      std::vector<absl::CivilDay> turns = {kInForce};
      for (int number = 1; number <= v1::Recipient_MAX; ++number) {
        const auto recipient = static_cast<v1::Recipient>(number);
        const auto& periods = cells[{kind, recipient}];
        CheckSuccession(absl::StrCat("rows ", domain::Name(kind), " ", domain::Name(recipient)),
                        periods, kind <= kItems && number <= kColumns);
        for (const Period& period : periods) {
          turns.push_back(period.from);
          if (period.until != absl::CivilDay::max()) turns.push_back(period.until);
        }
      }
      for (const absl::CivilDay day : turns) {
        if (std::none_of(told[kind].begin(), told[kind].end(),
                         [&](const Period& period) { return period.Holds(day); })) {
          check.Refuse(absl::StrCat("rows ", domain::Name(kind)), kInvalid,
                       absl::StrCat("tells nobody on ", absl::FormatCivilTime(day)));
          break;
        }
      }
    }
    return all;
  }

  std::vector<Period> ReadPolicy(const v1::Law& data) {
    std::vector<Period> all;
    std::map<std::pair<v1::EventKind, v1::Recipient>, std::vector<Period>> lines;
    for (int i = 0; i < data.policy_rows_size(); ++i) {
      const auto& row = data.policy_rows(i);
      const std::string where = absl::StrCat("policy_rows[", i, "]");
      if (row.kind() == v1::EVENT_KIND_UNSPECIFIED ||
          row.recipient() == v1::RECIPIENT_UNSPECIFIED) {
        check.Refuse(where, kInvalid, "lacks its kind or recipient");
      }
      all.push_back(ReadLine(where, row));
      lines[{row.kind(), row.recipient()}].push_back(all.back());
    }
    for (const auto& [line, periods] : lines) {
      CheckSuccession(
          absl::StrCat("policy_rows ", domain::Name(line.first), " ", domain::Name(line.second)),
          periods, false);
    }
    return all;
  }

  static bool HasRightLimit(const v1::TimeRule& rule) {
    const bool of_absence = rule.kind() == v1::EVENT_KIND_MANAGER_ABSENCE;
    const bool of_stage = rule.stage() != v1::SignOff::STAGE_UNSPECIFIED;
    if (rule.emergency() && !of_absence) return false;
    switch (rule.limit_case()) {
      case v1::TimeRule::kElapsedHours:
        if (rule.elapsed_hours() < 0 || rule.elapsed_hours() > kMaxHours) return false;
        break;
      case v1::TimeRule::kWorkingDays:
        if (rule.working_days() < 1 || rule.working_days() > kMaxDays) return false;
        break;
      case v1::TimeRule::kCalendarMonthsBefore:
        if (rule.calendar_months_before() < 1 || rule.calendar_months_before() > 12) return false;
        break;
      case v1::TimeRule::kCalendarDays:
        if (rule.calendar_days() < 1 || rule.calendar_days() > kMaxDays) return false;
        break;
      default:
        return false;
    }
    switch (rule.name()) {
      case v1::TimeRule::NAME_NOTICE_DUE:
      case v1::TimeRule::NAME_NOTICE_IN_TIME:
        // Regulation 36 counts from awareness, regulation 38 from the days of the absence.
        return !of_stage &&
               (of_absence ? rule.limit_case() == v1::TimeRule::kCalendarMonthsBefore ||
                                 rule.limit_case() == v1::TimeRule::kCalendarDays
                           : rule.limit_case() == v1::TimeRule::kElapsedHours);
      case v1::TimeRule::NAME_SIGN_OFF_DUE:
        return rule.limit_case() == v1::TimeRule::kWorkingDays && of_stage &&
               rule.kind() == v1::EVENT_KIND_UNSPECIFIED;
      case v1::TimeRule::NAME_ABSENCE_NOTIFIABLE:
        return rule.limit_case() == v1::TimeRule::kCalendarDays && of_absence && !of_stage;
      case v1::TimeRule::NAME_CONFIRMATION_DUE:
      case v1::TimeRule::NAME_CONFIRMATION_IN_TIME:
      case v1::TimeRule::NAME_DISCUSSION_DUE:
      case v1::TimeRule::NAME_UPDATE_DUE:
      case v1::TimeRule::NAME_CONCLUSION_DUE:
        return (rule.limit_case() == v1::TimeRule::kElapsedHours ||
                rule.limit_case() == v1::TimeRule::kCalendarDays) &&
               !of_stage && rule.kind() == v1::EVENT_KIND_UNSPECIFIED;
      default:
        return false;
    }
  }

  std::vector<Period> ReadRules(const v1::Law& data) {
    using Rule = v1::TimeRule;
    using Key = std::tuple<Rule::Name, v1::EventKind, v1::SignOff::Stage, bool>;
    constexpr auto kNoKind = v1::EVENT_KIND_UNSPECIFIED;
    constexpr auto kAbsence = v1::EVENT_KIND_MANAGER_ABSENCE;
    constexpr auto kNoStage = v1::SignOff::STAGE_UNSPECIFIED;
    // What each edition settles for every day.
    std::map<Key, std::vector<Period>> lines;
    for (const auto name : {Rule::NAME_NOTICE_DUE, Rule::NAME_NOTICE_IN_TIME}) {
      lines[{name, kNoKind, kNoStage, false}];
      lines[{name, kAbsence, kNoStage, false}];
      lines[{name, kAbsence, kNoStage, true}];
    }
    lines[{Rule::NAME_SIGN_OFF_DUE, kNoKind, v1::SignOff::STAGE_MANAGER, false}];
    lines[{Rule::NAME_SIGN_OFF_DUE, kNoKind, v1::SignOff::STAGE_REGISTERED_MANAGER, false}];
    lines[{Rule::NAME_ABSENCE_NOTIFIABLE, kAbsence, kNoStage, false}];
    for (const auto name :
         {Rule::NAME_CONFIRMATION_DUE, Rule::NAME_CONFIRMATION_IN_TIME, Rule::NAME_DISCUSSION_DUE,
          Rule::NAME_UPDATE_DUE, Rule::NAME_CONCLUSION_DUE}) {
      lines[{name, kNoKind, kNoStage, false}];
    }
    std::vector<Period> all;
    for (int i = 0; i < data.time_rules_size(); ++i) {
      const Rule& rule = data.time_rules(i);
      const std::string where = absl::StrCat("time_rules[", i, "]");
      if (!HasRightLimit(rule)) {
        check.Refuse(where, kInvalid, "has not the limit, stage or kind that its name needs");
      }
      all.push_back(ReadLine(where, rule));
      lines[{rule.name(), rule.kind(), rule.stage(), rule.emergency()}].push_back(all.back());
    }
    for (const auto& [key, periods] : lines) {
      const auto& [name, kind, stage, emergency] = key;
      CheckSuccession(absl::StrCat("time_rules ", Rule::Name_Name(name), " ", domain::Name(kind),
                                   " ", domain::Name(stage), emergency ? " emergency" : ""),
                      periods, kind == kNoKind || kind == kAbsence);
    }
    return all;
  }
};

// An error travels in the headers of an answer, which have little room; a file that is no law at
// all has a fault for each cell.
absl::Status Shortened(const absl::Status& status) {
  auto violations = ViolationsOf(status);
  if (violations.size() <= kListedFaults) return status;
  const size_t more = violations.size() - kListedFaults;
  violations.resize(kListedFaults);
  std::string message;
  for (const Violation& violation : violations) {
    absl::StrAppend(&message, violation.field, ": ", violation.description, "; ");
  }
  absl::StrAppend(&message, "and ", more, " more");
  return Error(status.code(), ReasonOf(status), message, std::move(violations));
}

}  // namespace

absl::StatusOr<Edition> Edition::Parse(absl::string_view json) {
  Edition edition;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &edition.data);
  if (!parsed.ok()) {
    return Error(absl::StatusCode::kInvalidArgument, kInvalid,
                 absl::StrCat("the law is not as fosterwatch.notifiable_events.v1.Law has it: ",
                              std::string(parsed.message())));
  }
  Reader reader;
  if (edition.data.version().empty()) reader.check.Refuse("version", kInvalid, "is missing");
  reader.ReadKinds(edition.data);
  edition.row_periods = reader.ReadRows(edition.data);
  edition.policy_periods = reader.ReadPolicy(edition.data);
  edition.rule_periods = reader.ReadRules(edition.data);
  RETURN_IF_ERROR(Shortened(reader.check.ToStatus()));
  return edition;
}

}  // namespace fosterwatch::notifiable_events::domain
