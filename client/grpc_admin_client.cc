#include "client/grpc_admin_client.h"

#include <utility>

#include "client/read_stream.h"
#include "client/retry_loop.h"

namespace topup::client {
namespace {

using Stub = admin::v1::AdminService::StubInterface;

class GrpcAdminClient final : public AdminClient {
 public:
  GrpcAdminClient(std::shared_ptr<Stub> stub, ClientOptions options, World world)
      : stub_(std::move(stub)), options_(std::move(options)), world_(std::move(world)) {
    once_.tries_max = 1;
  }

  Result<admin::v1::GetProviderResponse> GetProvider(const admin::v1::GetProviderRequest& request,
                                                     const CallOptions& options) override {
    return Call(&Stub::GetProvider, request, options, options_.retry);
  }

  Result<admin::v1::RefreshPlansResponse> RefreshPlans(
      const admin::v1::RefreshPlansRequest& request, const CallOptions& options) override {
    return Call(&Stub::RefreshPlans, request, Patient(options, options_.waiting_timeout),
                options_.retry);
  }

  Result<admin::v1::ListStrategiesResponse> ListStrategies(
      const admin::v1::ListStrategiesRequest& request, const CallOptions& options) override {
    return Call(&Stub::ListStrategies, request, options, options_.retry);
  }

  Result<admin::v1::ExplainPriceResponse> ExplainPrice(
      const admin::v1::ExplainPriceRequest& request, const CallOptions& options) override {
    return Call(&Stub::ExplainPrice, request, options, options_.retry);
  }

  Result<admin::v1::ListUnsettledResponse> ListUnsettled(
      const admin::v1::ListUnsettledRequest& request, const CallOptions& options) override {
    return Call(&Stub::ListUnsettled, request, options, options_.retry);
  }

  Result<admin::v1::ListIncidentsResponse> ListIncidents(
      const admin::v1::ListIncidentsRequest& request, const CallOptions& options) override {
    return Call(&Stub::ListIncidents, request, options, options_.retry);
  }

  Result<admin::v1::ActivatePricingResponse> ActivatePricing(
      const admin::v1::ActivatePricingRequest& request, const CallOptions& options) override {
    const bool is_repeatable = request.validate_only() || !request.expected_config_digest().empty();
    Result<admin::v1::ActivatePricingResponse> result =
        Call(&Stub::ActivatePricing, request, Patient(options, options_.pricing_timeout),
             is_repeatable ? options_.retry : once_);
    if (result.ok() || result.error().reason != "CONFIG_CHANGED" ||
        !result.error().may_have_happened) {
      return result;
    }
    // Perhaps an earlier try is what changed it: then what is in force is what was sent.
    admin::v1::ActivatePricingRequest check = request;
    check.set_validate_only(true);
    check.clear_expected_config_digest();
    Result<admin::v1::ActivatePricingResponse> sent = Call(
        &Stub::ActivatePricing, check, Patient(options, options_.pricing_timeout), options_.retry);
    const Result<admin::v1::ListStrategiesResponse> now = ListStrategies({}, options);
    if (!sent.ok() || !now.ok() || sent->config_digest() != now->config_digest()) return result;
    return sent;
  }

  Result<admin::v1::RollbackPricingResponse> RollbackPricing(
      const admin::v1::RollbackPricingRequest& request, const CallOptions& options) override {
    return Call(&Stub::RollbackPricing, request, Patient(options, options_.pricing_timeout),
                request.expected_config_digest().empty() ? once_ : options_.retry);
  }

  std::optional<ClientError> SimulatePricing(
      const admin::v1::SimulatePricingRequest& request,
      absl::FunctionRef<bool(const admin::v1::SimulatePricingResponse&)> on_message,
      const CallOptions& options) override {
    return TryOnce(Frame(options, options_.simulation_timeout), [&](grpc::ClientContext& context) {
      return ReadStream<admin::v1::SimulatePricingResponse>(
          context, *stub_->SimulatePricing(&context, request), on_message);
    });
  }

  Result<admin::v1::ResolveTopupResponse> ResolveTopup(
      const admin::v1::ResolveTopupRequest& request, const CallOptions& options) override {
    return Call(&Stub::ResolveTopup, request, options, once_);
  }

  Result<admin::v1::CloseIncidentResponse> CloseIncident(
      const admin::v1::CloseIncidentRequest& request, const CallOptions& options) override {
    return Call(&Stub::CloseIncident, request, options, once_);
  }

 private:
  CallFrame Frame(const CallOptions& options, absl::Duration timeout) const {
    return {.timeout = options.timeout.value_or(timeout),
            .bearer_token = options_.bearer_token,
            .cancellation = options.cancellation};
  }

  // For calls that load strategies, or wait for the provider.
  static CallOptions Patient(CallOptions options, absl::Duration timeout) {
    if (!options.timeout.has_value()) options.timeout = timeout;
    return options;
  }

  template <typename Request, typename Response>
  Result<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request, const CallOptions& options,
                        const RetryPolicy& policy) {
    Response response;
    std::optional<ClientError> error = CallWithRetries(
        policy, world_, Frame(options, options_.call_timeout), [&](grpc::ClientContext& context) {
          response.Clear();
          return ((*stub_).*method)(&context, request, &response);
        });
    if (error.has_value()) return *std::move(error);
    return response;
  }

  const std::shared_ptr<Stub> stub_;
  const ClientOptions options_;
  const World world_;
  RetryPolicy once_;
};

}  // namespace

std::unique_ptr<AdminClient> MakeAdminClient(
    std::shared_ptr<admin::v1::AdminService::StubInterface> stub, ClientOptions options,
    World world) {
  return std::make_unique<GrpcAdminClient>(std::move(stub), std::move(options), std::move(world));
}

}  // namespace topup::client
