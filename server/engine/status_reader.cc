#include "server/engine/status_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace topup::engine {
namespace {

using core::ReadMeaning;

// One batch serves this many; more wait for the next.
constexpr int kBatchMax = 500;
constexpr int kPagesMax = 5;
// Fewer unshown top-ups than this are read one by one instead of by another page.
constexpr int kWorthAPage = 3;
constexpr int kHurriedMax = 1000;

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

bool StatusReader::BatchDue(absl::Time now, absl::Duration elapsed) const {
  if (batch_in_flight_ || elapsed < next_batch_) return false;
  if (!hurried_.empty()) return true;
  const absl::StatusOr<absl::Time> next = parts_.store.NextDueTime(core::NextAction::kReadStatus);
  return next.ok() && *next <= now;
}

absl::Duration StatusReader::NextBatch() const {
  return batch_in_flight_ ? absl::InfiniteDuration() : next_batch_;
}

void StatusReader::ReadNextSingle() {
  const core::Topup topup = std::move(singles_.front());
  singles_.pop_front();
  ReadSingle(topup);
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
  const absl::Time now = parts_.clock.Now();
  next_batch_ = elapsed + options_.rules.poll_interval;
  std::vector<core::Topup> due;
  for (auto& [topup_id, topup] : hurried_) {
    if (!writer_.IsBusy(topup_id)) due.push_back(std::move(topup));
  }
  hurried_.clear();
  for (core::Topup& topup : writer_.ReadDueIdle(core::NextAction::kReadStatus, now, kBatchMax)) {
    due.push_back(std::move(topup));
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

void StatusReader::ReadPage(int page) {
  ++in_flight_;
  pages_->Increment();
  parts_.provider.List({.page = page,
                        .page_size = upstream::kListPageSizeMax,
                        .from = batch_from_ - kClockSkewMax,
                        .to = parts_.clock.Now() + kClockSkewMax},
                       [this, page, key = observations_.key_number()](core::ListAnswer answer) {
                         parts_.loop.Post([this, page, key, answer = std::move(answer)] {
                           --in_flight_;
                           PageRead(page, answer, key);
                         });
                       });
}

void StatusReader::ReadNextPage() { ReadPage(std::exchange(next_page_, 0)); }

void StatusReader::PageRead(int page, const core::ListAnswer& answer, int key_number) {
  const core::Exchange& exchange = answer.exchange;
  const bool read =
      observations_.NoteList(exchange, key_number) == ReadMeaning::kFound && answer.decoded;
  if (!read) {
    // A provider without a list still answers about each.
    EndBatch(exchange, /*try_singly=*/exchange.response_complete && exchange.http_status == 404,
             key_number);
    return;
  }
  for (const core::ProviderTopup& shown : answer.topups) {
    Show({.exchange = exchange, .topup = shown}, key_number);
  }
  if (page < answer.total_pages && page < kPagesMax &&
      static_cast<int>(batch_.size()) >= kWorthAPage) {
    next_page_ = page + 1;
    wake_();
  } else {
    EndBatch(exchange, /*try_singly=*/true, key_number);
  }
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

void StatusReader::EndBatch(const core::Exchange& exchange, bool try_singly, int key_number) {
  batch_in_flight_ = false;
  std::map<std::string, core::Topup> left;
  left.swap(batch_);
  for (auto& [provider_ref, topup] : left) {
    if (try_singly) {
      singles_.push_back(std::move(topup));
    } else {
      observations_.ApplyStatus(topup, {.exchange = exchange}, key_number);
    }
  }
  wake_();
}

}  // namespace topup::engine
