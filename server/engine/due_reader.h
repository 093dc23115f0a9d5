// Reads what is due, and tells people of what cannot be read.
//
// Nobody but a person can repair a row that is damaged. So that it is not forgotten meanwhile it is
// logged again and again, by its id, and counted; so that nothing else waits for it, all others go
// on.
#ifndef TOPUP_SERVER_ENGINE_DUE_READER_H_
#define TOPUP_SERVER_ENGINE_DUE_READER_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/engine/engine_options.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class DueReader {
 public:
  explicit DueReader(const EngineParts& parts);

  // As TopupStore::ReadDue. What it leaves out is logged once in an hour for each top-up; that it
  // failed, once in ten seconds.
  absl::StatusOr<store::DueTopups> Read(core::NextAction action, absl::Time now, int limit);

 private:
  void ReportFailure(const absl::Status& status);
  void ReportUnreadable(const std::vector<std::string>& topup_ids);

  const EngineParts parts_;
  // By id: when it is logged again. store::kUnreadableMax at most.
  absl::flat_hash_map<std::string, absl::Duration> report_at_;  // on Clock::Elapsed()
  absl::Duration failure_report_at_ = -absl::InfiniteDuration();
  base::Counter* failures_;
  base::Counter* unreadable_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_DUE_READER_H_
