// An AdminService with prices that behaves: configurations by the digest of their text, a history
// to go back through, failures when told to.
//
// Useful for: everything that a client does with the owner's methods, over real gRPC and without a
// server of ours. A text that begins with "bad" is refused with two problems; the server's own file
// is kOwnFile. GetProvider and RefreshPlans answer too; the other methods are UNIMPLEMENTED.
#ifndef TOPUP_TESTS_CLIENT_FAKE_ADMIN_SERVICE_H_
#define TOPUP_TESTS_CLIENT_FAKE_ADMIN_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/client/fake_topup_service.h"
#include "topup/admin/v1/admin_service.grpc.pb.h"

namespace topup::tests {

// SHA-256 as lower-case hex, like sha256sum.
std::string DigestOf(const std::string& text);

// Thread-safe.
class FakeAdminService final : public admin::v1::AdminService::Service {
 public:
  // In force at first.
  static constexpr char kFirst[] = "first";
  static constexpr char kOwnFile[] = "own file";

  // The next calls of `method` end so, in order, before anything else happens.
  void FailNext(const std::string& method, grpc::Status status);
  // The next ActivatePricing or RollbackPricing takes effect, and then answers `status`.
  void LoseNextAnswer(const std::string& method, grpc::Status status);
  // Puts `config` in force, as another owner would.
  void Intrude(const std::string& config);
  // Before any call: what the methods below answer.
  void AddStrategy(const admin::v1::StrategyInfo& strategy);
  void SetExplanation(const std::string& topup_id, admin::v1::ExplainPriceResponse explanation);
  // What the next simulation says.
  void AddSimulation(StreamScript<admin::v1::SimulatePricingResponse> script);

  // Everything that was asked, failed tries included.
  std::vector<admin::v1::ActivatePricingRequest> activations() const;
  std::vector<admin::v1::RollbackPricingRequest> rollbacks() const;
  std::vector<admin::v1::SimulatePricingRequest> simulations() const;
  int calls() const;
  // How long the last RefreshPlans gave the server.
  absl::Duration last_refresh_timeout() const;
  std::string digest_in_force() const;
  // Waits until a simulation that hangs has begun.
  void AwaitSimulation() const;
  // Waits until a simulation that hung was cancelled by its client.
  void AwaitCancelledSimulation() const;

  grpc::Status GetProvider(grpc::ServerContext* context,
                           const admin::v1::GetProviderRequest* request,
                           admin::v1::GetProviderResponse* response) override;
  grpc::Status RefreshPlans(grpc::ServerContext* context,
                            const admin::v1::RefreshPlansRequest* request,
                            admin::v1::RefreshPlansResponse* response) override;
  grpc::Status ListStrategies(grpc::ServerContext* context,
                              const admin::v1::ListStrategiesRequest* request,
                              admin::v1::ListStrategiesResponse* response) override;
  grpc::Status ActivatePricing(grpc::ServerContext* context,
                               const admin::v1::ActivatePricingRequest* request,
                               admin::v1::ActivatePricingResponse* response) override;
  grpc::Status RollbackPricing(grpc::ServerContext* context,
                               const admin::v1::RollbackPricingRequest* request,
                               admin::v1::RollbackPricingResponse* response) override;
  grpc::Status SimulatePricing(
      grpc::ServerContext* context, const admin::v1::SimulatePricingRequest* request,
      grpc::ServerWriter<admin::v1::SimulatePricingResponse>* writer) override;
  grpc::Status ExplainPrice(grpc::ServerContext* context,
                            const admin::v1::ExplainPriceRequest* request,
                            admin::v1::ExplainPriceResponse* response) override;

 private:
  using Statuses = std::map<std::string, std::deque<grpc::Status>>;

  // OK where nothing is scripted for `method`.
  static grpc::Status Take(Statuses& scripted, const std::string& method);
  grpc::Status Enter(const std::string& method) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  grpc::Status CheckExpected(const std::string& expected) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  Statuses failures_ ABSL_GUARDED_BY(mutex_);
  Statuses lost_answers_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> history_ ABSL_GUARDED_BY(mutex_) = {kFirst};  // the last one is in force
  admin::v1::ListStrategiesResponse strategies_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, admin::v1::ExplainPriceResponse> explanations_ ABSL_GUARDED_BY(mutex_);
  std::deque<StreamScript<admin::v1::SimulatePricingResponse>> scripts_ ABSL_GUARDED_BY(mutex_);
  std::vector<admin::v1::ActivatePricingRequest> activations_ ABSL_GUARDED_BY(mutex_);
  std::vector<admin::v1::RollbackPricingRequest> rollbacks_ ABSL_GUARDED_BY(mutex_);
  std::vector<admin::v1::SimulatePricingRequest> simulations_ ABSL_GUARDED_BY(mutex_);
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration last_refresh_timeout_ ABSL_GUARDED_BY(mutex_);
  bool simulation_begun_ ABSL_GUARDED_BY(mutex_) = false;
  bool simulation_cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace topup::tests

#endif  // TOPUP_TESTS_CLIENT_FAKE_ADMIN_SERVICE_H_
