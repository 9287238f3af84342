#include "services/notifications/dead_ends.h"

#include <limits>
#include <utility>

namespace fosterwatch::notifications {

double DeadEnds::Count() {
  absl::MutexLock lock(&mutex_);
  if (connection_ == nullptr || !connection_->alive()) {
    auto connection = pg::Connection::Open(conninfo_);
    if (!connection.ok()) return std::numeric_limits<double>::quiet_NaN();
    connection_ = *std::move(connection);
  }
  const auto rows = connection_->Query("SELECT count(*) FROM view.alert WHERE unreachable");
  if (!rows.ok()) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(rows->Int(0, 0));
}

}  // namespace fosterwatch::notifications
