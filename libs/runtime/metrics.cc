#include "libs/runtime/metrics.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace fosterwatch::runtime {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                          0.1,   0.25,   0.5,   1,    2.5,   10};

// Gauges that are read at the moment of the scrape.
class ScrapedGauges {
 public:
  void Add(std::string name, std::string help, std::function<double()> read) {
    absl::MutexLock lock(&mutex_);
    gauges_.push_back({std::move(name), std::move(help), std::move(read)});
  }

  void Clear() {
    absl::MutexLock lock(&mutex_);
    gauges_.clear();
  }

  std::vector<prometheus::MetricFamily> Collect() const {
    absl::MutexLock lock(&mutex_);
    std::vector<prometheus::MetricFamily> families;
    for (const Gauge& gauge : gauges_) {
      prometheus::ClientMetric metric;
      const bool counts = absl::EndsWith(gauge.name, "_total");
      (counts ? metric.counter.value : metric.gauge.value) = gauge.read();
      families.push_back({absl::StrCat("fosterwatch_", gauge.name),
                          gauge.help,
                          counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge,
                          {metric}});
    }
    return families;
  }

  std::vector<std::pair<std::string, double>> Read() const {
    absl::MutexLock lock(&mutex_);
    std::vector<std::pair<std::string, double>> values;
    for (const Gauge& gauge : gauges_) values.emplace_back(gauge.name, gauge.read());
    return values;
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
  prometheus::Registry registry;
  ScrapedGauges gauges;
  prometheus::Family<prometheus::Counter>& calls =
      prometheus::BuildCounter()
          .Name("fosterwatch_rpc_calls_total")
          .Help("Calls that were answered, by method and code")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram()
          .Name("fosterwatch_rpc_seconds")
          .Help("From a call's arrival to its answer")
          .Register(registry);
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}

Metrics::~Metrics() = default;

std::string Metrics::Text() const {
  std::vector<prometheus::MetricFamily> families = families_->registry.Collect();
  for (prometheus::MetricFamily& family : families_->gauges.Collect()) {
    families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

std::vector<std::pair<std::string, double>> Metrics::Gauges() const {
  return families_->gauges.Read();
}

void Metrics::AddGauge(const std::string& name, const std::string& help,
                       std::function<double()> read) {
  families_->gauges.Add(name, help, std::move(read));
}

void Metrics::ClearGauges() { families_->gauges.Clear(); }

void Metrics::CountCall(const std::string& path, absl::StatusCode code, absl::Duration took) {
  families_->calls.Add({{"method", path}, {"code", absl::StatusCodeToString(code)}}).Increment();
  families_->seconds.Add({{"method", path}}, kSeconds).Observe(absl::ToDoubleSeconds(took));
}

}  // namespace fosterwatch::runtime
