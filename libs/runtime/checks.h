// What a process looks at to know whether it is ready, asked again and again on a thread of its
// own, and how that is told: to /readyz, to gRPC health, and to who watches. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace fosterwatch::runtime {

// Why something is not good, for a person who is not to read addresses or what a library said: our
// own errors (those with a reason) as they are, any other by its code in constant words.
std::string PlainWords(const absl::Status& status);

struct CheckLine {
  std::string name;
  bool good = false;
  // Whether the process is ready only if this is good.
  bool decides = true;
  std::string text;  // why it is not good; of a remark also why it is
  std::string code;  // "UNAVAILABLE"; empty where it is good
};

bool AllReady(const std::vector<CheckLine>& lines);
// "[+] name is ready", "[-] name is not ready: why" (decides), "[~] name is not ready: why" (does
// not), then "ready" or "not ready".
// Lines that are good are left out unless `verbose`.
std::string ReadyText(const std::vector<CheckLine>& lines, bool verbose);
// {"ready": false, "checks": [{"name": ..., "good": ..., "decides": ..., "text": ...}]}
std::string ReadyJson(const std::vector<CheckLine>& lines);

class Checks {
 public:
  enum class Kind {
    kRequired,
    kUntilOnce,  // decides only until it was good once
    kRemark,     // decides nothing
  };
  ~Checks() { Stop(); }

  // `check` is OK or says why not. `text` of a remark that is good: what it says then.
  void Add(const std::string& name, Kind kind, std::function<absl::Status()> check,
           std::function<std::string()> text = nullptr);

  // Asks all of them, one after the other: every second, every 250 ms while one that decides is not
  // good. Until then all are "not asked yet".
  void Start();
  void Stop();

  // One that has not answered for two seconds is not good: whoever asks waits for nobody.
  std::vector<CheckLine> Lines() const;

 private:
  struct Check {
    std::string name;
    Kind kind;
    std::function<absl::Status()> ask;
    std::function<std::string()> text;
    absl::Status last = absl::UnavailableError("");
    bool asked = false;
    bool was_good = false;
    std::string said;
    absl::Time asking_since = absl::InfiniteFuture();
  };

  void Work();
  void Look(const std::shared_ptr<Check>& check);

  mutable absl::Mutex mutex_;
  std::vector<std::shared_ptr<Check>> checks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace fosterwatch::runtime
