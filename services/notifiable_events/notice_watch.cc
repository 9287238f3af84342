#include "services/notifiable_events/notice_watch.h"

#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events {
namespace {

constexpr absl::Duration kEvery = absl::Seconds(5);

}  // namespace

void NoticeWatch::Run(const runtime::Stop& stop) {
  bool was_ok = true;
  do {
    const absl::Status looked = Look();
    if (!looked.ok() && was_ok) runtime::LogStatus("notices that are owed cannot be seen", looked);
    was_ok = looked.ok();
  } while (!stop.WaitFor(kEvery));
}

absl::Status NoticeWatch::Look() {
  if (connection_ == nullptr || !connection_->alive()) {
    ASSIGN_OR_RETURN(connection_, pg::Connection::Open(conninfo_));
  }
  ASSIGN_OR_RETURN(const pg::Result next,
                   connection_->Query("SELECT min(due_at) FROM view.notice WHERE owed"));
  absl::MutexLock lock(&mutex_);
  next_due_ = next.IsNull(0, 0) ? absl::InfiniteFuture() : next.Time(0, 0);
  return absl::OkStatus();
}

double NoticeWatch::seconds_until_due(absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  return absl::ToDoubleSeconds(next_due_ - now);
}

}  // namespace fosterwatch::notifiable_events
