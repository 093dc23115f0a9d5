// topup.admin.v1.AdminService: what operators call. Every method needs the admin role.
#ifndef TOPUP_SERVER_API_ADMIN_SERVICE_H_
#define TOPUP_SERVER_API_ADMIN_SERVICE_H_

#include <string>

#include "server/api/api_options.h"
#include "server/api/call_gate.h"
#include "server/api/page_token.h"
#include "server/engine/price_control.h"
#include "topup/admin/v1/admin_service.grpc.pb.h"

namespace topup::api {

// Thread-safe. Outlives the server that it is registered with.
class AdminService final : public admin::v1::AdminService::CallbackService {
 public:
  // All are borrowed.
  AdminService(engine::Engine& engine, engine::PriceControl& prices, CallGate& gate,
               const base::Signer& signer)
      : engine_(engine), prices_(prices), gate_(gate), page_tokens_(signer) {}

  grpc::ServerUnaryReactor* GetProvider(grpc::CallbackServerContext* context,
                                        const admin::v1::GetProviderRequest* request,
                                        admin::v1::GetProviderResponse* response) override;
  grpc::ServerUnaryReactor* RefreshPlans(grpc::CallbackServerContext* context,
                                         const admin::v1::RefreshPlansRequest* request,
                                         admin::v1::RefreshPlansResponse* response) override;

  grpc::ServerUnaryReactor* ListStrategies(grpc::CallbackServerContext* context,
                                           const admin::v1::ListStrategiesRequest* request,
                                           admin::v1::ListStrategiesResponse* response) override;
  grpc::ServerUnaryReactor* ActivatePricing(grpc::CallbackServerContext* context,
                                            const admin::v1::ActivatePricingRequest* request,
                                            admin::v1::ActivatePricingResponse* response) override;
  grpc::ServerUnaryReactor* RollbackPricing(grpc::CallbackServerContext* context,
                                            const admin::v1::RollbackPricingRequest* request,
                                            admin::v1::RollbackPricingResponse* response) override;
  grpc::ServerWriteReactor<admin::v1::SimulatePricingResponse>* SimulatePricing(
      grpc::CallbackServerContext* context,
      const admin::v1::SimulatePricingRequest* request) override;
  grpc::ServerUnaryReactor* ExplainPrice(grpc::CallbackServerContext* context,
                                         const admin::v1::ExplainPriceRequest* request,
                                         admin::v1::ExplainPriceResponse* response) override;
  grpc::ServerUnaryReactor* ListUnsettled(grpc::CallbackServerContext* context,
                                          const admin::v1::ListUnsettledRequest* request,
                                          admin::v1::ListUnsettledResponse* response) override;
  grpc::ServerUnaryReactor* ResolveTopup(grpc::CallbackServerContext* context,
                                         const admin::v1::ResolveTopupRequest* request,
                                         admin::v1::ResolveTopupResponse* response) override;
  grpc::ServerUnaryReactor* ListIncidents(grpc::CallbackServerContext* context,
                                          const admin::v1::ListIncidentsRequest* request,
                                          admin::v1::ListIncidentsResponse* response) override;
  grpc::ServerUnaryReactor* CloseIncident(grpc::CallbackServerContext* context,
                                          const admin::v1::CloseIncidentRequest* request,
                                          admin::v1::CloseIncidentResponse* response) override;

 private:
  // `list`: what page tokens are bound to.
  void ShowUnsettled(const engine::UnsettledListing& listing, const std::string& list,
                     bool see_cost, admin::v1::ListUnsettledResponse& response);

  engine::Engine& engine_;
  engine::PriceControl& prices_;
  CallGate& gate_;
  const PageTokens page_tokens_;
};

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_ADMIN_SERVICE_H_
