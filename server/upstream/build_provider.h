// Builds the provider's client: connections below, the provider's words above.
#ifndef TOPUP_SERVER_UPSTREAM_BUILD_PROVIDER_H_
#define TOPUP_SERVER_UPSTREAM_BUILD_PROVIDER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/base/secret.h"
#include "server/upstream/keyed_provider.h"
#include "server/upstream/upstream_options.h"

namespace topup::upstream {

// InvalidArgument for a CA file that cannot be used or a key that is none. `clock` and
// `metrics` must outlive the provider. Nothing is sent yet.
//
// Destroying the provider cuts the reads under way, lets the POSTs under way end (no later
// than their watchdogs), and has called every `done` when it returns.
absl::StatusOr<std::unique_ptr<KeyedProvider>> BuildProvider(const UpstreamOptions& options,
                                                             base::Secret key,
                                                             const base::Clock& clock,
                                                             base::Metrics& metrics);

}  // namespace topup::upstream

#endif  // TOPUP_SERVER_UPSTREAM_BUILD_PROVIDER_H_
