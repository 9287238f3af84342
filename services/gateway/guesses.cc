#include "services/gateway/guesses.h"

#include <algorithm>

#include "libs/runtime/log.h"
#include "libs/status/error.h"

namespace fosterwatch::gateway {

absl::Duration Guesses::Take(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (filled_ != absl::InfinitePast() && now > filled_) {
    const double more = absl::FDivDuration(now - filled_, limits_.each);
    left_ = std::min<double>(limits_.at_once, left_ + more);
  }
  filled_ = std::max(filled_, now);
  if (left_ >= 1) {
    left_ -= 1;
    return absl::ZeroDuration();
  }
  if (now - reached_ >= limits_.remembered) {
    runtime::LogWarning("too many wrong sign-in links: none is looked at for a while");
  }
  reached_ = now;
  ++refused_;
  return limits_.each * (1 - left_);
}

void Guesses::GiveBack() {
  absl::MutexLock lock(&mutex_);
  left_ = std::min<double>(limits_.at_once, left_ + 1);
}

absl::Status Guesses::Check(absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  if (now - reached_ >= limits_.remembered) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, "LINKS_GUESSED",
               "somebody tries sign-in links that are wrong, one after the other; while that goes "
               "on nobody can sign in by a link");
}

int64_t Guesses::refused() const {
  absl::MutexLock lock(&mutex_);
  return refused_;
}

}  // namespace fosterwatch::gateway
