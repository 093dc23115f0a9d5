// What pricing_records.h promises, on whichever connection is given.
#ifndef TOPUP_SERVER_STORE_SQLITE_PRICING_QUERIES_H_
#define TOPUP_SERVER_STORE_SQLITE_PRICING_QUERIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/store/pricing_records.h"
#include "server/store/sqlite/sqlite_database.h"

namespace topup::store::sqlite {

// Within the writer's batch.
absl::Status InsertActivation(Database& database, const PricingActivation& activation);

absl::StatusOr<std::optional<PricingActivation>> ReadLatestActivation(Database& database);
absl::StatusOr<std::optional<PricingActivation>> ReadActivation(Database& database, int64_t number);
absl::StatusOr<std::optional<std::string>> ReadPricingConfig(Database& database,
                                                             absl::string_view config_digest);

absl::StatusOr<PricedTopupPage> ReadPricedPage(Database& database, const PricedTopupQuery& query);
absl::StatusOr<std::vector<DeliveredVolume>> ReadDelivered(Database& database,
                                                           absl::Time start_time,
                                                           absl::Duration stretch);

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_PRICING_QUERIES_H_
