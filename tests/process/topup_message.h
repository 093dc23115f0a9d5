// What callers and watchers are told, as the values that the checkers compare with the store.
#ifndef TOPUP_TESTS_PROCESS_TOPUP_MESSAGE_H_
#define TOPUP_TESTS_PROCESS_TOPUP_MESSAGE_H_

#include "server/core/price.h"
#include "server/core/topup.h"
#include "topup/v1/topup_service.pb.h"

namespace topup::process {

core::PriceBreakdown ToPrice(const v1::PriceBreakdown& message);

// Times are cut to the microsecond, as the store keeps them. What a message does not tell
// (plan_kind, send_before, provider_environment) stays empty.
core::Topup ToTopup(const v1::Topup& message);

// Takes from the row what no message tells.
void Complete(const core::Topup& row, core::Topup& told);

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_TOPUP_MESSAGE_H_
