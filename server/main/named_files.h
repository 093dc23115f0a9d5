// The files that the settings name: read before anything is opened or made, so that a start
// that fails on one of them leaves nothing behind.
#ifndef TOPUP_SERVER_MAIN_NAMED_FILES_H_
#define TOPUP_SERVER_MAIN_NAMED_FILES_H_

#include <optional>

#include "absl/status/statusor.h"
#include "server/api/caller_directory.h"
#include "server/api/grpc_server.h"
#include "server/base/secret.h"
#include "server/config/server_config.h"
#include "server/pricing/pricing_configuration.h"

namespace topup::server_main {

struct NamedFiles {
  base::Secret provider_key;
  pricing::PricingConfiguration pricing;
  api::CallerDirectory callers = api::CallerDirectory::Local();
  std::optional<api::TlsMaterial> tls;  // none: plain text
};

// InvalidArgument, with a line for each problem of each file; it names the flag and the file and
// shows nothing of a key. What has no flag is as built in.
absl::StatusOr<NamedFiles> ReadNamedFiles(const config::ServerConfig& config);

// The stand-in's own key with --sandbox; otherwise of --provider_key_file, or of the environment.
absl::StatusOr<base::Secret> ReadProviderKey(const config::ServerConfig& config);

// 5 % where there is no --pricing_config. Says nothing about whether the libraries exist.
absl::StatusOr<pricing::PricingConfiguration> ReadPricing(const config::ServerConfig& config);

}  // namespace topup::server_main

#endif  // TOPUP_SERVER_MAIN_NAMED_FILES_H_
