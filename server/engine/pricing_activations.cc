#include "server/engine/pricing_activations.h"

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

// Pages of past top-ups that are looked at to find one that was sold by a configuration.
constexpr int kSoldPagesMax = 10;

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

// The configuration or its libraries are at fault, and not the store.
bool IsRefusal(const absl::Status& status) {
  const std::string reason = base::ErrorReason(status);
  return reason == "CONFIG_INVALID" || reason == "STRATEGY_LOAD_FAILED";
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
      report_(log, metrics),
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
  if (file.ok() && !TakesFile(current_, base::Sha256Hex(*file))) return StartWithRecorded();
  return StartWithFile(file);
}

absl::Status PricingActivations::StartWithRecorded() {
  absl::Status started = PutInForce(CurrentAgain(), &*current_).status();
  const std::optional<base::ErrorDetails> details = base::GetErrorDetails(started);
  if (!details.has_value() || !IsRefusal(started)) return started;
  return base::MakeError(
      started.code(),
      absl::StrCat("What was last activated (number ", current_->number, ", digest ",
                   current_->config_digest, ") cannot be loaded any more: ", started.message()),
      *details);
}

// The file has changed, or cannot be read.
absl::Status PricingActivations::StartWithFile(const absl::StatusOr<std::string>& file) {
  // What was in force is what the file's prices are compared with.
  const absl::StatusOr<Set> before = LoadAside(current_->config);
  if (before.ok()) {
    host_.Use(Restored(*before, *current_));
  } else {
    report_.NotRestored(current_->config_digest, before.status());
  }
  absl::Status taken = file.ok() ? TakeFile(*file) : file.status();
  if (taken.ok()) return absl::OkStatus();
  // What went wrong with the store is not the file's fault, and no reason to sell at old prices.
  if (file.ok() && !IsRefusal(taken)) return taken;
  report_.FileRefused(taken, current_->config_digest);
  if (!before.ok()) return taken;
  // Not loaded again: that would take what was refused off the list.
  return Use(*before, host_.AsIfInForce(*before), CurrentAgain()).status();
}

PricingActivations::Line PricingActivations::Restored(const Set& set,
                                                      const PricingActivation& recorded) const {
  std::vector<pricing::PricingLine::Before> before;
  for (const store::ComparedConfig& config : recorded.compared_with) {
    const absl::StatusOr<std::optional<std::string>> text =
        records_.FindPricingConfig(config.config_digest);
    absl::StatusOr<Set> old = absl::NotFoundError("it is not recorded");
    if (!text.ok()) old = text.status();
    if (text.ok() && text->has_value()) old = LoadAside(**text);
    // With itself nothing is compared: its libraries were others then.
    if (old.ok() && (*old)->IsSameAs(*set)) continue;
    if (old.ok()) {
      before.push_back({.set = *std::move(old), .has_priced = config.has_priced});
    } else {
      report_.NotRestored(config.config_digest, old.status());
    }
  }
  return pricing::PricingLine::Restore({.set = set, .has_priced = HasSold(recorded)},
                                       std::move(before));
}

// Whether a top-up was sold by it while it was in force. Where that takes too long to find out,
// yes: then much was sold, if perhaps by quotes of before.
bool PricingActivations::HasSold(const PricingActivation& activation) const {
  store::PricedTopupQuery query = {.start_time = activation.time};
  for (int page = 0; page < kSoldPagesMax; ++page) {
    const absl::StatusOr<store::PricedTopupPage> read = records_.ReadPricedTopups(query);
    if (!read.ok()) return true;
    for (const store::PricedTopup& topup : read->topups) {
      if (topup.basis.config_digest == activation.config_digest) return true;
    }
    if (read->last_id.empty()) return false;
    query.after_id = read->last_id;
  }
  return true;
}

absl::Status PricingActivations::TakeFile(const std::string& text) {
  return PutInForce({.cause = Cause::kFile, .config = text, .file_digest = base::Sha256Hex(text)})
      .status();
}

store::PricingActivation PricingActivations::CurrentAgain() const {
  return {
      .cause = Cause::kLibraries, .config = current_->config, .file_digest = current_->file_digest};
}

absl::Status PricingActivations::Reload() {
  const absl::StatusOr<std::string> file = source_.read_file();
  absl::Status reloaded = file.status();
  if (file.ok() && TakesFile(current_, base::Sha256Hex(*file))) {
    reloaded = TakeFile(*file);
  } else if (file.ok()) {
    reloaded = PutInForce(CurrentAgain()).status();
  }
  report_.Reloaded(reloaded, config_digest());
  return reloaded;
}

absl::StatusOr<std::string> PricingActivations::Activate(const ActivateCommand& command) {
  RETURN_IF_ERROR(CheckExpected(command.expected_config_digest));
  PricingActivation next = {.cause = Cause::kCall, .activated_by = command.caller};
  ASSIGN_OR_RETURN(next.config, TextOf(command.config));
  next.file_digest = command.config.has_value() ? FileDigest() : base::Sha256Hex(next.config);
  if (command.validate_only) {
    ASSIGN_OR_RETURN(const Set set, LoadAside(next.config));
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
                     .file_digest = FileDigest()},
                    &*target);
}

absl::Status PricingActivations::CheckExpected(const std::string& expected) const {
  if (expected.empty() || expected == config_digest()) return absl::OkStatus();
  return ConfigChanged(config_digest(), expected);
}

absl::StatusOr<std::shared_ptr<const pricing::PricingSet>> PricingActivations::LoadAside(
    const std::string& text) const {
  ASSIGN_OR_RETURN(const pricing::PricingConfiguration configuration, source_.parse(text));
  return host_.LoadAside(configuration, base::Sha256Hex(text));
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

absl::StatusOr<std::string> PricingActivations::PutInForce(PricingActivation next,
                                                           const PricingActivation* like) {
  ASSIGN_OR_RETURN(const pricing::PricingConfiguration configuration, source_.parse(next.config));
  ASSIGN_OR_RETURN(const Set set, host_.Load(configuration, base::Sha256Hex(next.config)));
  const Line line = like == nullptr ? host_.AsIfInForce(set) : Restored(set, *like);
  const std::optional<PricingActivation> once = like == nullptr ? current_ : *like;
  ASSIGN_OR_RETURN(std::string digest, Use(set, line, std::move(next)));
  if (once.has_value() && once->config_digest == digest) report_.SameText(*current_, *once);
  return digest;
}

absl::StatusOr<std::string> PricingActivations::Use(const Set& set, const Line& line,
                                                    PricingActivation next) {
  const std::optional<PricingActivation> recorded = Complete(std::move(next), *line);
  if (recorded.has_value()) {
    RETURN_IF_ERROR(Record(*recorded));
    report_.Activated(*recorded, current_.has_value() ? &*current_ : nullptr);
    current_ = recorded;
  }
  host_.Use(line);
  return set->config_digest();
}

std::optional<PricingActivation> PricingActivations::Complete(
    PricingActivation next, const pricing::PricingLine& line) const {
  next.number = current_.has_value() ? current_->number + 1 : 1;
  next.time = clock_.Now();
  next.config_digest = line.in_force()->config_digest();
  next.libraries = LibrariesOf(*line.in_force());
  for (const pricing::PricingLine::Before& before : line.before()) {
    next.compared_with.push_back(
        {.config_digest = before.set->config_digest(), .has_priced = before.has_priced});
  }
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
