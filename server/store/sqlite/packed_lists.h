// The lists of a top-up, and what its price was worked out from, as packed text. What the Unpack
// functions are given goes to the end of the list; they are false where it was not written by the
// Pack function beside them.
#ifndef TOPUP_SERVER_STORE_SQLITE_PACKED_LISTS_H_
#define TOPUP_SERVER_STORE_SQLITE_PACKED_LISTS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/core/price.h"
#include "server/core/topup.h"

namespace topup::store::sqlite {

std::string PackStrategies(const core::PriceBreakdown& price);
bool UnpackStrategies(absl::string_view packed, core::PriceBreakdown& price);

std::string PackSteps(const core::PriceBreakdown& price);
bool UnpackSteps(absl::string_view packed, core::PriceBreakdown& price);

// Empty for an empty basis.
std::string PackBasis(const core::PriceBasis& basis);
bool UnpackBasis(absl::string_view packed, core::PriceBasis& basis);

std::string PackLabels(const core::Topup& topup);
bool UnpackLabels(absl::string_view packed, core::Topup& topup);

std::string PackOffers(const core::Topup& topup);
bool UnpackOffers(absl::string_view packed, core::Topup& topup);

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_PACKED_LISTS_H_
