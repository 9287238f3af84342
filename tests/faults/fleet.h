// Services as processes of their own on an installation's databases and bus, each as often as
// wanted: the way of running of docker-compose.yml and of Kubernetes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "libs/runtime/client.h"
#include "libs/testing/process.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {

// All that are part of an installation but the watchdog, which is none of its own.
const std::vector<std::string>& AllServices();

class Fleet {
 public:
  // Starts nothing. Each service has an address that the others know. `installation` lives longer.
  explicit Fleet(testing::Installation* installation);

  // "kpis", or a further replica of it, "kpis/2". Throws std::runtime_error where it cannot.
  void Start(const std::string& name);
  // By a signal; returns once it has ended. The exit code, or 128 and the signal.
  int End(const std::string& name, int signal);
  bool IsRunning(const std::string& name);
  // Whether it says by gRPC health that it takes calls and has what they need.
  bool AwaitReady(const std::string& name, absl::Duration timeout = absl::Seconds(60));
  // What it has said since the fleet began; "" where it was never started.
  std::string Output(const std::string& name) const;

  const std::string& AddressOf(const std::string& name);
  runtime::Client& client() { return client_; }

 private:
  testing::Installation* const installation_;
  std::map<std::string, std::string> addresses_;
  std::map<std::string, std::unique_ptr<testing::Process>> processes_;
  runtime::Client client_;
};

}  // namespace fosterwatch::faults
