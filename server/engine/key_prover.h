// Proves that our key sees our top-ups, so that a not-found means something.
//
// A key of another account or environment knows none of our refs either. So before a
// not-found counts, a top-up that we know is read again. Where none can be, validate and the
// list have to answer well; and once any was known, the list has to show one. Where one of the
// two ways fails, the other is tried next: either may be broken for long.
#ifndef TOPUP_SERVER_ENGINE_KEY_PROVER_H_
#define TOPUP_SERVER_ENGINE_KEY_PROVER_H_

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "server/engine/engine_options.h"
#include "server/engine/list_walk.h"
#include "server/engine/observations.h"
#include "server/engine/provider_account.h"

namespace topup::engine {

// Runs on the engine's loop only. Borrows everything.
class KeyProver {
 public:
  KeyProver(const EngineParts& parts, ProviderAccount& account, Observations& observations,
            std::function<void()> wake);

  // True where a proof should be tried before doubt is read: there is none that is recent,
  // and none was tried in vain within the last ten seconds. Never while the account is paused:
  // nothing counts as a proof then, and doubt would wait for one until the pause ends.
  bool Wanted(absl::Duration elapsed) const;
  bool running() const { return answers_awaited_ > 0; }
  int in_flight() const { return answers_awaited_ - (list_waits_ ? 1 : 0); }

  // Makes the first request; the only one where a top-up is known that the key has to show.
  void Start();
  // The second one waits for its own turn in the budget: where requests become free one at a
  // time, two at once would never fit.
  bool HasMore() const { return list_waits_; }
  void GoOn();

 private:
  void Ask(const std::string& provider_topup_id);
  void AskForKey();
  bool ListProves(const core::ListAnswer& answer) const;
  void Read(bool proven);
  void Failed();

  const EngineParts parts_;
  ProviderAccount& account_;
  Observations& observations_;
  const std::function<void()> wake_;
  int answers_awaited_ = 0;
  bool good_ = false;
  bool asked_known_ = false;
  bool known_denied_ = false;  // the provider said that it does not have it
  bool list_next_ = false;     // although a top-up is known: reading it has just failed
  bool list_waits_ = false;
  int key_number_ = 0;  // of the key that is being proven
  absl::Duration pause_end_ = -absl::InfiniteDuration();
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_KEY_PROVER_H_
