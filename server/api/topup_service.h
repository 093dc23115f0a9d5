// topup.v1.TopupService: each method authenticates, checks the form, converts, delegates, and
// converts back. Nothing blocks here.
#ifndef TOPUP_SERVER_API_TOPUP_SERVICE_H_
#define TOPUP_SERVER_API_TOPUP_SERVICE_H_

#include "server/api/api_options.h"
#include "server/api/call_gate.h"
#include "server/api/page_token.h"
#include "server/api/watch_reactors.h"
#include "topup/v1/topup_service.grpc.pb.h"

namespace topup::api {

// Thread-safe. Outlives the server that it is registered with.
class TopupService final : public v1::TopupService::CallbackService {
 public:
  // `parts` and `gate` are borrowed.
  TopupService(const ApiOptions& options, const ApiParts& parts, CallGate& gate);

  grpc::ServerUnaryReactor* ListPlans(grpc::CallbackServerContext* context,
                                      const v1::ListPlansRequest* request,
                                      v1::ListPlansResponse* response) override;
  grpc::ServerUnaryReactor* ListOffers(grpc::CallbackServerContext* context,
                                       const v1::ListOffersRequest* request,
                                       v1::ListOffersResponse* response) override;
  grpc::ServerUnaryReactor* QuoteTopup(grpc::CallbackServerContext* context,
                                       const v1::QuoteTopupRequest* request,
                                       v1::QuoteTopupResponse* response) override;
  grpc::ServerUnaryReactor* SendTopup(grpc::CallbackServerContext* context,
                                      const v1::SendTopupRequest* request,
                                      v1::SendTopupResponse* response) override;
  grpc::ServerUnaryReactor* CancelTopup(grpc::CallbackServerContext* context,
                                        const v1::CancelTopupRequest* request,
                                        v1::CancelTopupResponse* response) override;
  grpc::ServerUnaryReactor* GetTopup(grpc::CallbackServerContext* context,
                                     const v1::GetTopupRequest* request,
                                     v1::GetTopupResponse* response) override;
  grpc::ServerUnaryReactor* ListTopups(grpc::CallbackServerContext* context,
                                       const v1::ListTopupsRequest* request,
                                       v1::ListTopupsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchTopupResponse>* WatchTopup(
      grpc::CallbackServerContext* context, const v1::WatchTopupRequest* request) override;
  grpc::ServerWriteReactor<v1::WatchTopupsResponse>* WatchTopups(
      grpc::CallbackServerContext* context, const v1::WatchTopupsRequest* request) override;

 private:
  // A top-up as `caller` may see it.
  void Show(const core::Topup& topup, const core::Caller& caller, v1::Topup& message) const;
  void ShowPage(const store::ListFilter& filter, const store::ListResult& result,
                const core::Caller& caller, v1::ListTopupsResponse& response) const;

  engine::Engine& engine_;
  CallGate& gate_;
  const PageTokens page_tokens_;
  WatchParts watch_;
};

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_TOPUP_SERVICE_H_
