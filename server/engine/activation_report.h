// Says which configuration came into force and why: prices never change silently.
#ifndef TOPUP_SERVER_ENGINE_ACTIVATION_REPORT_H_
#define TOPUP_SERVER_ENGINE_ACTIVATION_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "server/base/log.h"
#include "server/base/metrics.h"
#include "server/store/pricing_records.h"

namespace topup::engine {

// As thread-safe as its parts.
class ActivationReport {
 public:
  // Both have to outlive the report.
  ActivationReport(base::Log& log, base::Metrics& metrics) : log_(log), metrics_(metrics) {}

  // `activation` is in force, after `before` (null: the first). One line ("pricing.activated") and
  // one count.
  void Activated(const store::PricingActivation& activation,
                 const store::PricingActivation* before) const;

  // The same text as `once`: a line ("pricing.libraries_changed") for each library whose file has
  // changed since. What the old one made of it is not known any more.
  void SameText(const store::PricingActivation& activation,
                const store::PricingActivation& once) const;

  // "pricing.file_refused": what was in force stays.
  void FileRefused(const absl::Status& why, const std::string& kept_config_digest) const;

  // "pricing.before_not_restored": max_change_percent is weaker than it was.
  void NotRestored(const std::string& config_digest, const absl::Status& why) const;

  // "pricing.reloaded" or "pricing.not_reloaded".
  void Reloaded(const absl::Status& reloaded, const std::string& config_digest) const;

 private:
  base::Log& log_;
  base::Metrics& metrics_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_ACTIVATION_REPORT_H_
