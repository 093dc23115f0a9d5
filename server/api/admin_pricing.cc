// The methods of AdminService about prices.
#include <string>
#include <utility>

#include "server/api/admin_service.h"
#include "server/api/price_checks.h"
#include "server/api/price_convert.h"
#include "server/api/simulation_stream.h"

namespace topup::api {

grpc::ServerUnaryReactor* AdminService::ListStrategies(
    grpc::CallbackServerContext* context, const admin::v1::ListStrategiesRequest*,
    admin::v1::ListStrategiesResponse* response) {
  const UnaryCall call(gate_, context, Method::kListStrategies);
  if (!call.admitted()) return call.reactor();
  prices_.ListStrategies([call, response](absl::StatusOr<engine::StrategyDirectory> read) {
    if (read.ok()) FillStrategies(*read, *response);
    call.Finish(read.status());
  });
  return call.reactor();
}

grpc::ServerUnaryReactor* AdminService::ActivatePricing(
    grpc::CallbackServerContext* context, const admin::v1::ActivatePricingRequest* request,
    admin::v1::ActivatePricingResponse* response) {
  const UnaryCall call(gate_, context, Method::kActivatePricing);
  if (!call.admitted()) return call.reactor();
  auto command = CheckActivatePricing(*request, call.caller().name);
  if (!command.ok()) return call.Finish(command.status());
  prices_.Activate(*std::move(command),
                   [call, response](const absl::StatusOr<std::string>& digest) {
                     if (digest.ok()) response->set_config_digest(*digest);
                     call.Finish(digest.status());
                   });
  return call.reactor();
}

grpc::ServerUnaryReactor* AdminService::RollbackPricing(
    grpc::CallbackServerContext* context, const admin::v1::RollbackPricingRequest* request,
    admin::v1::RollbackPricingResponse* response) {
  const UnaryCall call(gate_, context, Method::kRollbackPricing);
  if (!call.admitted()) return call.reactor();
  auto command = CheckRollbackPricing(*request, call.caller().name);
  if (!command.ok()) return call.Finish(command.status());
  prices_.Rollback(*std::move(command),
                   [call, response](const absl::StatusOr<std::string>& digest) {
                     if (digest.ok()) response->set_config_digest(*digest);
                     call.Finish(digest.status());
                   });
  return call.reactor();
}

grpc::ServerWriteReactor<admin::v1::SimulatePricingResponse>* AdminService::SimulatePricing(
    grpc::CallbackServerContext* context, const admin::v1::SimulatePricingRequest* request) {
  return StartSimulation(gate_, prices_, context, *request);
}

grpc::ServerUnaryReactor* AdminService::ExplainPrice(grpc::CallbackServerContext* context,
                                                     const admin::v1::ExplainPriceRequest* request,
                                                     admin::v1::ExplainPriceResponse* response) {
  const UnaryCall call(gate_, context, Method::kExplainPrice);
  if (!call.admitted()) return call.reactor();
  auto topup_id = CheckExplainPrice(*request);
  if (!topup_id.ok()) return call.Finish(topup_id.status());
  prices_.Explain(*std::move(topup_id),
                  [call, response](absl::StatusOr<engine::Explanation> explained) {
                    if (explained.ok())
                      FillExplanation(*explained, call.caller().roles.see_cost, *response);
                    call.Finish(explained.status());
                  });
  return call.reactor();
}

}  // namespace topup::api
