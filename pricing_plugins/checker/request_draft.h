// Requests to ask with: ordinary ones, extreme ones, random ones.
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_REQUEST_DRAFT_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_REQUEST_DRAFT_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "pricing_plugins/abi/topup_pricing.h"

namespace topup::checker {

// A request that owns its texts. A value.
struct RequestDraft {
  std::string plan_code = "PREPAID_DJEZZY";
  std::string caller = "shop";
  int32_t plan_operator = TOPUP_PRICING_OPERATOR_DJEZZY;
  int32_t plan_kind = TOPUP_PRICING_KIND_DYNAMIC;
  int64_t face_value_centimes = 100000;
  int64_t cost_centimes = 98000;
  int64_t price_so_far_centimes = 98000;
  int64_t unix_seconds = 1774999805;  // Tuesday, 31 March 2026, 23:30:05 UTC
  uint64_t flags = 0;
  int64_t caller_count_today = 0;
  int64_t caller_volume_today_centimes = 0;
  int64_t caller_count_this_month = 0;
  int64_t caller_volume_this_month_centimes = 0;

  // The contract's record; points into this draft. The civil times follow from unix_seconds.
  topup_pricing_request_t Record() const;

  // For people who want to see it again: "face value 100000, cost 98000, ...".
  std::string Describe() const;
};

// Some hundred: usual amounts, operators, kinds, hours and days, with and without usage.
std::vector<RequestDraft> OrdinaryRequests();

// Amounts at the ends of the contract's range, all with all; numbers and flags that the contract
// does not list yet; empty and long texts; far times.
std::vector<RequestDraft> ExtremeRequests();

// One within the contract: mostly ordinary, sometimes at an end of a range.
RequestDraft RandomRequest(std::mt19937_64& random);

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_REQUEST_DRAFT_H_
