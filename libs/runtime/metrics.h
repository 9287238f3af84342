// What Prometheus reads. Inside of this library. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace fosterwatch::runtime {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // All of them in Prometheus' text format.
  std::string Text() const;
  // The gauges now: name without its prefix, and value.
  std::vector<std::pair<std::string, double>> Gauges() const;

  void AddGauge(const std::string& name, const std::string& help, std::function<double()> read);
  // What gauges read may be gone after this.
  void ClearGauges();
  void CountCall(const std::string& path, absl::StatusCode code, absl::Duration took);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace fosterwatch::runtime
