// OneClickDz's mobile top-up API, version 3, as a Provider.
//
// Takes requests, waits for a thread, exchanges, decodes. POSTs and reads have threads of
// their own, so that slow reads never hold up a send whose claim is already committed.
#ifndef TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_PROVIDER_H_
#define TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_PROVIDER_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/base/secret.h"
#include "server/base/task_loop.h"
#include "server/base/worker_pool.h"
#include "server/upstream/http/http_transport.h"
#include "server/upstream/keyed_provider.h"
#include "server/upstream/upstream_options.h"

namespace topup::upstream::oneclickdz {

// Thread-safe; see provider.h. Without a key nothing is sent: answered with `request_left`
// false.
class OneClickDzProvider : public KeyedProvider {
 public:
  // `clock` and `metrics` must outlive it.
  OneClickDzProvider(const UpstreamOptions& options, std::unique_ptr<http::HttpTransport> transport,
                     const base::Clock& clock, base::Metrics& metrics);
  // Cuts reads, waits for POSTs under way; every `done` has been called when it returns.
  ~OneClickDzProvider() override;

  absl::Status SetKey(base::Secret key) override;

  void Send(const SendRequest& request, absl::Duration watchdog_end,
            Done<core::SendAnswer> done) override;
  void ReadByRef(const std::string& provider_ref, Done<core::ReadAnswer> done) override;
  void ReadById(const std::string& provider_topup_id, Done<core::ReadAnswer> done) override;
  void List(const ListRequest& request, Done<core::ListAnswer> done) override;
  void ReadPlans(Done<core::PlansAnswer> done) override;
  void ReadBalance(Done<core::BalanceAnswer> done) override;
  void Ping(Done<core::PingAnswer> done) override;
  void Validate(Done<core::ValidateAnswer> done) override;

 private:
  // What is counted for one kind of call.
  struct CallMetrics {
    base::Counter* unsent;
    base::Counter* lost;     // it left, and no complete answer came
    base::Counter* success;  // the envelope says so
    base::Counter* other;    // refusals, errors, answers without an envelope
    base::DurationHistogram* duration;
  };
  static CallMetrics MakeCallMetrics(const char* call, base::Metrics& metrics);

  // Has `request` exchanged on a thread of `pool` and `done` called with what `decode` makes
  // of the answer, whatever happens.
  template <typename Answer>
  void Run(base::WorkerPool& pool, http::HttpRequest request, absl::Duration deadline,
           Answer (*decode)(const http::HttpReply&), const CallMetrics& metrics, Done<Answer> done);
  template <typename Answer>
  void Read(http::HttpRequest request, Answer (*decode)(const http::HttpReply&),
            const CallMetrics& metrics, Done<Answer> done);
  std::shared_ptr<const base::Secret> Key() const;
  http::HttpReply Exchange(const http::HttpRequest& request, const base::Secret& key,
                           absl::Duration deadline);
  static void Count(const core::Exchange& exchange, absl::Duration duration,
                    const CallMetrics& metrics);

  const absl::Duration request_timeout_;
  const base::Clock& clock_;
  const std::unique_ptr<http::HttpTransport> transport_;
  const CallMetrics send_metrics_;
  const CallMetrics read_metrics_;
  const CallMetrics list_metrics_;
  const CallMetrics account_metrics_;
  std::atomic<bool> stopping_{false};

  mutable std::mutex key_mutex_;  // guards key_; held only to copy the pointer
  std::shared_ptr<const base::Secret> key_;

  base::WorkerPool posts_;
  base::WorkerPool reads_;
  // Where calls that found no place in a queue are answered.
  base::ThreadTaskLoop refusals_;
};

}  // namespace topup::upstream::oneclickdz

#endif  // TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_PROVIDER_H_
