#include "services/gateway/appointments.h"

#include <algorithm>

#include "libs/clock/proto_time.h"
#include "libs/runtime/log.h"

namespace fosterwatch::gateway {

std::vector<options::v1::Role> Appointments::LostBy(const auth::Caller& caller, absl::Time now) {
  std::vector<options::v1::Role> lost;
  absl::MutexLock lock(&mutex_);
  const Agency& agency = agencies_[caller.agency_id];
  for (const options::v1::Role role : caller.roles) {
    const auto known = agency.held.find({caller.person_id, role});
    if (known == agency.held.end()) continue;
    const bool holds =
        std::any_of(known->second.begin(), known->second.end(),
                    [now](const Held& held) { return held.from <= now && now < held.until; });
    const bool held_before = std::any_of(known->second.begin(), known->second.end(),
                                         [now](const Held& held) { return held.until <= now; });
    if (!holds && held_before) lost.push_back(role);
  }
  return lost;
}

void Appointments::Changed(const std::string& agency_id) {
  absl::MutexLock lock(&mutex_);
  for (auto& [id, agency] : agencies_) {
    if (agency_id.empty() || id == agency_id) agency.looked = absl::InfinitePast();
  }
}

void Appointments::Look(absl::Time now, absl::Duration oldest) {
  std::vector<std::string> wanted;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [id, agency] : agencies_) {
      if (agency.looked + oldest > now) continue;
      wanted.push_back(id);
      // What changes while the directory is asked is asked about again.
      agency.looked = now;
    }
  }
  for (const std::string& id : wanted) {
    const auto holders = ask_(id);
    absl::MutexLock lock(&mutex_);
    Agency& agency = agencies_[id];
    if (!holders.ok()) {
      runtime::LogStatus("whose appointments ended cannot be asked", holders.status());
      agency.looked = absl::InfinitePast();
      continue;
    }
    agency.held.clear();
    for (const directory::v1::RoleHolder& holder : *holders) {
      const absl::Time until =
          holder.has_until_time() ? clock::FromProto(holder.until_time()) : absl::InfiniteFuture();
      agency.held[{holder.person_id(), holder.role()}].push_back(
          {clock::FromProto(holder.from_time()), until});
    }
  }
}

}  // namespace fosterwatch::gateway
