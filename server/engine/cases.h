// What a person on call asks of the engine: what does not settle by itself, and what
// contradicts our records. Part of the room's front door: see engine.h.
#ifndef TOPUP_SERVER_ENGINE_CASES_H_
#define TOPUP_SERVER_ENGINE_CASES_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/core/evidence.h"
#include "server/core/money.h"
#include "server/core/topup.h"

namespace topup::engine {

// A page of a list that is ordered oldest first. `after_id`: continues after this one; empty:
// from the oldest.
struct CasePage {
  std::string after_id;
  int limit = 50;
};

struct UnsettledTopup {
  core::Topup topup;
  std::string reason;  // "IN_DOUBT" and others of the contract
  absl::Duration age;  // since it was taken
  std::vector<core::Attempt> attempts;
  std::vector<core::Check> checks;  // the newest 50
};

struct UnsettledListing {
  std::vector<UnsettledTopup> topups;
  bool more = false;
  int64_t total = 0;  // of all pages
  core::Money value_at_risk;
};

struct ResolveCommand {
  std::string topup_id;  // of any caller
  core::TopupStatus status = core::TopupStatus::kRejected;
  std::string decided_by;
  std::string reason;
  bool override = false;
  int64_t expected_revision = 0;  // 0: whatever it is
};

struct Resolved {
  core::Topup topup;
  core::Resolution resolution;
};

struct IncidentListing {
  std::vector<core::Incident> incidents;
  bool more = false;
};

struct CloseCommand {
  std::string incident_id;
  std::string closed_by;
  std::string reason;
};

// Thread-safe. Each method returns at once and calls `done` exactly once, on a thread of the
// engine or the store; it must not block. OVERLOADED where too many reads wait.
class Cases {
 public:
  template <typename T>
  using Done = std::function<void(absl::StatusOr<T>)>;

  virtual ~Cases() = default;

  virtual void ListUnsettled(CasePage page, Done<UnsettledListing> done) = 0;

  // REVISION_CHANGED; NOT_RESOLVABLE where the provider may still answer, nothing was sent, or
  // it is settled (a repeat of the decision that settled it gets the same answer);
  // TOPUP_NOT_FOUND.
  virtual void Resolve(ResolveCommand command, Done<Resolved> done) = 0;

  virtual void ListIncidents(CasePage page, bool include_closed, Done<IncidentListing> done) = 0;

  // The incident as it is afterwards: of two people the first has closed it. INCIDENT_NOT_FOUND.
  virtual void CloseIncident(CloseCommand command, Done<core::Incident> done) = 0;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_CASES_H_
