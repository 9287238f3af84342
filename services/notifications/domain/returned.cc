#include "services/notifications/domain/returned.h"

#include <algorithm>

#include "libs/status/error.h"

namespace fosterwatch::notifications::domain {

bool WasReturned(const v1::Notifications& state, const v1::Returned& returned) {
  return std::any_of(state.returned().begin(), state.returned().end(),
                     [&](const v1::Returned& before) {
                       return before.returned_id() == returned.returned_id() &&
                              before.message_id() == returned.message_id();
                     });
}

bool WasDelivered(const v1::Notifications& state, absl::string_view message_id) {
  return std::any_of(
      state.returned().begin(), state.returned().end(), [&](const v1::Returned& before) {
        return before.kind() == v1::Returned::KIND_DELIVERED && before.message_id() == message_id;
      });
}

absl::Status UnknownMail() {
  return Error(absl::StatusCode::kNotFound, "UNKNOWN_MAIL",
               "what came back belongs to no mail that has left here");
}

}  // namespace fosterwatch::notifications::domain
