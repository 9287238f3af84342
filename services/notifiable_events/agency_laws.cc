#include "services/notifiable_events/agency_laws.h"

#include "absl/time/clock.h"
#include <google/protobuf/util/message_differencer.h>

#include "libs/status/status_macros.h"

namespace fosterwatch::notifiable_events {

absl::StatusOr<v1::AgencyLaw> AgencyLaws::RecordOf(const std::string& agency_id) {
  auto record = ledger_->LoadAs<v1::AgencyLaw>(agency_id, kLawAggregate, kLawAggregate);
  if (absl::IsNotFound(record.status())) return v1::AgencyLaw();
  return record;
}

absl::StatusOr<domain::Law> AgencyLaws::Of(const std::string& agency_id) {
  const absl::Time now = absl::Now();
  {
    absl::MutexLock lock(&mutex_);
    const auto known = known_.find(agency_id);
    if (known != known_.end() && now - known->second.read < kRemembered) return known->second.law;
  }
  ASSIGN_OR_RETURN(v1::AgencyLaw record, RecordOf(agency_id));
  absl::MutexLock lock(&mutex_);
  const auto known = known_.find(agency_id);
  // Reading an edition takes longer than seeing that it is the same.
  if (known != known_.end() &&
      google::protobuf::util::MessageDifferencer::Equals(known->second.record, record)) {
    known->second.read = now;
    return known->second.law;
  }
  ASSIGN_OR_RETURN(domain::Law law, shipped_.For(record));
  known_.insert_or_assign(agency_id, Known{now, std::move(record), law});
  return law;
}

void AgencyLaws::Forget(const std::string& agency_id) {
  absl::MutexLock lock(&mutex_);
  known_.erase(agency_id);
}

}  // namespace fosterwatch::notifiable_events
