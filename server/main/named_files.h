// The files that the settings name: read before anything is opened or made, so that a start
// that fails on one of them leaves nothing behind.
#ifndef TOPUP_SERVER_MAIN_NAMED_FILES_H_
#define TOPUP_SERVER_MAIN_NAMED_FILES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/api/caller_directory.h"
#include "server/api/grpc_server.h"
#include "server/base/secret.h"
#include "server/config/server_config.h"
#include "server/pricing/pricing_configuration.h"

namespace topup::server_main {

struct NamedFiles {
  base::Secret provider_key;
  std::optional<pricing::PricingConfiguration> pricing_shadow;  // none: nothing prices beside it
  api::CallerDirectory callers = api::CallerDirectory::Local();
  std::optional<api::TlsMaterial> tls;  // none: plain text
  // Files that others can read or change, in words (config/private_file.h).
  std::vector<std::string> doubts;
};

// InvalidArgument, with a line for each problem of each file; it names the flag and the file and
// shows nothing of a key. What has no flag is as built in. The pricing configuration is looked at
// only where there is no store yet: afterwards one that is broken does not stop a start. The allow
// list of libraries is looked at always, and read again whenever a configuration is loaded.
absl::StatusOr<NamedFiles> ReadNamedFiles(const config::ServerConfig& config);

// The stand-in's own key with --sandbox; otherwise of --provider_key_file, or of the environment.
absl::StatusOr<base::Secret> ReadProviderKey(const config::ServerConfig& config);

// The text of --pricing_config; without the flag, 5 % on everything.
absl::StatusOr<std::string> ReadPricingText(const config::ServerConfig& config);

// InvalidArgument with a line for each problem that `error` tells of the pricing configuration in
// `file` (empty: the built-in one), for the operator, who may see our directories.
absl::Status PricingProblems(const absl::Status& error, const std::string& file);

// Nothing where there is no --pricing_shadow.
absl::StatusOr<std::optional<pricing::PricingConfiguration>> ReadPricingShadow(
    const config::ServerConfig& config);

}  // namespace topup::server_main

#endif  // TOPUP_SERVER_MAIN_NAMED_FILES_H_
