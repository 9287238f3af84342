#include "services/notifications/endpoint_gate.h"

#include <algorithm>

namespace fosterwatch::notifications {

absl::Duration EndpointGate::Enter(const std::string& url) {
  const absl::Time now = now_();
  absl::MutexLock lock(&mutex_);
  Endpoint& endpoint = endpoints_[url];
  if (endpoint.away_until > now) return endpoint.away_until - now;
  if (endpoint.on_their_way >= most_) return kBusy;
  ++endpoint.on_their_way;
  return absl::ZeroDuration();
}

void EndpointGate::Leave(const std::string& url, bool away, absl::Duration retry_after) {
  const absl::Time now = now_();
  absl::MutexLock lock(&mutex_);
  const auto endpoint = endpoints_.find(url);
  --endpoint->second.on_their_way;
  if (away) {
    endpoint->second.away_until = now + std::clamp(retry_after, kPause, kMostPause);
  } else if (endpoint->second.on_their_way == 0 && endpoint->second.away_until <= now) {
    endpoints_.erase(endpoint);
  }
}

}  // namespace fosterwatch::notifications
