#include "tests/client/fake_admin_service.h"

#include <openssl/sha.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"

namespace topup::tests {

std::string DigestOf(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest), sizeof(digest)});
}

void FakeAdminService::FailNext(const std::string& method, grpc::Status status) {
  absl::MutexLock lock(&mutex_);
  failures_[method].push_back(std::move(status));
}

void FakeAdminService::LoseNextAnswer(const std::string& method, grpc::Status status) {
  absl::MutexLock lock(&mutex_);
  lost_answers_[method].push_back(std::move(status));
}

void FakeAdminService::Intrude(const std::string& config) {
  absl::MutexLock lock(&mutex_);
  history_.push_back(config);
}

void FakeAdminService::AddStrategy(const admin::v1::StrategyInfo& strategy) {
  absl::MutexLock lock(&mutex_);
  *strategies_.add_strategies() = strategy;
}

void FakeAdminService::SetExplanation(const std::string& topup_id,
                                      admin::v1::ExplainPriceResponse explanation) {
  absl::MutexLock lock(&mutex_);
  explanations_[topup_id] = std::move(explanation);
}

void FakeAdminService::AddSimulation(StreamScript<admin::v1::SimulatePricingResponse> script) {
  absl::MutexLock lock(&mutex_);
  scripts_.push_back(std::move(script));
}

std::vector<admin::v1::ActivatePricingRequest> FakeAdminService::activations() const {
  absl::MutexLock lock(&mutex_);
  return activations_;
}

std::vector<admin::v1::RollbackPricingRequest> FakeAdminService::rollbacks() const {
  absl::MutexLock lock(&mutex_);
  return rollbacks_;
}

std::vector<admin::v1::SimulatePricingRequest> FakeAdminService::simulations() const {
  absl::MutexLock lock(&mutex_);
  return simulations_;
}

int FakeAdminService::calls() const {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

absl::Duration FakeAdminService::last_refresh_timeout() const {
  absl::MutexLock lock(&mutex_);
  return last_refresh_timeout_;
}

grpc::Status FakeAdminService::RefreshPlans(grpc::ServerContext* context,
                                            const admin::v1::RefreshPlansRequest*,
                                            admin::v1::RefreshPlansResponse*) {
  absl::MutexLock lock(&mutex_);
  last_refresh_timeout_ = absl::FromChrono(context->deadline()) - absl::Now();
  return Enter("RefreshPlans");
}

std::string FakeAdminService::digest_in_force() const {
  absl::MutexLock lock(&mutex_);
  return DigestOf(history_.back());
}

void FakeAdminService::AwaitSimulation() const {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&simulation_begun_));
}

void FakeAdminService::AwaitCancelledSimulation() const {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&simulation_cancelled_));
}

grpc::Status FakeAdminService::Take(Statuses& scripted, const std::string& method) {
  std::deque<grpc::Status>& statuses = scripted[method];
  if (statuses.empty()) return grpc::Status::OK;
  const grpc::Status status = statuses.front();
  statuses.pop_front();
  return status;
}

grpc::Status FakeAdminService::Enter(const std::string& method) {
  ++calls_;
  return Take(failures_, method);
}

grpc::Status FakeAdminService::CheckExpected(const std::string& expected) const {
  if (expected.empty() || expected == DigestOf(history_.back())) return grpc::Status::OK;
  return MakeErrorStatus(grpc::StatusCode::ABORTED, "CONFIG_CHANGED",
                         "Another pricing configuration is in force by now.");
}

grpc::Status FakeAdminService::GetProvider(grpc::ServerContext*,
                                           const admin::v1::GetProviderRequest*,
                                           admin::v1::GetProviderResponse* response) {
  admin::v1::ProviderAccount* account = response->add_accounts();
  account->set_account("main");
  account->mutable_balance()->set_centimes(1'234'567);
  account->set_paused_reason("ERR_AUTH");
  (*account->mutable_operator_up())["Mobilis"] = true;
  return grpc::Status::OK;
}

