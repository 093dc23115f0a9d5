// Applies what a read said: to the account, and to the top-up that it was about.
//
// Every read of the provider ends here, whoever asked: what it says of the key and the far
// end is noted, what it says of a top-up is decided by core/protocol.h and committed.
#ifndef TOPUP_SERVER_ENGINE_OBSERVATIONS_H_
#define TOPUP_SERVER_ENGINE_OBSERVATIONS_H_

#include <functional>
#include <string>

#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"
#include "server/engine/provider_account.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class Observations {
 public:
  Observations(const EngineParts& parts, const EngineOptions& options, ProviderAccount& account,
               DecisionWriter& writer, std::function<void()> wake);

  // What every answer says beside its content: reachability, pause, throttling.
  core::ReadMeaning Note(const core::Exchange& exchange);

  // The top-up is busy; it is released once the decision is on disk.
  void ApplyDoubt(const core::Topup& topup, const core::ReadAnswer& answer);
  void ApplyStatus(const core::Topup& topup, const core::ReadAnswer& answer);
  void ApplySettled(const core::Topup& topup, const core::ReadAnswer& answer);

  core::Situation Situation() const;

  // The provider's name of a top-up that it has shown to this key; empty where there is none.
  const std::string& known_provider_id() const { return known_provider_id_; }
  void ForgetKnown() { known_provider_id_.clear(); }

 private:
  using Rule = std::function<core::Decision(const core::Topup&, const core::Situation&)>;

  void Apply(const core::Topup& topup, Rule rule);

  const EngineParts parts_;
  const EngineOptions& options_;
  ProviderAccount& account_;
  DecisionWriter& writer_;
  const std::function<void()> wake_;
  std::string known_provider_id_;
  base::Counter* unrecognised_words_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_OBSERVATIONS_H_
