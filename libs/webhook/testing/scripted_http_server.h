// An HTTP server of a test, on a port of its own, with TLS where it is given an authority: it
// answers as it is told and keeps every request that it was given whole. A connection a request.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/testing/test_authority.h"

namespace fosterwatch::testing {

class ScriptedHttpServer {
 public:
  struct Answer {
    int status = 200;
    std::string headers;  // lines that end with \r\n
    std::string body;
    // Ends without an answer: before the request is read, after it; or never answers at all.
    enum class Fault { kNone, kAtOnce, kAfterTheRequest, kSilent };
    Fault fault = Fault::kNone;
    // Done when the request is there whole, before it is answered.
    std::function<void()> before;
  };

  struct Received {
    std::string target;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
    int status = 0;  // that it was answered with
  };

  // The authority outlives it; null: no TLS.
  explicit ScriptedHttpServer(const TestAuthority* authority = nullptr);
  ~ScriptedHttpServer();

  int port() const { return port_; }
  // "https://127.0.0.1:4711/notices"
  std::string url() const;

  // For the next connection that has none yet; without one, 200.
  void Expect(Answer answer);
  // From now on for all, in place of 200.
  void Always(Answer answer);

  std::vector<Received> received() const;
  int connections() const { return connections_; }

 private:
  void Run();
  void Talk(int socket, const Answer& answer);

  const TestAuthority* const authority_;
  int port_ = 0;
  const int listener_;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable absl::Mutex mutex_;
  std::deque<Answer> answers_ ABSL_GUARDED_BY(mutex_);
  Answer always_ ABSL_GUARDED_BY(mutex_);
  std::vector<Received> received_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace fosterwatch::testing
