// The C++ client of topup.admin.v1.AdminService, for people who run the service. Needs the admin
// role.
#ifndef TOPUP_CLIENT_ADMIN_CLIENT_H_
#define TOPUP_CLIENT_ADMIN_CLIENT_H_

#include "client/client_error.h"
#include "client/topup_client.h"
#include "topup/admin/v1/admin_service.pb.h"

namespace topup::client {

// Thread-safe; calls block. Reads are repeated like those of TopupClient, and so is RefreshPlans,
// which only reads the provider. What changes something is tried once: after a lost answer a
// person has to look first.
class AdminClient {
 public:
  virtual ~AdminClient() = default;

  virtual Result<admin::v1::GetProviderResponse> GetProvider(
      const admin::v1::GetProviderRequest& request, const CallOptions& options = {}) = 0;
  virtual Result<admin::v1::RefreshPlansResponse> RefreshPlans(
      const admin::v1::RefreshPlansRequest& request, const CallOptions& options = {}) = 0;
  virtual Result<admin::v1::ListStrategiesResponse> ListStrategies(
      const admin::v1::ListStrategiesRequest& request, const CallOptions& options = {}) = 0;
  virtual Result<admin::v1::ExplainPriceResponse> ExplainPrice(
      const admin::v1::ExplainPriceRequest& request, const CallOptions& options = {}) = 0;
  virtual Result<admin::v1::ListUnsettledResponse> ListUnsettled(
      const admin::v1::ListUnsettledRequest& request, const CallOptions& options = {}) = 0;
  virtual Result<admin::v1::ListIncidentsResponse> ListIncidents(
      const admin::v1::ListIncidentsRequest& request, const CallOptions& options = {}) = 0;

  // Tried once.
  virtual Result<admin::v1::ActivatePricingResponse> ActivatePricing(
      const admin::v1::ActivatePricingRequest& request, const CallOptions& options = {}) = 0;
  virtual Result<admin::v1::RollbackPricingResponse> RollbackPricing(
      const admin::v1::RollbackPricingRequest& request, const CallOptions& options = {}) = 0;
  virtual Result<admin::v1::ResolveTopupResponse> ResolveTopup(
      const admin::v1::ResolveTopupRequest& request, const CallOptions& options = {}) = 0;
  virtual Result<admin::v1::CloseIncidentResponse> CloseIncident(
      const admin::v1::CloseIncidentRequest& request, const CallOptions& options = {}) = 0;
};

}  // namespace topup::client

#endif  // TOPUP_CLIENT_ADMIN_CLIENT_H_
