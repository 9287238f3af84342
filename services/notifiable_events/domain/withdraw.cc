#include "services/notifiable_events/domain/withdraw.h"

#include "libs/clock/proto_time.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/check.h"

namespace fosterwatch::notifiable_events::domain {

absl::StatusOr<Facts> Withdraw(const v1::NotifiableEvent& event,
                               const v1::WithdrawEventRequest& request, const Actor& actor,
                               absl::Time now) {
  RETURN_IF_ERROR(CheckOpen(event));
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());
  return Facts{Withdrawn(event, actor, request.reason(), /*repeat_of=*/"", now)};
}

v1::NotifiableEventFact Withdrawn(const v1::NotifiableEvent& event, const Actor& actor,
                                  const std::string& reason, const std::string& repeat_of,
                                  absl::Time now) {
  v1::NotifiableEventFact fact;
  auto* withdrawn = fact.mutable_event_withdrawn();
  withdrawn->set_event_id(event.event_id());
  auto* withdrawal = withdrawn->mutable_withdrawal();
  withdrawal->set_withdrawn_by(actor.id);
  *withdrawal->mutable_withdrawn_time() = clock::ToProto(now);
  withdrawal->set_reason(reason);
  withdrawal->set_repeat_of_event_id(repeat_of);
  for (const v1::Notice& notice : event.notices()) {
    if (notice.state() == v1::Notice::STATE_OWED) withdrawn->add_notice_ids(notice.notice_id());
  }
  return fact;
}

}  // namespace fosterwatch::notifiable_events::domain
