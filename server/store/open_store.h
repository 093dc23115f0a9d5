// Opens the store that a location names. The only file above the adapters that knows them.
#ifndef TOPUP_SERVER_STORE_OPEN_STORE_H_
#define TOPUP_SERVER_STORE_OPEN_STORE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/store/store_options.h"
#include "server/store/topup_store.h"

namespace topup::store {

// `clock` and `metrics` outlive the store. Errors are for the operator, and may name the file:
// kInvalidArgument for a location of no known form, kUnimplemented for "postgresql:",
// kFailedPrecondition where the store cannot be used as it is.
absl::StatusOr<std::unique_ptr<TopupStore>> OpenStore(const StoreOptions& options,
                                                      const base::Clock& clock,
                                                      base::Metrics& metrics);

// Whether there is something at the location that OpenStore would open instead of making it.
bool StoreExists(const StoreOptions& options);

}  // namespace topup::store

#endif  // TOPUP_SERVER_STORE_OPEN_STORE_H_
