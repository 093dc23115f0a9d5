#include "server/config/server_config.h"

#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/base/loopback.h"

namespace topup::config {
namespace {

constexpr int64_t kCostPpmMax = 10'000'000;

absl::Duration ToDuration(const std::string& text) {
  absl::Duration duration;
  // Already checked against the table; an unreadable one is among the problems.
  return absl::ParseDuration(text, &duration) ? duration : absl::ZeroDuration();
}

std::optional<Address> ParseAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return std::nullopt;
  }
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (absl::StrContains(host, ":")) {
    return std::nullopt;
  }
  if (host.empty()) return std::nullopt;
  return Address{.host = std::move(host), .port = port};
}

Address ReadAddress(const std::string& flag, const std::string& text,
                    std::vector<std::string>& problems) {
  const std::optional<Address> address = ParseAddress(text);
  if (!address.has_value()) {
    problems.push_back(absl::StrCat("--", flag, " is \"", text,
                                    "\": give ADDRESS:PORT, for example 127.0.0.1:50051"));
  }
  return address.value_or(Address());
}

void CheckTls(const ServerConfig& config, std::vector<std::string>& problems) {
  if (config.tls_cert_file.empty() != config.tls_key_file.empty()) {
    problems.push_back("--tls_cert and --tls_key belong together: give both or none");
  }
  if (!config.tls_client_ca_file.empty() && config.tls_cert_file.empty()) {
    problems.push_back("--tls_client_ca needs --tls_cert and --tls_key");
  }
  const bool loopback = config.listen.host.empty() || base::IsLoopback(config.listen.host);
  if (!loopback && config.tls_cert_file.empty()) {
    problems.push_back(absl::StrCat(
        "--listen=", config.listen.ToString(),
        " can be reached by others: give --tls_cert and --tls_key, or a loopback address"));
  }
  if (!loopback && config.callers_file.empty()) {
    problems.push_back(
        absl::StrCat("--listen=", config.listen.ToString(),
                     " can be reached by others: --callers has to say who may call"));
  }
}

void ReadProvider(const Settings& settings, ServerConfig& config,
                  std::vector<std::string>& problems) {
  if (settings.sandbox() && settings.has_provider_url()) {
    problems.push_back("--sandbox and --provider_url exclude each other: give one of them");
  } else if (!settings.sandbox() && settings.provider_url().empty()) {
    problems.push_back("--provider_url is not set: give the provider's base URL, or --sandbox");
  } else if (!settings.sandbox()) {
    absl::StatusOr<upstream::ProviderAddress> address =
        upstream::ParseProviderUrl(settings.provider_url());
    if (address.ok()) {
      config.upstream.address = *std::move(address);
    } else {
      problems.push_back(absl::StrCat("--provider_url: ", address.status().message()));
    }
  }
  config.upstream.ca_file = settings.provider_ca_file();
  config.upstream.request_timeout = ToDuration(settings.provider_timeout());
  config.upstream.submit_concurrency = static_cast<int>(settings.submit_concurrency());
  config.provider_key_file = settings.provider_key_file();
  config.provider_requests_per_minute = static_cast<int>(settings.provider_requests_per_minute());
}

