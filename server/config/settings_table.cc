#include "server/config/settings_table.h"

namespace topup::config {
namespace {

// Any positive duration is taken, so that tests run the whole protocol in seconds; a year is
// more than any of them can mean.
constexpr double kTick = 1e-9;
constexpr double kYear = 366 * 86400.0;
constexpr SettingKind kText = SettingKind::kText;
constexpr SettingKind kSwitch = SettingKind::kSwitch;
constexpr SettingKind kCount = SettingKind::kCount;
constexpr SettingKind kDuration = SettingKind::kDuration;

}  // namespace

const std::vector<SettingRow>& SettingsTable() {
  static const auto& table = *new std::vector<SettingRow>{
      {"listen", kText, "127.0.0.1:50051", 0, 0,
       "gRPC address; port 0 picks a free one. The first line on standard output says which"},
      {"tls_cert", kText, "", 0, 0, "PEM file with the server's certificate chain"},
      {"tls_key", kText, "", 0, 0, "PEM file with its private key"},
      {"tls_client_ca", kText, "", 0, 0,
       "PEM file; where given, clients must show a certificate signed by it"},
      {"callers", kText, "", 0, 0,
       "file that names each caller, how it proves itself and its roles. Without it everybody is "
       "`local` with all roles, on loopback addresses only"},
      {"reflection", kSwitch, "on", 0, 0, "lets tools list and describe the methods"},
      {"ops_listen", kText, "127.0.0.1:9464", 0, 0,
       "HTTP address of /metrics, /livez and /readyz; port 0 picks a free one"},
      {"store", kText, "sqlite:topup.db", 0, 0, "where top-ups are kept: sqlite:PATH"},
      {"provider_url", kText, "", 0, 0,
       "the provider's base URL up to the host, for example https://api.example.com; /v3/... is "
       "appended. Plain http is taken for loopback addresses only"},
      {"provider_key_file", kText, "", 0, 0,
       "file with the API key; TOPUP_PROVIDER_KEY in the environment also works"},
      {"sandbox", kSwitch, "off", 0, 0,
       "starts the provider's stand-in inside the process and uses it: needs no key, moves no "
       "money"},
      {"provider_ca_file", kText, "", 0, 0,
       "PEM file of the CAs for the provider's certificate; the system's where not given"},
      {"provider_requests_per_minute", kCount, "120", 1, 1000000,
       "the provider's ceiling, for all requests together"},
      {"provider_timeout", kDuration, "20s", kTick, kYear, "of one request"},
      {"submit_concurrency", kCount, "8", 1, 256, "sends in flight"},
      {"poll_interval", kDuration, "5s", kTick, kYear,
       "the shortest time between two reads of one top-up's status"},
      {"resend_grace", kDuration, "90s", kTick, kYear,
       "how long after a send in doubt the same ref may be sent again, once the provider says "
       "that it does not know it"},
      {"refusal_check_after", kDuration, "2s", kTick, kYear,
       "a refusal of a first send is confirmed by a read after this"},
      {"send_window", kDuration, "30m", kTick, kYear,
       "a top-up that is older than this is not sent, or sent again"},
      {"max_attempts", kCount, "4", 1, 100, "sends of one top-up"},
      {"never_accepted_after", kDuration, "24h", kTick, kYear,
       "in doubt, and not found by the provider for so long: REJECTED"},
      {"breaker_failures", kCount, "20", 1, 1000000,
       "sends in doubt in a row that stop first sends"},
      {"queue_limit", kCount, "100000", 1, 100000000,
       "QUEUED top-ups at most; more are refused (OVERLOADED)"},
      {"menu_amount", kCount, "0", 0, 1000000, "`amount` of a request for personal offers"},
      {"max_catalogue_age", kDuration, "48h", kTick, kYear,
       "plans older than this are not sold from (CATALOGUE_UNAVAILABLE)"},
      {"unknown_review_after", kDuration, "24h", kTick, kYear,
       "UNKNOWN_ERROR for longer than this: the refund advice becomes REVIEW"},
      {"plan_refresh_interval", kDuration, "6h", kTick, kYear,
       "how often the plan catalogue is read"},
      {"repeat_window", kDuration, "2m", 0, kYear,
       "how long the same number, plan and amount count as a duplicate; 0s switches it off"},
      {"quote_ttl", kDuration, "10m", kTick, kYear, "how long a quote holds its price"},
      {"event_retention", kDuration, "720h", kTick, kYear * 20,
       "how far back a resume token may point"},
      {"pricing_config", kText, "", 0, 0,
       "file with chains of strategies, routes and guardrails; 5 % of markup where not given"},
      {"plugin_dir", kText, "", 0, 0,
       "where pricing_config looks for libraries; beside the program, or where the build put "
       "them, where not given"},
      {"plugin_allow_list", kText, "", 0, 0,
       "file with the digests of the libraries that may be opened, as sha256sum prints them; "
       "every library may, where not given"},
      {"pricing_shadow", kText, "", 0, 0,
       "a second file such as pricing_config, which prices silently beside it: what would change "
       "is counted, and nothing is sold by it"},
      {"shutdown_grace", kDuration, "30s", kTick, kYear, "how long a drain may take"},
  };
  return table;
}

}  // namespace topup::config
