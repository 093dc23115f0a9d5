// A provider without a network: it takes top-ups, charges for them, shows them when asked, and
// misbehaves on demand. For tests of the engine and for the simulator.
//
// It keeps the rules that the real one is known for: a ref is taken once, a repeat answers
// DUPLICATED_REF, money leaves the balance on acceptance and comes back on REFUNDED. It owns
// no thread: every `done` runs on the loop that was passed in, `latency` after the call.
// Thread-safe. Must outlive the tasks that it posted.
#ifndef TOPUP_TESTS_FAKES_FAKE_PROVIDER_H_
#define TOPUP_TESTS_FAKES_FAKE_PROVIDER_H_

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/base/task_loop.h"
#include "server/upstream/provider.h"

namespace topup::fakes {

class FakeProvider : public upstream::Provider {
 public:
  // How the far end treats one call.
  enum class Mood {
    kWell,
    kDown,        // proven unsent: nothing reaches it
    kLostAnswer,  // it does its work, and the answer never arrives: in doubt at the watchdog
    kLostBefore,  // the request is lost on the way: in doubt at the watchdog, nothing done
    kServerError  // HTTP 500 without an envelope; nothing done
  };
  struct Behaviour {
    Mood mood = Mood::kWell;
    int refuse_status = 0;  // where set: refused with this answer, nothing done
    std::string refuse_code{};
    bool bare = false;  // the refusal comes without the envelope, as from a proxy
    std::optional<absl::Duration> retry_after{};
    std::optional<std::string> wrong_ref{};   // echoed by Send, shown by reads
    std::optional<absl::Duration> latency{};  // instead of the usual one
  };
  static Behaviour Refusal(int http_status, std::string code) {
    return {.refuse_status = http_status, .refuse_code = std::move(code)};
  }

  // A POST that was asked for, whether or not it reached the far end.
  struct Post {
    upstream::SendRequest request;
    absl::Time time;
    absl::Duration watchdog_end;
    bool left = false;      // bytes were written
    bool accepted = false;  // the far end took it (first copy only)
  };
  enum class Call { kSend, kByRef, kById, kList, kPlans, kBalance, kPing, kValidate };

  FakeProvider(base::TaskLoop& loop, const base::Clock& clock);

  void Send(const upstream::SendRequest& request, absl::Duration watchdog_end,
            Done<core::SendAnswer> done) override;
  void ReadByRef(const std::string& provider_ref, Done<core::ReadAnswer> done) override;
  void ReadById(const std::string& provider_topup_id, Done<core::ReadAnswer> done) override;
  void List(const upstream::ListRequest& request, Done<core::ListAnswer> done) override;
  void ReadPlans(Done<core::PlansAnswer> done) override;
  void ReadBalance(Done<core::BalanceAnswer> done) override;
  void Ping(Done<core::PingAnswer> done) override;
  void Validate(Done<core::ValidateAnswer> done) override;

  // The next calls of a kind follow the script, one entry each; then the standing behaviour.
  void Script(Call call, Behaviour behaviour);
  void SetBehaviour(Call call, Behaviour behaviour);
  void SetBehaviourOfAll(Behaviour behaviour);

  void SetLatency(absl::Duration latency);  // 10 ms at first
  void SetClockSkew(absl::Duration skew);   // of the time that answers carry
  // Reads do not show a top-up for this long after its acceptance.
  void SetVisibilityDelay(absl::Duration delay);
  // A page of the list that would show more than this has an answer that is too long.
  void SetPageMax(int64_t topups);
  // The list does not show this one, which it has; it can be asked for.
  void HideFromList(const std::string& provider_ref);
  // Every page of the list that would show this one is an error instead.
  void SpoilPages(const std::string& provider_ref, bool spoils = true);
  // Accepted top-ups fulfil by themselves after this; never at first.
  void SetFulfilAfter(absl::Duration delay);

  void SetPlans(std::vector<core::Plan> plans);
  void SetBalance(core::Money balance);
  void SetKeyType(std::string key_type);                     // "SANDBOX" at first
  void SetKeyScope(std::string scope, bool enabled = true);  // "READ-WRITE" at first

  // Changes an accepted top-up. REFUNDED gives its charge back, once.
  void SetStatus(const std::string& provider_ref, core::ProviderTopup::Status status);
  // Replaces or adds what the provider shows under `shown.ref`: contradictions, orphans.
  void Show(const core::ProviderTopup& shown);
  // Makes it unknown, as if it had never been accepted.
  void Forget(const std::string& provider_ref);

  std::vector<Post> posts() const;
  int accepted_count() const;
  std::optional<core::ProviderTopup> Held(const std::string& provider_ref) const;
  int calls(Call call) const;
  std::vector<absl::Time> times(Call call) const;  // of its calls, oldest first
  core::Money balance() const;

  // Mobilis, Djezzy and Ooredoo prepaid, PIXX_500, GROS_MOBILIS (no cost), GETMENU_Mobilis.
  static std::vector<core::Plan> SomePlans();

 private:
  struct Entry {
    core::ProviderTopup shown;
    absl::Time accept_time;
    bool charge_taken = false;
    bool listed = true;
    bool spoils_pages = false;
  };
  // What a call does, decided when it is made.
  struct Turn {
    Behaviour behaviour;
    absl::Time start;
    absl::Duration start_elapsed;
    absl::Duration latency;
  };

  Turn Begin(Call call);
  core::Exchange MakeExchange(const Turn& turn) const;
  bool Works(const Turn& turn) const;
  void Accept(const upstream::SendRequest& request, const Turn& turn, core::SendAnswer& answer,
              Post& post);
  void Progress();
  void Read(Call call, const std::string& name, Done<core::ReadAnswer> done);
  bool Visible(const Entry& entry) const;
  template <typename Answer>
  void Finish(const Turn& turn, Answer answer, Done<Answer> done);

  base::TaskLoop& loop_;
  const base::Clock& clock_;

  mutable std::mutex mutex_;              // guards everything below
  std::map<std::string, Entry> entries_;  // by bare ref
  std::vector<Post> posts_;
  std::map<Call, std::deque<Behaviour>> scripts_;
  std::map<Call, Behaviour> behaviours_;
  std::map<Call, std::vector<absl::Time>> calls_;
  std::vector<core::Plan> plans_ = SomePlans();
  core::Money balance_ = core::Money::Centimes(100'000'000);
  std::string key_type_ = "SANDBOX";
  std::string key_scope_ = "READ-WRITE";
  bool key_enabled_ = true;
  absl::Duration clock_skew_;
  absl::Duration latency_ = absl::Milliseconds(10);
  absl::Duration visibility_delay_;
  absl::Duration fulfil_after_ = absl::InfiniteDuration();
  int64_t page_max_ = 1000;
  int ids_made_ = 0;
};

}  // namespace topup::fakes

#endif  // TOPUP_TESTS_FAKES_FAKE_PROVIDER_H_
