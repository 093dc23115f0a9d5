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
                           DecisionWriter& writer, BulkChanges& changes, std::function<void()> wake)
    : parts_(parts),
      options_(options),
      writer_(writer),
      changes_(changes),
      wake_(std::move(wake)) {}

void SetbackWatch::Run() {
  writer_.Look();
  if (sweeping_) {
    GoOn();
    return;
  }
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
  sweep_offset_ = offset;
  Sweep();
  GoOn();
}

void SetbackWatch::Sweep() {
  sweeping_ = complete_ = true;
  for (const core::NextAction action :
       {core::NextAction::kPost, core::NextAction::kResend, core::NextAction::kReadByRef,
        core::NextAction::kReadStatus, core::NextAction::kReadSettled,
        core::NextAction::kAwaitAnswer}) {
    const absl::StatusOr<store::DueTopups> due =
        writer_.due().Read(action, absl::InfiniteFuture(), kReadMax);
    if (!due.ok()) {
      complete_ = false;
      return;
    }
    for (const core::Topup& topup : due->topups) {
      if (Follow(topup).changed) waiting_.push_back(topup.id);
    }
  }
}

void SetbackWatch::GoOn() {
  while (!waiting_.empty() && changes_.HasRoom()) {
    const std::string topup_id = std::move(waiting_.front());
    waiting_.pop_front();
    const absl::StatusOr<core::Topup> topup = parts_.store.FindById(topup_id);
    if (!topup.ok() || writer_.IsBusy(topup_id)) {
      complete_ = false;
      continue;
    }
    changes_.Apply(
        *topup, [this](const core::Topup& row) { return Follow(row); }, wake_);
  }
  if (!waiting_.empty()) return;
  sweeping_ = false;
  if (complete_) offset_ = sweep_offset_;
}

core::Decision SetbackWatch::Follow(const core::Topup& row) {
  return core::FollowClockSetBack(row, options_.rules, writer_.Look());
}

}  // namespace topup::engine
