#include "services/gateway/in_flight.h"

#include <utility>

#include "libs/status/error.h"

namespace fosterwatch::gateway {

// Answers once, from any thread, and holds a place until then.
class InFlight::Counted : public Reply {
 public:
  Counted(std::shared_ptr<InFlight> in_flight, ReplyPtr reply)
      : in_flight_(std::move(in_flight)), reply_(std::move(reply)) {}
  ~Counted() override { GiveBack(); }

  void Send(HttpResponse response) override {
    GiveBack();
    reply_->Send(std::move(response));
  }
  std::shared_ptr<Stream> Begin(HttpResponse head) override {
    GiveBack();
    return reply_->Begin(std::move(head));
  }
  const std::shared_ptr<runtime::Cancellation>& gone() const override { return reply_->gone(); }
  bool ChargeTo(const std::string& agency_id) override {
    absl::MutexLock lock(&mutex_);
    if (!holds_ || !agency_id_.empty()) return true;
    if (!in_flight_->Charge(agency_id)) return false;
    agency_id_ = agency_id;
    return true;
  }

 private:
  void GiveBack() {
    absl::MutexLock lock(&mutex_);
    if (!std::exchange(holds_, false)) return;
    in_flight_->Leave(agency_id_);
  }

  const std::shared_ptr<InFlight> in_flight_;
  const ReplyPtr reply_;
  absl::Mutex mutex_;
  bool holds_ ABSL_GUARDED_BY(mutex_) = true;
  std::string agency_id_ ABSL_GUARDED_BY(mutex_);
};

ReplyPtr InFlight::Enter(ReplyPtr reply) {
  {
    absl::MutexLock lock(&mutex_);
    if (inside_ >= most_) {
      ++refused_;
      return nullptr;
    }
    ++inside_;
  }
  return std::make_shared<Counted>(shared_from_this(), std::move(reply));
}

bool InFlight::Charge(const std::string& agency_id) {
  absl::MutexLock lock(&mutex_);
  int& count = by_agency_[agency_id];
  if (count >= most_of_agency_) {
    ++refused_;
    return false;
  }
  ++count;
  return true;
}

void InFlight::Leave(const std::string& agency_id) {
  absl::MutexLock lock(&mutex_);
  --inside_;
  if (agency_id.empty()) return;
  const auto found = by_agency_.find(agency_id);
  if (--found->second == 0) by_agency_.erase(found);
}

int InFlight::inside() const {
  absl::MutexLock lock(&mutex_);
  return inside_;
}

int64_t InFlight::refused() const {
  absl::MutexLock lock(&mutex_);
  return refused_;
}

absl::Status InFlight::Full() {
  return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_CALLS",
               "too many calls are under way; try again in a moment");
}

}  // namespace fosterwatch::gateway
