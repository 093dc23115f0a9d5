#include "server/api/admin_service.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/api/grpc_status.h"
#include "server/api/proto_convert.h"
#include "server/base/error.h"

namespace topup::api {
namespace {

absl::Status UnimplementedError(Method method) {
  const std::string name(RuleOf(method).name);
  return base::MakeError(absl::StatusCode::kUnimplemented,
                         absl::StrCat("This server does not serve ", name, " yet."),
                         {.reason = "UNIMPLEMENTED", .metadata = {{"method", name}}});
}

// A stream that ends before it has said anything.
class RefusedSimulation final
    : public grpc::ServerWriteReactor<admin::v1::SimulatePricingResponse> {
 public:
  explicit RefusedSimulation(const absl::Status& error) { Finish(ToGrpcStatus(error)); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerUnaryReactor* AdminService::GetProvider(grpc::CallbackServerContext* context,
                                                    const admin::v1::GetProviderRequest*,
                                                    admin::v1::GetProviderResponse* response) {
  const UnaryCall call(gate_, context, Method::kGetProvider);
  if (!call.admitted()) return call.reactor();
  FillProvider(engine_.GetProvider(), *response);
  return call.Finish(absl::OkStatus());
}

grpc::ServerUnaryReactor* AdminService::RefreshPlans(grpc::CallbackServerContext* context,
                                                     const admin::v1::RefreshPlansRequest*,
                                                     admin::v1::RefreshPlansResponse* response) {
  const UnaryCall call(gate_, context, Method::kRefreshPlans);
  if (!call.admitted()) return call.reactor();
  engine_.RefreshPlans([call, response](absl::StatusOr<engine::RefreshResult> result) {
    if (!result.ok()) return static_cast<void>(call.Finish(result.status()));
    response->set_plans(result->plans);
    for (std::string& change : result->changes) response->add_changes(std::move(change));
    call.Finish(absl::OkStatus());
  });
  return call.reactor();
}

grpc::ServerUnaryReactor* AdminService::Unimplemented(grpc::CallbackServerContext* context,
                                                      Method method) {
  const UnaryCall call(gate_, context, method);
  if (!call.admitted()) return call.reactor();
  return call.Finish(UnimplementedError(method));
}

grpc::ServerWriteReactor<admin::v1::SimulatePricingResponse>* AdminService::SimulatePricing(
    grpc::CallbackServerContext* context, const admin::v1::SimulatePricingRequest*) {
  const absl::StatusOr<core::Caller> caller = gate_.Admit(*context, Method::kSimulatePricing);
  return new RefusedSimulation(caller.ok() ? UnimplementedError(Method::kSimulatePricing)
                                           : caller.status());
}

grpc::ServerUnaryReactor* AdminService::ListStrategies(grpc::CallbackServerContext* context,
                                                       const admin::v1::ListStrategiesRequest*,
                                                       admin::v1::ListStrategiesResponse*) {
  return Unimplemented(context, Method::kListStrategies);
}

grpc::ServerUnaryReactor* AdminService::ActivatePricing(grpc::CallbackServerContext* context,
                                                        const admin::v1::ActivatePricingRequest*,
                                                        admin::v1::ActivatePricingResponse*) {
  return Unimplemented(context, Method::kActivatePricing);
}

grpc::ServerUnaryReactor* AdminService::RollbackPricing(grpc::CallbackServerContext* context,
                                                        const admin::v1::RollbackPricingRequest*,
                                                        admin::v1::RollbackPricingResponse*) {
  return Unimplemented(context, Method::kRollbackPricing);
}

grpc::ServerUnaryReactor* AdminService::ExplainPrice(grpc::CallbackServerContext* context,
                                                     const admin::v1::ExplainPriceRequest*,
                                                     admin::v1::ExplainPriceResponse*) {
  return Unimplemented(context, Method::kExplainPrice);
}

grpc::ServerUnaryReactor* AdminService::ListUnsettled(grpc::CallbackServerContext* context,
                                                      const admin::v1::ListUnsettledRequest*,
                                                      admin::v1::ListUnsettledResponse*) {
  return Unimplemented(context, Method::kListUnsettled);
}

grpc::ServerUnaryReactor* AdminService::ResolveTopup(grpc::CallbackServerContext* context,
                                                     const admin::v1::ResolveTopupRequest*,
                                                     admin::v1::ResolveTopupResponse*) {
  return Unimplemented(context, Method::kResolveTopup);
}

grpc::ServerUnaryReactor* AdminService::ListIncidents(grpc::CallbackServerContext* context,
                                                      const admin::v1::ListIncidentsRequest*,
                                                      admin::v1::ListIncidentsResponse*) {
  return Unimplemented(context, Method::kListIncidents);
}

grpc::ServerUnaryReactor* AdminService::CloseIncident(grpc::CallbackServerContext* context,
                                                      const admin::v1::CloseIncidentRequest*,
                                                      admin::v1::CloseIncidentResponse*) {
  return Unimplemented(context, Method::kCloseIncident);
}

}  // namespace topup::api
