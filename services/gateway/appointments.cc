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
  const auto known = agencies_.find(agency_id);
  if (known != agencies_.end()) known->second.looked = absl::InfinitePast();
}

void Appointments::Look(absl::Time now, absl::Duration oldest) {
  std::map<std::string, bool> wanted;  // whether it is known from before
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, agency] : agencies_) {
      if (agency.looked + oldest <= now) wanted[id] = !agency.held.empty();
    }
  }
  for (const auto& [id, known] : wanted) {
    // Whoever lost a role before this process began to look may have a session still.
    std::map<Key, std::vector<Held>> held;
    absl::Status status;
    for (const absl::Time at : {now - life_, now}) {
      if (at != now && known) continue;
      auto holders = ask_(id, at);
      status.Update(holders.status());
      if (!holders.ok()) break;
      for (const directory::v1::RoleHolder& holder : *holders) {
        absl::Time until = holder.has_until_time() ? clock::FromProto(holder.until_time())
                                                   : absl::InfiniteFuture();
        held[{holder.person_id(), holder.role()}].push_back(
            {clock::FromProto(holder.from_time()), until});
      }
    }
    absl::MutexLock lock(&mutex_);
    if (!status.ok()) {
      runtime::LogStatus("whose appointments ended cannot be asked", status);
      continue;
    }
    Agency& agency = agencies_[id];
    agency.looked = now;
    for (auto& [key, before] : agency.held) {
      std::vector<Held>& after = held[key];
      // The directory tells of those that last; the others have ended.
      for (Held& was : before) {
        const bool lasts = std::any_of(after.begin(), after.end(),
                                       [&](const Held& is) { return is.from == was.from; });
        if (!lasts) after.push_back({was.from, std::min(was.until, now)});
      }
    }
    agency.held = std::move(held);
  }
}

}  // namespace fosterwatch::gateway
