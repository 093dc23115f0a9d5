// The service as callers meet it, without a transport: the real handlers, streams, engine, feed
// and history over a store in memory and a provider without a network, on one thread.
#ifndef TOPUP_TESTS_FUZZ_CALL_WORLD_H_
#define TOPUP_TESTS_FUZZ_CALL_WORLD_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/api/admin_service.h"
#include "server/api/topup_service.h"
#include "server/engine/price_control.h"
#include "server/engine/topup_engine.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_provider.h"
#include "tests/fakes/inline_executor.h"
#include "tests/fakes/manual_task_loop.h"
#include "tests/fakes/memory_topup_store.h"
#include "tests/fakes/seeded_random.h"

namespace topup::fuzz {

// Cost plus five percent; no library is loaded.
class MarkupPricer : public pricing::Pricer {
 public:
  absl::StatusOr<core::PriceBreakdown> Price(const pricing::PricingRequest& request) const override;
};

// Answers at once, with nothing in it, and remembers nothing.
class EmptyPriceControl : public engine::PriceControl {
 public:
  void ListStrategies(Done<engine::StrategyDirectory> done) override {
    done(engine::StrategyDirectory{});
  }
  void Activate(engine::ActivateCommand, Done<std::string> done) override { done(""); }
  void Rollback(engine::RollbackCommand, Done<std::string> done) override { done(""); }
  void Simulate(engine::SimulateCommand, Done<engine::Simulation> done) override {
    done(engine::Simulation{});
  }
  void Explain(std::string, Done<engine::Explanation> done) override {
    done(engine::Explanation{});
  }
};

// The transport's end of a unary call: it keeps the answer, and no thread.
class UnaryEnd final : public grpc::ServerCallbackUnary {
 public:
  void Bind(grpc::ServerUnaryReactor* reactor) {
    reactor_ = reactor;
    BindReactor(reactor);
  }

  void Finish(grpc::Status status) override { answer_ = std::move(status); }
  void SendInitialMetadata() override {}

  const std::optional<grpc::Status>& answer() const { return answer_; }

 private:
  grpc::internal::ServerReactor* reactor() override { return reactor_; }
  void CallOnDone() override {}

  grpc::ServerUnaryReactor* reactor_ = nullptr;
  std::optional<grpc::Status> answer_;
};

// Everybody is `local` and may do everything. Started, with plans, and with top-ups of the
// ref "sent-1", "sent-2" that the provider has taken.
class CallWorld {
 public:
  CallWorld();
  ~CallWorld();

  // Calls a unary method and lets time pass until it is answered, a minute at most.
  template <typename Service, typename Request, typename Response>
  grpc::Status Unary(Service& service,
                     grpc::ServerUnaryReactor* (Service::*method)(grpc::CallbackServerContext*,
                                                                  const Request*, Response*),
                     const Request& request, Response& response) {
    grpc::CallbackServerContext context;
    UnaryEnd end;
    grpc::ServerUnaryReactor* reactor = (service.*method)(&context, &request, &response);
    end.Bind(reactor);
    RunUntilAnswered(end);
    reactor->OnDone();
    return *end.answer();
  }

  // Opens a stream, takes what it writes, some of it after the heartbeat's time, and leaves.
  // The status that it ended with by itself; CANCELLED where it had not.
  template <typename Service, typename Request, typename Response>
  grpc::Status Stream(Service& service,
                      grpc::ServerWriteReactor<Response>* (Service::*method)(
                          grpc::CallbackServerContext*, const Request*),
                      const Request& request, std::vector<Response>& written);

  api::TopupService& topups() { return topup_service_; }
  api::AdminService& admin() { return admin_service_; }
  fakes::MemoryTopupStore& store() { return store_; }
  const fakes::CapturedLog& log() const { return log_; }
  void Advance(absl::Duration duration) { loop_.AdvanceBy(duration); }
  // No time has passed and nothing was written since its construction, which takes long.
  bool IsUntouched() const;

 private:
  void RunUntilAnswered(const UnaryEnd& end);
  void Record(const std::string& ref);

  fakes::FakeClock clock_;
  fakes::SeededRandom random_;
  fakes::CapturedLog log_{clock_};
  base::Metrics metrics_;
  fakes::InlineExecutor reads_;
  // One for all: engine, provider and the streams' timers.
  fakes::ManualTaskLoop loop_{clock_};
  fakes::MemoryTopupStore store_;
  fakes::FakeProvider provider_{loop_, clock_};
  MarkupPricer pricer_;
  base::Signer signer_{base::Secret("a key of tests only")};
  upstream::RequestBudget budget_{120};
  engine::TopupEngine engine_;
  watch::TopupFeed feed_;
  watch::TopupHistory history_{store_, reads_};
  const api::CallerDirectory callers_ = api::CallerDirectory::Local();
  EmptyPriceControl prices_;
  api::CallGate gate_{callers_, {.calls = 100}, clock_, loop_, metrics_};
  api::TopupService topup_service_;
  api::AdminService admin_service_{engine_, prices_, gate_, signer_};
  // At the end of its construction.
  absl::Duration built_at_;
  int64_t writes_built_ = 0;
};

// The transport's end of a stream: it keeps what was asked of it, and no thread.
template <typename Response>
class StreamEnd final : public grpc::ServerCallbackWriter<Response> {
 public:
  void Bind(grpc::ServerWriteReactor<Response>* reactor) {
    reactor_ = reactor;
    this->BindReactor(reactor);
  }

  void Finish(grpc::Status status) override { end_ = std::move(status); }
  void SendInitialMetadata() override {}
  void Write(const Response* message, grpc::WriteOptions) override { in_flight_ = message; }
  void WriteAndFinish(const Response* message, grpc::WriteOptions, grpc::Status status) override {
    in_flight_ = message;
    end_ = std::move(status);
  }

  // The message under way, which is over now; null where there was none.
  const Response* Take() { return std::exchange(in_flight_, nullptr); }
  const std::optional<grpc::Status>& end() const { return end_; }

 private:
  grpc::internal::ServerReactor* reactor() override { return reactor_; }
  void CallOnDone() override {}

  grpc::ServerWriteReactor<Response>* reactor_ = nullptr;
  const Response* in_flight_ = nullptr;
  std::optional<grpc::Status> end_;
};

template <typename Service, typename Request, typename Response>
grpc::Status CallWorld::Stream(Service& service,
                               grpc::ServerWriteReactor<Response>* (Service::*method)(
                                   grpc::CallbackServerContext*, const Request*),
                               const Request& request, std::vector<Response>& written) {
  constexpr size_t kMessagesMax = 40;
  grpc::CallbackServerContext context;
  StreamEnd<Response> end;
  grpc::ServerWriteReactor<Response>* reactor = (service.*method)(&context, &request);
  end.Bind(reactor);
  const auto take = [&] {
    while (const Response* message = end.Take()) {
      written.push_back(*message);
      reactor->OnWriteDone(written.size() < kMessagesMax);
    }
  };
  take();
  if (!end.end().has_value()) loop_.AdvanceBy(absl::Seconds(20));
  take();
  const std::optional<grpc::Status> by_itself = end.end();
  if (!by_itself.has_value()) reactor->OnCancel();
  take();
  const grpc::Status status = by_itself.value_or(grpc::Status::CANCELLED);
  reactor->OnDone();
  return status;
}

}  // namespace topup::fuzz

#endif  // TOPUP_TESTS_FUZZ_CALL_WORLD_H_
