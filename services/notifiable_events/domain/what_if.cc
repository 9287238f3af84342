#include "services/notifiable_events/domain/what_if.h"

#include <map>
#include <tuple>
#include <vector>

#include "libs/clock/proto_time.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/notices.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using Group = std::tuple<v1::EventKind, v1::Recipient, v1::Moment>;

Group GroupOf(const v1::Notice& notice) {
  return {notice.kind(), notice.recipient(), notice.moment()};
}

// When the agency became aware, for one kind and moment of the event.
absl::Time AwarenessOf(const v1::NotifiableEvent& event, v1::EventKind kind, v1::Moment moment) {
  if (kind != v1::EVENT_KIND_MANAGER_ABSENCE) {
    for (const auto& notice : event.notices()) {
      if (notice.kind() == kind && notice.moment() == moment) {
        return clock::FromProto(notice.explanation().trigger_time());
      }
    }
  }
  return clock::FromProto(moment == v1::MOMENT_ENQUIRY_OUTCOME
                              ? event.enquiry_outcome().became_aware_time()
                              : EffectiveReport(event).became_aware_time());
}

Cause CauseOf(const v1::NotifiableEvent& event, v1::EventKind kind, v1::Moment moment) {
  Cause cause{kind, moment, "became_aware_time", AwarenessOf(event, kind, moment)};
  if (event.has_manager_absence() && kind == v1::EVENT_KIND_MANAGER_ABSENCE) {
    cause.start = Start{clock::FromProto(event.manager_absence().from_time()),
                        event.manager_absence().emergency()};
  }
  return cause;
}

v1::NoticeDifference About(const v1::Notice& notice, v1::NoticeDifference::Change change) {
  v1::NoticeDifference difference;
  difference.set_change(change);
  difference.set_kind(notice.kind());
  difference.set_recipient(notice.recipient());
  difference.set_body_id(notice.body_id());
  difference.set_moment(notice.moment());
  if (change != v1::NoticeDifference::CHANGE_ADDED) {
    *difference.mutable_due_time_before() = notice.due_time();
    *difference.mutable_in_time_until_before() = notice.in_time_until();
    difference.set_basis_before(BasisOf(notice));
  }
  return difference;
}

}  // namespace

absl::StatusOr<v1::EventDifference> DifferenceUnder(const v1::NotifiableEvent& event,
                                                    const Law& law,
                                                    const Circumstances& circumstances) {
  v1::EventDifference result;
  result.set_event_id(event.event_id());
  *result.mutable_kinds() = event.kinds();
  *result.mutable_became_aware_time() = EffectiveReport(event).became_aware_time();

  // What would be owed: of the event itself first, since an outcome is told to whoever was told of
  // the beginning.
  const auto no_id = [] { return std::string(); };
  std::vector<Cause> causes;
  for (const int kind : event.kinds()) {
    causes.push_back(CauseOf(event, static_cast<v1::EventKind>(kind), v1::MOMENT_EVENT));
  }
  v1::NotifiableEvent would;
  ASSIGN_OR_RETURN(const auto begun,
                   NoticesFor(causes, would, law, circumstances, absl::InfinitePast(), no_id));
  for (const auto& notice : begun) *would.add_notices() = notice;
  if (event.has_enquiry_outcome()) {
    ASSIGN_OR_RETURN(const auto ended,
                     NoticesFor({CauseOf(event, v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY,
                                         v1::MOMENT_ENQUIRY_OUTCOME)},
                                would, law, circumstances, absl::InfinitePast(), no_id));
    for (const auto& notice : ended) *would.add_notices() = notice;
  }
  std::map<Group, const v1::Notice*> owed;
  for (const auto& notice : would.notices()) owed.emplace(GroupOf(notice), &notice);

  std::map<Group, bool> recorded;
  for (const auto& notice : event.notices()) {
    if (notice.moment() != v1::MOMENT_EVENT && notice.moment() != v1::MOMENT_ENQUIRY_OUTCOME) {
      continue;
    }
    recorded[GroupOf(notice)] = true;
    const auto after = owed.find(GroupOf(notice));
    if (after == owed.end()) {
      *result.add_notices() = About(notice, v1::NoticeDifference::CHANGE_DROPPED);
      continue;
    }
    // By its own trigger: that of one notice may have been corrected after another was given.
    Cause cause = CauseOf(event, notice.kind(), notice.moment());
    if (!cause.start) cause.became_aware = clock::FromProto(notice.explanation().trigger_time());
    ASSIGN_OR_RETURN(const NoticeTimes times,
                     law.TimesOf(notice.kind(), notice.recipient(), cause.trigger,
                                 cause.became_aware, cause.start ? &*cause.start : nullptr));
    const v1::Basis basis = after->second->basis();
    if (times.due == clock::FromProto(notice.due_time()) &&
        times.in_time_until == clock::FromProto(notice.in_time_until()) &&
        basis == BasisOf(notice)) {
      continue;
    }
    v1::NoticeDifference changed = About(notice, v1::NoticeDifference::CHANGE_CHANGED);
    *changed.mutable_due_time_after() = clock::ToProto(times.due);
    *changed.mutable_in_time_until_after() = clock::ToProto(times.in_time_until);
    changed.set_basis_after(basis);
    *result.add_notices() = std::move(changed);
  }
  for (const auto& notice : would.notices()) {
    if (recorded.count(GroupOf(notice)) > 0) continue;
    v1::NoticeDifference added = About(notice, v1::NoticeDifference::CHANGE_ADDED);
    *added.mutable_due_time_after() = notice.due_time();
    *added.mutable_in_time_until_after() = notice.in_time_until();
    added.set_basis_after(notice.basis());
    *result.add_notices() = std::move(added);
  }
  return result;
}

}  // namespace fosterwatch::notifiable_events::domain
