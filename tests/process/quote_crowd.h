// Callers who quote at a steady rate while prices change, and use some of the quotes later.
#ifndef TOPUP_TESTS_PROCESS_QUOTE_CROWD_H_
#define TOPUP_TESTS_PROCESS_QUOTE_CROWD_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/process/price_calls.h"
#include "tests/process/price_timeline.h"
#include "tests/process/pricing_variants.h"
#include "tests/process/problems.h"
#include "tests/process/step_clock.h"

namespace topup::process {

struct QuoteCrowdOptions {
  int clients = 8;
  int quotes_per_second = 1000;  // of all together, at most
  int send_every = 50;           // one of so many quotes is used
};

struct CrowdFigures {
  int64_t failed = 0;    // calls
  int64_t mixtures = 0;  // answers that are not of one configuration
  int64_t sends = 0;     // that were charged as quoted
};

// Thread-safe but for Start, Stop and what says so. Everything is borrowed.
class QuoteCrowd {
 public:
  // `changes_made` tells how often prices have changed so far.
  QuoteCrowd(QuoteCrowdOptions options, const PricingVariants& variants, const StepClock& clock,
             std::function<int64_t()> changes_made, Problems& problems);
  // Stops.
  ~QuoteCrowd();

  // `calls` is used until Stop.
  void Start(const PriceCalls& calls);
  void Stop();

  // Waits until the step, or the end. False where it is the end. Any thread.
  bool WaitUntil(int64_t step);
  // Waits until so many quotes have been asked for and have ended. Any thread.
  void WaitForQuotes(int64_t count);
  // So far. Any thread.
  int64_t quotes() const { return quotes_; }

  // --- after Stop only

  const std::vector<SeenQuote>& seen() const { return seen_; }
  CrowdFigures figures() const { return figures_; }
  // One more quote, which has to be of `variant`.
  void ExpectQuoteOf(const PriceCalls& calls, int variant);
  // Uses what is left of the quotes, however long ago they were given.
  void SendTheRest(const PriceCalls& calls);
  // Reads each top-up that was sold: it keeps the price that it was quoted at.
  void CheckSold(const PriceCalls& calls);

 private:
  struct Kept {
    v1::QuoteTopupRequest request;
    v1::Quote quote;
    int64_t sent_after_changes = 0;
  };

  void Run(const PriceCalls& calls);
  void QuoteOnce(int64_t number, const PriceCalls& calls, std::vector<SeenQuote>& seen);
  std::optional<Kept> TakeRipe();
  void Send(const Kept& kept, const PriceCalls& calls);
  void Failed(const char* what, const grpc::Status& status);
  const QuoteCrowdOptions options_;
  const PricingVariants& variants_;
  const StepClock& clock_;
  const std::function<int64_t()> changes_made_;
  Problems& problems_;
  std::vector<std::thread> threads_;
  int64_t start_step_ = 0;
  std::atomic<int64_t> next_{0};
  std::atomic<int64_t> quotes_{0};

  std::mutex mutex_;
  std::condition_variable stopping_;
  std::condition_variable quote_ended_;
  // By mutex_:
  bool stopped_ = false;
  int64_t ended_ = 0;  // quotes, however they ended
  std::deque<Kept> kept_;
  std::map<std::string, std::string> sold_;  // by ref: the quoted price, as bytes
  std::vector<SeenQuote> seen_;
  CrowdFigures figures_;
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_QUOTE_CROWD_H_
