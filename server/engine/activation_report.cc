#include "server/engine/activation_report.h"

#include "absl/strings/string_view.h"

namespace topup::engine {
namespace {

using store::PricingActivation;

absl::string_view CauseName(PricingActivation::Cause cause) {
  switch (cause) {
    case PricingActivation::Cause::kFile:
      return "file";
    case PricingActivation::Cause::kCall:
      return "call";
    case PricingActivation::Cause::kRollback:
      return "rollback";
    case PricingActivation::Cause::kLibraries:
      return "libraries";
  }
  return "unknown";
}

}  // namespace

void ActivationReport::Activated(const PricingActivation& activation,
                                 const PricingActivation* before) const {
  const std::string cause(CauseName(activation.cause));
  log_.Info("pricing.activated",
            {{"number", activation.number},
             {"cause", cause},
             {"by", activation.activated_by},
             {"config_digest", activation.config_digest},
             {"config_digest_before", before == nullptr ? "" : before->config_digest}});
  metrics_
      .GetCounter("topup_pricing_activations_total", "Pricing configurations put in force.",
                  {{"cause", cause}})
      ->Increment();
}

void ActivationReport::SameText(const PricingActivation& activation,
                                const PricingActivation& once) const {
  for (const store::ActivatedLibrary& library : activation.libraries) {
    for (const store::ActivatedLibrary& old : once.libraries) {
      if (library.file != old.file || library.digest == old.digest) continue;
      log_.Error(
          "pricing.libraries_changed",
          {{"library", library.file}, {"digest", library.digest}, {"digest_before", old.digest}});
    }
  }
}

void ActivationReport::FileRefused(const absl::Status& why,
                                   const std::string& kept_config_digest) const {
  log_.Error("pricing.file_refused",
             {{"reason", why.message()}, {"kept_config_digest", kept_config_digest}});
}

void ActivationReport::NotRestored(const std::string& config_digest,
                                   const absl::Status& why) const {
  log_.Error("pricing.before_not_restored",
             {{"config_digest", config_digest}, {"reason", why.message()}});
}

void ActivationReport::Reloaded(const absl::Status& reloaded,
                                const std::string& config_digest) const {
  if (reloaded.ok()) {
    log_.Info("pricing.reloaded", {{"config_digest", config_digest}});
  } else {
    log_.Error("pricing.not_reloaded", {{"reason", reloaded.message()}});
  }
}

}  // namespace topup::engine
