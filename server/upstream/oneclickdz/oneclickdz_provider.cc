#include "server/upstream/oneclickdz/oneclickdz_provider.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "server/upstream/oneclickdz/oneclickdz_account.h"
#include "server/upstream/oneclickdz/oneclickdz_topups.h"

namespace topup::upstream::oneclickdz {
namespace {

// The samples' keys have 36 characters; a longer file is not a key.
constexpr size_t kKeyMax = 500;
// A shorter one is no key of the provider's, and could stand in an answer by chance.
constexpr size_t kHiddenKeyMin = 16;

http::HttpReply Unsent(const char* why) {
  http::HttpReply reply;
  reply.request_left = false;
  reply.error = why;
  return reply;
}

// An answer is kept, logged and shown, wherever it came from: nothing of it holds our key.
void HideKey(const base::Secret& key, http::HttpReply& reply) {
  if (key.Reveal().size() < kHiddenKeyMin) return;
  for (std::string* text :
       {&reply.body, &reply.request_id, &reply.retry_after, &reply.date, &reply.error}) {
    absl::StrReplaceAll({{key.Reveal(), "[key]"}}, text);
  }
}

}  // namespace

OneClickDzProvider::OneClickDzProvider(const UpstreamOptions& options,
                                       std::unique_ptr<http::HttpTransport> transport,
                                       const base::Clock& clock, base::Metrics& metrics)
    : request_timeout_(options.request_timeout),
      clock_(clock),
      transport_(std::move(transport)),
      send_metrics_(MakeCallMetrics("send", metrics)),
      read_metrics_(MakeCallMetrics("read", metrics)),
      list_metrics_(MakeCallMetrics("list", metrics)),
      account_metrics_(MakeCallMetrics("account", metrics)),
      key_(std::make_shared<const base::Secret>()),
      posts_("upstream-post", options.submit_concurrency, options.submit_concurrency),
      reads_("upstream-read", options.read_concurrency, options.read_queue_limit),
      refusals_("upstream-full", clock) {}

OneClickDzProvider::~OneClickDzProvider() {
  stopping_ = true;
  transport_->CutReads();
  reads_.Stop();
  posts_.Stop();
  refusals_.Stop();
}

OneClickDzProvider::CallMetrics OneClickDzProvider::MakeCallMetrics(const char* call,
                                                                    base::Metrics& metrics) {
  const auto counter = [&](const char* result) {
    return metrics.GetCounter("topup_upstream_requests_total",
                              "Requests to the provider, by what was asked and what came back.",
                              {{"call", call}, {"result", result}});
  };
  CallMetrics made;
  made.unsent = counter("unsent");
  made.lost = counter("lost");
  made.success = counter("success");
  made.other = counter("other");
  made.duration = metrics.GetDurationHistogram(
      "topup_upstream_request_seconds", "Time of one exchange with the provider, queue aside.",
      {{"call", call}});
  return made;
}

void OneClickDzProvider::Count(const core::Exchange& exchange, absl::Duration duration,
                               const CallMetrics& metrics) {
  metrics.duration->Observe(duration);
  if (!exchange.request_left) {
    metrics.unsent->Increment();
  } else if (!exchange.response_complete) {
    metrics.lost->Increment();
  } else if (exchange.success) {
    metrics.success->Increment();
  } else {
    metrics.other->Increment();
  }
}

absl::Status OneClickDzProvider::SetKey(base::Secret key) {
  const absl::string_view bytes = key.Reveal();
  const bool printable = std::all_of(bytes.begin(), bytes.end(), absl::ascii_isgraph);
  if (bytes.empty() || bytes.size() > kKeyMax || !printable) {
    return absl::InvalidArgumentError(
        "The provider's key is empty, too long, or has characters that a key cannot have.");
  }
  auto replacement = std::make_shared<const base::Secret>(std::move(key));
  std::lock_guard<std::mutex> lock(key_mutex_);
  key_ = std::move(replacement);
  return absl::OkStatus();
}

std::shared_ptr<const base::Secret> OneClickDzProvider::Key() const {
  std::lock_guard<std::mutex> lock(key_mutex_);
  return key_;
}

http::HttpReply OneClickDzProvider::Exchange(const http::HttpRequest& request,
                                             const base::Secret& key, absl::Duration deadline) {
  if (stopping_) return Unsent("not sent: shutting down");
  if (key.empty()) return Unsent("not sent: there is no key");
  // It may have waited for this thread for longer than it has time.
  if (clock_.Elapsed() >= deadline) return Unsent("not sent: its time was over");
  http::HttpReply reply = transport_->Exchange(request, key, deadline);
  HideKey(key, reply);
  return reply;
}

template <typename Answer>
void OneClickDzProvider::Run(base::WorkerPool& pool, http::HttpRequest request,
                             absl::Duration deadline, Answer (*decode)(const http::HttpReply&),
                             const CallMetrics& metrics, Done<Answer> done) {
  const auto finish = [this, decode, &metrics, done](const http::HttpReply& reply, absl::Time start,
                                                     absl::Duration began) {
    Answer answer = decode(reply);
    answer.exchange.start_time = start;
    answer.exchange.start_elapsed = began;
    answer.exchange.end_time = clock_.Now();
    Count(answer.exchange, clock_.Elapsed() - began, metrics);
    done(std::move(answer));
  };
  // The key of now, however long it waits for a thread: what was asked for one environment must
  // not be sent to another.
  const auto exchange = [this, finish, request = std::move(request), key = Key(), deadline] {
    const absl::Time start = clock_.Now();
    const absl::Duration began = clock_.Elapsed();
    finish(Exchange(request, *key, deadline), start, began);
  };
  if (pool.TryPost(exchange)) return;
  refusals_.Post([this, finish] {
    finish(Unsent("not sent: too many requests wait already"), clock_.Now(), clock_.Elapsed());
  });
}

template <typename Answer>
void OneClickDzProvider::Read(http::HttpRequest request, Answer (*decode)(const http::HttpReply&),
                              const CallMetrics& metrics, Done<Answer> done) {
  Run(reads_, std::move(request), clock_.Elapsed() + request_timeout_, decode, metrics,
      std::move(done));
}

void OneClickDzProvider::Send(const SendRequest& request, absl::Duration watchdog_end,
                              Done<core::SendAnswer> done) {
  Run(posts_, EncodeSend(request), watchdog_end, &DecodeSend, send_metrics_, std::move(done));
}

void OneClickDzProvider::ReadByRef(const std::string& provider_ref, Done<core::ReadAnswer> done) {
  Read(EncodeReadByRef(provider_ref), &DecodeRead, read_metrics_, std::move(done));
}

void OneClickDzProvider::ReadById(const std::string& provider_topup_id,
                                  Done<core::ReadAnswer> done) {
  Read(EncodeReadById(provider_topup_id), &DecodeRead, read_metrics_, std::move(done));
}

void OneClickDzProvider::List(const ListRequest& request, Done<core::ListAnswer> done) {
  Read(EncodeList(request), &DecodeList, list_metrics_, std::move(done));
}

void OneClickDzProvider::ReadPlans(Done<core::PlansAnswer> done) {
  Read(EncodeReadPlans(), &DecodePlans, account_metrics_, std::move(done));
}

void OneClickDzProvider::ReadBalance(Done<core::BalanceAnswer> done) {
  Read(EncodeReadBalance(), &DecodeBalance, account_metrics_, std::move(done));
}

void OneClickDzProvider::Ping(Done<core::PingAnswer> done) {
  Read(EncodePing(), &DecodePing, account_metrics_, std::move(done));
}

void OneClickDzProvider::Validate(Done<core::ValidateAnswer> done) {
  Read(EncodeValidate(), &DecodeValidate, account_metrics_, std::move(done));
}

}  // namespace topup::upstream::oneclickdz
