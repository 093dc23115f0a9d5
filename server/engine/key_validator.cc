#include "server/engine/key_validator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/observations.h"

namespace topup::engine {
namespace {

using core::ReadMeaning;

constexpr absl::Duration kPace = absl::Hours(1);
constexpr absl::Duration kRetry = absl::Seconds(15);

}  // namespace

KeyValidator::KeyValidator(const EngineParts& parts, ProviderAccount& account)
    : parts_(parts), account_(account) {}

void KeyValidator::Ask(Done done) {
  parts_.provider.Validate([this, key = account_.key_number(),
                            done = std::move(done)](core::ValidateAnswer answer) {
    parts_.loop.Post([this, key, done, answer = std::move(answer)] {
      const bool this_key = key == account_.key_number();
      if (this_key && answer.decoded && !answer.key_type.empty() && !environment_kept_) {
        KeepEnvironment(answer.key_type, [this, done, answer, key] { done(Judge(answer, key)); });
      } else {
        done(Judge(answer, key));
      }
    });
  });
}

// The first key that a store is used with decides which environment it belongs to, for ever:
// what was sold in one must never be sent or asked for in the other.
void KeyValidator::KeepEnvironment(const std::string& key_type, std::function<void()> kept) {
  parts_.store.KeepSetting("environment", key_type,
                           [this, kept = std::move(kept)](absl::StatusOr<std::string> environment) {
                             parts_.loop.Post([this, kept, environment = std::move(environment)] {
                               if (environment.ok()) {
                                 environment_kept_ = true;
                                 account_.SetEnvironment(*environment);
                               }
                               kept();
                             });
                           });
}

KeyVerdict KeyValidator::Judge(const core::ValidateAnswer& answer, int key_number) {
  const core::Exchange& exchange = answer.exchange;
  if (key_number != account_.key_number()) {
    // It was asked about the key before this one.
    return {.status = absl::OkStatus(), .again = absl::ZeroDuration()};
  }
  if (core::JudgeExchange(exchange) == ReadMeaning::kFound && answer.decoded) {
    account_.NoteReached(true);
    return JudgeKey(answer);
  }
  parts_.log.Warning("key.not_validated", {{"http_status", exchange.http_status},
                                           {"error_code", exchange.error_code},
                                           {"transport", exchange.transport_error}});
  account_.ValidateFailed(parts_.clock.Elapsed());
  const ReadMeaning meaning =
      NoteRead(exchange, ReadOf::kNeeded, "validate", key_number, parts_, account_);
  const bool about_address =
      exchange.error_code == "IP_BLOCKED" || exchange.error_code == "IP_NOT_ALLOWED";
  if (meaning != ReadMeaning::kConfiguration || !RefusesKey(exchange) || about_address) {
    return {.status = absl::OkStatus(), .again = kRetry};
  }
  return {.status = absl::FailedPreconditionError(
              absl::StrCat("the provider does not take the key: HTTP ", exchange.http_status, " ",
                           exchange.error_code)),
          .again = kRetry};
}

KeyVerdict KeyValidator::JudgeKey(const core::ValidateAnswer& answer) {
  const absl::Duration elapsed = parts_.clock.Elapsed();
  const bool read_only = answer.scope == "READ-ONLY";
  if (answer.key_enabled && !read_only && account_.KeyValidated(answer.key_type, elapsed)) {
    account_.Resume();
    parts_.log.Info("key.validated", {{"key_type", answer.key_type}});
    return {.status = absl::OkStatus(), .again = kPace};
  }
  if (!answer.key_enabled || read_only) {
    account_.Pause(absl::StrCat("the provider key cannot send: it is ",
                                answer.key_enabled ? "READ-ONLY" : "disabled"),
                   /*key_refused=*/true, /*from_read=*/false, elapsed);
  }
  account_.ValidateFailed(elapsed);
  return {.status = absl::FailedPreconditionError(account_.paused_reason()), .again = kRetry};
}

}  // namespace topup::engine