grpc::Status FakeAdminService::ListStrategies(grpc::ServerContext*,
                                              const admin::v1::ListStrategiesRequest*,
                                              admin::v1::ListStrategiesResponse* response) {
  absl::MutexLock lock(&mutex_);
  if (grpc::Status status = Enter("ListStrategies"); !status.ok()) return status;
  *response = strategies_;
  response->set_config_digest(DigestOf(history_.back()));
  return grpc::Status::OK;
}

grpc::Status FakeAdminService::ActivatePricing(grpc::ServerContext*,
                                               const admin::v1::ActivatePricingRequest* request,
                                               admin::v1::ActivatePricingResponse* response) {
  absl::MutexLock lock(&mutex_);
  activations_.push_back(*request);
  if (grpc::Status status = Enter("ActivatePricing"); !status.ok()) return status;
  const std::string config = request->config().empty() ? kOwnFile : request->config();
  if (absl::StartsWith(config, "bad")) {
    return MakeErrorStatus(
        grpc::StatusCode::INVALID_ARGUMENT, "CONFIG_INVALID",
        "The pricing configuration has 2 problem(s).",
        {.metadata = {{"problems", "2"}},
         .field_violations = {
             {"chain[0].strategy[1].config", "\"عشرة\" is no percentage: give a number"},
             {"route[2].chain", "is \"gold\": name one of the chains"}}});
  }
  if (grpc::Status status = CheckExpected(request->expected_config_digest()); !status.ok()) {
    return status;
  }
  response->set_config_digest(DigestOf(config));
  if (request->validate_only()) return grpc::Status::OK;
  if (config != history_.back()) history_.push_back(config);
  return Take(lost_answers_, "ActivatePricing");
}

grpc::Status FakeAdminService::RollbackPricing(grpc::ServerContext*,
                                               const admin::v1::RollbackPricingRequest* request,
                                               admin::v1::RollbackPricingResponse* response) {
  absl::MutexLock lock(&mutex_);
  rollbacks_.push_back(*request);
  if (grpc::Status status = Enter("RollbackPricing"); !status.ok()) return status;
  if (grpc::Status status = CheckExpected(request->expected_config_digest()); !status.ok()) {
    return status;
  }
  if (history_.size() == 1) {
    return MakeErrorStatus(grpc::StatusCode::FAILED_PRECONDITION, "NOTHING_TO_ROLL_BACK",
                           "Nothing was in force before this.");
  }
  history_.pop_back();
  response->set_config_digest(DigestOf(history_.back()));
  return Take(lost_answers_, "RollbackPricing");
}

grpc::Status FakeAdminService::SimulatePricing(
    grpc::ServerContext* context, const admin::v1::SimulatePricingRequest* request,
    grpc::ServerWriter<admin::v1::SimulatePricingResponse>* writer) {
  StreamScript<admin::v1::SimulatePricingResponse> script;
  {
    absl::MutexLock lock(&mutex_);
    simulations_.push_back(*request);
    if (grpc::Status status = Enter("SimulatePricing"); !status.ok()) return status;
    if (scripts_.empty()) {
      script.messages.emplace_back().mutable_totals();
    } else {
      script = std::move(scripts_.front());
      scripts_.pop_front();
    }
    simulation_begun_ = script.hangs;
  }
  const grpc::Status end = Play(script, *context, *writer);
  absl::MutexLock lock(&mutex_);
  simulation_cancelled_ = context->IsCancelled();
  return end;
}

grpc::Status FakeAdminService::ExplainPrice(grpc::ServerContext*,
                                            const admin::v1::ExplainPriceRequest* request,
                                            admin::v1::ExplainPriceResponse* response) {
  absl::MutexLock lock(&mutex_);
  if (grpc::Status status = Enter("ExplainPrice"); !status.ok()) return status;
  const auto found = explanations_.find(request->topup_id());
  if (found == explanations_.end()) {
    return MakeErrorStatus(grpc::StatusCode::NOT_FOUND, "TOPUP_NOT_FOUND",
                           "There is no such top-up.");
  }
  *response = found->second;
  return grpc::Status::OK;
}

}  // namespace topup::tests
