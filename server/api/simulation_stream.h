// The stream of SimulatePricing.
#ifndef TOPUP_SERVER_API_SIMULATION_STREAM_H_
#define TOPUP_SERVER_API_SIMULATION_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "server/api/call_gate.h"
#include "server/engine/price_control.h"
#include "topup/admin/v1/admin_service.pb.h"

namespace topup::api {

// Starts a stream that owns itself. `request` is needed during the call only; `gate` and `prices`
// outlive the stream. Ends the simulation where the client goes; is cut where the client takes
// nothing.
grpc::ServerWriteReactor<admin::v1::SimulatePricingResponse>* StartSimulation(
    CallGate& gate, engine::PriceControl& prices, grpc::CallbackServerContext* context,
    const admin::v1::SimulatePricingRequest& request);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_SIMULATION_STREAM_H_
