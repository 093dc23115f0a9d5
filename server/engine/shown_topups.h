// What the provider's list shows of top-ups that nobody has asked about: it costs nothing to know.
#ifndef TOPUP_SERVER_ENGINE_SHOWN_TOPUPS_H_
#define TOPUP_SERVER_ENGINE_SHOWN_TOPUPS_H_

#include <string>

#include "absl/container/flat_hash_set.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"
#include "server/engine/observations.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class ShownTopups {
 public:
  ShownTopups(const EngineParts& parts, const EngineOptions& options, DecisionWriter& writer,
              Observations& observations);

  // Applies `answer`, which shows `provider_ref`, a ref of this deployment: further than we are,
  // it moves the top-up on; against what is settled, or unknown to the store, it becomes an
  // incident, once. `key_number`: as in Observations. True where the store does not know it.
  bool Show(const std::string& provider_ref, const core::ReadAnswer& answer, int key_number);

 private:
  // True the first time that a contradiction is seen in this process.
  bool ReportOnce(const std::string& provider_ref);

  const EngineParts parts_;
  const EngineOptions& options_;
  DecisionWriter& writer_;
  Observations& observations_;
  absl::flat_hash_set<std::string> reported_;  // contradictions already recorded
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_SHOWN_TOPUPS_H_
