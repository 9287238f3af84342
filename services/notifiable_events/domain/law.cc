#include "services/notifiable_events/domain/law.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include <google/protobuf/util/json_util.h>

#include "libs/clock/deadline.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

constexpr char kInvalid[] = "LAW_INVALID";
constexpr int kMaxHours = 24 * 366;

// The Regulations came into force on this day (SI 2011/581, reg 1).
const absl::CivilDay kInForce(2011, 4, 1);

// A number that the program does not know (an enum of proto3 is open) has no name.
std::string WithoutPrefix(const std::string& name, absl::string_view prefix) {
  return name.empty() ? "UNKNOWN" : name.substr(prefix.size());
}

std::string LowerName(v1::Confidence confidence) {
  return absl::AsciiStrToLower(WithoutPrefix(v1::Confidence_Name(confidence), "CONFIDENCE_"));
}

std::vector<v1::EventKind> AllKinds() {
  std::vector<v1::EventKind> kinds;
  for (int kind = 1; kind <= v1::EventKind_MAX; ++kind) {
    kinds.push_back(static_cast<v1::EventKind>(kind));
  }
  return kinds;
}

}  // namespace

std::string Name(v1::EventKind kind) {
  return WithoutPrefix(v1::EventKind_Name(kind), "EVENT_KIND_");
}
std::string Name(v1::Recipient recipient) {
  return WithoutPrefix(v1::Recipient_Name(recipient), "RECIPIENT_");
}
std::string Name(v1::Moment moment) { return WithoutPrefix(v1::Moment_Name(moment), "MOMENT_"); }
std::string Name(v1::SignOff::Stage stage) {
  return WithoutPrefix(v1::SignOff::Stage_Name(stage), "STAGE_");
}

struct Law::Reader {
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
      if (kind.title().empty() || kind.text().empty() || kind.item() != kind.kind() ||
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
                        periods, true);
        for (const Period& period : periods) turns.push_back(period.from);
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

  static bool HasRightLimit(const v1::TimeRule& rule) {
    switch (rule.name()) {
      case v1::TimeRule::NAME_NOTICE_DUE:
      case v1::TimeRule::NAME_NOTICE_IN_TIME:
        return rule.limit_case() == v1::TimeRule::kElapsedHours && rule.elapsed_hours() >= 0 &&
               rule.elapsed_hours() <= kMaxHours && rule.stage() == v1::SignOff::STAGE_UNSPECIFIED;
      case v1::TimeRule::NAME_SIGN_OFF_DUE:
        return rule.limit_case() == v1::TimeRule::kWorkingDays && rule.working_days() >= 1 &&
               rule.working_days() <= 1000 && rule.stage() != v1::SignOff::STAGE_UNSPECIFIED &&
               rule.kind() == v1::EVENT_KIND_UNSPECIFIED;
      default:
        return false;
    }
  }

  std::vector<Period> ReadRules(const v1::Law& data) {
    using Rule = v1::TimeRule;
    using Key = std::tuple<Rule::Name, v1::EventKind, v1::SignOff::Stage>;
    std::vector<Period> all;
    std::map<Key, std::vector<Period>> lines = {
        {{Rule::NAME_NOTICE_DUE, v1::EVENT_KIND_UNSPECIFIED, v1::SignOff::STAGE_UNSPECIFIED}, {}},
        {{Rule::NAME_NOTICE_IN_TIME, v1::EVENT_KIND_UNSPECIFIED, v1::SignOff::STAGE_UNSPECIFIED},
         {}},
        {{Rule::NAME_SIGN_OFF_DUE, v1::EVENT_KIND_UNSPECIFIED, v1::SignOff::STAGE_MANAGER}, {}},
        {{Rule::NAME_SIGN_OFF_DUE, v1::EVENT_KIND_UNSPECIFIED,
          v1::SignOff::STAGE_REGISTERED_MANAGER},
         {}},
    };
    for (int i = 0; i < data.time_rules_size(); ++i) {
      const Rule& rule = data.time_rules(i);
      const std::string where = absl::StrCat("time_rules[", i, "]");
      if (!HasRightLimit(rule)) {
        check.Refuse(where, kInvalid, "has not the limit, stage or kind that its name needs");
      }
      all.push_back(ReadLine(where, rule));
      lines[{rule.name(), rule.kind(), rule.stage()}].push_back(all.back());
    }
    for (const auto& [key, periods] : lines) {
      const auto& [name, kind, stage] = key;
      CheckSuccession(absl::StrCat("time_rules ", Rule::Name_Name(name), " ", domain::Name(kind),
                                   " ", domain::Name(stage)),
                      periods, kind == v1::EVENT_KIND_UNSPECIFIED);
    }
    return all;
  }
};

