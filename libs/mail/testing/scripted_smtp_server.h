// A mail server of a test, on a port of its own: it answers as it is told and keeps every mail that
// it was given whole, taken or not. With an authority it offers STARTTLS, and a login behind it.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/testing/test_authority.h"

namespace fosterwatch::mail {

class ScriptedSmtpServer {
 public:
  static constexpr char kGreeting[] = "220 test";

  // What one mail is answered; an empty answer closes the connection instead.
  struct Script {
    std::string greeting = kGreeting;
    std::string login = "235 ok";
    bool login_in_clear = false;  // offered without TLS, too
    std::string rcpt = "250 ok";
    std::string end_of_data = "250 ok";
    // Done when the mail is there whole, before it is answered.
    std::function<void()> before_end;
    // Over a new connection only, as is one with a greeting of its own: one that is kept is ended
    // with these words.
    bool fresh = false;
    std::string farewell;
  };

  struct Received {
    bool over_tls = false;
    std::string user, password;  // as logged in; empty without
    std::string recipient;
    std::string data;  // headers and text, with CRLF, without the dot and its stuffing
    bool taken = false;

    // The first header of that name, unfolded; "" where there is none.
    std::string Header(const std::string& name) const;
  };

  // The authority outlives it; null: no TLS.
  explicit ScriptedSmtpServer(const testing::TestAuthority* authority = nullptr);
  ~ScriptedSmtpServer();

  std::string url() const;

  // For the next mail that has none yet; without one, everything is taken.
  void Expect(Script script);
  // From now on for all, in place of taking everything.
  void Always(Script script);

  std::vector<Received> received() const;
  int connections() const { return connections_; }
  // How often somebody tried to log in.
  int logins() const { return logins_; }

 private:
  void Run();
  Script Next();
  // Whether the next mail is to have a new connection, and what ends the one that is there.
  bool IsNextFresh(std::string* farewell) const;
  void Talk(int socket, Script script);

  const testing::TestAuthority* const authority_;
  int port_ = 0;
  const int listener_;
  std::atomic<int> connections_ = 0;
  std::atomic<int> logins_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable absl::Mutex mutex_;
  std::deque<Script> scripts_ ABSL_GUARDED_BY(mutex_);
  Script always_ ABSL_GUARDED_BY(mutex_);
  std::vector<Received> received_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace fosterwatch::mail
