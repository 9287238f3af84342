#include "services/notifiable_events/domain/overdue.h"

#include <algorithm>

#include "libs/clock/proto_time.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/provisional.h"
#include "services/notifiable_events/domain/similar.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

bool HasPassed(const v1::NotifiableEvent& event, const Duty& duty) {
  return std::any_of(event.overdue().begin(), event.overdue().end(),
                     [&](const v1::Overdue& overdue) { return overdue.duty_id() == duty.id; });
}

// The regulator has been told how the event ended.
bool RegulatorUpdated(const v1::NotifiableEvent& event) {
  return std::any_of(event.notices().begin(), event.notices().end(), [](const v1::Notice& notice) {
    return notice.recipient() == v1::RECIPIENT_CHIEF_INSPECTOR &&
           notice.moment() != v1::MOMENT_EVENT && notice.state() != v1::Notice::STATE_OWED;
  });
}

}  // namespace

bool IsSilent(const v1::NotifiableEvent& event) {
  return event.state() == v1::NotifiableEvent::STATE_OPEN && event.has_outcome() &&
         !RegulatorUpdated(event);
}

std::vector<Duty> DutiesOf(const v1::NotifiableEvent& event) {
  std::vector<Duty> duties;
  if (event.state() != v1::NotifiableEvent::STATE_OPEN) return duties;
  const auto add = [&](v1::OverdueDuty kind, const std::string& id,
                       const google::protobuf::Timestamp& due) {
    duties.push_back({kind, id, clock::FromProto(due)});
  };
  for (const v1::Notice& notice : event.notices()) {
    if (notice.state() == v1::Notice::STATE_OWED) {
      add(v1::OVERDUE_DUTY_NOTICE, notice.notice_id(), notice.in_time_until());
    }
    const v1::WrittenConfirmation& confirmation = notice.written_confirmation();
    if (notice.has_written_confirmation() && !confirmation.has_confirmed_time()) {
      add(v1::OVERDUE_DUTY_WRITTEN_CONFIRMATION, confirmation.confirmation_id(),
          confirmation.due_time());
    }
  }
  for (const v1::SignOff& sign_off : event.sign_offs()) {
    if (sign_off.signed_by().empty()) {
      add(v1::OVERDUE_DUTY_SIGN_OFF, sign_off.sign_off_id(), sign_off.due_time());
    }
  }
  if (event.has_discussion() && !event.discussion().has_discussed_time()) {
    add(v1::OVERDUE_DUTY_DISCUSSION, event.discussion().discussion_id(),
        event.discussion().due_time());
  }
  for (const type::v1::Action& action : event.actions()) {
    if (action.state() == type::v1::Action::STATE_OPEN) {
      add(v1::OVERDUE_DUTY_ACTION, action.action_id(), action.due_time());
    }
  }
  if (IsProvisional(event)) {
    add(v1::OVERDUE_DUTY_COMPLETION, event.provisional().completion_id(),
        event.provisional().due_time());
  }
  if (IsUndecidedRepeat(event)) {
    add(v1::OVERDUE_DUTY_REPEAT_DECISION, event.possible_repeats().question_id(),
        event.possible_repeats().due_time());
  }
  if (IsSilent(event)) {
    add(v1::OVERDUE_DUTY_CONCLUSION, event.outcome().outcome_id(), event.outcome().due_time());
  }
  return duties;
}

std::optional<absl::Time> NextOverdue(const v1::NotifiableEvent& event) {
  std::optional<absl::Time> next;
  for (const Duty& duty : DutiesOf(event)) {
    if (HasPassed(event, duty)) continue;
    // The database keeps microseconds.
    const absl::Time passed = duty.due + absl::Microseconds(1);
    if (!next || passed < *next) next = passed;
  }
  return next;
}

Facts RecordOverdue(const v1::NotifiableEvent& event, absl::Time now) {
  Facts facts;
  for (const Duty& duty : DutiesOf(event)) {
    if (now <= duty.due || HasPassed(event, duty)) continue;
    auto* overdue = facts.emplace_back().mutable_duty_overdue();
    overdue->set_event_id(event.event_id());
    overdue->set_duty_id(duty.id);
    overdue->set_kind(duty.kind);
    *overdue->mutable_due_time() = clock::ToProto(duty.due);
  }
  return facts;
}

Facts RecordSettled(const v1::NotifiableEvent& event, const Facts& facts) {
  Facts settled;
  const bool any =
      std::any_of(event.overdue().begin(), event.overdue().end(),
                  [](const v1::Overdue& overdue) { return !overdue.has_settled_time(); });
  if (!any || facts.empty()) return settled;
  v1::NotifiableEvent after = event;
  for (const auto& fact : facts) Evolve(after, fact, {});
  const std::vector<Duty> duties = DutiesOf(after);
  for (const v1::Overdue& overdue : event.overdue()) {
    if (overdue.has_settled_time()) continue;
    if (std::any_of(duties.begin(), duties.end(),
                    [&](const Duty& duty) { return duty.id == overdue.duty_id(); })) {
      continue;
    }
    auto* fact = settled.emplace_back().mutable_duty_settled();
    fact->set_event_id(event.event_id());
    fact->set_duty_id(overdue.duty_id());
  }
  return settled;
}

}  // namespace fosterwatch::notifiable_events::domain
