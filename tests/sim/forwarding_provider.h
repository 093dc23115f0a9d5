// A provider that hands everything on to another one: what decorations of it start from.
#ifndef TOPUP_TESTS_SIM_FORWARDING_PROVIDER_H_
#define TOPUP_TESTS_SIM_FORWARDING_PROVIDER_H_

#include <string>
#include <utility>

#include "server/upstream/provider.h"

namespace topup::sim {

// Borrows `inner`. As thread-safe as that.
class ForwardingProvider : public upstream::Provider {
 public:
  explicit ForwardingProvider(upstream::Provider& inner) : inner_(inner) {}

  void Send(const upstream::SendRequest& request, absl::Duration watchdog_end,
            Done<core::SendAnswer> done) override {
    inner_.Send(request, watchdog_end, std::move(done));
  }
  void ReadByRef(const std::string& provider_ref, Done<core::ReadAnswer> done) override {
    inner_.ReadByRef(provider_ref, std::move(done));
  }
  void ReadById(const std::string& provider_topup_id, Done<core::ReadAnswer> done) override {
    inner_.ReadById(provider_topup_id, std::move(done));
  }
  void List(const upstream::ListRequest& request, Done<core::ListAnswer> done) override {
    inner_.List(request, std::move(done));
  }
  void ReadPlans(Done<core::PlansAnswer> done) override { inner_.ReadPlans(std::move(done)); }
  void ReadBalance(Done<core::BalanceAnswer> done) override { inner_.ReadBalance(std::move(done)); }
  void Ping(Done<core::PingAnswer> done) override { inner_.Ping(std::move(done)); }
  void Validate(Done<core::ValidateAnswer> done) override { inner_.Validate(std::move(done)); }

 protected:
  upstream::Provider& inner() { return inner_; }

 private:
  upstream::Provider& inner_;
};

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_FORWARDING_PROVIDER_H_
