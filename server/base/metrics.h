// Counters, gauges and histograms, kept by prometheus-cpp and read by the operators' port.
//
// Names are topup_<room>_<noun>_<unit>; label values come from enums, never from callers'
// text. A metric is asked for once, at construction, and used through the pointer for ever:
// it lives as long as its Metrics.
#ifndef TOPUP_SERVER_BASE_METRICS_H_
#define TOPUP_SERVER_BASE_METRICS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace topup::base {

// Thread-safe, like the two below.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Add(int64_t count) = 0;
  void Increment() { Add(1); }
  virtual int64_t Value() const = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Set(int64_t value) = 0;
  virtual int64_t Value() const = 0;
};

class DurationHistogram {
 public:
  virtual ~DurationHistogram() = default;
  virtual void Observe(absl::Duration duration) = 0;
};

using MetricLabels = std::map<std::string, std::string>;

// Thread-safe. Asking for the same name and labels again gives the same metric.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter* GetCounter(absl::string_view name, absl::string_view help, MetricLabels labels = {});
  Gauge* GetGauge(absl::string_view name, absl::string_view help, MetricLabels labels = {});
  // Buckets from 100 us to 60 s; exported in seconds.
  DurationHistogram* GetDurationHistogram(absl::string_view name, absl::string_view help,
                                          MetricLabels labels = {});

  // All metrics in Prometheus' text format 0.0.4.
  std::string Text() const;

 private:
  struct Registry;
  std::unique_ptr<Registry> registry_;
};

}  // namespace topup::base

#endif  // TOPUP_SERVER_BASE_METRICS_H_
