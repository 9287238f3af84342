#include "services/notifiable_events/domain/law.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/clock/deadline.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

// A number that the program does not know (an enum of proto3 is open) has no name.
std::string WithoutPrefix(const std::string& name, absl::string_view prefix) {
  return name.empty() ? "UNKNOWN" : name.substr(prefix.size());
}

std::string LowerName(v1::Confidence confidence) {
  return absl::AsciiStrToLower(WithoutPrefix(v1::Confidence_Name(confidence), "CONFIDENCE_"));
}

v1::Basis BasisOf(const v1::MatrixRow& row) {
  return row.basis() == v1::BASIS_UNSPECIFIED ? v1::BASIS_STATUTORY : row.basis();
}

struct Due {
  absl::Time time;
  type::v1::Explanation explanation;
};

// The limit of a notice, from `start` on.
absl::StatusOr<Due> DueOf(const v1::TimeRule& rule, const clock::RuleReference& reference,
                          absl::Time start) {
  if (rule.limit_case() == v1::TimeRule::kElapsedHours) {
    ASSIGN_OR_RETURN(const auto due, clock::AddElapsed(start, absl::Hours(rule.elapsed_hours())));
    return Due{due.due(), clock::Explain(reference, start, due)};
  }
  ASSIGN_OR_RETURN(const auto due,
                   rule.limit_case() == v1::TimeRule::kCalendarMonthsBefore
                       ? clock::AddCalendarMonths(start, -rule.calendar_months_before())
                       : clock::AddCalendarDays(start, rule.calendar_days()));
  return Due{due.due(), clock::Explain(reference, start, due)};
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
std::string Name(v1::OverdueDuty duty) {
  return WithoutPrefix(v1::OverdueDuty_Name(duty), "OVERDUE_DUTY_");
}
std::string Name(v1::RegulatorUpdate update) {
  return WithoutPrefix(v1::RegulatorUpdate_Name(update), "REGULATOR_UPDATE_");
}

absl::StatusOr<Law> Law::Parse(absl::string_view json) {
  ASSIGN_OR_RETURN(Edition edition, Edition::Parse(json));
  Law law;
  law.governing_.push_back({absl::CivilDay::min(), absl::CivilDay::min(),
                            std::make_shared<const Edition>(std::move(edition))});
  return law;
}

absl::StatusOr<Law> Law::For(const v1::AgencyLaw& agency) const {
  Law law = *this;
  for (const auto& adoption : agency.adoptions()) {
    ASSIGN_OR_RETURN(Edition edition, Edition::Parse(adoption.law_json()));
    Governing governing{absl::CivilDay::min(), absl::CivilDay::min(),
                        std::make_shared<const Edition>(std::move(edition))};
    absl::ParseCivilTime(adoption.effective_from(), &governing.from);
    law.governing_.push_back(std::move(governing));
  }
  // Of two for the same day the later one holds.
  std::stable_sort(law.governing_.begin() + 1, law.governing_.end(),
                   [](const Governing& a, const Governing& b) { return a.from < b.from; });
  for (const auto& policy : agency.policy_switches()) {
    Switch said{policy.kind(), policy.recipient(), absl::CivilDay::min(), policy.on()};
    absl::ParseCivilTime(policy.effective_from(), &said.from);
    law.switches_.push_back(said);
  }
  return law;
}

Law Law::AsIfInForce(const Edition& proposed, absl::CivilDay from) const {
  Law law = *this;
  law.governing_.push_back(
      {absl::CivilDay::min(), from, std::make_shared<const Edition>(proposed)});
  return law;
}

const Law::Governing& Law::GoverningOn(absl::CivilDay day) const {
  for (size_t i = governing_.size(); i-- > 1;) {
    if (governing_[i].from <= day) return governing_[i];
  }
  return governing_.front();
}

Law::Current Law::EditionOn(absl::CivilDay day) const {
  const Governing& governing = GoverningOn(day);
  const bool adopted = &governing != &governing_.front();
  return {&governing.edition->data, adopted ? governing.from : kInForce, adopted};
}

const std::string& Law::VersionOn(absl::Time became_aware) const {
  return GoverningOn(clock::LondonDay(became_aware)).edition->data.version();
}

const v1::MatrixRow* Law::RowFor(v1::EventKind kind, v1::Recipient recipient,
                                 absl::CivilDay day) const {
  const Governing& governing = GoverningOn(day);
  const Edition& edition = *governing.edition;
  for (int i = 0; i < edition.data.rows_size(); ++i) {
    const auto& row = edition.data.rows(i);
    if (row.kind() == kind && row.recipient() == recipient &&
        edition.row_periods[i].Holds(std::max(day, governing.not_before))) {
      return &row;
    }
  }
  return nullptr;
}

const v1::PolicyRow* Law::PolicyFor(v1::EventKind kind, v1::Recipient recipient,
                                    absl::CivilDay day) const {
  const Governing& governing = GoverningOn(day);
  const Edition& edition = *governing.edition;
  for (int i = 0; i < edition.data.policy_rows_size(); ++i) {
    const auto& row = edition.data.policy_rows(i);
    if (row.kind() == kind && row.recipient() == recipient &&
        edition.policy_periods[i].Holds(std::max(day, governing.not_before))) {
      return &row;
    }
  }
  return nullptr;
}

bool Law::IsOn(const v1::PolicyRow& row, absl::CivilDay day) const {
  const Switch* last = nullptr;
  for (const Switch& said : switches_) {
    if (said.kind == row.kind() && said.recipient == row.recipient() && said.from <= day &&
        (last == nullptr || last->from <= said.from)) {
      last = &said;
    }
  }
  return last == nullptr ? row.on() : last->on;
}

const v1::TimeRule* Law::RuleFor(v1::TimeRule::Name name, v1::EventKind kind,
                                 v1::SignOff::Stage stage, absl::CivilDay day,
                                 bool emergency) const {
  const Governing& governing = GoverningOn(day);
  const Edition& edition = *governing.edition;
  const v1::TimeRule* general = nullptr;
  for (int i = 0; i < edition.data.time_rules_size(); ++i) {
    const auto& rule = edition.data.time_rules(i);
    if (rule.name() != name || rule.stage() != stage || rule.emergency() != emergency ||
        !edition.rule_periods[i].Holds(std::max(day, governing.not_before))) {
      continue;
    }
    if (rule.kind() == kind) return &rule;
    if (rule.kind() == v1::EVENT_KIND_UNSPECIFIED) general = &rule;
  }
  return general;
}

std::vector<v1::Recipient> Law::RecipientsOf(v1::EventKind kind, absl::Time became_aware) const {
  const absl::CivilDay day = clock::LondonDay(became_aware);
  std::vector<v1::Recipient> recipients;
  for (int number = 1; number <= v1::Recipient_MAX; ++number) {
    const auto recipient = static_cast<v1::Recipient>(number);
    const v1::MatrixRow* row = RowFor(kind, recipient, day);
    if (row != nullptr && row->required()) recipients.push_back(recipient);
  }
  return recipients;
}

std::vector<Told> Law::ToldOf(v1::EventKind kind, absl::Time became_aware) const {
  const absl::CivilDay day = clock::LondonDay(became_aware);
  std::vector<Told> told;
  std::vector<Told> by_policy;
  for (int number = 1; number <= v1::Recipient_MAX; ++number) {
    const auto recipient = static_cast<v1::Recipient>(number);
    const v1::MatrixRow* row = RowFor(kind, recipient, day);
    const v1::PolicyRow* policy = PolicyFor(kind, recipient, day);
    if (row != nullptr && row->required()) {
      told.push_back({recipient, BasisOf(*row)});
    } else if (policy != nullptr && IsOn(*policy, day)) {
      by_policy.push_back({recipient, v1::BASIS_POLICY});
    }
  }
  told.insert(told.end(), by_policy.begin(), by_policy.end());
  return told;
}

std::vector<v1::PolicyRow> Law::PolicyOn(absl::CivilDay day) const {
  const Governing& governing = GoverningOn(day);
  const Edition& edition = *governing.edition;
  std::vector<v1::PolicyRow> rows;
  for (int i = 0; i < edition.data.policy_rows_size(); ++i) {
    if (!edition.policy_periods[i].Holds(std::max(day, governing.not_before))) continue;
    rows.push_back(edition.data.policy_rows(i));
    rows.back().set_on(IsOn(rows.back(), day));
  }
  return rows;
}

const v1::KindOfEvent* Law::WordsFor(v1::EventKind kind) const {
  for (const auto& words : governing_.front().edition->data.kinds()) {
    if (words.kind() == kind) return &words;
  }
  return nullptr;
}

absl::StatusOr<NoticeTimes> Law::TimesOf(v1::EventKind kind, v1::Recipient recipient,
                                         absl::string_view trigger, absl::Time became_aware,
                                         const Start* start) const {
  const absl::CivilDay day = clock::LondonDay(became_aware);
  const bool emergency = start != nullptr && start->emergency;
  const auto due_rule =
      RuleFor(v1::TimeRule::NAME_NOTICE_DUE, kind, v1::SignOff::STAGE_UNSPECIFIED, day, emergency);
  const auto in_time_rule = RuleFor(v1::TimeRule::NAME_NOTICE_IN_TIME, kind,
                                    v1::SignOff::STAGE_UNSPECIFIED, day, emergency);
  if (due_rule == nullptr || in_time_rule == nullptr) {
    return Error(absl::StatusCode::kOutOfRange, "LAW_NOT_IN_FORCE",
                 "the agency became aware before the regulations came into force");
  }
  // Neither line stands where who was told of the beginning of an enquiry would not be by today's
  // policy; the limit of time does.
  const v1::MatrixRow* row = RowFor(kind, recipient, day);
  const v1::PolicyRow* policy = PolicyFor(kind, recipient, day);
  NoticeTimes times;
  std::string source;
  v1::Confidence confidence = v1::CONFIDENCE_HIGH;
  if (policy != nullptr && (row == nullptr || !row->required())) {
    source = policy->source();
    confidence = policy->confidence();
  } else if (row != nullptr) {
    source = row->source();
    confidence = row->confidence();
  }
  const auto reference = [&](const char* name, const v1::TimeRule& rule) {
    return clock::RuleReference{
        std::string(trigger), absl::StrCat(name, " ", Name(kind), " ", Name(recipient)),
        VersionOn(became_aware), absl::StrCat(source, source.empty() ? "" : "; ", rule.source()),
        LowerName(std::min(confidence, rule.confidence()))};
  };
  const absl::Time from = start == nullptr ? became_aware : start->time;
  ASSIGN_OR_RETURN(Due due, DueOf(*due_rule, reference("NOTICE_DUE", *due_rule), from));
  ASSIGN_OR_RETURN(Due in_time,
                   DueOf(*in_time_rule, reference("NOTICE_IN_TIME", *in_time_rule), from));
  times.due = due.time;
  times.in_time_until = in_time.time;
  times.explanation = std::move(due.explanation);
  times.in_time_explanation = std::move(in_time.explanation);
  return times;
}

absl::StatusOr<SignOffTime> Law::SignOffDue(v1::SignOff::Stage stage, absl::Time recorded,
                                            const clock::WorkingCalendar& calendar) const {
  const auto rule = RuleFor(v1::TimeRule::NAME_SIGN_OFF_DUE, v1::EVENT_KIND_UNSPECIFIED, stage,
                            clock::LondonDay(recorded));
  if (rule == nullptr) {
    return Error(absl::StatusCode::kOutOfRange, "LAW_NOT_IN_FORCE",
                 "the event was recorded before the regulations came into force");
  }
  ASSIGN_OR_RETURN(const auto due, clock::AddWorkingDays(recorded, rule->working_days(), calendar));
  return SignOffTime{
      due.due(),
      clock::Explain({"recorded_time", absl::StrCat("SIGN_OFF_DUE ", Name(stage)),
                      VersionOn(recorded), rule->source(), LowerName(rule->confidence())},
                     recorded, due)};
}

absl::StatusOr<DutyTime> Law::DutyDue(v1::TimeRule::Name name, absl::string_view trigger,
                                      absl::Time from) const {
  const auto rule = RuleFor(name, v1::EVENT_KIND_UNSPECIFIED, v1::SignOff::STAGE_UNSPECIFIED,
                            clock::LondonDay(from));
  if (rule == nullptr) {
    return Error(absl::StatusCode::kOutOfRange, "LAW_NOT_IN_FORCE",
                 "that was before the regulations came into force");
  }
  ASSIGN_OR_RETURN(
      Due due, DueOf(*rule,
                     {std::string(trigger), WithoutPrefix(v1::TimeRule::Name_Name(name), "NAME_"),
                      VersionOn(from), rule->source(), LowerName(rule->confidence())},
                     from));
  return DutyTime{due.time, std::move(due.explanation)};
}

bool Law::IsNotifiableAbsence(const v1::ManagerAbsence& absence, absl::Time recorded) const {
  const auto rule = RuleFor(v1::TimeRule::NAME_ABSENCE_NOTIFIABLE, v1::EVENT_KIND_MANAGER_ABSENCE,
                            v1::SignOff::STAGE_UNSPECIFIED, clock::LondonDay(recorded));
  if (rule == nullptr) return false;
  if (!absence.has_until_time()) return true;
  const absl::CivilDay first = clock::LondonDay(clock::FromProto(absence.from_time()));
  // Whoever is back at midnight was not away on the day that then begins.
  const absl::CivilDay last =
      clock::LondonDay(clock::FromProto(absence.until_time()) - absl::Nanoseconds(1));
  return last - first + 1 >= rule->calendar_days();
}

}  // namespace fosterwatch::notifiable_events::domain
