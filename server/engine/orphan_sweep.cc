#include "server/engine/orphan_sweep.h"

#include <algorithm>
#include <string>
#include <utility>

namespace topup::engine {
namespace {

using core::ReadMeaning;

// One sweep reads this much at most, and looks this far back: a log line says so.
constexpr int kPagesMax = 1000;
constexpr absl::Duration kLookBackMax = absl::Hours(24 * 7);
constexpr absl::Duration kPace = absl::Hours(1);
constexpr absl::Duration kOverlap = absl::Hours(2);
constexpr absl::Duration kRetryPause = absl::Minutes(1);

}  // namespace

OrphanSweep::OrphanSweep(const EngineParts& parts, Observations& observations,
                         ShownTopups& shown_topups, std::function<void()> wake)
    : parts_(parts),
      observations_(observations),
      shown_topups_(shown_topups),
      wake_(std::move(wake)),
      pages_(parts_.metrics.GetCounter("topup_engine_sweep_pages_total",
                                       "Pages of the provider's list compared with the store.")) {}

void OrphanSweep::Begin() {
  const store::Standing standing = parts_.store.standing();
  const absl::Time now = parts_.clock.Now();
  const absl::Duration elapsed = parts_.clock.Elapsed();
  if (standing.swept_through.has_value()) {
    swept_through_ = *standing.swept_through;
    next_page_ = elapsed;
  } else {
    // Nothing was sent before: there is nothing to compare.
    swept_through_ = now;
    parts_.store.NoteSwept(now);
    next_page_ = elapsed + kPace;
  }
}

absl::Duration OrphanSweep::NextPage() const {
  return in_flight_ ? absl::InfiniteDuration() : next_page_;
}

void OrphanSweep::ReadPage() {
  if (page_ == 0) {
    page_ = 1;
    shown_ = unknown_ = 0;
    to_ = parts_.clock.Now();
    from_ = std::min(swept_through_ - kClockSkewMax, to_ - kOverlap);
    if (from_ < to_ - kLookBackMax) {
      from_ = to_ - kLookBackMax;
      parts_.log.Warning("sweep.limited", {{"from", absl::FormatTime(from_, absl::UTCTimeZone())},
                                           {"reason", "it looks no further back"}});
    }
  }
  in_flight_ = true;
  pages_->Increment();
  parts_.provider.List(
      {.page = page_,
       .page_size = upstream::kListPageSizeMax,
       .from = from_,
       .to = to_ + kClockSkewMax},
      [this, key = observations_.key_number()](core::ListAnswer answer) {
        parts_.loop.Post([this, key, answer = std::move(answer)] { PageRead(answer, key); });
      });
}

void OrphanSweep::PageRead(const core::ListAnswer& answer, int key_number) {
  in_flight_ = false;
  const core::Exchange& exchange = answer.exchange;
  const bool read =
      observations_.NoteList(exchange, key_number) == ReadMeaning::kFound && answer.decoded;
  if (!read) {
    // A provider without a list has no orphans to show; any other may answer later.
    if (exchange.response_complete && exchange.http_status == 404) {
      End(/*complete=*/false);
    } else {
      next_page_ = parts_.clock.Elapsed() + kRetryPause;
    }
    wake_();
    return;
  }
  for (const core::ProviderTopup& shown : answer.topups) {
    const std::string provider_ref = observations_.OwnRef(shown.ref);
    if (provider_ref.empty()) continue;
    ++shown_;
    if (shown_topups_.Show(provider_ref, {.exchange = exchange, .topup = shown}, key_number)) {
      ++unknown_;
    }
  }
  const bool more = answer.total_pages > 0 ? page_ < answer.total_pages
                                           : answer.topups.size() >= upstream::kListPageSizeMax;
  if (more && page_ < kPagesMax) {
    ++page_;
    next_page_ = parts_.clock.Elapsed();
  } else {
    if (more) {
      parts_.log.Warning("sweep.limited", {{"from", absl::FormatTime(from_, absl::UTCTimeZone())},
                                           {"pages", page_},
                                           {"reason", "it reads no more pages"}});
    }
    End(/*complete=*/true);
  }
  wake_();
}

void OrphanSweep::End(bool complete) {
  if (complete) {
    swept_through_ = to_;
    parts_.store.NoteSwept(to_);
    parts_.log.Info("sweep.ended", {{"from", absl::FormatTime(from_, absl::UTCTimeZone())},
                                    {"pages", page_},
                                    {"topups", shown_},
                                    {"unknown", unknown_}});
  }
  page_ = 0;
  next_page_ = parts_.clock.Elapsed() + kPace;
}

}  // namespace topup::engine
