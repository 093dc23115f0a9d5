// The C++ client of topup.admin.v1.AdminService, for people who run the service. Needs the admin
// role.
#ifndef TOPUP_CLIENT_ADMIN_CLIENT_H_
#define TOPUP_CLIENT_ADMIN_CLIENT_H_

#include <optional>

#include "absl/functional/function_ref.h"
#include "client/client_error.h"
#include "client/topup_client.h"
#include "topup/admin/v1/admin_service.pb.h"

namespace topup::client {

// Thread-safe; calls block. Reads are repeated like those of TopupClient, and so is RefreshPlans,
// which only reads the provider. What changes something is tried once, unless the request says
// what it expects to find: after a lost answer a person has to look first.
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

  // Repeated only with expected_config_digest, or validate_only. Also succeeds where an earlier
  // try had put the configuration in force and its answer was lost.
  virtual Result<admin::v1::ActivatePricingResponse> ActivatePricing(
      const admin::v1::ActivatePricingRequest& request, const CallOptions& options = {}) = 0;

  // Repeated only with expected_config_digest: a repeat without it would go back twice. A
  // CONFIG_CHANGED with `may_have_happened` may be due to an earlier try, or to somebody else.
  virtual Result<admin::v1::RollbackPricingResponse> RollbackPricing(
      const admin::v1::RollbackPricingRequest& request, const CallOptions& options = {}) = 0;

  // One stream, tried once: work of minutes is not begun again unasked. Passes each message on in
  // the calling thread, until the stream ends or `on_message` returns false. Returns nothing where
  // the server ended it with OK or `on_message` returned false. `options.cancellation` ends it at
  // any time, with CANCELLED.
  virtual std::optional<ClientError> SimulatePricing(
      const admin::v1::SimulatePricingRequest& request,
      absl::FunctionRef<bool(const admin::v1::SimulatePricingResponse&)> on_message,
      const CallOptions& options = {}) = 0;

  // Tried once.
  virtual Result<admin::v1::ResolveTopupResponse> ResolveTopup(
      const admin::v1::ResolveTopupRequest& request, const CallOptions& options = {}) = 0;
  virtual Result<admin::v1::CloseIncidentResponse> CloseIncident(
      const admin::v1::CloseIncidentRequest& request, const CallOptions& options = {}) = 0;
};

}  // namespace topup::client

#endif  // TOPUP_CLIENT_ADMIN_CLIENT_H_