absl::StatusOr<Law> Law::Parse(absl::string_view json) {
  Law law;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &law.data_);
  if (!parsed.ok()) {
    return Error(absl::StatusCode::kInvalidArgument, kInvalid,
                 absl::StrCat("the law is not as fosterwatch.notifiable_events.v1.Law has it: ",
                              std::string(parsed.message())));
  }
  Reader reader;
  if (law.data_.version().empty()) reader.check.Refuse("version", kInvalid, "is missing");
  reader.ReadKinds(law.data_);
  law.row_periods_ = reader.ReadRows(law.data_);
  law.rule_periods_ = reader.ReadRules(law.data_);
  RETURN_IF_ERROR(reader.check.ToStatus());
  return law;
}

const v1::MatrixRow* Law::RowFor(v1::EventKind kind, v1::Recipient recipient, absl::Time at) const {
  const absl::CivilDay day = clock::LondonDay(at);
  for (int i = 0; i < data_.rows_size(); ++i) {
    const auto& row = data_.rows(i);
    if (row.kind() == kind && row.recipient() == recipient && row_periods_[i].Holds(day)) {
      return &row;
    }
  }
  return nullptr;
}

const v1::TimeRule* Law::RuleFor(v1::TimeRule::Name name, v1::EventKind kind,
                                 v1::SignOff::Stage stage, absl::Time at) const {
  const absl::CivilDay day = clock::LondonDay(at);
  const v1::TimeRule* general = nullptr;
  for (int i = 0; i < data_.time_rules_size(); ++i) {
    const auto& rule = data_.time_rules(i);
    if (rule.name() != name || rule.stage() != stage || !rule_periods_[i].Holds(day)) continue;
    if (rule.kind() == kind) return &rule;
    if (rule.kind() == v1::EVENT_KIND_UNSPECIFIED) general = &rule;
  }
  return general;
}

std::vector<v1::Recipient> Law::RecipientsOf(v1::EventKind kind, absl::Time became_aware) const {
  std::vector<v1::Recipient> recipients;
  for (int number = 1; number <= v1::Recipient_MAX; ++number) {
    const auto recipient = static_cast<v1::Recipient>(number);
    const v1::MatrixRow* row = RowFor(kind, recipient, became_aware);
    if (row != nullptr && row->required()) recipients.push_back(recipient);
  }
  return recipients;
}

const v1::KindOfEvent* Law::WordsFor(v1::EventKind kind) const {
  for (const auto& words : data_.kinds()) {
    if (words.kind() == kind) return &words;
  }
  return nullptr;
}

absl::StatusOr<NoticeTimes> Law::TimesOf(v1::EventKind kind, v1::Recipient recipient,
                                         absl::string_view trigger, absl::Time became_aware) const {
  const v1::MatrixRow* row = RowFor(kind, recipient, became_aware);
  const auto due_rule =
      RuleFor(v1::TimeRule::NAME_NOTICE_DUE, kind, v1::SignOff::STAGE_UNSPECIFIED, became_aware);
  const auto in_time_rule = RuleFor(v1::TimeRule::NAME_NOTICE_IN_TIME, kind,
                                    v1::SignOff::STAGE_UNSPECIFIED, became_aware);
  if (row == nullptr || due_rule == nullptr || in_time_rule == nullptr) {
    return Error(absl::StatusCode::kOutOfRange, "LAW_NOT_IN_FORCE",
                 "the agency became aware before the regulations came into force");
  }
  const auto reference = [&](const char* name, const v1::TimeRule& rule) {
    return clock::RuleReference{std::string(trigger),
                                absl::StrCat(name, " ", Name(kind), " ", Name(recipient)),
                                version(), absl::StrCat(row->source(), "; ", rule.source()),
                                LowerName(std::min(row->confidence(), rule.confidence()))};
  };
  ASSIGN_OR_RETURN(const auto due,
                   clock::AddElapsed(became_aware, absl::Hours(due_rule->elapsed_hours())));
  ASSIGN_OR_RETURN(const auto in_time,
                   clock::AddElapsed(became_aware, absl::Hours(in_time_rule->elapsed_hours())));
  return NoticeTimes{
      due.due(), in_time.due(),
      clock::Explain(reference("NOTICE_DUE", *due_rule), became_aware, due),
      clock::Explain(reference("NOTICE_IN_TIME", *in_time_rule), became_aware, in_time)};
}

absl::StatusOr<SignOffTime> Law::SignOffDue(v1::SignOff::Stage stage, absl::Time recorded,
                                            const clock::WorkingCalendar& calendar) const {
  const auto rule =
      RuleFor(v1::TimeRule::NAME_SIGN_OFF_DUE, v1::EVENT_KIND_UNSPECIFIED, stage, recorded);
  if (rule == nullptr) {
    return Error(absl::StatusCode::kOutOfRange, "LAW_NOT_IN_FORCE",
                 "the event was recorded before the regulations came into force");
  }
  ASSIGN_OR_RETURN(const auto due, clock::AddWorkingDays(recorded, rule->working_days(), calendar));
  return SignOffTime{due.due(),
                     clock::Explain({"recorded_time", absl::StrCat("SIGN_OFF_DUE ", Name(stage)),
                                     version(), rule->source(), LowerName(rule->confidence())},
                                    recorded, due)};
}

}  // namespace fosterwatch::notifiable_events::domain
