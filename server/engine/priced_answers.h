// Where answers that carry offers are given.
//
// Whoever shows a top-up prices the offers that it carries (Engine::PriceOffers), and so may call
// foreign code that takes as long as it likes. Commits and decisions must not wait for that.
#ifndef TOPUP_SERVER_ENGINE_PRICED_ANSWERS_H_
#define TOPUP_SERVER_ENGINE_PRICED_ANSWERS_H_

#include <utility>

#include "absl/status/statusor.h"
#include "server/base/error.h"
#include "server/base/worker_pool.h"
#include "server/engine/engine.h"

namespace topup::engine {

inline const core::Topup& TopupOf(const core::Topup& topup) { return topup; }
inline const core::Topup& TopupOf(const SendResult& result) { return result.topup; }
inline const core::Topup& TopupOf(const Resolved& resolved) { return resolved.topup; }

// `done`, called on a thread of `reads` where the answer carries offers; with STORAGE_UNAVAILABLE
// where too many reads wait: what was asked for has taken place, and a repeat shows it. Borrows
// `reads`.
template <typename T>
Engine::Done<T> PricedOn(base::WorkExecutor& reads, Engine::Done<T> done) {
  return [&reads, done = std::move(done)](absl::StatusOr<T> result) {
    if (!result.ok() || TopupOf(*result).suggested_offers.empty()) {
      done(std::move(result));
    } else if (!reads.TryPost([done, result] { done(result); })) {
      done(base::MakeError(absl::StatusCode::kUnavailable,
                           "The top-up could not be shown: repeat with the same ref.",
                           {.reason = "STORAGE_UNAVAILABLE", .retry_after = absl::Seconds(1)}));
    }
  };
}

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_PRICED_ANSWERS_H_
