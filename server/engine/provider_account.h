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
#include "server/core/provider_answer.h"

namespace topup::engine {

// Whether an answer says no to the key or our address: 401, 403, or a code that says so under
// another status.
bool RefusesKey(const core::Exchange& exchange);

// Thread-safe.
class ProviderAccount {
 public:
  ProviderAccount(int breaker_failures, absl::Duration provider_timeout);

  // --- the key
  // The environment that the store belongs to. Before this is known no key is taken.
  void SetEnvironment(absl::string_view environment);
  std::string environment() const;
  // The provider said what the key is. False, and paused, where it is of another environment.
  bool KeyValidated(absl::string_view key_type, absl::Duration now);
  // Another key is in use from now on: a pause ends, and nothing that the key before it showed
  // counts any more. Until the new one is validated no key is known.
  void KeyReplaced();
  // Which key is in use: rises with each KeyReplaced. An answer to what was asked under
  // another number says nothing of this key.
  int key_number() const;
  bool key_known() const;
  std::string key_type() const;
  // Some read proved that this key sees our top-ups.
  void NoteProof(absl::Duration now);
  bool KeyProven(absl::Duration now) const;

  // --- the pause
  // `exchange` showed that our key, address or URL is wrong; `what` was asked, for people.
  // `from_read`: reads stop too.
  void PauseAfter(absl::string_view what, const core::Exchange& exchange, bool from_read,
                  absl::Duration now);
  // `key_refused`: the provider said no to the key or address, so that it is not asked often.
  void Pause(absl::string_view reason, bool key_refused, bool from_read, absl::Duration now);
  // A validate succeeded.
  void Resume();
  bool paused() const;
  bool reads_paused() const;
  std::string paused_reason() const;
  // When a single validate may be tried; InfiniteDuration where there is no pause.
  absl::Duration NextValidate() const;
  // A validate did not end the pause: the next one is tried a step later.
  void ValidateFailed(absl::Duration now);

  // --- the money
  // A POST of this cost was refused for want of money.
  void RanOutOfMoney(core::Money cost, absl::Duration now);
  // `asked_at`: when the read began. One that began before the refusal does not end it.
  void NoteBalance(core::Money balance, absl::Duration asked_at);
  bool out_of_money() const;
  int money_refusals() const;
  // True while the provider has refused for want of money and what a later balance leaves,
  // after the first POSTs since, does not cover `cost`.
  bool CannotPay(core::Money cost) const;
  std::optional<core::Money> balance() const;

  // --- POSTs
  // One first POST begins; ends with exactly one FirstPostEnded, made or not.
  void FirstPostStarted(core::Money cost, absl::Duration now);
  void FirstPostEnded(core::Money cost);
  // What any POST's answer meant.
  void PostAnswered(core::SendMeaning meaning, absl::Duration now);
  // Any exchange: whether the far end answered at all.
  void NoteReached(bool reached);
  // When the next first POST of this cost may start; InfiniteDuration where only something
  // else (a resume, a balance, the end of a POST) can allow it.
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
  int key_number_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<absl::Duration> proof_time_ ABSL_GUARDED_BY(mutex_);
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  bool reads_paused_ ABSL_GUARDED_BY(mutex_) = false;
  bool key_refused_ ABSL_GUARDED_BY(mutex_) = false;
  std::string paused_reason_ ABSL_GUARDED_BY(mutex_);
  int validate_failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration next_validate_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteDuration();
  bool out_of_money_ ABSL_GUARDED_BY(mutex_) = false;
  int money_refusals_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration refused_at_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  core::Money refused_cost_ ABSL_GUARDED_BY(mutex_);
  // While out of money: what the last balance leaves; whether a POST was accepted since.
  std::optional<int64_t> funds_centimes_ ABSL_GUARDED_BY(mutex_);
  bool paid_since_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<core::Money> balance_ ABSL_GUARDED_BY(mutex_);
  int doubts_in_row_ ABSL_GUARDED_BY(mutex_) = 0;
  bool breaker_open_ ABSL_GUARDED_BY(mutex_) = false;
  int good_in_row_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration next_trial_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  int unsent_in_row_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration unsent_retry_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  int first_posts_in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t centimes_in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  bool reached_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_PROVIDER_ACCOUNT_H_
