#include "server/engine/reconciler.h"

#include <algorithm>
#include <utility>

namespace topup::engine {
namespace {

using upstream::RequestKind;

// Of the account's chores: plans, validate, balance, ping; one of each at most.
constexpr int kChoreReadsMax = 4;
constexpr int kReadsInFlightMax = upstream::kReadsAtOnce - kChoreReadsMax;
constexpr int kLearnedMax = 8;

}  // namespace

Reconciler::Reconciler(const EngineParts& parts, const EngineOptions& options,
                       ProviderAccount& account, DecisionWriter& writer, std::function<void()> wake)
    : parts_(parts),
      account_(account),
      writer_(writer),
      observations_(parts, options, account, writer, wake),
      prover_(parts, account, observations_, wake),
      shown_topups_(parts, options, writer, observations_),
      statuses_(parts, options, writer, observations_, shown_topups_, wake),
      sweep_(parts, observations_, shown_topups_, wake),
      reads_by_ref_(parts_.metrics.GetCounter("topup_engine_reads_by_ref_total",
                                              "Reads by ref at the provider.")) {}

bool Reconciler::HasFreeRead() const {
  return in_flight_ + prover_.in_flight() + statuses_.in_flight() + sweep_.in_flight() <
         kReadsInFlightMax;
}

void Reconciler::Begin() {
  sweep_.Begin();
  const absl::StatusOr<store::DueTopups> accepted =
      writer_.due().Read(core::NextAction::kReadStatus, absl::InfiniteFuture(), kLearnedMax);
  if (!accepted.ok()) return;
  for (const core::Topup& topup : accepted->topups) observations_.Know(topup.provider_topup_id);
}

void Reconciler::Collect(absl::Time now, absl::Duration elapsed, upstream::BudgetDemand& demand) {
  doubts_.clear();
  settled_.clear();
  prove_ = sweep_due_ = false;
  if (Held() || !HasFreeRead()) {
    return;
  }
  // While the key is being proven, doubt waits for that.
  if (!prover_.running()) {
    doubts_ = writer_.ReadDueIdle(core::NextAction::kReadByRef, now, kReadsInFlightMax);
    if (account_.paused()) {
      // Nothing is sent again for as long as that lasts: what would be is in doubt like any other.
      for (core::Topup& topup :
           writer_.ReadDueIdle(core::NextAction::kResend, now, kReadsInFlightMax)) {
        doubts_.push_back(std::move(topup));
      }
    }
  }
  settled_ = writer_.ReadDueIdle(core::NextAction::kReadSettled, now, kReadsInFlightMax);
  statuses_.Collect(now, elapsed);
  prove_ = (!doubts_.empty() || observations_.proof_wanted()) && !prover_.running() &&
           prover_.Wanted(elapsed);
  demand.doubt = demand.doubt || !doubts_.empty() || prove_ || prover_.HasMore();
  demand.status = demand.status || statuses_.HasWork();
  sweep_due_ = sweep_.PageDue(elapsed);
  demand.other = demand.other || !settled_.empty() || sweep_due_;
}

absl::Duration Reconciler::Run(absl::Duration elapsed, const upstream::BudgetDemand& demand) {
  if (Held()) return absl::InfiniteDuration();
  absl::Duration again = statuses_.NextBatch();
  if (again <= elapsed) again = absl::InfiniteDuration();
  const auto take = [&](RequestKind kind) {
    if (!HasFreeRead()) return false;
    if (parts_.budget.TryTake(kind, elapsed, demand)) return true;
    again = std::min(again, parts_.budget.NextChance(kind, elapsed, demand));
    return false;
  };
  if (prove_) {
    if (take(RequestKind::kDoubt)) prover_.Start();
  } else {
    for (const core::Topup& topup : doubts_) {
      if (!take(RequestKind::kDoubt)) break;
      ReadByRef(topup);
    }
  }
  if (prover_.HasMore() && take(RequestKind::kDoubt)) prover_.GoOn();
  while (statuses_.HasWork() && take(RequestKind::kStatus)) statuses_.StartNext(elapsed);
  for (const core::Topup& topup : settled_) {
    if (!take(RequestKind::kOther)) break;
    ReadByRef(topup);
  }
  if (sweep_due_ && take(RequestKind::kOther)) sweep_.ReadPage();
  // What is due already waits for the budget, or for a read to end.
  if (sweep_.NextPage() > elapsed) again = std::min(again, sweep_.NextPage());
  return again;
}

void Reconciler::ReadByRef(const core::Topup& topup) {
  ++in_flight_;
  reads_by_ref_->Increment();
  writer_.SetBusy(topup.id);
  parts_.provider.ReadByRef(topup.provider_ref,
                            [this, topup, key = account_.key_number()](core::ReadAnswer answer) {
                              parts_.loop.Post([this, topup, key, answer = std::move(answer)] {
                                --in_flight_;
                                observations_.Note(answer.exchange, key);
                                if (core::IsSettled(topup.status)) {
                                  observations_.ApplySettled(topup, answer);
                                } else {
                                  observations_.ApplyDoubt(topup, answer, key);
                                }
                              });
                            });
}

}  // namespace topup::engine
