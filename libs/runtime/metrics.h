// What Prometheus reads. Inside of this library. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace fosterwatch::runtime {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // Serves /metrics there. The address is taken: FAILED_PRECONDITION.
  absl::Status Listen(const std::string& address);
  // "host:port" with the port that was bound; empty where none is.
  std::string address() const;

  void AddGauge(const std::string& name, const std::string& help, std::function<double()> read);
  // What gauges read may be gone after this.
  void ClearGauges();
  void CountCall(const std::string& path, absl::StatusCode code, absl::Duration took);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace fosterwatch::runtime
