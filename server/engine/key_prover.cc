#include "server/engine/key_prover.h"

#include <algorithm>
#include <utility>

namespace topup::engine {
namespace {

using core::ReadMeaning;

constexpr absl::Duration kPause = absl::Seconds(10);

}  // namespace

KeyProver::KeyProver(const EngineParts& parts, ProviderAccount& account, Observations& observations,
                     std::function<void()> wake)
    : parts_(parts), account_(account), observations_(observations), wake_(std::move(wake)) {}

bool KeyProver::Wanted(absl::Duration elapsed) const {
  return !account_.paused() && !account_.KeyProven(elapsed) && elapsed >= pause_end_;
}

void KeyProver::Start() {
  good_ = true;
  key_number_ = account_.key_number();
  asked_known_ = !observations_.known_provider_id().empty() && !list_next_;
  known_denied_ = false;
  list_waits_ = !asked_known_;
  answers_awaited_ = asked_known_ ? 1 : 2;
  if (asked_known_) {
    Ask(observations_.known_provider_id());
  } else {
    AskForKey();
  }
}

void KeyProver::Ask(const std::string& provider_topup_id) {
  parts_.provider.ReadById(
      provider_topup_id,
      [this, provider_topup_id, key = account_.key_number()](core::ReadAnswer answer) {
        parts_.loop.Post([this, provider_topup_id, key, answer = std::move(answer)] {
          observations_.Note(answer.exchange, key);
          const ReadMeaning meaning = core::JudgeRead(answer);
          const bool shown =
              meaning == ReadMeaning::kFound && answer.topup->id == provider_topup_id;
          known_denied_ =
              !shown && (meaning == ReadMeaning::kFound || meaning == ReadMeaning::kNotFound);
          Read(shown);
        });
      });
}

void KeyProver::AskForKey() {
  parts_.provider.Validate([this, key = account_.key_number()](core::ValidateAnswer answer) {
    parts_.loop.Post([this, key, answer = std::move(answer)] {
      const bool found =
          observations_.Note(answer.exchange, key) == ReadMeaning::kFound && answer.decoded;
      Read(found && answer.key_enabled && key == account_.key_number() &&
           account_.KeyValidated(answer.key_type, parts_.clock.Elapsed()));
    });
  });
}

void KeyProver::GoOn() {
  list_waits_ = false;
  parts_.provider.List({.page = 1, .page_size = upstream::kListPageSizeMax},
                       [this, key = account_.key_number()](core::ListAnswer answer) {
                         parts_.loop.Post([this, key, answer = std::move(answer)] {
                           observations_.NoteList(answer, "proof", key);
                           Read(ListProves(answer));
                         });
                       });
}

bool KeyProver::ListProves(const core::ListAnswer& answer) const {
  if (JudgePage(answer) != PageOutcome::kRead) return false;
  return !observations_.has_known() || std::any_of(answer.topups.begin(), answer.topups.end(),
                                                   [this](const core::ProviderTopup& shown) {
                                                     return observations_.IsKnown(shown);
                                                   });
}

void KeyProver::Read(bool proven) {
  good_ = good_ && proven;
  if (--answers_awaited_ > 0) {
    return;
  }
  // Where the key was replaced meanwhile, nothing was proven and nothing has failed: the new
  // one is proven as soon as it is asked for.
  if (key_number_ == account_.key_number()) {
    if (good_) {
      account_.NoteProof(parts_.clock.Elapsed());
      list_next_ = false;
    } else {
      Failed();
    }
  }
  wake_();
}

void KeyProver::Failed() {
  pause_end_ = parts_.clock.Elapsed() + kPause;
  list_next_ = asked_known_;
  // Perhaps this top-up is the problem: next time another one. One that was denied is never
  // asked for again; a lost answer denies nothing.
  if (asked_known_) observations_.PassKnown(/*forget=*/known_denied_);
  parts_.log.Warning("key.not_proven");
}

}  // namespace topup::engine
