#include "server/engine/due_reader.h"

#include <utility>

namespace topup::engine {
namespace {

constexpr absl::Duration kUnreadablePace = absl::Hours(1);
constexpr absl::Duration kFailurePace = absl::Seconds(10);

}  // namespace

DueReader::DueReader(const EngineParts& parts)
    : parts_(parts),
      failures_(parts_.metrics.GetCounter("topup_engine_due_read_failures_total",
                                          "Reads of what is due that the store did not answer.")),
      unreadable_(parts_.metrics.GetCounter(
          "topup_engine_unreadable_topups_total",
          "Due top-ups whose stored data is damaged, counted once in an hour each; a person has to "
          "look.")) {}

absl::StatusOr<store::DueTopups> DueReader::Read(core::NextAction action, absl::Time now,
                                                 int limit) {
  absl::StatusOr<store::DueTopups> due = parts_.store.ReadDue(action, now, limit);
  if (due.ok()) {
    ReportUnreadable(due->unreadable_ids);
  } else {
    ReportFailure(due.status());
  }
  return due;
}

void DueReader::ReportFailure(const absl::Status& status) {
  failures_->Increment();
  const absl::Duration elapsed = parts_.clock.Elapsed();
  if (elapsed < failure_report_at_) return;
  failure_report_at_ = elapsed + kFailurePace;
  parts_.log.Warning("due.not_read", {{"status", absl::StatusCodeToString(status.code())},
                                      {"reason", status.message()}});
}

void DueReader::ReportUnreadable(const std::vector<std::string>& topup_ids) {
  if (topup_ids.empty()) return;
  const absl::Duration elapsed = parts_.clock.Elapsed();
  // What was repaired is forgotten, so that there is room for others.
  absl::erase_if(report_at_, [elapsed](const auto& entry) { return entry.second <= elapsed; });
  for (const std::string& topup_id : topup_ids) {
    if (report_at_.size() >= store::kUnreadableMax) return;
    if (!report_at_.emplace(topup_id, elapsed + kUnreadablePace).second) continue;
    unreadable_->Increment();
    parts_.log.Error("topup.unreadable",
                     {{"topup_id", topup_id},
                      {"reason",
                       "what is stored of it cannot be what was written; nothing is done "
                       "with it until a person has repaired it"}});
  }
}

}  // namespace topup::engine