void ReadEngine(const Settings& settings, engine::EngineOptions& options,
                std::vector<std::string>& problems) {
  core::ProtocolRules& rules = options.rules;
  rules.provider_timeout = ToDuration(settings.provider_timeout());
  rules.poll_interval = ToDuration(settings.poll_interval());
  rules.resend_grace = ToDuration(settings.resend_grace());
  rules.refusal_check_after = ToDuration(settings.refusal_check_after());
  rules.send_window = ToDuration(settings.send_window());
  rules.never_accepted_after = ToDuration(settings.never_accepted_after());
  rules.unknown_review_after = ToDuration(settings.unknown_review_after());
  rules.max_attempts = static_cast<int>(settings.max_attempts());
  options.submit_concurrency = static_cast<int>(settings.submit_concurrency());
  options.breaker_failures = static_cast<int>(settings.breaker_failures());
  options.queue_limit = settings.queue_limit();
  options.menu_amount = settings.menu_amount();
  options.max_catalogue_age = ToDuration(settings.max_catalogue_age());
  options.plan_refresh_interval = ToDuration(settings.plan_refresh_interval());
  options.repeat_window = ToDuration(settings.repeat_window());
  options.quote_ttl = ToDuration(settings.quote_ttl());
  options.event_retention = ToDuration(settings.event_retention());
  for (const PlanCost& cost : settings.plan_cost()) {
    if (cost.plan_code().empty() || cost.cost_ppm() <= 0 || cost.cost_ppm() > kCostPpmMax) {
      problems.push_back(absl::StrCat("plan_cost { plan_code: \"", cost.plan_code(),
                                      "\" cost_ppm: ", cost.cost_ppm(),
                                      " }: give a plan's code and 1 to ", kCostPpmMax));
    } else if (!options.plan_costs.emplace(cost.plan_code(), cost.cost_ppm()).second) {
      problems.push_back(absl::StrCat("plan_cost for ", cost.plan_code(), " is given twice"));
    }
  }
}

// Settings that are good each, and make little sense together: no reason not to start, since one of
// them may be a default. One that cannot be read is 0 here, and among the problems already.
void Doubt(const Settings& settings, ServerConfig& config) {
  const absl::Duration age = config.engine.max_catalogue_age;
  if (age > absl::ZeroDuration() && config.engine.plan_refresh_interval >= age) {
    config.doubts.push_back(absl::StrCat(
        "--plan_refresh_interval is ", settings.plan_refresh_interval(),
        " and --max_catalogue_age is ", settings.max_catalogue_age(),
        ": nothing can be sold between; shorten the first, or lengthen the second, until plans "
        "are read before they are too old"));
  }
  if (config.shutdown_grace > absl::ZeroDuration() &&
      config.upstream.request_timeout > config.shutdown_grace) {
    config.doubts.push_back(absl::StrCat(
        "--provider_timeout is ", settings.provider_timeout(), " and --shutdown_grace is ",
        settings.shutdown_grace(),
        ": a stop cannot wait for a send; shorten the first, or lengthen the second, until a "
        "drain lasts as long as a request"));
  }
}

// As OpenStore has it, which is too late to be told with the other problems. The location may
// carry a password: it is not repeated.
void CheckStore(absl::string_view location, std::vector<std::string>& problems) {
  if (absl::StartsWith(location, "postgresql:")) {
    problems.push_back(
        "--store names PostgreSQL, which this topupd is built without: give sqlite:PATH");
  } else if (!absl::ConsumePrefix(&location, "sqlite:") || location.empty() ||
             location.front() == ':') {
    problems.push_back("--store is none that is known: give sqlite:PATH, such as sqlite:topup.db");
  }
}

}  // namespace

std::string Address::ToString() const {
  return absl::StrContains(host, ":") ? absl::StrCat("[", host, "]:", port)
                                      : absl::StrCat(host, ":", port);
}

ServerConfig MakeServerConfig(const Settings& settings, std::vector<std::string>& problems) {
  ServerConfig config;
  config.listen = ReadAddress("listen", settings.listen(), problems);
  config.ops_listen = ReadAddress("ops_listen", settings.ops_listen(), problems);
  config.tls_cert_file = settings.tls_cert();
  config.tls_key_file = settings.tls_key();
  config.tls_client_ca_file = settings.tls_client_ca();
  config.callers_file = settings.callers();
  config.reflection = settings.reflection();
  config.sandbox = settings.sandbox();
  config.pricing_config_file = settings.pricing_config();
  config.pricing_shadow_file = settings.pricing_shadow();
  config.plugin_dir = settings.plugin_dir();
  config.plugin_allow_list_file = settings.plugin_allow_list();
  config.shutdown_grace = ToDuration(settings.shutdown_grace());
  config.store.location = settings.store();
  CheckTls(config, problems);
  ReadProvider(settings, config, problems);
  ReadEngine(settings, config.engine, problems);
  Doubt(settings, config);
  CheckStore(settings.store(), problems);
  return config;
}

}  // namespace topup::config
