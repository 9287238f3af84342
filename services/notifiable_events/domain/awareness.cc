#include "services/notifiable_events/domain/awareness.h"

#include "libs/clock/proto_time.h"

namespace fosterwatch::notifiable_events::domain {

Facts MoveDueTimes(const v1::NotifiableEvent& event, absl::Time became_aware, const Law& law) {
  v1::NotifiableEventFact fact;
  for (const v1::Notice& notice : event.notices()) {
    if (notice.state() != v1::Notice::STATE_OWED || notice.moment() != v1::MOMENT_EVENT) continue;
    if (clock::FromProto(notice.explanation().trigger_time()) <= became_aware) continue;
    const auto times =
        law.TimesOf(notice.kind(), notice.recipient(), "became_aware_time", became_aware);
    if (!times.ok()) continue;
    v1::Notice* moved = fact.mutable_due_times_moved()->add_notices();
    moved->set_notice_id(notice.notice_id());
    moved->set_basis(notice.basis());
    *moved->mutable_due_time() = clock::ToProto(times->due);
    *moved->mutable_in_time_until() = clock::ToProto(times->in_time_until);
    *moved->mutable_explanation() = times->explanation;
    if (times->in_time_until != times->due) {
      *moved->mutable_in_time_explanation() = times->in_time_explanation;
    }
  }
  if (!fact.has_due_times_moved()) return {};
  fact.mutable_due_times_moved()->set_event_id(event.event_id());
  return {fact};
}

}  // namespace fosterwatch::notifiable_events::domain
