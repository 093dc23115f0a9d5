#include "server/engine/key_prover.h"

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
  return !account_.KeyProven(elapsed) && elapsed >= pause_end_;
}

int KeyProver::Cost() const { return observations_.known_provider_id().empty() ? 2 : 1; }

void KeyProver::Start(absl::Duration elapsed) {
  pause_end_ = elapsed + kPause;
  good_ = true;
  answers_awaited_ = Cost();
  if (answers_awaited_ == 1) {
    parts_.provider.ReadById(observations_.known_provider_id(), [this](core::ReadAnswer answer) {
      parts_.loop.Post([this, answer = std::move(answer)] {
        observations_.Note(answer.exchange);
        Read(core::JudgeRead(answer) == ReadMeaning::kFound);
      });
    });
    return;
  }
  parts_.provider.Validate([this](core::ValidateAnswer answer) {
    parts_.loop.Post([this, answer = std::move(answer)] {
      const bool found =
          observations_.Note(answer.exchange) == ReadMeaning::kFound && answer.decoded;
      Read(found && answer.key_enabled &&
           account_.KeyValidated(answer.key_type, parts_.clock.Elapsed()));
    });
  });
  parts_.provider.List({.page = 1, .page_size = 1}, [this](core::ListAnswer answer) {
    parts_.loop.Post([this, answer = std::move(answer)] {
      Read(observations_.Note(answer.exchange) == ReadMeaning::kFound && answer.decoded);
    });
  });
}

void KeyProver::Read(bool proven) {
  good_ = good_ && proven;
  if (--answers_awaited_ > 0) {
    return;
  }
  if (good_) {
    account_.NoteProof(parts_.clock.Elapsed());
  } else {
    // Perhaps the top-up that we knew is the problem: next time the general way.
    observations_.ForgetKnown();
    parts_.log.Warning("key.not_proven");
  }
  wake_();
}

}  // namespace topup::engine
