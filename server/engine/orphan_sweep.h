// Compares the provider's list with the store: what it has under a ref of ours that the store does
// not know is an orphan, as a restored backup leaves them.
//
// At start from where the last comparison ended, later every hour over the last two hours, page by
// page from the spare budget. Pages shift while top-ups are made, so that some are seen twice.
//
// A page that fails is tried again every minute, in small ones, and given up after ten tries: the
// sweep goes on behind it, and the next one begins where this one did.
#ifndef TOPUP_SERVER_ENGINE_ORPHAN_SWEEP_H_
#define TOPUP_SERVER_ENGINE_ORPHAN_SWEEP_H_

#include <cstdint>
#include <functional>

#include "absl/time/time.h"
#include "server/engine/engine_options.h"
#include "server/engine/list_walk.h"
#include "server/engine/observations.h"
#include "server/engine/shown_topups.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class OrphanSweep {
 public:
  OrphanSweep(const EngineParts& parts, Observations& observations, ShownTopups& shown_topups,
              std::function<void()> wake);

  // At start, once: takes up where the store says that the last one ended.
  void Begin();

  // True where a page should be read now.
  bool PageDue(absl::Duration elapsed) const { return !in_flight_ && elapsed >= next_page_; }
  // When that is; InfiniteDuration while one is under way.
  absl::Duration NextPage() const;
  int in_flight() const { return in_flight_ ? 1 : 0; }

  // One request, whose budget has been taken.
  void ReadPage();

 private:
  void BeginSweep();
  void PageRead(const core::ListAnswer& answer, int key_number);
  void Compare(const core::ListAnswer& answer, int key_number);
  void RetryPage(PageOutcome outcome);
  void GiveUpPage();
  void GoOn(bool more);
  void End();

  const EngineParts parts_;
  Observations& observations_;
  ShownTopups& shown_topups_;
  const std::function<void()> wake_;

  // Compared up to here; unset before Begin.
  absl::Time swept_through_;
  absl::Duration next_page_ = absl::InfiniteDuration();
  bool in_flight_ = false;
  // Of the sweep under way.
  bool under_way_ = false;
  bool complete_ = true;  // no page was given up
  ListWalk walk_;
  int pages_read_ = 0;
  int tries_ = 0;  // of the page that is asked for
  int given_up_in_row_ = 0;
  absl::Time from_;
  absl::Time to_;
  int64_t shown_ = 0;
  int64_t unknown_ = 0;
  base::Counter* pages_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_ORPHAN_SWEEP_H_
