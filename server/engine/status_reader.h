// Reads the statuses of accepted top-ups: many with one page of the provider's list, and one
// by one only what the list does not show.
//
// A page that fails is asked for again in small ones; where that fails too, what is due is read
// one by one, and the list is tried again half a minute later: for what still waits as well.
//
// Pages and single reads take turns where both wait, so that neither keeps the other waiting.
#ifndef TOPUP_SERVER_ENGINE_STATUS_READER_H_
#define TOPUP_SERVER_ENGINE_STATUS_READER_H_

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"
#include "server/engine/list_walk.h"
#include "server/engine/observations.h"
#include "server/engine/shown_topups.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class StatusReader {
 public:
  StatusReader(const EngineParts& parts, const EngineOptions& options, DecisionWriter& writer,
               Observations& observations, ShownTopups& shown_topups, std::function<void()> wake);

  // A caller looks at this open top-up: it joins the next batch.
  void Hurry(const core::Topup& topup);

  // Looks whether a batch should start now: one poll interval after the last, and something due; or
  // the list is to be tried again.
  void Collect(absl::Time now, absl::Duration elapsed);
  // True where a request would start now if the budget allowed it.
  bool HasWork() const { return ListWaits() || !singles_.empty(); }
  // When the next batch may start; InfiniteDuration while one is under way.
  absl::Duration NextBatch() const;
  int in_flight() const { return in_flight_; }

  // One request, whose budget has been taken; only where HasWork().
  void StartNext(absl::Duration elapsed);

 private:
  // What waits for a read of its own.
  struct Single {
    core::Topup topup;
    bool listed = false;  // the list was read, and did not show it
  };

  bool BatchDue(absl::Time now, absl::Duration elapsed);
  bool ListWaits() const { return page_waits_ || batch_due_; }
  void StartBatch(absl::Duration elapsed);
  void ReadNextSingle();
  void GatherBatch();
  void TakeUnlisted();
  bool ListRests(absl::Duration elapsed) const { return elapsed < list_from_; }
  void ReadSingle(const core::Topup& topup);
  void ReadPage();
  void PageRead(const core::ListAnswer& answer, int key_number);
  bool WorthAnotherPage(int64_t total_pages) const;
  void Show(const core::ReadAnswer& answer, int key_number);
  void EndBatch(bool listed);

  const EngineParts parts_;
  const EngineOptions& options_;
  DecisionWriter& writer_;
  Observations& observations_;
  ShownTopups& shown_topups_;
  const std::function<void()> wake_;
  int in_flight_ = 0;
  bool batch_due_ = false;
  bool batch_in_flight_ = false;
  bool singles_turn_ = false;
  ListWalk walk_;
  bool page_waits_ = false;
  // The list has failed: it is left alone until then.
  absl::Duration list_from_ = -absl::InfiniteDuration();
  absl::Duration next_batch_ = -absl::InfiniteDuration();
  std::map<std::string, core::Topup> batch_;  // by provider ref: what it has not shown yet
  absl::Time batch_from_;
  std::deque<Single> singles_;
  std::map<std::string, core::Topup> hurried_;  // by id
  base::Counter* pages_;
  base::Counter* single_reads_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_STATUS_READER_H_
