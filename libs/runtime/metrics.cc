#include "libs/runtime/metrics.h"

#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

namespace fosterwatch::runtime {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                          0.1,   0.25,   0.5,   1,    2.5,   10};

// Gauges that are read at the moment of the scrape.
class Gauges : public prometheus::Collectable {
 public:
  void Add(std::string name, std::string help, std::function<double()> read) {
    absl::MutexLock lock(&mutex_);
    gauges_.push_back({absl::StrCat("fosterwatch_", name), std::move(help), std::move(read)});
  }

  void Clear() {
    absl::MutexLock lock(&mutex_);
    gauges_.clear();
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    absl::MutexLock lock(&mutex_);
    std::vector<prometheus::MetricFamily> families;
    for (const Gauge& gauge : gauges_) {
      prometheus::ClientMetric metric;
      metric.gauge.value = gauge.read();
      families.push_back({gauge.name, gauge.help, prometheus::MetricType::Gauge, {metric}});
    }
    return families;
  }

 private:
  struct Gauge {
    std::string name;
    std::string help;
    std::function<double()> read;
  };
  mutable absl::Mutex mutex_;
  std::vector<Gauge> gauges_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

struct Metrics::Families {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::shared_ptr<Gauges> gauges = std::make_shared<Gauges>();
  prometheus::Family<prometheus::Counter>& calls =
      prometheus::BuildCounter()
          .Name("fosterwatch_rpc_calls_total")
          .Help("Calls that were answered, by method and code")
          .Register(*registry);
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram()
          .Name("fosterwatch_rpc_seconds")
          .Help("From a call's arrival to its answer")
          .Register(*registry);
  std::string address;
  std::unique_ptr<prometheus::Exposer> exposer;
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}

Metrics::~Metrics() = default;

absl::Status Metrics::Listen(const std::string& address) {
  try {
    families_->exposer = std::make_unique<prometheus::Exposer>(address, 1);
    families_->exposer->RegisterCollectable(families_->registry);
    families_->exposer->RegisterCollectable(families_->gauges);
    families_->address = absl::StrCat(address.substr(0, address.rfind(':') + 1),
                                      families_->exposer->GetListeningPorts().front());
  } catch (const std::exception&) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen on the metrics address ", address,
                     ": is it taken? name another with --metrics-listen"));
  }
  return absl::OkStatus();
}

std::string Metrics::address() const { return families_->address; }

void Metrics::AddGauge(const std::string& name, const std::string& help,
                       std::function<double()> read) {
  families_->gauges->Add(name, help, std::move(read));
}

void Metrics::ClearGauges() { families_->gauges->Clear(); }

void Metrics::CountCall(const std::string& path, absl::StatusCode code, absl::Duration took) {
  families_->calls.Add({{"method", path}, {"code", absl::StatusCodeToString(code)}}).Increment();
  families_->seconds.Add({{"method", path}}, kSeconds).Observe(absl::ToDoubleSeconds(took));
}

}  // namespace fosterwatch::runtime
