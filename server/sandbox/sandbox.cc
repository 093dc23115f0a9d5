#include "server/sandbox/sandbox.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/secret.h"
#include "server/base/status_macros.h"
#include "server/sandbox/faults/fault_settings.h"
#include "server/sandbox/http/control_handler.h"
#include "server/sandbox/http/simulated_provider.h"
#include "server/sandbox/http/wire_server.h"

namespace topup::sandbox {
namespace {

absl::Status CheckOptions(const SandboxOptions& options) {
  std::string problems;
  if (!(options.time_scale >= 0.001 && options.time_scale <= 1e6)) {
    absl::StrAppend(&problems, "time_scale must be 0.001 to 1000000\n");
  }
  if (options.requests_per_minute < 0 || options.requests_per_minute > 1'000'000) {
    absl::StrAppend(&problems, "requests_per_minute must be 0 to 1000000\n");
  }
  if (options.api_keys.empty()) absl::StrAppend(&problems, "at least one API key is needed\n");
  if (options.port < 0 || options.port > 65535) {
    absl::StrAppend(&problems, "port must be 0 to 65535\n");
  }
  if (problems.empty()) return absl::OkStatus();
  problems.pop_back();
  return absl::InvalidArgumentError(problems);
}

SimulatedProviderOptions ProviderOptions(const SandboxOptions& options) {
  SimulatedProviderOptions provider;
  for (const std::string& key : options.api_keys) provider.keys.emplace_back(key);
  provider.time_scale = options.time_scale;
  provider.requests_per_minute = options.requests_per_minute;
  provider.balance_centimes = options.balance_centimes;
  if (options.on_send) {
    provider.on_send = [on_send = options.on_send](const SeenSend& send) {
      on_send({send.ref, send.phone, send.plan_code, send.amount_dzd, send.posts_of_ref});
    };
  }
  if (options.on_decided) {
    provider.on_decided = [on_decided = options.on_decided](const SeenDecision& seen) {
      DecidedRequest request{.endpoint = seen.entry.endpoint,
                             .fault = seen.entry.fault,
                             .time = seen.entry.time,
                             .ref = seen.entry.ref,
                             .posts_of_ref = seen.entry.posts_of_ref,
                             .accepted = seen.accepted,
                             .held_back = seen.held_back};
      for (const TopupView& view : seen.shown) {
        request.shown.push_back({view.ref, std::string(StateWord(view.state))});
      }
      on_decided(request);
    };
  }
  return provider;
}

}  // namespace

struct Sandbox::State {
  SandboxOptions options;
  const base::Clock& clock;
  base::RandomSource& random;
  std::unique_ptr<SimulatedProvider> provider;
  std::unique_ptr<WireServer> server;  // uses provider
};

Sandbox::Sandbox(SandboxOptions options, const base::Clock& clock, base::RandomSource& random)
    : state_(new State{std::move(options), clock, random, nullptr, nullptr}) {}

Sandbox::~Sandbox() { Stop(); }

absl::Status Sandbox::Start() {
  const SandboxOptions& options = state_->options;
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(FaultSettings settings, ParseFaultSettings(options.faults));
  ASSIGN_OR_RETURN(std::unique_ptr<Ledger> ledger, Ledger::Open(options.ledger_path));
  ASSIGN_OR_RETURN(state_->provider,
                   SimulatedProvider::Make(ProviderOptions(options), std::move(settings),
                                           std::move(ledger), state_->clock, state_->random));
  SimulatedProvider* const provider = state_->provider.get();
  state_->server = std::make_unique<WireServer>([provider](const HttpRequest& request) {
    return absl::StartsWith(request.path, kControlPrefix) ? HandleControl(request, *provider)
                                                          : provider->Handle(request);
  });
  return state_->server->Start(options.host, options.port);
}

int Sandbox::port() const { return state_->server == nullptr ? 0 : state_->server->port(); }

void Sandbox::Stop() {
  if (state_->server != nullptr) state_->server->Stop();
}

absl::Status Sandbox::SetFaults(absl::string_view text) {
  ASSIGN_OR_RETURN(FaultSettings settings, ParseFaultSettings(text));
  state_->provider->SetFaults(std::move(settings));
  return absl::OkStatus();
}

absl::Status Sandbox::SetBalance(int64_t centimes) {
  return state_->provider->SetBalance(centimes);
}

absl::Status Sandbox::SetPlanEnabled(absl::string_view code, bool enabled) {
  ASSIGN_OR_RETURN(CataloguePlan plan, state_->provider->FindPlan(code));
  plan.is_enabled = enabled;
  state_->provider->PutPlan(std::move(plan));
  return absl::OkStatus();
}

absl::Status Sandbox::SetStatus(absl::string_view ref, absl::string_view status) {
  const std::optional<TopupState> state = ParseStateWord(status);
  if (!state) return absl::InvalidArgumentError("status must be a documented word");
  return state_->provider->ForceState(ref, *state);
}

void Sandbox::SetDown(bool down) { state_->provider->SetDown(down); }

std::vector<AcceptedTopup> Sandbox::AcceptedTopups() const {
  std::vector<AcceptedTopup> topups;
  const absl::Time now = state_->clock.Now();
  for (const TopupRecord& record : state_->provider->AcceptedTopups()) {
    topups.push_back({record.id, record.ref, record.phone, record.plan_code, record.amount_dzd,
                      record.charge_centimes, record.accept_time,
                      std::string(StateWord(StateAt(record, now))), RefundTime(record) <= now});
  }
  return topups;
}

int Sandbox::PostsOfRef(absl::string_view ref) const { return state_->provider->PostsOfRef(ref); }

int64_t Sandbox::RequestCount(absl::string_view endpoint) const {
  for (int i = 0; i <= static_cast<int>(Endpoint::kOther); ++i) {
    const Endpoint candidate = static_cast<Endpoint>(i);
    if (EndpointName(candidate) == endpoint) return state_->provider->RequestCount(candidate);
  }
  return 0;
}

int64_t Sandbox::FaultCount(absl::string_view kind) const {
  return state_->provider->FaultCount(kind);
}

int64_t Sandbox::BalanceCentimes() const { return state_->provider->BalanceCentimes(); }

absl::StatusOr<std::vector<std::string>> Sandbox::LedgerLines() const {
  return state_->provider->LedgerLines();
}

std::string SandboxHelp() { return DescribeSandbox(); }

}  // namespace topup::sandbox
