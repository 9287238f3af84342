#include "services/notifiable_events/domain/discussion.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/check.h"
#include "services/notifiable_events/domain/evolve.h"

namespace fosterwatch::notifiable_events::domain {

absl::StatusOr<v1::Discussion> DiscussionFor(const Law& law, absl::Time recorded, NewId new_id) {
  ASSIGN_OR_RETURN(const DutyTime due,
                   law.DutyDue(v1::TimeRule::NAME_DISCUSSION_DUE, "recorded_time", recorded));
  v1::Discussion discussion;
  discussion.set_discussion_id(new_id());
  *discussion.mutable_due_time() = clock::ToProto(due.due);
  *discussion.mutable_explanation() = due.explanation;
  return discussion;
}

absl::StatusOr<Facts> RecordDiscussion(const v1::NotifiableEvent& event,
                                       const v1::RecordDiscussionRequest& request,
                                       const Actor& actor, absl::Time now) {
  RETURN_IF_ERROR(CheckOpen(event));
  if (!event.has_discussion()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_DISCUSSION_OWED",
                 "the event asks for no discussion: it concerns no child");
  }
  if (event.discussion().has_discussed_time()) {
    return Error(absl::StatusCode::kFailedPrecondition, "DISCUSSED_BEFORE",
                 "the discussion has been recorded before");
  }
  FieldCheck check;
  const auto discussed = CheckTime(check, "discussed_time", request.has_discussed_time(),
                                   request.discussed_time(), now);
  if (discussed && *discussed < clock::FromProto(EffectiveReport(event).became_aware_time())) {
    check.Refuse("discussed_time", "BEFORE_AWARENESS", "is before the agency became aware");
  }
  check.Require("discussed_with", request.discussed_with(), kMaxDiscussedWith);
  check.Require("agreed", request.agreed(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());

  v1::NotifiableEventFact fact;
  fact.mutable_discussion_held()->set_event_id(event.event_id());
  auto* discussion = fact.mutable_discussion_held()->mutable_discussion();
  *discussion = event.discussion();
  discussion->clear_explanation();
  *discussion->mutable_discussed_time() = request.discussed_time();
  discussion->set_discussed_with(request.discussed_with());
  discussion->set_agreed(request.agreed());
  discussion->set_recorded_by(actor.id);
  *discussion->mutable_recorded_time() = clock::ToProto(now);
  return Facts{fact};
}

}  // namespace fosterwatch::notifiable_events::domain
