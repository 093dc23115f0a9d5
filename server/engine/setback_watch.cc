#include "server/engine/setback_watch.h"

#include <utility>
#include <vector>

#include "server/core/clock_setback.h"

namespace topup::engine {
namespace {

// Time services slew by less than this between two rounds; nothing that waits minds it.
constexpr absl::Duration kTolerance = absl::Seconds(1);
constexpr absl::Duration kSweepPause = absl::Seconds(5);
constexpr int kReadMax = 1000000;

}  // namespace

SetbackWatch::SetbackWatch(const EngineParts& parts, const EngineOptions& options,
                           DecisionWriter& writer, std::function<void()> wake)
    : parts_(parts), options_(options), writer_(writer), wake_(std::move(wake)) {}

void SetbackWatch::Run() {
  writer_.Look();
  const absl::Duration elapsed = parts_.clock.Elapsed();
  const absl::Time offset = parts_.clock.Now() - elapsed;
  if (offset_.has_value() && offset >= *offset_ - kTolerance) {
    offset_ = offset;
    return;
  }
  if (elapsed < next_sweep_) return;
  next_sweep_ = elapsed + kSweepPause;
  if (offset_.has_value()) {
    parts_.log.Warning("clock.set_back", {{"by", absl::FormatDuration(*offset_ - offset)}});
  }
  if (Sweep()) offset_ = offset;
}

bool SetbackWatch::Sweep() {
  bool complete = true;
  for (const core::NextAction action :
       {core::NextAction::kPost, core::NextAction::kResend, core::NextAction::kReadByRef,
        core::NextAction::kReadStatus, core::NextAction::kReadSettled,
        core::NextAction::kAwaitAnswer}) {
    const absl::StatusOr<store::DueTopups> due =
        writer_.due().Read(action, absl::InfiniteFuture(), kReadMax);
    if (!due.ok()) return false;
    for (const core::Topup& topup : due->topups) {
      const auto decide = [this](const core::Topup& row) {
        return core::FollowClockSetBack(row, options_.rules, writer_.Look());
      };
      if (!decide(topup).changed) continue;
      if (writer_.IsBusy(topup.id)) {
        complete = false;
        continue;
      }
      writer_.SetBusy(topup.id);
      writer_.Apply(topup, decide, /*must_succeed=*/true,
                    [this, topup_id = topup.id](const absl::StatusOr<core::Topup>&) {
                      writer_.ClearBusy(topup_id);
                      wake_();
                    });
    }
  }
  return complete;
}

}  // namespace topup::engine
