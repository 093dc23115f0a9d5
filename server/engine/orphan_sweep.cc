#include "server/engine/orphan_sweep.h"

#include <algorithm>
#include <string>
#include <utility>

namespace topup::engine {
namespace {

// One sweep reads this much at most, and looks this far back: a log line says so.
constexpr int64_t kTopupsMax = 100'000;
constexpr absl::Duration kLookBackMax = absl::Hours(24 * 7);
constexpr absl::Duration kPace = absl::Hours(1);
constexpr absl::Duration kOverlap = absl::Hours(2);
constexpr absl::Duration kRetryPause = absl::Minutes(1);
// Tries of one page, and pages in a row that are given up.
constexpr int kTriesMax = 10;
constexpr int kGivenUpMax = 3;

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

void OrphanSweep::BeginSweep() {
  under_way_ = complete_ = true;
  pages_read_ = tries_ = given_up_in_row_ = 0;
  shown_ = unknown_ = 0;
  walk_.Begin(parts_.clock.Elapsed());
  to_ = parts_.clock.Now();
  from_ = std::min(swept_through_ - kClockSkewMax, to_ - kOverlap);
  if (from_ < to_ - kLookBackMax) {
    from_ = to_ - kLookBackMax;
    parts_.log.Warning("sweep.limited", {{"from", absl::FormatTime(from_, absl::UTCTimeZone())},
                                         {"reason", "it looks no further back"}});
  }
}

void OrphanSweep::ReadPage() {
  if (!under_way_) BeginSweep();
  in_flight_ = true;
  pages_->Increment();
  parts_.provider.List(
      {.page = walk_.page(),
       .page_size = walk_.page_size(),
       .from = from_,
       .to = to_ + kClockSkewMax},
      [this, key = observations_.key_number()](core::ListAnswer answer) {
        parts_.loop.Post([this, key, answer = std::move(answer)] { PageRead(answer, key); });
      });
}

void OrphanSweep::PageRead(const core::ListAnswer& answer, int key_number) {
  in_flight_ = false;
  const PageOutcome outcome = observations_.NoteList(answer, "sweep", key_number);
  if (outcome == PageOutcome::kRead) {
    ++pages_read_;
    given_up_in_row_ = 0;
    Compare(answer, key_number);
    GoOn(answer.total_pages > 0 ? walk_.page() < answer.total_pages
                                : static_cast<int>(answer.topups.size()) >= walk_.page_size());
  } else if (outcome == PageOutcome::kAbsent) {
    // A provider without a list has no orphans to show.
    complete_ = false;
    End();
  } else {
    RetryPage(outcome);
  }
  wake_();
}

void OrphanSweep::Compare(const core::ListAnswer& answer, int key_number) {
  for (const core::ProviderTopup& shown : answer.topups) {
    const std::string provider_ref = observations_.OwnRef(shown.ref);
    if (provider_ref.empty()) continue;
    ++shown_;
    if (shown_topups_.Show(provider_ref, {.exchange = answer.exchange, .topup = shown},
                           key_number)) {
      ++unknown_;
    }
  }
}

void OrphanSweep::RetryPage(PageOutcome outcome) {
  const absl::Duration elapsed = parts_.clock.Elapsed();
  next_page_ = elapsed + kRetryPause;
  if (outcome == PageOutcome::kUnanswered) return;
  if (walk_.Shrink(elapsed)) {
    next_page_ = elapsed;
    return;
  }
  if (++tries_ == kTriesMax) GiveUpPage();
}

// One top-up that the provider cannot show must not hide all those before it.
void OrphanSweep::GiveUpPage() {
  parts_.log.Warning("sweep.page_given_up", {{"from", absl::FormatTime(from_, absl::UTCTimeZone())},
                                             {"page", walk_.page()},
                                             {"page_size", walk_.page_size()}});
  complete_ = false;
  if (++given_up_in_row_ == kGivenUpMax) {
    // It is the list and not a top-up: from the beginning, a minute later.
    under_way_ = false;
    return;
  }
  GoOn(/*more=*/true);
}

// `more`: there are pages behind this one.
void OrphanSweep::GoOn(bool more) {
  tries_ = 0;
  if (more && walk_.reach() < kTopupsMax) {
    walk_.GoOn(parts_.clock.Elapsed());
    next_page_ = parts_.clock.Elapsed();
    return;
  }
  if (more) {
    parts_.log.Warning("sweep.limited", {{"from", absl::FormatTime(from_, absl::UTCTimeZone())},
                                         {"pages", pages_read_},
                                         {"reason", "it reads no more pages"}});
  }
  End();
}

void OrphanSweep::End() {
  if (complete_) {
    swept_through_ = to_;
    parts_.store.NoteSwept(to_);
    parts_.log.Info("sweep.ended", {{"from", absl::FormatTime(from_, absl::UTCTimeZone())},
                                    {"pages", pages_read_},
                                    {"topups", shown_},
                                    {"unknown", unknown_}});
  }
  under_way_ = false;
  next_page_ = parts_.clock.Elapsed() + kPace;
}

}  // namespace topup::engine
