#include "server/engine/status_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace topup::engine {
namespace {

// One batch serves this many; more wait for the next.
constexpr int kBatchMax = 500;
// It reads this much of the list.
constexpr int64_t kReachMax = 500;
// Fewer unshown top-ups than this are read one by one instead of by another page.
constexpr int64_t kWorthAPage = 3;
constexpr int kHurriedMax = 1000;
// More are let go: they are due still, and join a later batch.
constexpr size_t kSinglesMax = 5000;
constexpr absl::Duration kListRest = absl::Seconds(30);
constexpr absl::Duration kLookAgain = absl::Seconds(1);

}  // namespace

StatusReader::StatusReader(const EngineParts& parts, const EngineOptions& options,
                           DecisionWriter& writer, Observations& observations,
                           ShownTopups& shown_topups, std::function<void()> wake)
    : parts_(parts),
      options_(options),
      writer_(writer),
      observations_(observations),
      shown_topups_(shown_topups),
      wake_(std::move(wake)) {
  pages_ = parts_.metrics.GetCounter("topup_engine_status_pages_total",
                                     "Pages of the provider's list read for statuses.");
  single_reads_ = parts_.metrics.GetCounter("topup_engine_single_status_reads_total",
                                            "Status reads of one top-up at the provider.");
}

void StatusReader::Collect(absl::Time now, absl::Duration elapsed) {
  batch_due_ = BatchDue(now, elapsed);
}

bool StatusReader::BatchDue(absl::Time now, absl::Duration elapsed) {
  if (batch_in_flight_ || elapsed < next_batch_) return false;
  if (!hurried_.empty()) return true;
  if (!ListRests(elapsed) && std::any_of(singles_.begin(), singles_.end(),
                                         [](const Single& single) { return !single.listed; })) {
    return true;
  }
  const absl::StatusOr<absl::Time> next = parts_.store.NextDueTime(core::NextAction::kReadStatus);
  if (!next.ok() || *next > now) return false;
  if (!writer_.ReadDueIdle(core::NextAction::kReadStatus, now, 1).empty()) return true;
  // All that is due waits already, and would be looked through again in every round.
  next_batch_ = elapsed + kLookAgain;
  return false;
}

void StatusReader::StartNext(absl::Duration elapsed) {
  const bool single = !ListWaits() || (singles_turn_ && !singles_.empty());
  singles_turn_ = !single;
  if (single) {
    ReadNextSingle();
  } else if (page_waits_) {
    page_waits_ = false;
    ReadPage();
  } else {
    batch_due_ = false;
    StartBatch(elapsed);
  }
}

absl::Duration StatusReader::NextBatch() const {
  return batch_in_flight_ ? absl::InfiniteDuration() : next_batch_;
}

void StatusReader::ReadNextSingle() {
  const Single single = std::move(singles_.front());
  singles_.pop_front();
  ReadSingle(single.topup);
}

void StatusReader::Hurry(const core::Topup& topup) {
  const absl::Time last = topup.progress.last_read_start.value_or(absl::InfinitePast());
  if (topup.progress.next_action != core::NextAction::kReadStatus ||
      (last <= parts_.clock.Now() && parts_.clock.Now() < last + options_.rules.poll_interval) ||
      writer_.IsBusy(topup.id) || static_cast<int>(hurried_.size()) >= kHurriedMax) {
    return;
  }
  hurried_.emplace(topup.id, topup);
  wake_();
}

void StatusReader::StartBatch(absl::Duration elapsed) {
  next_batch_ = elapsed + options_.rules.poll_interval;
  GatherBatch();
  if (ListRests(elapsed)) {
    EndBatch(/*listed=*/false);
    if (!singles_.empty()) ReadNextSingle();
    return;
  }
  TakeUnlisted();
  if (batch_.size() == 1) {
    // One request either way, and this one is sure to show it.
    const core::Topup only = std::move(batch_.begin()->second);
    batch_.clear();
    ReadSingle(only);
  } else if (!batch_.empty()) {
    batch_in_flight_ = true;
    batch_from_ = parts_.clock.Now();
    for (const auto& [provider_ref, topup] : batch_) {
      batch_from_ = std::min(batch_from_, topup.create_time);
    }
    walk_.Begin(elapsed);
    ReadPage();
  }
}

