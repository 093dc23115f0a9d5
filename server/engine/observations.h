// Applies what a read said: to the account, and to the top-up that it was about.
//
// Every read of the provider ends here, whoever asked: what it says of the key and the far
// end is noted, what it says of a top-up is decided by core/protocol.h and committed.
#ifndef TOPUP_SERVER_ENGINE_OBSERVATIONS_H_
#define TOPUP_SERVER_ENGINE_OBSERVATIONS_H_

#include <deque>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/engine/decision_writer.h"
#include "server/engine/engine_options.h"
#include "server/engine/list_walk.h"
#include "server/engine/provider_account.h"

namespace topup::engine {

// How far the provider's clock may be from ours.
inline constexpr absl::Duration kClockSkewMax = absl::Minutes(15);

// What was read. A 404 of an endpoint that we can do without pauses nothing.
enum class ReadOf { kNeeded, kOptional };

// What every answer to a read says beside its content: reachability, throttling, a pause.
// `what` was read, for people; `key_number`: the account's when it was asked.
core::ReadMeaning NoteRead(const core::Exchange& exchange, ReadOf kind, absl::string_view what,
                           int key_number, const EngineParts& parts, ProviderAccount& account);

// Runs on the engine's loop only. Borrows everything.
class Observations {
 public:
  Observations(const EngineParts& parts, const EngineOptions& options, ProviderAccount& account,
               DecisionWriter& writer, std::function<void()> wake);

  // As NoteRead, for a read of top-ups.
  core::ReadMeaning Note(const core::Exchange& exchange, int key_number);
  // The same for a page of the list, which `reader` asked for; a failure is counted, and logged
  // once in ten minutes.
  PageOutcome NoteList(const core::ListAnswer& answer, absl::string_view reader, int key_number);

  // The top-up is busy; it is released once the decision is on disk. `key_number`: the
  // account's when it was asked.
  void ApplyDoubt(const core::Topup& topup, const core::ReadAnswer& answer, int key_number);
  void ApplyStatus(const core::Topup& topup, const core::ReadAnswer& answer, int key_number);
  void ApplySettled(const core::Topup& topup, const core::ReadAnswer& answer);

  core::Situation Situation(int key_number) const;
  int key_number() const { return account_.key_number(); }

  // The provider's name of a top-up that we know it has; empty where there is none.
  std::string known_provider_id() const { return known_.empty() ? "" : known_.front(); }
  void Know(const std::string& provider_topup_id);
  // It was not shown: another one is asked for next time, and this one after the others, or
  // never again.
  void PassKnown(bool forget);
  // True where top-ups were known, whether or not they still are.
  bool has_known() const { return has_known_; }

  // Whether `shown` is an accepted top-up of this store.
  bool IsKnown(const core::ProviderTopup& shown) const;
  // Our provider ref inside the form that the provider shows; empty where it is not ours.
  std::string OwnRef(const std::string& shown_ref) const;

  // An accepted top-up was not found, and the key was not proven: that is asked for next.
  bool proof_wanted() const { return proof_wanted_; }

 private:
  using Rule = std::function<core::Decision(const core::Topup&, const core::Situation&)>;

  void Apply(const core::Topup& topup, int key_number, bool must_succeed, Rule rule);

  const EngineParts parts_;
  const EngineOptions& options_;
  ProviderAccount& account_;
  DecisionWriter& writer_;
  const std::function<void()> wake_;
  std::deque<std::string> known_;  // the newest first
  bool has_known_ = false;
  bool proof_wanted_ = false;
  absl::Duration list_log_from_ = -absl::InfiniteDuration();
  base::Counter* unrecognised_words_;
  base::Counter* list_failures_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_OBSERVATIONS_H_
