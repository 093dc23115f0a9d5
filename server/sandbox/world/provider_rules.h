// Where the provider's documentation contradicts itself or says nothing, the stand-in can do
// either. One switch for each such question, with the reading that is taken by default.
//
// faults.proto has the same switches for people; fault_settings.h turns those into these.
#ifndef TOPUP_SERVER_SANDBOX_WORLD_PROVIDER_RULES_H_
#define TOPUP_SERVER_SANDBOX_WORLD_PROVIDER_RULES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/sandbox/world/topup_record.h"

namespace topup::sandbox {

struct ProviderRules {
  // --- the life of a top-up (before time_scale)
  absl::Duration pending = absl::Seconds(5);
  absl::Duration handling = absl::Seconds(10);
  std::optional<TopupState> unknown_settles_as;  // for 0600000003; nothing: never
  absl::Duration unknown_settles_after = absl::Hours(24);
  // A new top-up is not found by reads for so long: a copy that lags behind.
  absl::Duration read_lag = absl::ZeroDuration();
  // What the provider's clock shows on top of ours.
  absl::Duration clock_skew = absl::ZeroDuration();

  // --- what a send is checked for
  bool fixed_amount_required = false;
  bool menu_amount_checked = false;      // against the plan's range; otherwise 0 is taken as well
  bool duplicate_checked_first = false;  // otherwise the balance is, so it may hide a duplicate
  std::string duplicate_code = "DUPLICATED_REF";
  std::string balance_code = "INSUFFICIENT_BALANCE";
  int ref_length_max = 100;

  // --- the form of answers
  bool ref_prefixed = true;           // "API-<account>-<ref>" in answers, otherwise the bare ref
  bool read_by_prefixed_ref = false;  // check-ref takes that form, too
  bool show_request_id = true;
  bool show_meta = true;
  bool show_new_balance = false;
  bool show_currency = false;
  bool odd_plan_entries = false;  // entries without a code, an amount, or with text for numbers

  // --- keys and limits
  int lockout_tries = 5;
  absl::Duration lockout_time = absl::Minutes(15);
  int missing_key_status = 401;
  std::string wrong_key_code = "INVALID_ACCESS_TOKEN";
  bool key_enabled = true;
  bool key_read_only = false;
  bool key_production = false;
  bool address_allowed = true;
  bool retry_after_shown = true;           // with the 429 of the request ceiling
  std::optional<int> requests_per_minute;  // overrides the option of the program

  // --- /v3/ping
  bool api_down = false;
  std::vector<std::string> operators_down;  // "mobilis", "djezzy", "ooredoo", "mobilisFixedPlans"
};

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_WORLD_PROVIDER_RULES_H_