void StatusReader::GatherBatch() {
  std::vector<core::Topup> due;
  for (auto& [topup_id, topup] : hurried_) {
    if (!writer_.IsBusy(topup_id)) due.push_back(std::move(topup));
  }
  hurried_.clear();
  for (core::Topup& topup :
       writer_.ReadDueIdle(core::NextAction::kReadStatus, parts_.clock.Now(), kBatchMax)) {
    due.push_back(std::move(topup));
  }
  for (core::Topup& topup : due) {
    if (writer_.IsBusy(topup.id) || batch_.size() >= kBatchMax) continue;
    writer_.SetBusy(topup.id);
    batch_.emplace(topup.provider_ref, std::move(topup));
  }
}

// What waits only because the list had failed joins the batch.
void StatusReader::TakeUnlisted() {
  std::deque<Single> stay;
  for (Single& single : singles_) {
    if (single.listed || batch_.size() >= kBatchMax) {
      stay.push_back(std::move(single));
    } else {
      batch_.emplace(single.topup.provider_ref, std::move(single.topup));
    }
  }
  singles_.swap(stay);
}

void StatusReader::ReadSingle(const core::Topup& topup) {
  ++in_flight_;
  single_reads_->Increment();
  const auto done = [this, topup, key = observations_.key_number()](core::ReadAnswer answer) {
    parts_.loop.Post([this, topup, key, answer = std::move(answer)] {
      --in_flight_;
      observations_.Note(answer.exchange, key);
      observations_.ApplyStatus(topup, answer, key);
    });
  };
  if (topup.provider_topup_id.empty()) {
    parts_.provider.ReadByRef(topup.provider_ref, done);
  } else {
    parts_.provider.ReadById(topup.provider_topup_id, done);
  }
}

void StatusReader::ReadPage() {
  ++in_flight_;
  pages_->Increment();
  parts_.provider.List({.page = walk_.page(),
                        .page_size = walk_.page_size(),
                        .from = batch_from_ - kClockSkewMax,
                        .to = parts_.clock.Now() + kClockSkewMax},
                       [this, key = observations_.key_number()](core::ListAnswer answer) {
                         parts_.loop.Post([this, key, answer = std::move(answer)] {
                           --in_flight_;
                           PageRead(answer, key);
                         });
                       });
}

void StatusReader::PageRead(const core::ListAnswer& answer, int key_number) {
  const PageOutcome outcome = observations_.NoteList(answer, "statuses", key_number);
  const absl::Duration elapsed = parts_.clock.Elapsed();
  if (outcome == PageOutcome::kRead) {
    for (const core::ProviderTopup& shown : answer.topups) {
      Show({.exchange = answer.exchange, .topup = shown}, key_number);
    }
    page_waits_ = WorthAnotherPage(answer.total_pages);
    if (page_waits_) walk_.GoOn(elapsed);
  } else {
    page_waits_ = outcome == PageOutcome::kFailed && walk_.Shrink(elapsed);
    if (!page_waits_) list_from_ = elapsed + kListRest;
  }
  if (page_waits_) {
    wake_();
  } else {
    EndBatch(/*listed=*/outcome == PageOutcome::kRead);
  }
}

// Not where reading the rest singly takes no more requests: that is sure to show it.
bool StatusReader::WorthAnotherPage(int64_t total_pages) const {
  const int64_t most = std::min(total_pages, kReachMax / walk_.page_size());
  const int64_t left = most - walk_.page();
  return left > 0 && static_cast<int64_t>(batch_.size()) >= std::max(kWorthAPage, left);
}

void StatusReader::Show(const core::ReadAnswer& answer, int key_number) {
  const std::string provider_ref = observations_.OwnRef(answer.topup->ref);
  if (provider_ref.empty()) {
    return;
  }
  const auto found = batch_.find(provider_ref);
  if (found == batch_.end()) {
    // It was not due.
    shown_topups_.Show(provider_ref, answer, key_number);
    return;
  }
  const core::Topup topup = std::move(found->second);
  batch_.erase(found);
  observations_.ApplyStatus(topup, answer, key_number);
}

// What has not been shown waits for a read of its own.
void StatusReader::EndBatch(bool listed) {
  batch_in_flight_ = false;
  for (auto& [provider_ref, topup] : batch_) {
    if (singles_.size() < kSinglesMax) {
      singles_.push_back({.topup = std::move(topup), .listed = listed});
    } else {
      writer_.ClearBusy(topup.id);
    }
  }
  batch_.clear();
  wake_();
}

}  // namespace topup::engine
