#include "services/carers/domain/duty_list.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/occupancy.h"
#include "services/carers/domain/policy.h"

namespace fosterwatch::carers::domain {

DutyList::DutyList(const v1::Carer& carer, const Context& context)
    : carer_(carer), context_(context), policy_(InForce(*context.policies, context.now)) {}

bool DutyList::HoldsFor(v1::DutyKind kind, absl::CivilDay day) const {
  const auto from = ParseDay(RuleOf(policy_, kind, carer_.kind()).from_date());
  return !from || day >= *from;
}

v1::CarerDuty& DutyList::AddBy(const v1::CarerPolicy::Limit& limit, v1::DutyKind kind,
                               const std::string& about, absl::Time start,
                               absl::string_view trigger) {
  const DueTime due = DueAfter(start, trigger, Name(kind), policy_, limit, *context_.calendar);
  v1::CarerDuty& duty = duties_.emplace_back();
  duty.set_duty_id(about.empty() ? Name(kind) : absl::StrCat(Name(kind), "/", about));
  duty.set_kind(kind);
  duty.set_basis(RuleOf(policy_, kind, carer_.kind()).basis());
  duty.set_about_id(about);
  *duty.mutable_due_time() = clock::ToProto(due.due);
  *duty.mutable_attention_time() = duty.due_time();
  *duty.mutable_explanation() = due.explanation;
  Warn(duty, start);
  return duty;
}

v1::CarerDuty& DutyList::Add(v1::DutyKind kind, const std::string& about, absl::Time start,
                             absl::string_view trigger) {
  return AddBy(RuleOf(policy_, kind, carer_.kind()).limit(), kind, about, start, trigger);
}

void DutyList::Warn(v1::CarerDuty& duty, absl::Time not_before) const {
  duty.clear_warning_times();
  const absl::CivilDay last =
      clock::LondonDay(clock::FromProto(duty.due_time()) - absl::Microseconds(1));
  const absl::Time end = clock::FromProto(duty.attention_time());
  for (const int days : RuleOf(policy_, duty.kind(), carer_.kind()).warning().days_before()) {
    const absl::Time at = std::max(StartOf(last - days), not_before);
    if (at < end) *duty.add_warning_times() = clock::ToProto(at);
  }
}

void DutyList::AddRecurring(v1::DutyKind kind, const std::string& about, const std::string& last,
                            absl::string_view last_name) {
  if (RuleOf(policy_, kind, carer_.kind()).while_placed()) {
    const std::string placed = PlacedSince(carer_);
    if (placed.empty()) return;
    if (placed > last) {
      v1::CarerDuty& duty = Add(kind, about, StartOf(*ParseDay(placed)), "placed_date");
      duty.set_last_done_date(last);
      if (last.empty()) AwaitRecords(duty);
      return;
    }
  }
  if (const auto day = ParseDay(last)) {
    Add(kind, about, StartOf(*day), last_name).set_last_done_date(last);
    return;
  }
  AddFromApproval(kind, about);
}

void DutyList::AddFromApproval(v1::DutyKind kind, const std::string& about) {
  const auto approved = ParseDay(carer_.approved_date());
  if (!approved) return;
  AwaitRecords(Add(kind, about, StartOf(*approved), "approved_date"));
}

void DutyList::AddFromJoining(v1::DutyKind kind, const std::string& person,
                              const std::string& joined) {
  const auto& rule = RuleOf(policy_, kind, carer_.kind());
  AddBy(rule.has_on_joining() ? rule.on_joining() : rule.limit(), kind, person,
        StartOf(*ParseDay(joined)), "joined_date");
}

void DutyList::Keep(const std::string& duty_id, v1::DutyKind kind, const std::string& about,
                    absl::Time start, absl::string_view trigger) {
  for (const auto& known : carer_.duties()) {
    if (known.duty_id() == duty_id) {
      duties_.push_back(known);
      return;
    }
  }
  Add(kind, about, start, trigger);
}

std::vector<v1::CarerDuty> DutyList::Take() {
  std::sort(duties_.begin(), duties_.end(), [](const auto& a, const auto& b) {
    return std::make_pair(clock::FromProto(a.due_time()), a.duty_id()) <
           std::make_pair(clock::FromProto(b.due_time()), b.duty_id());
  });
  return std::exchange(duties_, {});
}

// What another register knew may still be to be recorded here.
void DutyList::AwaitRecords(v1::CarerDuty& duty) const {
  if (!carer_.taken_over()) return;
  const absl::Time settled_in =
      DueAfter(clock::FromProto(carer_.recorded_time()), "recorded_time", "TAKE_OVER", policy_,
               policy_.take_over(), *context_.calendar)
          .due;
  *duty.mutable_attention_time() =
      clock::ToProto(std::max(clock::FromProto(duty.due_time()), settled_in));
  Warn(duty, settled_in);
}

}  // namespace fosterwatch::carers::domain
