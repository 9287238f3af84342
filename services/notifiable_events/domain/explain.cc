#include "services/notifiable_events/domain/explain.h"

#include "libs/status/error.h"

namespace fosterwatch::notifiable_events::domain {

absl::StatusOr<type::v1::Explanation> Explain(const v1::NotifiableEvent& event,
                                              const v1::ExplainDueTimeRequest& request) {
  if (request.duty_id().empty()) return InvalidField("duty_id", "REQUIRED", "is required");
  for (const auto& notice : event.notices()) {
    if (notice.notice_id() == request.duty_id()) return notice.explanation();
    if (notice.written_confirmation().confirmation_id() == request.duty_id()) {
      return notice.written_confirmation().explanation();
    }
  }
  for (const auto& sign_off : event.sign_offs()) {
    if (sign_off.sign_off_id() == request.duty_id()) return sign_off.explanation();
  }
  if (event.provisional().completion_id() == request.duty_id()) {
    return event.provisional().explanation();
  }
  if (event.possible_repeats().question_id() == request.duty_id()) {
    return event.possible_repeats().explanation();
  }
  if (event.discussion().discussion_id() == request.duty_id()) {
    return event.discussion().explanation();
  }
  if (event.outcome().outcome_id() == request.duty_id()) return event.outcome().explanation();
  return Error(absl::StatusCode::kNotFound, "UNKNOWN_DUTY",
               "the event has no notice or sign-off of that id");
}

}  // namespace fosterwatch::notifiable_events::domain
