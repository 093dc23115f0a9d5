#include "server/engine/observations.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/id.h"

namespace topup::engine {
namespace {

using core::ReadMeaning;

// A row whose change was not written is still due: not at once again.
constexpr absl::Duration kRetryPause = absl::Seconds(1);
constexpr size_t kKnownMax = 8;
constexpr absl::Duration kListLogPause = absl::Minutes(10);

// Whether the answer shows this very top-up, and not what another request was answered with.
bool ShowsIt(const core::Topup& topup, const core::ReadAnswer& answer) {
  if (core::JudgeRead(answer) != ReadMeaning::kFound) return false;
  const core::ProviderTopup& shown = *answer.topup;
  return shown.ref.empty() ? !shown.id.empty() && shown.id == topup.provider_topup_id
                           : core::IsOurRef(shown.ref, topup.provider_ref);
}

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
          "Status words of the provider that nobody has seen yet; they change nothing.")),
      list_failures_(parts_.metrics.GetCounter(
          "topup_engine_list_failures_total",
          "Pages of the provider's list that were asked for and could not be used.")) {}

ReadMeaning NoteRead(const core::Exchange& exchange, ReadOf kind, absl::string_view what,
                     int key_number, const EngineParts& parts, ProviderAccount& account) {
  const ReadMeaning meaning = core::JudgeExchange(exchange);
  const absl::Duration elapsed = parts.clock.Elapsed();
  account.NoteReached(exchange.response_complete);
  if (meaning == ReadMeaning::kThrottled) {
    parts.budget.SlowDown(exchange.retry_after, elapsed);
  } else if (meaning == ReadMeaning::kConfiguration && key_number == account.key_number() &&
             (kind == ReadOf::kNeeded || exchange.http_status != 404)) {
    account.PauseAfter(what, exchange, /*from_read=*/true, elapsed);
  }
  return meaning;
}

ReadMeaning Observations::Note(const core::Exchange& exchange, int key_number) {
  return NoteRead(exchange, ReadOf::kNeeded, "a status read", key_number, parts_, account_);
}

PageOutcome Observations::NoteList(const core::ListAnswer& answer, absl::string_view reader,
                                   int key_number) {
  const core::Exchange& exchange = answer.exchange;
  NoteRead(exchange, ReadOf::kOptional, "the list", key_number, parts_, account_);
  const PageOutcome outcome = JudgePage(answer);
  if (outcome == PageOutcome::kRead) return outcome;
  list_failures_->Increment();
  const absl::Duration elapsed = parts_.clock.Elapsed();
  if (elapsed >= list_log_from_) {
    list_log_from_ = elapsed + kListLogPause;
    parts_.log.Warning("list.failing", {{"reader", reader},
                                        {"http_status", exchange.http_status},
                                        {"error_code", exchange.error_code},
                                        {"transport", exchange.transport_error}});
  }
  return outcome;
}

core::Situation Observations::Situation(int key_number) const {
  core::Situation situation = writer_.Look();
  situation.key_proven =
      key_number == account_.key_number() && account_.KeyProven(parts_.clock.Elapsed());
  return situation;
}

void Observations::Know(const std::string& provider_topup_id) {
  if (provider_topup_id.empty()) return;
  has_known_ = true;
  const auto same = std::find(known_.begin(), known_.end(), provider_topup_id);
  if (same != known_.end()) known_.erase(same);
  known_.push_front(provider_topup_id);
  if (known_.size() > kKnownMax) known_.pop_back();
}

void Observations::PassKnown(bool forget) {
  if (known_.empty()) return;
  if (!forget) known_.push_back(known_.front());
  known_.pop_front();
}

bool Observations::IsKnown(const core::ProviderTopup& shown) const {
  const std::string provider_ref = OwnRef(shown.ref);
  if (provider_ref.empty()) return false;
  const absl::StatusOr<core::Topup> stored = parts_.store.FindByProviderRef(provider_ref);
  return stored.ok() && !stored->provider_topup_id.empty();
}

std::string Observations::OwnRef(const std::string& shown_ref) const {
  // <letter>-<deployment>-<time-ordered id>, perhaps behind the account's name.
  const std::string middle = absl::StrCat("-", options_.deployment_id, "-");
  const size_t place = shown_ref.rfind(middle);
  if (place == std::string::npos || place == 0) return "";
  const std::string ref = shown_ref.substr(place - 1);
  return base::IsTimeOrderedId(ref.substr(1 + middle.size())) ? ref : "";
}

void Observations::Apply(const core::Topup& topup, int key_number, bool must_succeed, Rule rule) {
  writer_.Apply(
      topup,
      [this, key_number, rule = std::move(rule)](const core::Topup& row) {
        return rule(row, Situation(key_number));
      },
      must_succeed,
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

void Observations::ApplyDoubt(const core::Topup& topup, const core::ReadAnswer& answer,
                              int key_number) {
  if (ShowsIt(topup, answer)) Know(answer.topup->id);
  Apply(topup, key_number, /*must_succeed=*/false,
        [this, answer](const core::Topup& row, const core::Situation& situation) {
          return core::ApplyDoubtRead(row, options_.rules, answer, situation);
        });
}

void Observations::ApplyStatus(const core::Topup& topup, const core::ReadAnswer& answer,
                               int key_number) {
  const ReadMeaning meaning = core::JudgeRead(answer);
  if (meaning == ReadMeaning::kFound &&
      answer.topup->status == core::ProviderTopup::Status::kUnrecognised) {
    unrecognised_words_->Increment();
    parts_.log.Warning("status.unrecognised",
                       {{"topup_id", topup.id}, {"word", answer.topup->status_word}});
  }
  if (ShowsIt(topup, answer) && key_number == account_.key_number()) {
    // It was accepted, and this key shows it: the best proof there is.
    Know(answer.topup->id);
    account_.NoteProof(parts_.clock.Elapsed());
  }
  // One that is missing is an incident only where the key is right.
  proof_wanted_ = meaning == ReadMeaning::kNotFound ||
                  (proof_wanted_ && !account_.KeyProven(parts_.clock.Elapsed()));
  Apply(topup, key_number, /*must_succeed=*/false,
        [this, answer](const core::Topup& row, const core::Situation& situation) {
          return core::ApplyStatusRead(row, options_.rules, answer, situation);
        });
}

// Nothing asks for a settled one again soon, so that its contradiction is not given up.
void Observations::ApplySettled(const core::Topup& topup, const core::ReadAnswer& answer) {
  Apply(topup, account_.key_number(), /*must_succeed=*/true,
        [answer](const core::Topup& row, const core::Situation& situation) {
          return core::ApplySettledRead(row, answer, situation);
        });
}

}  // namespace topup::engine
