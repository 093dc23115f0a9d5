// Useful for: sending one kind of request to the provider by another way than the rest. What is
// broken on that way, down to its connections, then hits this kind only.
#ifndef TOPUP_TESTS_INTEGRATION_DETOUR_PROVIDER_H_
#define TOPUP_TESTS_INTEGRATION_DETOUR_PROVIDER_H_

#include <memory>
#include <string>
#include <utility>

#include "server/upstream/keyed_provider.h"

namespace topup::integration {

// The requests of the money path.
enum class Call { kSend, kCheckRef, kCheckId, kList };

// As thread-safe as the two; ends both.
class DetourProvider : public upstream::Provider {
 public:
  // `call` goes through `detour`, everything else through `direct`.
  DetourProvider(Call call, std::unique_ptr<upstream::KeyedProvider> detour,
                 std::unique_ptr<upstream::KeyedProvider> direct)
      : call_(call), detour_(std::move(detour)), direct_(std::move(direct)) {}

  void Send(const upstream::SendRequest& request, absl::Duration watchdog_end,
            Done<core::SendAnswer> done) override {
    For(Call::kSend).Send(request, watchdog_end, std::move(done));
  }
  void ReadByRef(const std::string& provider_ref, Done<core::ReadAnswer> done) override {
    For(Call::kCheckRef).ReadByRef(provider_ref, std::move(done));
  }
  void ReadById(const std::string& provider_topup_id, Done<core::ReadAnswer> done) override {
    For(Call::kCheckId).ReadById(provider_topup_id, std::move(done));
  }
  void List(const upstream::ListRequest& request, Done<core::ListAnswer> done) override {
    For(Call::kList).List(request, std::move(done));
  }
  void ReadPlans(Done<core::PlansAnswer> done) override { direct_->ReadPlans(std::move(done)); }
  void ReadBalance(Done<core::BalanceAnswer> done) override {
    direct_->ReadBalance(std::move(done));
  }
  void Ping(Done<core::PingAnswer> done) override { direct_->Ping(std::move(done)); }
  void Validate(Done<core::ValidateAnswer> done) override { direct_->Validate(std::move(done)); }

 private:
  upstream::Provider& For(Call call) { return call == call_ ? *detour_ : *direct_; }

  const Call call_;
  const std::unique_ptr<upstream::KeyedProvider> detour_;
  const std::unique_ptr<upstream::KeyedProvider> direct_;
};

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_DETOUR_PROVIDER_H_
