// What is kept beside a top-up for ever: what was tried, what was asked, what contradicts.
#ifndef TOPUP_SERVER_CORE_EVIDENCE_H_
#define TOPUP_SERVER_CORE_EVIDENCE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/core/topup_status.h"

namespace topup::core {

// One POST to the provider, numbered from 1 by its fence.
struct Attempt {
  // Stored as these numbers; equal to topup.admin.v1.Attempt.Evidence.
  enum class Evidence { kInFlight = 0, kUnsent = 1, kAnswered = 2, kInDoubt = 3 };

  std::string topup_id;
  int64_t fence = 0;
  absl::Time start_time;               // of the claim
  std::optional<absl::Time> end_time;  // when its socket was closed; unset after a crash
  Evidence evidence = Evidence::kInFlight;
  int http_status = 0;     // 0: none received
  std::string error_code;  // the provider's, normalised
  std::string request_id;  // the provider's
  std::string detail;      // what happened, for people

  friend bool operator==(const Attempt&, const Attempt&) = default;
};

// A read by ref of a top-up in doubt, and what it proves.
struct Check {
  std::string topup_id;
  absl::Time time;
  int http_status = 0;
  std::string error_code;
  bool valid_not_found = false;
  std::string detail;

  friend bool operator==(const Check&, const Check&) = default;
};

// A person's decision that settled a top-up: one at most for each.
struct Resolution {
  std::string topup_id;
  TopupStatus status = TopupStatus::kRejected;
  std::string decided_by;  // a caller's name
  std::string reason;
  bool override = false;  // decided although the provider might still have answered
  absl::Time time;

  friend bool operator==(const Resolution&, const Resolution&) = default;
};

// Something that contradicts our records and needs a person. One is kept for each (top-up,
// kind), open or closed: what a person has looked at does not come back with the next read.
struct Incident {
  std::string id;
  std::string topup_id;  // empty for a top-up of the provider's that we do not know
  std::string kind;      // for example "CHARGE_MISMATCH"
  std::string detail;
  absl::Time create_time;
  // Set once a person has closed it.
  std::optional<absl::Time> close_time;
  std::string closed_by;
  std::string close_reason;

  friend bool operator==(const Incident&, const Incident&) = default;
};

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_EVIDENCE_H_
