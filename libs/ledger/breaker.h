// Whose fault it is that records cannot be taken. One key that fails is that key's; many different
// keys that fail in a row, without one success between them, are ours (a bad deployment, a missing
// grant), and parking them would empty the topic into the dead letters: the breaker opens, nothing
// is parked any more, and single records are tried now and then until one is taken.
//
// A batch is judged as a whole: what failed before its last success failed while others did well.
// One thread.
#pragma once

#include <cstddef>
#include <set>
#include <string>

namespace fosterwatch::ledger {

class Breaker {
 public:
  explicit Breaker(int threshold) : threshold_(threshold) {}

  // In the order of the records. Neither: what was done before, is of no interest, or waits behind
  // another.
  void Succeeded() { failing_.clear(); }
  void Failed(const std::string& key) { failing_.insert(key); }

  // After a batch: opens where the last success is too many different keys ago.
  void EndBatch(size_t records) {
    if (forgiven_ > 0) {
      // Known good since: what fails here fails by itself.
      forgiven_ -= records < forgiven_ ? records : forgiven_;
      failing_.clear();
      return;
    }
    open_ = open_ || failing_.size() >= static_cast<size_t>(threshold_);
  }

  // A record further on was taken: the next `records`, up to that one, do not count.
  void Close(size_t records) {
    open_ = false;
    failing_.clear();
    forgiven_ = records;
  }

  bool open() const { return open_; }
  size_t failing() const { return failing_.size(); }

 private:
  const int threshold_;
  bool open_ = false;
  size_t forgiven_ = 0;
  std::set<std::string> failing_;
};

}  // namespace fosterwatch::ledger
