// One run of the faults tests: reports events to an installation whatever happens to it, keeps what
// it was told, and has the oracle judge ledger, bus and effects at the end.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "tests/oracle/oracle.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {

class Trial {
 public:
  // The installation is up.
  explicit Trial(testing::Installation* installation);

  struct Load {
    int threads = 4;
    int requests = 100;  // of each thread
    // Requests a second, of all threads together; 0: as fast as answers come.
    double rate = 0;
  };
  // Reports events until all are sent, or two in a row were not answered. One in ten is to be
  // refused. Half of those that found no answer are asked again, under their id, by the next load.
  void Report(const Load& load);
  // Asks again what is to be asked again, until each has its answer. The installation is up.
  void Settle();

  // The longest and the 99th hundredth of the answers of the last load.
  absl::Duration p99() const { return p99_; }
  int unanswered() const { return unanswered_; }

  // Judges again and again until nothing is missing any more, then once more for good.
  oracle::Verdict JudgeWhenSettled(absl::Duration patience = absl::Seconds(90));
  int64_t facts() const { return facts_; }

 private:
  struct Question {
    std::string id;
    int number = 0;
    bool wrong = false;
  };
  oracle::Answer Ask(const Question& question);
  std::vector<oracle::Record> ReadBus();
  // Whose effects are judged, and which facts of its it records because of each; empty: all.
  struct Consumer {
    std::string service, records;
  };
  // What it made of the facts. Of other ledgers' facts it is only asked whether they are there.
  std::vector<oracle::Effect> ReadEffects(const Consumer& consumer,
                                          const std::vector<oracle::Fact>& facts);
  // The ids of all facts of the agency, in any ledger.
  std::set<std::string> AllFacts();
  oracle::Verdict Judge();

  testing::Installation* const installation_;
  const std::string agency_id_;
  std::unique_ptr<testing::Agency> agency_;
  std::atomic<int> next_ = 0;
  absl::Duration p99_;
  std::atomic<int> unanswered_ = 0;
  int64_t facts_ = 0;

  std::unique_ptr<bus::Bus> bus_;
  std::unique_ptr<bus::Subscription> subscription_;
  std::vector<oracle::Record> records_;

  absl::Mutex mutex_;
  std::map<std::string, oracle::Answer> answers_ ABSL_GUARDED_BY(mutex_);
  std::vector<Question> again_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Duration> latencies_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::faults
