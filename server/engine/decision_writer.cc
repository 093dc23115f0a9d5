#include "server/engine/decision_writer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/id.h"

namespace topup::engine {
namespace {

// Conflicts in a row that can only mean that something is wrong with the store.
constexpr int kRedosMax = 10;
constexpr absl::Duration kRetryPause = absl::Seconds(1);
// Whoever is interrupted between the two clocks looks again, a few times.
constexpr absl::Duration kLookTime = absl::Milliseconds(5);
constexpr int kLooksMax = 4;

}  // namespace

struct DecisionWriter::Write {
  core::Topup topup;
  Decide decide;
  bool must_succeed = false;
  Written written;
  int redos = 0;
};

DecisionWriter::DecisionWriter(const EngineParts& parts, TopupWaiters& waiters,
                               DeliveredVolumes& volumes)
    : parts_(parts), waiters_(waiters), volumes_(volumes), due_(parts) {
  using core::TopupStatus;
  for (const TopupStatus status :
       {TopupStatus::kQueued, TopupStatus::kSubmitting, TopupStatus::kPending,
        TopupStatus::kHandling, TopupStatus::kUnknownError, TopupStatus::kFulfilled,
        TopupStatus::kRefunded, TopupStatus::kRejected, TopupStatus::kCancelled}) {
    status_counters_[status] = parts_.metrics.GetCounter(
        "topup_engine_status_changes_total", "Committed changes of a top-up to a status.",
        {{"status", std::string(core::StatusName(status))}});
  }
  incidents_ = parts_.metrics.GetCounter("topup_engine_incidents_total",
                                         "Contradictions found; a person has to look.");
  write_failures_ = parts_.metrics.GetCounter("topup_engine_write_failures_total",
                                              "Decisions that the store did not take at once.");
  Look();
}

core::Situation DecisionWriter::Look() {
  absl::Time now;
  absl::Duration elapsed;
  for (int looks = 0; looks < kLooksMax; ++looks) {
    elapsed = parts_.clock.Elapsed();
    now = parts_.clock.Now();
    if (parts_.clock.Elapsed() - elapsed <= kLookTime) break;
  }
  clock_record_.Note(now, elapsed);
  return {.now = now, .clock = clock_record_};
}

std::vector<core::Topup> DecisionWriter::ReadDueIdle(core::NextAction action, absl::Time now,
                                                     int limit) {
  absl::StatusOr<store::DueTopups> due = due_.Read(action, now, limit + busy_count());
  if (!due.ok()) return {};
  std::vector<core::Topup>& topups = due->topups;
  topups.erase(std::remove_if(topups.begin(), topups.end(),
                              [this](const core::Topup& topup) { return IsBusy(topup.id); }),
               topups.end());
  return std::move(topups);
}

void DecisionWriter::Apply(core::Topup topup, Decide decide, bool must_succeed, Written written) {
  Commit(std::make_shared<Write>(Write{.topup = std::move(topup),
                                       .decide = std::move(decide),
                                       .must_succeed = must_succeed,
                                       .written = std::move(written)}));
}

void DecisionWriter::Commit(std::shared_ptr<Write> write) {
  core::Decision decision = write->decide(write->topup);
  if (!decision.changed) {
    write->written(std::move(write->topup));
    return;
  }
  store::UpdateRequest request{.topup = decision.topup,
                               .visible = decision.visible,
                               .attempt = decision.attempt,
                               .check = decision.check,
                               .resolution = decision.resolution};
  for (const core::IncidentDraft& draft : decision.incidents) {
    request.incidents.push_back(MakeIncident(write->topup.id, draft));
  }
  std::vector<core::Incident> incidents = request.incidents;
  parts_.store.Update(std::move(request), [this, write, decision, incidents = std::move(incidents)](
                                              const absl::StatusOr<store::UpdateResult>& result) {
    parts_.loop.Post([this, write, decision, incidents, result] {
      if (result.ok()) TellNew(incidents, result->new_incident_ids);
      Committed(write, decision, result.status());
    });
  });
}

void DecisionWriter::Committed(const std::shared_ptr<Write>& write, const core::Decision& decision,
                               const absl::Status& status) {
  if (status.ok()) {
    Tell(write->topup, decision);
    volumes_.Changed(write->topup, decision.topup);
    waiters_.Committed(decision.topup);
    write->written(decision.topup);
    return;
  }
  if (absl::IsAborted(status) && write->redos++ < kRedosMax) {
    Redo(write);
    return;
  }
  write_failures_->Increment();
  parts_.log.Warning("decision.not_written", {{"topup_id", write->topup.id},
                                              {"status", absl::StatusCodeToString(status.code())}});
  if (!write->must_succeed) {
    write->written(status);
    return;
  }
  parts_.loop.PostAfter(kRetryPause, [this, write] { Redo(write); });
}

void DecisionWriter::Redo(const std::shared_ptr<Write>& write) {
  absl::StatusOr<core::Topup> stored = parts_.store.FindById(write->topup.id);
  if (stored.ok()) {
    write->topup = *std::move(stored);
    Commit(write);
  } else if (write->must_succeed && !absl::IsNotFound(stored.status())) {
    parts_.loop.PostAfter(kRetryPause, [this, write] { Redo(write); });
  } else {
    write->written(stored.status());
  }
}

void DecisionWriter::Tell(const core::Topup& before, const core::Decision& decision) {
  const core::Topup& topup = decision.topup;
  if (before.status == topup.status) {
    return;
  }
  status_counters_[topup.status]->Increment();
  parts_.log.Info(core::IsSettled(topup.status) ? "topup.settled" : "topup.changed",
                  {{"topup_id", topup.id},
                   {"caller", topup.caller},
                   {"phone", topup.phone.Masked()},
                   {"plan_code", topup.plan_code},
                   {"from", core::StatusName(before.status)},
                   {"status", core::StatusName(topup.status)},
                   {"reason", core::RejectionReasonName(topup.rejection_reason)},
                   {"revision", topup.revision}});
}

// The same read may show the same contradiction for ever: only the first one is for a person.
void DecisionWriter::TellNew(const std::vector<core::Incident>& incidents,
                             const std::vector<std::string>& new_ids) {
  for (const core::Incident& incident : incidents) {
    if (std::find(new_ids.begin(), new_ids.end(), incident.id) == new_ids.end()) continue;
    incidents_->Increment();
    std::vector<base::LogField> fields = {{"kind", incident.kind}, {"detail", incident.detail}};
    if (!incident.topup_id.empty()) fields.emplace(fields.begin(), "topup_id", incident.topup_id);
    parts_.log.Write(base::LogSeverity::kError, "incident.found", fields);
  }
}

core::Incident DecisionWriter::MakeIncident(const std::string& topup_id,
                                            const core::IncidentDraft& draft) {
  const absl::Time now = parts_.clock.Now();
  return {.id = base::MakeTimeOrderedId(now, parts_.random),
          .topup_id = topup_id,
          .kind = draft.kind,
          .detail = draft.detail,
          .create_time = now};
}

void DecisionWriter::AddIncident(const core::IncidentDraft& draft) {
  KeepIncident(MakeIncident("", draft));
}

void DecisionWriter::KeepIncident(const core::Incident& incident) {
  parts_.store.AddIncident(incident, [this, incident](const absl::StatusOr<bool>& added) {
    if (added.ok() && *added) {
      parts_.loop.Post([this, incident] { TellNew({incident}, {incident.id}); });
    }
    if (!absl::IsUnavailable(added.status()) && !absl::IsResourceExhausted(added.status())) return;
    parts_.loop.Post([this, incident] {
      write_failures_->Increment();
      parts_.loop.PostAfter(kRetryPause, [this, incident] { KeepIncident(incident); });
    });
  });
}

}  // namespace topup::engine
