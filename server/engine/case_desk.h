// Answers the person on call: lists cases with their evidence, and commits decisions.
#ifndef TOPUP_SERVER_ENGINE_CASE_DESK_H_
#define TOPUP_SERVER_ENGINE_CASE_DESK_H_

#include "server/engine/cases.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"

namespace topup::engine {

// Thread-safe. Borrows everything.
class CaseDesk : public Cases {
 public:
  CaseDesk(const EngineParts& parts, const EngineOptions& options, DecisionWriter& writer);

  // Attempts and checks are read after the page: they may be newer than it is. Also brings the
  // gauges of unsettled top-ups up to date.
  void ListUnsettled(CasePage page, Done<UnsettledListing> done) override;
  void Resolve(ResolveCommand command, Done<Resolved> done) override;
  void ListIncidents(CasePage page, bool include_closed, Done<IncidentListing> done) override;
  void CloseIncident(CloseCommand command, Done<core::Incident> done) override;

  // Brings the gauges up to date, once in a minute. On the engine's loop.
  void Measure(absl::Duration elapsed);

 private:
  absl::StatusOr<UnsettledListing> ReadUnsettled(const CasePage& page);
  absl::StatusOr<store::UnsettledPage> ReadPage(const CasePage& page);
  void ResolveOnLoop(const core::Topup& topup, const ResolveCommand& command, Done<Resolved> done);
  absl::StatusOr<Resolved> Answer(const core::Topup& topup, const ResolveCommand& command);

  const EngineParts parts_;
  const EngineOptions& options_;
  DecisionWriter& writer_;
  absl::Duration measure_at_;  // the loop's
  base::Gauge* unsettled_;
  base::Gauge* value_at_risk_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_CASE_DESK_H_
