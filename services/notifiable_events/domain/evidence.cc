#include "services/notifiable_events/domain/evidence.h"

#include "libs/clock/proto_time.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events::domain {

absl::StatusOr<Facts> AddEvidence(const v1::NotifiableEvent& event,
                                  const v1::AddEvidenceRequest& request, const Actor& actor,
                                  absl::Time now, NewId new_id) {
  FieldCheck check;
  check.Require("text", request.text(), kMaxNarrative);
  check.AtMost("reference", request.reference(), kMaxReference);
  RETURN_IF_ERROR(check.ToStatus());
  v1::NotifiableEventFact fact;
  fact.mutable_evidence_added()->set_event_id(event.event_id());
  auto* evidence = fact.mutable_evidence_added()->mutable_evidence();
  evidence->set_evidence_id(new_id());
  evidence->set_added_by(actor.id);
  *evidence->mutable_added_time() = clock::ToProto(now);
  evidence->set_text(request.text());
  evidence->set_reference(request.reference());
  return Facts{fact};
}

}  // namespace fosterwatch::notifiable_events::domain
