#include "server/engine/pricing_activations.h"

#include <algorithm>
#include <future>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/signer.h"
#include "server/base/status_macros.h"

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

// Each library once, in the order in which the configuration names them.
std::vector<store::ActivatedLibrary> LibrariesOf(const pricing::PricingSet& set) {
  std::vector<store::ActivatedLibrary> libraries;
  for (size_t i = 0; i < set.chains().size(); ++i) {
    for (size_t j = 0; j < set.chains()[i].strategies.size(); ++j) {
      store::ActivatedLibrary library = {
          .file = set.configuration().chains[i].strategies[j].library,
          .digest = set.chains()[i].strategies[j]->identity().library_digest};
      bool known = false;
      for (const store::ActivatedLibrary& other : libraries) known = known || other == library;
      if (!known) libraries.push_back(std::move(library));
    }
  }
  return libraries;
}

absl::Status ConfigChanged(const std::string& in_force, const std::string& expected) {
  return base::MakeError(
      absl::StatusCode::kAborted,
      absl::StrCat("The configuration in force is ", in_force, ", not ", expected,
                   ": look at it again before changing it."),
      {.reason = "CONFIG_CHANGED",
       .metadata = {{"config_digest", in_force}, {"expected_config_digest", expected}}});
}

absl::Status NothingToRollBack() {
  return base::MakeError(absl::StatusCode::kFailedPrecondition,
                         "Nothing was in force before this configuration.",
                         {.reason = "NOTHING_TO_ROLL_BACK"});
}

}  // namespace

bool TakesFile(const std::optional<PricingActivation>& latest,
               const std::optional<std::string>& file_digest) {
  return !latest.has_value() || (file_digest.has_value() && *file_digest != latest->file_digest);
}

PricingActivations::PricingActivations(const base::Clock& clock, base::Log& log,
                                       base::Metrics& metrics, store::PricingRecords& records,
                                       pricing::PluginHost& host, PricingSource source)
    : clock_(clock),
      log_(log),
      metrics_(metrics),
      records_(records),
      host_(host),
      source_(std::move(source)) {}

absl::Status PricingActivations::Start() {
  ASSIGN_OR_RETURN(current_, records_.LatestActivation());
  const absl::StatusOr<std::string> file = source_.read_file();
  if (!current_.has_value()) {
    RETURN_IF_ERROR(file.status());
    return TakeFile(*file);
  }
  RestoreBefore(*current_);
  const bool takes_file =
      TakesFile(current_, file.ok() ? std::optional<std::string>(base::Sha256Hex(*file))
                                    : std::optional<std::string>());
  if (file.ok() && !takes_file) return UseCurrentAgain();
  // What was in force is what the file's prices are compared with.
  const absl::StatusOr<std::shared_ptr<const pricing::PricingSet>> before = Load(current_->config);
  if (before.ok()) host_.Use(*before);
  const absl::Status taken = file.ok() ? TakeFile(*file) : file.status();
  if (taken.ok()) return absl::OkStatus();
  log_.Error("pricing.file_refused",
             {{"reason", taken.message()}, {"kept_config_digest", current_->config_digest}});
  return UseCurrentAgain().ok() ? absl::OkStatus() : taken;
}

// The configurations before the last one, so that the limit on changes (max_change_percent) is
// not lifted by a restart. What cannot be loaded any more is left out.
void PricingActivations::RestoreBefore(const PricingActivation& latest) {
  std::vector<std::string> texts;
  int64_t number = latest.previous;
  while (number > 0 && texts.size() < pricing::PricingLine::kBeforeMax) {
    const auto before = records_.FindActivation(number);
    if (!before.ok() || !before->has_value()) break;
    texts.push_back((*before)->config);
    // Always an older one, whatever is stored.
    number = (*before)->previous < number ? (*before)->previous : 0;
  }
  std::reverse(texts.begin(), texts.end());
  for (const std::string& text : texts) {
    const auto set = Load(text);
    if (set.ok()) host_.Use(*set);
  }
}

absl::Status PricingActivations::TakeFile(const std::string& text) {
  return PutInForce({.cause = Cause::kFile, .config = text, .file_digest = base::Sha256Hex(text)})
      .status();
}

absl::Status PricingActivations::UseCurrentAgain() {
  return PutInForce({.cause = Cause::kLibraries,
                     .config = current_->config,
                     .file_digest = current_->file_digest})
      .status();
}

