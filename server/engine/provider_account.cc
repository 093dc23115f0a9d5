#include "server/engine/provider_account.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/core/protocol_rules.h"

namespace topup::engine {
namespace {

constexpr absl::Duration kTrialIntervalMax = absl::Seconds(5);
// Good POSTs in a row that close the breaker again.
constexpr int kGoodToRecover = 5;
// A key that was refused is not tried often: the provider locks out who keeps trying.
constexpr absl::Duration kValidatePaceAfterRefusal = absl::Minutes(15);

// A single validate after 15 s, 30 s, 1, 2, 5 minutes, then every 15.
absl::Duration ValidateDelay(int failures) {
  switch (failures) {
    case 0:
      return absl::Seconds(15);
    case 1:
      return absl::Seconds(30);
    case 2:
      return absl::Minutes(1);
    case 3:
      return absl::Minutes(2);
    case 4:
      return absl::Minutes(5);
    default:
      return kValidatePaceAfterRefusal;
  }
}

}  // namespace

bool RefusesKey(const core::Exchange& exchange) {
  return exchange.http_status == 401 || exchange.http_status == 403 ||
         exchange.error_code == "ERR_AUTH" || exchange.error_code == "INVALID_ACCESS_TOKEN" ||
         exchange.error_code == "MISSING_ACCESS_TOKEN";
}

ProviderAccount::ProviderAccount(int breaker_failures, absl::Duration provider_timeout)
    : breaker_failures_(breaker_failures),
      trial_interval_(std::min(kTrialIntervalMax, provider_timeout)) {}

void ProviderAccount::SetEnvironment(absl::string_view environment) {
  absl::MutexLock lock(&mutex_);
  environment_ = std::string(environment);
}

bool ProviderAccount::KeyValidated(absl::string_view key_type, absl::Duration now) {
  std::string environment;
  {
    absl::MutexLock lock(&mutex_);
    if (!environment_.empty() && environment_ == key_type) {
      key_type_ = std::string(key_type);
      reached_ = true;
      return true;
    }
    environment = environment_;
  }
  Pause(environment.empty() ? "the store could not say which environment it belongs to"
                            : absl::StrCat("the provider key is of the ", key_type,
                                           " environment, and this store is of ", environment),
        /*key_refused=*/false, /*from_read=*/true, now);
  return false;
}

std::string ProviderAccount::environment() const {
  absl::MutexLock lock(&mutex_);
  return environment_;
}

void ProviderAccount::KeyReplaced() {
  Resume();
  absl::MutexLock lock(&mutex_);
  ++key_number_;
  key_type_.clear();
  proof_time_.reset();
}

int ProviderAccount::key_number() const {
  absl::MutexLock lock(&mutex_);
  return key_number_;
}

bool ProviderAccount::key_known() const {
  absl::MutexLock lock(&mutex_);
  return !key_type_.empty();
}

std::string ProviderAccount::key_type() const {
  absl::MutexLock lock(&mutex_);
  return key_type_;
}

void ProviderAccount::NoteProof(absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  proof_time_ = now;
}

bool ProviderAccount::KeyProven(absl::Duration now) const {
  absl::MutexLock lock(&mutex_);
  return !paused_ && !key_type_.empty() && proof_time_.has_value() &&
         now - *proof_time_ <= core::kKeyProofAge;
}

void ProviderAccount::PauseAfter(absl::string_view what, const core::Exchange& exchange,
                                 bool from_read, absl::Duration now) {
  Pause(absl::StrCat(what, " was answered HTTP ", exchange.http_status,
                     exchange.error_code.empty() ? "" : " ", exchange.error_code),
        RefusesKey(exchange), from_read, now);
}

void ProviderAccount::Pause(absl::string_view reason, bool key_refused, bool from_read,
                            absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  reads_paused_ = reads_paused_ || from_read;
  // What was proven with a key that is refused now proves nothing any more.
  proof_time_.reset();
  if (paused_ && (key_refused_ || !key_refused)) {
    return;
  }
  paused_ = true;
  key_refused_ = key_refused;
  paused_reason_ = std::string(reason);
  validate_failures_ = 0;
  next_validate_ = now + (key_refused ? kValidatePaceAfterRefusal : ValidateDelay(0));
}

void ProviderAccount::Resume() {
  absl::MutexLock lock(&mutex_);
  paused_ = reads_paused_ = key_refused_ = false;
  paused_reason_.clear();
  next_validate_ = absl::InfiniteDuration();
}

bool ProviderAccount::paused() const {
  absl::MutexLock lock(&mutex_);
  return paused_;
}

bool ProviderAccount::reads_paused() const {
  absl::MutexLock lock(&mutex_);
  return reads_paused_;
}

std::string ProviderAccount::paused_reason() const {
  absl::MutexLock lock(&mutex_);
  if (paused_) return paused_reason_;
  if (CannotPayLocked(refused_cost_)) return "the provider says that our balance is too low";
  if (breaker_open_) return "too many sends in a row are in doubt: trying one at a time";
  return "";
}

absl::Duration ProviderAccount::NextValidate() const {
  absl::MutexLock lock(&mutex_);
  return next_validate_;
}

void ProviderAccount::ValidateFailed(absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  if (!paused_) return;
  ++validate_failures_;
  next_validate_ =
      now + (key_refused_ ? kValidatePaceAfterRefusal : ValidateDelay(validate_failures_));
}

void ProviderAccount::RanOutOfMoney(core::Money cost, absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  out_of_money_ = true;
  ++money_refusals_;
  refused_at_ = now;
  refused_cost_ = cost;
  funds_centimes_.reset();
  paid_since_ = false;
}

void ProviderAccount::NoteBalance(core::Money balance, absl::Duration asked_at) {
  absl::MutexLock lock(&mutex_);
  balance_ = balance;
  if (!out_of_money_ || asked_at < refused_at_) {
    return;
  }
  if (paid_since_ && balance >= refused_cost_) {
    out_of_money_ = false;
  } else {
    // What is under way may have been taken from it, or not yet.
    funds_centimes_ = balance.centimes() - centimes_in_flight_;
  }
}

int ProviderAccount::money_refusals() const {
  absl::MutexLock lock(&mutex_);
  return money_refusals_;
}

bool ProviderAccount::out_of_money() const {
  absl::MutexLock lock(&mutex_);
  return out_of_money_;
}

bool ProviderAccount::CannotPay(core::Money cost) const {
  absl::MutexLock lock(&mutex_);
  return CannotPayLocked(cost);
}

std::optional<core::Money> ProviderAccount::balance() const {
  absl::MutexLock lock(&mutex_);
  return balance_;
}

void ProviderAccount::FirstPostStarted(core::Money cost, absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  ++first_posts_in_flight_;
  centimes_in_flight_ += cost.centimes();
  if (funds_centimes_.has_value()) *funds_centimes_ -= cost.centimes();
  next_trial_ = now + trial_interval_;
}

void ProviderAccount::FirstPostEnded(core::Money cost) {
  absl::MutexLock lock(&mutex_);
  --first_posts_in_flight_;
  centimes_in_flight_ -= cost.centimes();
}

void ProviderAccount::PostAnswered(core::SendMeaning meaning, absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  if (meaning == core::SendMeaning::kUnsent) {
    // Several POSTs fail at once where the line breaks: that is one failure, not several.
    if (now < unsent_retry_) return;
    ++unsent_in_row_;
    unsent_retry_ = now + core::UnsentBackoff(unsent_in_row_);
    return;
  }
  unsent_in_row_ = 0;
  if (meaning == core::SendMeaning::kInDoubt) {
    good_in_row_ = 0;
    ++doubts_in_row_;
    breaker_open_ = breaker_open_ || doubts_in_row_ >= breaker_failures_;
    return;
  }
  if (meaning == core::SendMeaning::kAccepted) {
    paid_since_ = funds_centimes_.has_value();
    doubts_in_row_ = 0;
    next_trial_ = now;
    if (breaker_open_ && ++good_in_row_ >= kGoodToRecover) {
      breaker_open_ = false;
      good_in_row_ = 0;
    }
  }
}

void ProviderAccount::NoteReached(bool reached) {
  absl::MutexLock lock(&mutex_);
  reached_ = reached;
}

absl::Duration ProviderAccount::NextFirstPost(core::Money cost, absl::Duration now) const {
  absl::MutexLock lock(&mutex_);
  // Without a validated key we do not know whose money it would be.
  if (paused_ || key_type_.empty()) return absl::InfiniteDuration();
  if (CannotPayLocked(cost)) return absl::InfiniteDuration();
  if (unsent_in_row_ > 0) {
    return first_posts_in_flight_ > 0 ? absl::InfiniteDuration() : std::max(unsent_retry_, now);
  }
  return breaker_open_ ? std::max(next_trial_, now) : now;
}

bool ProviderAccount::serving() const {
  absl::MutexLock lock(&mutex_);
  return reached_ && !paused_ && !key_type_.empty() && !breaker_open_ && unsent_in_row_ == 0;
}

bool ProviderAccount::CannotPayLocked(core::Money cost) const {
  return out_of_money_ && funds_centimes_.value_or(-1) < cost.centimes();
}

}  // namespace topup::engine
