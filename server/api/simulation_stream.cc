#include "server/api/simulation_stream.h"

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/api/grpc_status.h"
#include "server/api/methods.h"
#include "server/api/price_checks.h"
#include "server/api/price_convert.h"
#include "server/base/status_macros.h"

namespace topup::api {
namespace {

using admin::v1::SimulatePricingRequest;
using admin::v1::SimulatePricingResponse;

// Nothing is written before the simulation is done; then one message after the other, each when
// gRPC is done with the one before. So no two threads are ever at it, and it needs no lock.
class SimulationStream final : public grpc::ServerWriteReactor<SimulatePricingResponse>,
                               public std::enable_shared_from_this<SimulationStream> {
 public:
  SimulationStream(CallGate& gate, grpc::CallbackServerContext* context)
      : gate_(gate), context_(context) {}

  void Start(engine::PriceControl& prices, const SimulatePricingRequest& request) {
    self_ = shared_from_this();
    gate_.EnterStream();
    const absl::Status started = TryStart(prices, request);
    if (!started.ok()) End(started);
  }

  void OnWriteDone(bool ok) override {
    gate_.watchdog().End(write_);
    if (ok && next_ < messages_.size()) {
      WriteNext();
    } else {
      End(ok ? absl::OkStatus() : ClientGoneError());
    }
  }

  void OnCancel() override { *is_cancelled_ = true; }

  // The last reference, unless the simulation is not done yet.
  void OnDone() override {
    gate_.watchdog().End(write_);
    gate_.LeaveStream();
    std::exchange(self_, nullptr).reset();
  }

 private:
  absl::Status TryStart(engine::PriceControl& prices, const SimulatePricingRequest& request) {
    ASSIGN_OR_RETURN(const core::Caller caller, gate_.Admit(*context_, Method::kSimulatePricing));
    RETURN_IF_ERROR(gate_.CheckOpen());
    ASSIGN_OR_RETURN(engine::SimulateCommand command, CheckSimulatePricing(request));
    // A server that stops waits for no simulation.
    command.is_cancelled = [cancelled = is_cancelled_, &gate = gate_] {
      return *cancelled || !gate.CheckOpen().ok();
    };
    see_cost_ = caller.roles.see_cost;
    prices.Simulate(std::move(command), [self = shared_from_this()](
                                            const absl::StatusOr<engine::Simulation>& simulation) {
      self->Write(simulation);
    });
    return absl::OkStatus();
  }

  void Write(const absl::StatusOr<engine::Simulation>& simulation) {
    if (absl::IsCancelled(simulation.status()) && !*is_cancelled_) return End(gate_.CheckOpen());
    if (!simulation.ok()) return End(simulation.status());
    messages_ = ToMessages(*simulation, see_cost_);
    WriteNext();
  }

  void WriteNext() {
    write_ = gate_.watchdog().Begin(context_, gate_.cut_streams());
    StartWrite(&messages_[next_++]);
  }

  void End(const absl::Status& status) {
    const grpc::Status on_wire = ToGrpcStatus(status, see_cost_);
    gate_.CountEnd(Method::kSimulatePricing, static_cast<absl::StatusCode>(on_wire.error_code()));
    write_ = gate_.watchdog().Begin(context_, gate_.cut_streams());
    Finish(on_wire);
  }

  CallGate& gate_;
  grpc::CallbackServerContext* const context_;
  const std::shared_ptr<std::atomic<bool>> is_cancelled_ =
      std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<SimulationStream> self_;
  bool see_cost_ = false;  // constant once the simulation is asked for
  std::vector<SimulatePricingResponse> messages_;
  size_t next_ = 0;
  WriteWatchdog::WriteId write_ = 0;  // of the message, or of the end
};

}  // namespace

grpc::ServerWriteReactor<SimulatePricingResponse>* StartSimulation(
    CallGate& gate, engine::PriceControl& prices, grpc::CallbackServerContext* context,
    const SimulatePricingRequest& request) {
  auto stream = std::make_shared<SimulationStream>(gate, context);
  stream->Start(prices, request);
  return stream.get();
}

}  // namespace topup::api
