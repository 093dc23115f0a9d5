#include "server/engine/observations.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace topup::engine {
namespace {

using core::ReadMeaning;

// A row whose change was not written is still due: not at once again.
constexpr absl::Duration kRetryPause = absl::Seconds(1);

}  // namespace

Observations::Observations(const EngineParts& parts, const EngineOptions& options,
                           ProviderAccount& account, DecisionWriter& writer,
                           std::function<void()> wake)
    : parts_(parts),
      options_(options),
      account_(account),
      writer_(writer),
      wake_(std::move(wake)),
      unrecognised_words_(parts_.metrics.GetCounter(
          "topup_engine_unrecognised_words_total",
          "Status words of the provider that nobody has seen yet; they change nothing.")) {}

ReadMeaning Observations::Note(const core::Exchange& exchange) {
  const ReadMeaning meaning = core::JudgeExchange(exchange);
  const absl::Duration elapsed = parts_.clock.Elapsed();
  account_.NoteReached(exchange.response_complete);
  if (meaning == ReadMeaning::kThrottled) {
    parts_.budget.SlowDown(exchange.retry_after, elapsed);
  } else if (meaning == ReadMeaning::kConfiguration) {
    account_.Pause(
        absl::StrCat("a read was answered HTTP ", exchange.http_status, " ", exchange.error_code),
        exchange.http_status, /*from_read=*/true, elapsed);
  }
  return meaning;
}

core::Situation Observations::Situation() const {
  return {.now = parts_.clock.Now(), .key_proven = account_.KeyProven(parts_.clock.Elapsed())};
}

void Observations::Apply(const core::Topup& topup, Rule rule) {
  writer_.Apply(
      topup,
      [this, rule = std::move(rule)](const core::Topup& row) { return rule(row, Situation()); },
      /*must_succeed=*/false,
      [this, topup_id = topup.id](absl::StatusOr<core::Topup> written) {
        const auto release = [this, topup_id] {
          writer_.ClearBusy(topup_id);
          wake_();
        };
        if (written.ok()) {
          release();
        } else {
          parts_.loop.PostAfter(kRetryPause, release);
        }
      });
}

void Observations::ApplyDoubt(const core::Topup& topup, const core::ReadAnswer& answer) {
  if (core::JudgeRead(answer) == ReadMeaning::kFound) {
    known_provider_id_ = answer.topup->id;
  }
  Apply(topup, [this, answer](const core::Topup& row, const core::Situation& situation) {
    return core::ApplyDoubtRead(row, options_.rules, answer, situation);
  });
}

void Observations::ApplyStatus(const core::Topup& topup, const core::ReadAnswer& answer) {
  if (core::JudgeRead(answer) == ReadMeaning::kFound) {
    // It was accepted, and this key shows it: the best proof there is.
    known_provider_id_ = answer.topup->id;
    account_.NoteProof(parts_.clock.Elapsed());
    if (answer.topup->status == core::ProviderTopup::Status::kUnrecognised) {
      unrecognised_words_->Increment();
      parts_.log.Warning("status.unrecognised",
                         {{"topup_id", topup.id}, {"word", answer.topup->status_word}});
    }
  }
  Apply(topup, [this, answer](const core::Topup& row, const core::Situation& situation) {
    return core::ApplyStatusRead(row, options_.rules, answer, situation);
  });
}

void Observations::ApplySettled(const core::Topup& topup, const core::ReadAnswer& answer) {
  Apply(topup, [answer](const core::Topup& row, const core::Situation& situation) {
    return core::ApplySettledRead(row, answer, situation);
  });
}

}  // namespace topup::engine
