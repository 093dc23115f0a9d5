#include "server/base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <utility>

namespace topup::base {
namespace {

// Seconds: from a read of a cache to the longest wait for the provider.
const std::vector<double> kBuckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                      0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                      1,      2.5,     5,      10,    30,     60};

class PrometheusCounter final : public Counter {
 public:
  explicit PrometheusCounter(prometheus::Counter& counter) : counter_(counter) {}
  void Add(int64_t count) override { counter_.Increment(static_cast<double>(count)); }
  // Exact up to 2^53, as the library counts in double.
  int64_t Value() const override { return static_cast<int64_t>(counter_.Value()); }

 private:
  prometheus::Counter& counter_;
};

class PrometheusGauge final : public Gauge {
 public:
  explicit PrometheusGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void Set(int64_t value) override { gauge_.Set(static_cast<double>(value)); }
  int64_t Value() const override { return static_cast<int64_t>(gauge_.Value()); }

 private:
  prometheus::Gauge& gauge_;
};

class PrometheusHistogram final : public DurationHistogram {
 public:
  explicit PrometheusHistogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void Observe(absl::Duration duration) override {
    histogram_.Observe(absl::ToDoubleSeconds(duration));
  }

 private:
  prometheus::Histogram& histogram_;
};

using MetricKey = std::pair<std::string, MetricLabels>;

// The library throws where a name or label is not allowed, or where one name is asked for as
// two kinds. Names are constants of ours, so that this is a bug of the first start.
template <typename Make>
auto MakeOrDie(const std::string& name, Make make) {
  try {
    return make();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "The metric %s cannot be made: %s\n", name.c_str(), error.what());
    std::abort();
  }
}

// The metric under `key`, made by `make` where it is asked for the first time.
template <typename Metric, typename Make>
Metric* FindOrMake(std::map<MetricKey, std::unique_ptr<Metric>>& metrics, MetricKey key,
                   Make make) {
  const auto found = metrics.find(key);
  if (found != metrics.end()) return found->second.get();
  auto metric = MakeOrDie(key.first, make);
  return metrics.emplace(std::move(key), std::move(metric)).first->second.get();
}

}  // namespace

struct Metrics::Registry {
  prometheus::Registry registry;  // thread-safe

  std::mutex mutex;  // guards everything below
  std::map<MetricKey, std::unique_ptr<Counter>> counters;
  std::map<MetricKey, std::unique_ptr<Gauge>> gauges;
  std::map<MetricKey, std::unique_ptr<DurationHistogram>> histograms;
};

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {}
Metrics::~Metrics() = default;

Counter* Metrics::GetCounter(absl::string_view name, absl::string_view help, MetricLabels labels) {
  std::lock_guard<std::mutex> lock(registry_->mutex);
  MetricKey key(std::string(name), std::move(labels));
  return FindOrMake(registry_->counters, key, [&] {
    auto& family = prometheus::BuildCounter()
                       .Name(key.first)
                       .Help(std::string(help))
                       .Register(registry_->registry);
    return std::make_unique<PrometheusCounter>(family.Add(key.second));
  });
}

Gauge* Metrics::GetGauge(absl::string_view name, absl::string_view help, MetricLabels labels) {
  std::lock_guard<std::mutex> lock(registry_->mutex);
  MetricKey key(std::string(name), std::move(labels));
  return FindOrMake(registry_->gauges, key, [&] {
    auto& family = prometheus::BuildGauge()
                       .Name(key.first)
                       .Help(std::string(help))
                       .Register(registry_->registry);
    return std::make_unique<PrometheusGauge>(family.Add(key.second));
  });
}

DurationHistogram* Metrics::GetDurationHistogram(absl::string_view name, absl::string_view help,
                                                 MetricLabels labels) {
  std::lock_guard<std::mutex> lock(registry_->mutex);
  MetricKey key(std::string(name), std::move(labels));
  return FindOrMake(registry_->histograms, key, [&] {
    auto& family = prometheus::BuildHistogram()
                       .Name(key.first)
                       .Help(std::string(help))
                       .Register(registry_->registry);
    return std::make_unique<PrometheusHistogram>(family.Add(key.second, kBuckets));
  });
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(registry_->registry.Collect());
}

}  // namespace topup::base
