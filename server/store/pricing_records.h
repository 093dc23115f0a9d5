// What is kept about prices beside the top-ups: which configurations were in force, and what was
// sold at which price. Part of TopupStore's contract, where threads and errors are explained.
#ifndef TOPUP_SERVER_STORE_PRICING_RECORDS_H_
#define TOPUP_SERVER_STORE_PRICING_RECORDS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/core/money.h"
#include "server/core/plan.h"
#include "server/core/price.h"

namespace topup::store {

// A library that a configuration was activated with.
struct ActivatedLibrary {
  std::string file;    // as the configuration names it
  std::string digest;  // SHA-256, lower-case hex

  friend bool operator==(const ActivatedLibrary&, const ActivatedLibrary&) = default;
};

// A configuration whose prices a change of prices was held against.
struct ComparedConfig {
  std::string config_digest;
  bool has_priced = false;  // anything, while it was in force

  friend bool operator==(const ComparedConfig&, const ComparedConfig&) = default;
};

// A pricing configuration that came into force. Kept for ever: prices refer to it.
struct PricingActivation {
  // Why it came into force.
  enum class Cause {
    kFile = 1,   // the configured file was new, or had changed
    kCall,       // an operator gave it
    kRollback,   // an operator went back to it
    kLibraries,  // its libraries had changed
  };

  int64_t number = 0;    // from 1, without gaps
  int64_t previous = 0;  // the earlier activation that a rollback goes back to; 0: none
  Cause cause = Cause::kFile;
  std::string activated_by;  // the caller; empty: the service itself
  absl::Time time;
  // Its text. What is stored under its digest already wins.
  std::string config;
  std::string config_digest;  // SHA-256 of the text, lower-case hex
  std::string file_digest;    // of the configured file's text, as it then was
  std::vector<ActivatedLibrary> libraries;
  std::vector<ComparedConfig> compared_with;  // when it came into force; the latest first

  friend bool operator==(const PricingActivation&, const PricingActivation&) = default;
};

// A recorded top-up, as far as its price goes. Menu requests are none. Neither cost nor price is
// negative, or above 2^50 centimes.
struct PricedTopup {
  std::string id;
  std::string caller;
  core::Operator op = core::Operator::kUnknown;
  std::string plan_code;
  core::PlanKind plan_kind = core::PlanKind::kUnknown;
  int64_t amount_dzd = 0;
  core::Money cost;
  core::Money price;
  core::PriceBasis basis;

  friend bool operator==(const PricedTopup&, const PricedTopup&) = default;
};

// Those that were recorded within [start_time, end_time), in the order of their ids (which begin
// with that time); without what was REJECTED, REFUNDED or CANCELLED.
struct PricedTopupQuery {
  absl::Time start_time = absl::InfinitePast();
  absl::Time end_time = absl::InfiniteFuture();
  std::string after_id;  // continues after this one; empty: from the oldest
  int limit = 1000;      // looked at, from 1; those left out count
};

struct PricedTopupPage {
  std::vector<PricedTopup> topups;
  // Continues the reading; empty where there is no more. Not always the last one's: it may be of
  // one that was left out.
  std::string last_id;
};

// The FULFILLED top-ups of a caller that were recorded within one stretch of time. Menu requests
// are none.
struct DeliveredVolume {
  std::string caller;
  absl::Time start_time;  // of the stretch
  int64_t count = 0;
  core::Money volume;  // face values

  friend bool operator==(const DeliveredVolume&, const DeliveredVolume&) = default;
};

class PricingRecords {
 public:
  virtual ~PricingRecords() = default;

  // kAborted where `activation.number` is not the next one: somebody else was faster. kInternal
  // where `previous` is not an earlier one.
  virtual void AppendActivation(PricingActivation activation,
                                std::function<void(absl::Status)> done) = 0;

  // Nothing where there is none.
  virtual absl::StatusOr<std::optional<PricingActivation>> LatestActivation() = 0;
  virtual absl::StatusOr<std::optional<PricingActivation>> FindActivation(int64_t number) = 0;
  // The text of a configuration that was in force once.
  virtual absl::StatusOr<std::optional<std::string>> FindPricingConfig(
      absl::string_view config_digest) = 0;

  virtual absl::StatusOr<PricedTopupPage> ReadPricedTopups(const PricedTopupQuery& query) = 0;

  // What was delivered of the top-ups that were recorded from `start_time` on, by caller and by
  // stretches of `stretch` from there; in that order, without empty ones. May look at every
  // top-up since. kInvalidArgument where `start_time` or `stretch` is infinite, or `stretch` is
  // less than a microsecond.
  virtual absl::StatusOr<std::vector<DeliveredVolume>> SumDelivered(absl::Time start_time,
                                                                    absl::Duration stretch) = 0;
};

}  // namespace topup::store

#endif  // TOPUP_SERVER_STORE_PRICING_RECORDS_H_
