#include "client/grpc_topup_client.h"

#include <grpcpp/client_context.h>

#include <utility>

#include "client/read_stream.h"
#include "client/retry_loop.h"

namespace topup::client {
namespace {

using Stub = v1::TopupService::StubInterface;

bool WaitsForTheProvider(const v1::SendTopupRequest& request) {
  return request.wait_for() != v1::WAIT_FOR_UNSPECIFIED &&
         request.wait_for() != v1::WAIT_FOR_RECORDED;
}

class GrpcTopupClient final : public TopupClient {
 public:
  GrpcTopupClient(std::shared_ptr<Stub> stub, ClientOptions options, World world)
      : stub_(std::move(stub)), options_(std::move(options)), world_(std::move(world)) {}

  Result<v1::ListPlansResponse> ListPlans(const v1::ListPlansRequest& request,
                                          const CallOptions& options) override {
    return Call(&Stub::ListPlans, request, options, options_.call_timeout);
  }

  Result<v1::ListOffersResponse> ListOffers(const v1::ListOffersRequest& request,
                                            const CallOptions& options) override {
    return Call(&Stub::ListOffers, request, options, options_.offers_timeout);
  }

  Result<v1::QuoteTopupResponse> Quote(const v1::QuoteTopupRequest& request,
                                       const CallOptions& options) override {
    return Call(&Stub::QuoteTopup, request, options, options_.call_timeout);
  }

  Result<v1::SendTopupResponse> Send(const v1::SendTopupRequest& request,
                                     const CallOptions& options) override {
    if (request.ref().empty()) {
      ClientError error;
      error.code = absl::StatusCode::kInvalidArgument;
      error.reason = "INVALID_ARGUMENT";
      error.message = "A send needs a ref: make one, keep it, then send.";
      error.field_violations.push_back({"ref", "is missing"});
      error.tries = 0;
      return error;
    }
    return Call(&Stub::SendTopup, request, options,
                WaitsForTheProvider(request) ? options_.waiting_timeout : options_.call_timeout);
  }

  Result<v1::CancelTopupResponse> Cancel(const v1::CancelTopupRequest& request,
                                         const CallOptions& options) override {
    Result<v1::CancelTopupResponse> result =
        Call(&Stub::CancelTopup, request, options, options_.call_timeout);
    if (result.ok() || result.error().tries == 1 || result.error().reason != "NOT_CANCELLABLE") {
      return result;
    }
    // Perhaps an earlier try is what cancelled it.
    v1::GetTopupRequest key;
    if (request.has_ref()) key.set_ref(request.ref());
    if (request.has_topup_id()) key.set_topup_id(request.topup_id());
    Result<v1::GetTopupResponse> now = Get(key, options);
    if (!now.ok() || now->topup().status() != v1::TOPUP_STATUS_CANCELLED) return result;
    v1::CancelTopupResponse response;
    *response.mutable_topup() = std::move(*now->mutable_topup());
    return response;
  }

  Result<v1::GetTopupResponse> Get(const v1::GetTopupRequest& request,
                                   const CallOptions& options) override {
    return Call(&Stub::GetTopup, request, options, options_.call_timeout);
  }

  Result<v1::ListTopupsResponse> List(const v1::ListTopupsRequest& request,
                                      const CallOptions& options) override {
    return Call(&Stub::ListTopups, request, options, options_.call_timeout);
  }

  std::optional<ClientError> StreamTopup(
      const v1::WatchTopupRequest& request,
      absl::FunctionRef<bool(const v1::WatchTopupResponse&)> on_message,
      const CallOptions& options) override {
    return Stream<v1::WatchTopupResponse>(
        [&](grpc::ClientContext& context) { return stub_->WatchTopup(&context, request); },
        on_message, options);
  }

  std::optional<ClientError> StreamTopups(
      const v1::WatchTopupsRequest& request,
      absl::FunctionRef<bool(const v1::WatchTopupsResponse&)> on_message,
      const CallOptions& options) override {
    return Stream<v1::WatchTopupsResponse>(
        [&](grpc::ClientContext& context) { return stub_->WatchTopups(&context, request); },
        on_message, options);
  }

 private:
  CallFrame Frame(const CallOptions& options, absl::Duration timeout) const {
    return {.timeout = options.timeout.value_or(timeout),
            .bearer_token = options_.bearer_token,
            .cancellation = options.cancellation};
  }

  template <typename Request, typename Response>
  Result<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request, const CallOptions& options,
                        absl::Duration timeout) {
    Response response;
    std::optional<ClientError> error = CallWithRetries(
        options_.retry, world_, Frame(options, timeout), [&](grpc::ClientContext& context) {
          response.Clear();  // a failed try may have left something
          return ((*stub_).*method)(&context, request, &response);
        });
    if (error.has_value()) return *std::move(error);
    return response;
  }

  template <typename Response, typename Open>
  std::optional<ClientError> Stream(Open open, absl::FunctionRef<bool(const Response&)> on_message,
                                    const CallOptions& options) {
    return TryOnce(Frame(options, options_.stream_lifetime), [&](grpc::ClientContext& context) {
      return ReadStream<Response>(context, *open(context), on_message);
    });
  }

  const std::shared_ptr<Stub> stub_;
  const ClientOptions options_;
  const World world_;
};

}  // namespace

std::unique_ptr<TopupClient> MakeTopupClient(std::shared_ptr<v1::TopupService::StubInterface> stub,
                                             ClientOptions options, World world) {
  return std::make_unique<GrpcTopupClient>(std::move(stub), std::move(options), std::move(world));
}

}  // namespace topup::client
