// A mail server of a test, on a port of its own: it answers as it is told and keeps every mail that
// it was given whole, taken or not.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace fosterwatch::notifications {

class ScriptedSmtpServer {
 public:
  // What one connection is answered; an empty answer closes the connection instead.
  struct Script {
    std::string greeting = "220 test";
    std::string rcpt = "250 ok";
    std::string end_of_data = "250 ok";
    // Done when the mail is there whole, before it is answered.
    std::function<void()> before_end;
  };

  struct Received {
    std::string recipient;
    std::string data;  // headers and text, with CRLF, without the dot and its stuffing
    bool taken = false;

    // The first header of that name, unfolded; "" where there is none.
    std::string Header(const std::string& name) const;
  };

  ScriptedSmtpServer();
  ~ScriptedSmtpServer();

  std::string url() const;

  // For the next connection that has none yet; without one, everything is taken.
  void Expect(Script script);
  // From now on for all, in place of taking everything.
  void Always(Script script);

  std::vector<Received> received() const;
  int connections() const { return connections_; }

 private:
  void Listen();
  void Talk(int socket, const Script& script);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable absl::Mutex mutex_;
  std::deque<Script> scripts_ ABSL_GUARDED_BY(mutex_);
  Script always_ ABSL_GUARDED_BY(mutex_);
  std::vector<Received> received_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace fosterwatch::notifications
