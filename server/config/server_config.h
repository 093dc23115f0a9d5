// What topupd runs with, as plain structs: the settings, checked as a whole.
#ifndef TOPUP_SERVER_CONFIG_SERVER_CONFIG_H_
#define TOPUP_SERVER_CONFIG_SERVER_CONFIG_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/config/settings.pb.h"
#include "server/engine/engine_options.h"
#include "server/store/store_options.h"
#include "server/upstream/upstream_options.h"

namespace topup::config {

struct Address {
  std::string host;
  int port = 0;

  // "host:port", with brackets round an IPv6 address.
  std::string ToString() const;
};

struct ServerConfig {
  Address listen;
  Address ops_listen;
  std::string tls_cert_file;  // empty: no TLS
  std::string tls_key_file;
  std::string tls_client_ca_file;
  std::string callers_file;
  bool reflection = true;
  bool sandbox = false;
  std::string provider_key_file;
  std::string pricing_config_file;
  std::string pricing_shadow_file;  // empty: no shadow
  std::string plugin_dir;
  std::string plugin_allow_list_file;  // empty: every library may be opened
  absl::Duration shutdown_grace;
  int provider_requests_per_minute = 0;
  store::StoreOptions store;
  upstream::UpstreamOptions upstream;  // its address is not set for the sandbox
  engine::EngineOptions engine;
  // What is allowed and probably not meant, in words: plans that are too old to sell from before
  // they are read again, a drain that is shorter than one request.
  std::vector<std::string> doubts;
};

// Appends to `problems` whatever does not fit together: an address that is none, plaintext on
// an address that others can reach, half a TLS pair, no provider, a plan cost out of range, a
// store of no known kind.
ServerConfig MakeServerConfig(const Settings& settings, std::vector<std::string>& problems);

}  // namespace topup::config

#endif  // TOPUP_SERVER_CONFIG_SERVER_CONFIG_H_