absl::Status PricingActivations::Reload() {
  const absl::StatusOr<std::string> file = source_.read_file();
  absl::Status reloaded = file.status();
  if (file.ok() && TakesFile(current_, base::Sha256Hex(*file))) {
    reloaded = TakeFile(*file);
  } else if (file.ok()) {
    reloaded = UseCurrentAgain();
  }
  if (reloaded.ok()) {
    log_.Info("pricing.reloaded", {{"config_digest", config_digest()}});
  } else {
    log_.Error("pricing.not_reloaded", {{"reason", reloaded.message()}});
  }
  return reloaded;
}

absl::StatusOr<std::string> PricingActivations::Activate(const ActivateCommand& command) {
  RETURN_IF_ERROR(CheckExpected(command.expected_config_digest));
  PricingActivation next = {.cause = Cause::kCall, .activated_by = command.caller};
  ASSIGN_OR_RETURN(next.config, TextOf(command.config));
  next.file_digest = command.config.has_value() ? FileDigest() : base::Sha256Hex(next.config);
  if (command.validate_only) {
    ASSIGN_OR_RETURN(const std::shared_ptr<const pricing::PricingSet> set, Load(next.config));
    return set->config_digest();
  }
  return PutInForce(std::move(next));
}

absl::StatusOr<std::string> PricingActivations::Rollback(const RollbackCommand& command) {
  RETURN_IF_ERROR(CheckExpected(command.expected_config_digest));
  if (!current_.has_value() || current_->previous == 0) return NothingToRollBack();
  ASSIGN_OR_RETURN(const std::optional<PricingActivation> target,
                   records_.FindActivation(current_->previous));
  if (!target.has_value()) return NothingToRollBack();
  return PutInForce({.previous = target->previous,
                     .cause = Cause::kRollback,
                     .activated_by = command.caller,
                     .config = target->config,
                     .file_digest = FileDigest()});
}

absl::Status PricingActivations::CheckExpected(const std::string& expected) const {
  if (expected.empty() || expected == config_digest()) return absl::OkStatus();
  return ConfigChanged(config_digest(), expected);
}

absl::StatusOr<std::shared_ptr<const pricing::PricingSet>> PricingActivations::Load(
    const std::string& text) const {
  ASSIGN_OR_RETURN(const pricing::PricingConfiguration configuration, source_.parse(text));
  return host_.Load(configuration, base::Sha256Hex(text));
}

absl::StatusOr<std::string> PricingActivations::TextOf(
    const std::optional<std::string>& config) const {
  if (config.has_value()) return *config;
  absl::StatusOr<std::string> file = source_.read_file();
  if (file.ok()) return file;
  return pricing::ConfigInvalid(
      {{"config", "is empty, and the configured file cannot be read: give the text"}});
}

std::string PricingActivations::FileDigest() const {
  const absl::StatusOr<std::string> file = source_.read_file();
  if (file.ok()) return base::Sha256Hex(*file);
  return current_.has_value() ? current_->file_digest : "";
}

absl::StatusOr<std::string> PricingActivations::PutInForce(PricingActivation next) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const pricing::PricingSet> set, Load(next.config));
  const std::optional<PricingActivation> recorded = Complete(std::move(next), *set);
  if (recorded.has_value()) {
    RETURN_IF_ERROR(Record(*recorded));
    const std::string cause(CauseName(recorded->cause));
    log_.Info("pricing.activated", {{"number", recorded->number},
                                    {"cause", cause},
                                    {"by", recorded->activated_by},
                                    {"config_digest", recorded->config_digest},
                                    {"config_digest_before", config_digest()}});
    metrics_
        .GetCounter("topup_pricing_activations_total", "Pricing configurations put in force.",
                    {{"cause", cause}})
        ->Increment();
    current_ = recorded;
  }
  host_.Use(set);
  return set->config_digest();
}

std::optional<PricingActivation> PricingActivations::Complete(
    PricingActivation next, const pricing::PricingSet& set) const {
  next.number = current_.has_value() ? current_->number + 1 : 1;
  next.time = clock_.Now();
  next.config_digest = set.config_digest();
  next.libraries = LibrariesOf(set);
  if (!current_.has_value()) return next;
  if (next.config_digest == current_->config_digest) {
    if (next.libraries == current_->libraries && next.file_digest == current_->file_digest) {
      return std::nullopt;
    }
    // The same again: a rollback goes back to what was before it, not to itself.
    next.previous = current_->previous;
  } else if (next.cause != Cause::kRollback) {
    next.previous = current_->number;
  }
  return next;
}

absl::Status PricingActivations::Record(const PricingActivation& activation) {
  std::promise<absl::Status> recorded;
  records_.AppendActivation(
      activation, [&recorded](absl::Status status) { recorded.set_value(std::move(status)); });
  return recorded.get_future().get();
}

}  // namespace topup::engine
