// The network between one process and the provider: it delays, loses, repeats and mangles.
//
// A process has a link of its own. When it dies, the link is cut: nothing comes back any more,
// and what has left goes on to the far end.
#ifndef TOPUP_TESTS_SIM_SIM_LINK_H_
#define TOPUP_TESTS_SIM_SIM_LINK_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/task_loop.h"
#include "server/upstream/provider.h"
#include "tests/sim/sim_provider.h"

namespace topup::sim {

// What is the same for all links of a world.
struct Network {
  struct Period {
    absl::Duration begin;  // since the start of the run
    absl::Duration end;
    bool refuses = false;  // connect fails; else requests vanish
  };
  RunContext& run;
  base::TaskLoop& loop;
  SimProvider& far_end;
  std::vector<Period> down;
  // The key in the file that a process reads when it starts.
  std::string key_file = SimProvider::kEnvironment;

  // The period that it is in now, if any.
  const Period* Down() const;
};

// Single-threaded.
class SimLink : public upstream::Provider {
 public:
  explicit SimLink(Network& network) : network_(network), key_(network.key_file) {}
  ~SimLink() override;

  // Requests from now on carry this key.
  void SetKey(const std::string& key) { key_ = key; }

  void Send(const upstream::SendRequest& request, absl::Duration watchdog_end,
            Done<core::SendAnswer> done) override;
  void ReadByRef(const std::string& provider_ref, Done<core::ReadAnswer> done) override;
  void ReadById(const std::string& provider_topup_id, Done<core::ReadAnswer> done) override;
  void List(const upstream::ListRequest& request, Done<core::ListAnswer> done) override;
  void ReadPlans(Done<core::PlansAnswer> done) override;
  void ReadBalance(Done<core::BalanceAnswer> done) override;
  void Ping(Done<core::PingAnswer> done) override;
  void Validate(Done<core::ValidateAnswer> done) override;

 private:
  // One POST under way: over with its answer or its watchdog, whichever comes first. It
  // outlives the link, since bytes that have left go on.
  struct Flight;
  // The process's end of its connections.
  struct NearEnd {
    bool alive = true;
    absl::Duration cut;  // since the start of the run
  };

  absl::Duration Latency();
  void Depart(const std::shared_ptr<Flight>& flight);
  static void Arrive(const std::shared_ptr<Flight>& flight, bool copy, bool answers);
  static void Finish(const std::shared_ptr<Flight>& flight, core::SendAnswer answer);
  static void End(const std::shared_ptr<Flight>& flight, core::SendAnswer answer);
  // A read: `work` makes the answer at the far end when it gets there.
  template <typename Answer>
  void Ask(std::function<Answer(const std::string& key, absl::Duration asked)> work,
           Done<Answer> done);
  // The answer that a proxy or a bad day gives instead of the provider's; nothing where well.
  std::optional<core::Exchange> Mangled();

  Network& network_;
  std::string key_;
  const std::shared_ptr<NearEnd> near_end_ = std::make_shared<NearEnd>();
};

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_SIM_LINK_H_
