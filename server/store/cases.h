// What the store is asked on behalf of a person: see TopupStore.
#ifndef TOPUP_SERVER_STORE_CASES_H_
#define TOPUP_SERVER_STORE_CASES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/core/money.h"
#include "server/core/resolution.h"
#include "server/core/topup.h"

namespace topup::store {

// Over all callers, oldest first by (create_time, id).
struct UnsettledQuery {
  core::UnsettledSince since;
  std::string after_id;  // continues after this one; empty: from the oldest
  int limit = 50;
};

struct UnsettledPage {
  std::vector<core::Topup> topups;
  bool more = false;
  // Of all that are unsettled, on this page or not.
  int64_t total = 0;
  core::Money value_at_risk;  // their prices: what their callers may have to give back
};

struct IncidentClosing {
  std::string incident_id;
  std::string closed_by;
  std::string reason;
  absl::Time time;
};

}  // namespace topup::store

#endif  // TOPUP_SERVER_STORE_CASES_H_
