#include "server/engine/reconciler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/id.h"
#include "server/base/log.h"

namespace topup::engine {
namespace {

using core::ReadMeaning;
using upstream::RequestKind;

constexpr int kReadsInFlightMax = 8;
// One batch serves this many; more wait for the next.
constexpr int kBatchMax = 500;
constexpr int kPageSize = 100;
constexpr int kPagesMax = 5;
// Fewer unshown top-ups than this are read one by one instead of by another page.
constexpr int kWorthAPage = 3;
constexpr int kHurriedMax = 1000;
constexpr int kReportedMax = 100000;
constexpr absl::Duration kProofPause = absl::Seconds(10);
// How far the provider's clock may be from ours.
constexpr absl::Duration kClockSkewMax = absl::Minutes(15);

}  // namespace

Reconciler::Reconciler(const EngineParts& parts, const EngineOptions& options,
                       ProviderAccount& account, DecisionWriter& writer, std::function<void()> wake)
    : parts_(parts), options_(options), account_(account), writer_(writer), wake_(std::move(wake)) {
  unrecognised_words_ = parts_.metrics.GetCounter(
      "topup_upstream_unrecognised_words_total",
      "Status words of the provider that nobody has seen yet; they change nothing.");
  batches_ = parts_.metrics.GetCounter("topup_engine_status_batches_total",
                                       "Pages of the provider's list read for statuses.");
  single_reads_ = parts_.metrics.GetCounter("topup_engine_single_reads_total",
                                            "Reads of one top-up at the provider.");
}

void Reconciler::Collect(absl::Time now, absl::Duration elapsed, upstream::BudgetDemand& demand) {
  doubts_.clear();
  settled_.clear();
  status_due_ = false;
  if (stopped_ || account_.reads_paused() || !account_.key_known()) {
    return;
  }
  const auto read = [&](core::NextAction action, std::vector<core::Topup>& topups) {
    absl::StatusOr<std::vector<core::Topup>> due =
        parts_.store.ReadDue(action, now, kReadsInFlightMax + writer_.busy_count());
    if (!due.ok()) return;
    for (core::Topup& topup : *due) {
      if (!writer_.IsBusy(topup.id)) topups.push_back(std::move(topup));
    }
  };
  read(core::NextAction::kReadByRef, doubts_);
  read(core::NextAction::kReadSettled, settled_);
  const bool free = reads_in_flight_ < kReadsInFlightMax;
  demand.doubt = demand.doubt || (free && !doubts_.empty() && !proof_in_flight_);
  demand.other = demand.other || (free && !settled_.empty());
  if (!batch_in_flight_ && elapsed >= next_batch_) {
    const absl::StatusOr<absl::Time> next = parts_.store.NextDueTime(core::NextAction::kReadStatus);
    status_due_ = !hurried_.empty() || (next.ok() && *next <= now);
  }
  demand.status = demand.status || status_due_ || (free && !singles_.empty());
}

absl::Duration Reconciler::Run(absl::Duration elapsed, const upstream::BudgetDemand& demand) {
  absl::Duration again = absl::InfiniteDuration();
  const auto take = [&](RequestKind kind) {
    if (reads_in_flight_ >= kReadsInFlightMax) return false;
    if (parts_.budget.TryTake(kind, elapsed, demand)) return true;
    again = std::min(again, parts_.budget.NextChance(kind, elapsed, demand));
    return false;
  };
  if (!doubts_.empty() && !proof_in_flight_) {
    if (!account_.KeyProven(elapsed) && elapsed >= proof_pause_end_) {
      if (take(RequestKind::kDoubt)) StartProof(elapsed);
    } else {
      for (const core::Topup& topup : doubts_) {
        if (!take(RequestKind::kDoubt)) break;
        ReadDoubt(topup);
      }
    }
  }
  while (!stopped_ && !account_.reads_paused() && !singles_.empty() && take(RequestKind::kStatus)) {
    const core::Topup topup = std::move(singles_.front());
    singles_.pop_front();
    ReadSingle(topup);
  }
  if (status_due_ && take(RequestKind::kStatus)) {
    StartBatch(elapsed);
  }
  for (const core::Topup& topup : settled_) {
    if (!take(RequestKind::kOther)) break;
    ReadSettled(topup);
  }
  if (!batch_in_flight_ && next_batch_ > elapsed) again = std::min(again, next_batch_);
  return again;
}

void Reconciler::Hurry(const core::Topup& topup) {
  const absl::Time last = topup.progress.last_read_start.value_or(absl::InfinitePast());
  if (topup.progress.next_action != core::NextAction::kReadStatus ||
      parts_.clock.Now() < last + options_.rules.poll_interval || writer_.IsBusy(topup.id) ||
      static_cast<int>(hurried_.size()) >= kHurriedMax) {
    return;
  }
  hurried_.emplace(topup.id, topup);
  wake_();
}

core::Situation Reconciler::Situation() const {
  return {.now = parts_.clock.Now(), .key_proven = account_.KeyProven(parts_.clock.Elapsed())};
}

void Reconciler::Release(const std::string& topup_id) {
  writer_.ClearBusy(topup_id);
  wake_();
}

ReadMeaning Reconciler::Note(const core::Exchange& exchange) {
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

// Proof of the key: a top-up that we know is shown; or, while none is known, validate and the
// list both answer well.
void Reconciler::StartProof(absl::Duration elapsed) {
  proof_in_flight_ = true;
  proof_good_ = true;
  proof_pause_end_ = elapsed + kProofPause;
  if (!known_provider_id_.empty()) {
    proof_parts_ = 1;
    parts_.provider.ReadById(known_provider_id_, [this](core::ReadAnswer answer) {
      parts_.loop.Post([this, answer = std::move(answer)] {
        Note(answer.exchange);
        ProofRead(core::JudgeRead(answer) == ReadMeaning::kFound);
      });
    });
    return;
  }
  proof_parts_ = 2;
  parts_.provider.Validate([this](core::ValidateAnswer answer) {
    parts_.loop.Post([this, answer = std::move(answer)] {
      const bool found = Note(answer.exchange) == ReadMeaning::kFound && answer.decoded;
      ProofRead(found && answer.key_enabled &&
                account_.KeyValidated(answer.key_type, parts_.clock.Elapsed()));
    });
  });
  parts_.provider.List({.page = 1, .page_size = 1}, [this](core::ListAnswer answer) {
    parts_.loop.Post([this, answer = std::move(answer)] {
      ProofRead(Note(answer.exchange) == ReadMeaning::kFound && answer.decoded);
    });
  });
}

void Reconciler::ProofRead(bool proven) {
  proof_good_ = proof_good_ && proven;
  if (--proof_parts_ > 0) {
    return;
  }
  proof_in_flight_ = false;
  if (proof_good_) {
    account_.NoteProof(parts_.clock.Elapsed());
  } else {
    // Perhaps the known one is the problem: next time the general way.
    known_provider_id_.clear();
    parts_.log.Warning("key.not_proven");
  }
  wake_();
}

void Reconciler::ReadDoubt(const core::Topup& topup) {
  ++reads_in_flight_;
  single_reads_->Increment();
  writer_.SetBusy(topup.id);
  parts_.provider.ReadByRef(topup.provider_ref, [this, topup](core::ReadAnswer answer) {
    parts_.loop.Post([this, topup, answer = std::move(answer)] {
      --reads_in_flight_;
      Note(answer.exchange);
      ApplyDoubt(topup, answer);
    });
  });
}

void Reconciler::ApplyDoubt(const core::Topup& topup, const core::ReadAnswer& answer) {
  if (core::JudgeRead(answer) == ReadMeaning::kFound) {
    known_provider_id_ = answer.topup->id;
  }
  writer_.Apply(
      topup,
      [this, answer](const core::Topup& row) {
        return core::ApplyDoubtRead(row, options_.rules, answer, Situation());
      },
      /*must_succeed=*/false,
      [this, topup_id = topup.id](absl::StatusOr<core::Topup> written) {
        if (written.ok()) {
          Release(topup_id);
        } else {
          // The row is as it was and still due: not at once again.
          parts_.loop.PostAfter(absl::Seconds(1), [this, topup_id] { Release(topup_id); });
        }
      });
}

void Reconciler::ReadSingle(const core::Topup& topup) {
  ++reads_in_flight_;
  single_reads_->Increment();
  const auto done = [this, topup](core::ReadAnswer answer) {
    parts_.loop.Post([this, topup, answer = std::move(answer)] {
      --reads_in_flight_;
      Note(answer.exchange);
      ApplyStatus(topup, answer);
    });
  };
  if (topup.provider_topup_id.empty()) {
    parts_.provider.ReadByRef(topup.provider_ref, done);
  } else {
    parts_.provider.ReadById(topup.provider_topup_id, done);
  }
}

void Reconciler::ApplyStatus(const core::Topup& topup, const core::ReadAnswer& answer) {
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
  writer_.Apply(
      topup,
      [this, answer](const core::Topup& row) {
        return core::ApplyStatusRead(row, options_.rules, answer, Situation());
      },
      /*must_succeed=*/false,
      [this, topup_id = topup.id](absl::StatusOr<core::Topup> written) {
        if (written.ok()) {
          Release(topup_id);
        } else {
          parts_.loop.PostAfter(absl::Seconds(1), [this, topup_id] { Release(topup_id); });
        }
      });
}

void Reconciler::ReadSettled(const core::Topup& topup) {
  ++reads_in_flight_;
  single_reads_->Increment();
  writer_.SetBusy(topup.id);
  parts_.provider.ReadByRef(topup.provider_ref, [this, topup](core::ReadAnswer answer) {
    parts_.loop.Post([this, topup, answer = std::move(answer)] {
      --reads_in_flight_;
      Note(answer.exchange);
      writer_.Apply(
          topup,
          [this, answer](const core::Topup& row) {
            return core::ApplySettledRead(row, answer, Situation());
          },
          /*must_succeed=*/false,
          [this, topup_id = topup.id](absl::StatusOr<core::Topup>) { Release(topup_id); });
    });
  });
}

void Reconciler::StartBatch(absl::Duration elapsed) {
  const absl::Time now = parts_.clock.Now();
  next_batch_ = elapsed + options_.rules.poll_interval;
  status_due_ = false;
  std::vector<core::Topup> due;
  for (auto& [topup_id, topup] : hurried_) {
    if (!writer_.IsBusy(topup_id)) due.push_back(std::move(topup));
  }
  hurried_.clear();
  absl::StatusOr<std::vector<core::Topup>> read =
      parts_.store.ReadDue(core::NextAction::kReadStatus, now, kBatchMax + writer_.busy_count());
  if (read.ok()) {
    for (core::Topup& topup : *read) due.push_back(std::move(topup));
  }
  batch_from_ = now;
  for (core::Topup& topup : due) {
    if (writer_.IsBusy(topup.id) || batch_.size() >= kBatchMax) continue;
    writer_.SetBusy(topup.id);
    batch_from_ = std::min(batch_from_, topup.create_time);
    batch_.emplace(topup.provider_ref, std::move(topup));
  }
  if (batch_.size() == 1) {
    // One request either way, and this one is sure to show it.
    const core::Topup only = std::move(batch_.begin()->second);
    batch_.clear();
    ReadSingle(only);
  } else if (!batch_.empty()) {
    batch_in_flight_ = true;
    ReadPage(1);
  }
}

void Reconciler::ReadPage(int page) {
  ++reads_in_flight_;
  batches_->Increment();
  parts_.provider.List({.page = page,
                        .page_size = kPageSize,
                        .from = batch_from_ - kClockSkewMax,
                        .to = parts_.clock.Now() + kClockSkewMax},
                       [this, page](core::ListAnswer answer) {
                         parts_.loop.Post([this, page, answer = std::move(answer)] {
                           --reads_in_flight_;
                           PageRead(page, answer);
                         });
                       });
}

void Reconciler::PageRead(int page, const core::ListAnswer& answer) {
  const bool read = Note(answer.exchange) == ReadMeaning::kFound && answer.decoded;
  if (read) {
    for (const core::ProviderTopup& shown : answer.topups) ShowInBatch(shown, answer.exchange);
  }
  const absl::Duration elapsed = parts_.clock.Elapsed();
  const bool more = read && page < answer.total_pages && page < kPagesMax &&
                    static_cast<int>(batch_.size()) >= kWorthAPage;
  if (more && parts_.budget.TryTake(RequestKind::kStatus, elapsed, {.status = true})) {
    ReadPage(page + 1);
    return;
  }
  EndBatch(answer.exchange, read);
}

void Reconciler::ShowInBatch(const core::ProviderTopup& shown, const core::Exchange& exchange) {
  const std::string provider_ref = OwnRef(shown.ref);
  if (provider_ref.empty()) {
    return;
  }
  const auto found = batch_.find(provider_ref);
  if (found == batch_.end()) {
    ShowOther(shown, provider_ref, exchange);
    return;
  }
  const core::Topup topup = std::move(found->second);
  batch_.erase(found);
  ApplyStatus(topup, {.exchange = exchange, .topup = shown});
}

// A top-up that was not due: whatever the page says of it costs nothing to know.
void Reconciler::ShowOther(const core::ProviderTopup& shown, const std::string& provider_ref,
                           const core::Exchange& exchange) {
  absl::StatusOr<core::Topup> stored = parts_.store.FindByProviderRef(provider_ref);
  if (absl::IsNotFound(stored.status())) {
    if (reported_.size() < kReportedMax && reported_.insert(provider_ref).second) {
      writer_.AddIncident({"UNKNOWN_PROVIDER_TOPUP",
                           absl::StrCat("the provider shows ", provider_ref, " as ",
                                        shown.status_word, ", which is not in this store")});
    }
    return;
  }
  if (!stored.ok() || writer_.IsBusy(stored->id)) {
    return;
  }
  const core::ReadAnswer answer{.exchange = exchange, .topup = shown};
  if (core::IsSettled(stored->status)) {
    if (core::ApplySettledRead(*stored, answer, Situation()).incidents.empty() ||
        reported_.size() >= kReportedMax || !reported_.insert(provider_ref).second) {
      return;
    }
    writer_.SetBusy(stored->id);
    writer_.Apply(
        *stored,
        [this, answer](const core::Topup& row) {
          return core::ApplySettledRead(row, answer, Situation());
        },
        /*must_succeed=*/false,
        [this, topup_id = stored->id](absl::StatusOr<core::Topup>) { Release(topup_id); });
  } else if (core::IsInDoubt(*stored)) {
    writer_.SetBusy(stored->id);
    ApplyDoubt(*stored, answer);
  } else if (core::ApplyStatusRead(*stored, options_.rules, answer, Situation()).visible) {
    writer_.SetBusy(stored->id);
    ApplyStatus(*stored, answer);
  }
}

void Reconciler::EndBatch(const core::Exchange& exchange, bool read) {
  batch_in_flight_ = false;
  std::map<std::string, core::Topup> left;
  left.swap(batch_);
  for (auto& [provider_ref, topup] : left) {
    if (read) {
      singles_.push_back(std::move(topup));
    } else {
      ApplyStatus(topup, {.exchange = exchange});
    }
  }
  wake_();
}

std::string Reconciler::OwnRef(const std::string& shown_ref) const {
  // <letter>-<deployment>-<time-ordered id>, perhaps behind the account's name.
  const std::string middle = absl::StrCat("-", options_.deployment_id, "-");
  const size_t place = shown_ref.rfind(middle);
  if (place == std::string::npos || place == 0) return "";
  const std::string ref = shown_ref.substr(place - 1);
  return base::IsTimeOrderedId(ref.substr(1 + middle.size())) ? ref : "";
}

}  // namespace topup::engine
