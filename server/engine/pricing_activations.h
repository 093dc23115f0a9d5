// Which pricing configuration is in force, and which were: loads, records and swaps them.
#ifndef TOPUP_SERVER_ENGINE_PRICING_ACTIVATIONS_H_
#define TOPUP_SERVER_ENGINE_PRICING_ACTIVATIONS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/metrics.h"
#include "server/engine/activation_report.h"
#include "server/engine/price_control.h"
#include "server/pricing/plugin_host.h"
#include "server/pricing/pricing_configuration.h"
#include "server/pricing/pricing_line.h"
#include "server/pricing/pricing_set.h"
#include "server/store/pricing_records.h"

namespace topup::engine {

// Where configurations come from. Both may block on the disk.
struct PricingSource {
  // The text of the configured file, or what is built in where there is none.
  std::function<absl::StatusOr<std::string>()> read_file;
  // CONFIG_INVALID with every problem.
  std::function<absl::StatusOr<pricing::PricingConfiguration>(const std::string& text)> parse;
};

// True where the configured file comes into force instead of what was last activated: it has
// changed since, or nothing was activated yet. Nothing for `file_digest`: it cannot be read.
bool TakesFile(const std::optional<store::PricingActivation>& latest,
               const std::optional<std::string>& file_digest);

// A configuration is on disk as the one in force before it prices anything: a crash in between
// leaves the new one, never a price by what was not recorded.
//
// Not thread-safe: one thread calls it, which may wait for disk, libraries and store. The store
// answers on a thread of its own. Everything is borrowed.
class PricingActivations {
 public:
  PricingActivations(const base::Clock& clock, base::Log& log, base::Metrics& metrics,
                     store::PricingRecords& records, pricing::PluginHost& host,
                     PricingSource source);

  // Puts in force what was last activated, or the file where it has changed since. A file that is
  // refused is logged ("pricing.file_refused") and leaves what was activated; only where there is
  // nothing else it is an error, as is what was activated and cannot be loaded any more. What
  // prices are compared with (max_change_percent) is as it was, as far as it can be loaded
  // ("pricing.before_not_restored").
  absl::Status Start();

  // The file, where it has changed; otherwise what is in force, with its libraries as they are
  // now. Logged: "pricing.reloaded" or "pricing.not_reloaded".
  absl::Status Reload();

  // As PriceControl's.
  absl::StatusOr<std::string> Activate(const ActivateCommand& command);
  absl::StatusOr<std::string> Rollback(const RollbackCommand& command);

  // A configuration loaded beside the one in force, to be tried. This, TextOf and source() may be
  // used by any thread at any time.
  absl::StatusOr<std::shared_ptr<const pricing::PricingSet>> LoadAside(
      const std::string& text) const;

  // `config`, or the file's text. CONFIG_INVALID where that cannot be read.
  absl::StatusOr<std::string> TextOf(const std::optional<std::string>& config) const;

  // The digest of the configuration in force.
  std::string config_digest() const { return current_.has_value() ? current_->config_digest : ""; }

  const PricingSource& source() const { return source_; }

 private:
  using Cause = store::PricingActivation::Cause;

  using Set = std::shared_ptr<const pricing::PricingSet>;
  using Line = std::shared_ptr<const pricing::PricingLine>;
  // What is in force with `set`: as one change more, or as `recorded` was when it was new.
  Line Restored(const Set& set, const store::PricingActivation& recorded) const;
  bool HasSold(const store::PricingActivation& activation) const;

  absl::Status StartWithRecorded();
  absl::Status StartWithFile(const absl::StatusOr<std::string>& file);
  absl::Status TakeFile(const std::string& text);
  // The current one, with its libraries as they are now.
  store::PricingActivation CurrentAgain() const;
  absl::Status CheckExpected(const std::string& expected) const;
  // Of the file as it is now; where it cannot be read, as it was when it was last looked at.
  std::string FileDigest() const;
  // Loads `next.config`, records `next` and puts it in force: compared with what is in force now,
  // or with what `like` was compared with.
  absl::StatusOr<std::string> PutInForce(store::PricingActivation next,
                                         const store::PricingActivation* like = nullptr);
  absl::StatusOr<std::string> Use(const Set& set, const Line& line, store::PricingActivation next);
  // `next` as it is to be recorded; nothing where it would say nothing new.
  std::optional<store::PricingActivation> Complete(store::PricingActivation next,
                                                   const pricing::PricingLine& line) const;
  absl::Status Record(const store::PricingActivation& activation);

  const base::Clock& clock_;
  const ActivationReport report_;
  store::PricingRecords& records_;
  pricing::PluginHost& host_;
  const PricingSource source_;
  std::optional<store::PricingActivation> current_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_PRICING_ACTIVATIONS_H_
