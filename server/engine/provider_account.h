// What we know of our account at the provider, and what that allows.
//
// Four things can stop a POST: a pause (the provider does not take our key or address), an
// empty balance, too much doubt in a row (the breaker), and a provider that cannot be reached.
// This class keeps them apart and says when the next first POST may start. It does nothing
// by itself: the engine reports what it saw and asks.
//
// Times are Clock::Elapsed().
#ifndef TOPUP_SERVER_ENGINE_PROVIDER_ACCOUNT_H_
#define TOPUP_SERVER_ENGINE_PROVIDER_ACCOUNT_H_

#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/core/answer_table.h"
#include "server/core/money.h"

namespace topup::engine {

// Thread-safe.
class ProviderAccount {
 public:
  ProviderAccount(int breaker_failures, absl::Duration provider_timeout);

  // --- the key
  // The environment that the store belongs to. Before this is known no key is taken.
  void SetEnvironment(absl::string_view environment);
  // The provider said what the key is. False, and paused, where it is of another environment.
  bool KeyValidated(absl::string_view key_type, absl::Duration now);
  bool key_known() const;
  std::string key_type() const;
  // Some read proved that this key sees our top-ups.
  void NoteProof(absl::Duration now);
  bool KeyProven(absl::Duration now) const;

  // --- the pause
  // `status`: of the answer that showed it. `from_read`: reads stop too.
  void Pause(absl::string_view reason, int http_status, bool from_read, absl::Duration now);
  // The key changed, a person asked, or a validate succeeded.
  void Resume();
  bool paused() const;
  bool reads_paused() const;
  std::string paused_reason() const;
  // When a single validate may be tried; InfiniteDuration where there is no pause.
  absl::Duration NextValidate() const;
  void ValidateFailed(absl::Duration now);

  // --- the money
  void RanOutOfMoney();
  void NoteBalance(core::Money balance);
  bool out_of_money() const;
  // True while the provider has refused for want of money and no later balance covers `cost`.
  bool CannotPay(core::Money cost) const;
  std::optional<core::Money> balance() const;

  // --- POSTs
  // One first POST begins; ends with exactly one of the next.
  void FirstPostStarted(absl::Duration now);
  void PostEnded(core::SendMeaning meaning, bool first, absl::Duration now);
  // Any exchange: whether the far end answered at all.
  void NoteReached(bool reached);
  // When the next first POST of this cost may start; InfiniteDuration where only something
  // else (a resume, a balance) can allow it.
  absl::Duration NextFirstPost(core::Money cost, absl::Duration now) const;

  // The provider answers and takes our key.
  bool serving() const;

 private:
  bool CannotPayLocked(core::Money cost) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int breaker_failures_;
  const absl::Duration trial_interval_;

  mutable absl::Mutex mutex_;
  std::string environment_ ABSL_GUARDED_BY(mutex_);
  std::string key_type_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Duration> proof_time_ ABSL_GUARDED_BY(mutex_);
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  bool reads_paused_ ABSL_GUARDED_BY(mutex_) = false;
  bool paused_by_auth_ ABSL_GUARDED_BY(mutex_) = false;
  std::string paused_reason_ ABSL_GUARDED_BY(mutex_);
  int validate_failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration next_validate_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteDuration();
  bool out_of_money_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<core::Money> balance_ ABSL_GUARDED_BY(mutex_);
  int doubts_in_row_ ABSL_GUARDED_BY(mutex_) = 0;
  bool breaker_open_ ABSL_GUARDED_BY(mutex_) = false;
  int good_in_row_ ABSL_GUARDED_BY(mutex_) = 0;
  int unsent_in_row_ ABSL_GUARDED_BY(mutex_) = 0;
  int first_posts_in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration next_trial_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  bool reached_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_PROVIDER_ACCOUNT_H_
