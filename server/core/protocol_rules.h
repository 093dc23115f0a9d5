// The numbers of the send protocol, and when a top-up is looked at next.
#ifndef TOPUP_SERVER_CORE_PROTOCOL_RULES_H_
#define TOPUP_SERVER_CORE_PROTOCOL_RULES_H_

#include "absl/time/time.h"

namespace topup::core {

// Each is a flag of the same name. Any positive duration works, so that tests run the whole
// protocol in seconds.
struct ProtocolRules {
  absl::Duration provider_timeout = absl::Seconds(20);
  absl::Duration poll_interval = absl::Seconds(5);
  absl::Duration resend_grace = absl::Seconds(90);
  absl::Duration refusal_check_after = absl::Seconds(2);
  absl::Duration send_window = absl::Minutes(30);
  absl::Duration never_accepted_after = absl::Hours(24);
  absl::Duration unknown_review_after = absl::Hours(24);
  int max_attempts = 4;
};

// How recent the proof has to be that our key sees our top-ups, for a not-found to count.
inline constexpr absl::Duration kKeyProofAge = absl::Minutes(5);

// How long an accepted top-up, or a ref that the provider called a duplicate, may stay not
// found before a person has to look.
inline constexpr absl::Duration kMissingIncidentAfter = absl::Minutes(10);

// When doubt is looked at next: 2, 5, 15, 30 and 60 s after the last possible transmission,
// then every minute to 30 minutes, every 15 minutes to 24 h, then every 6 h for ever. The
// first of these after `now`.
absl::Time NextDoubtRead(absl::Time last_transmission_end, absl::Time now);

// When the status of an accepted top-up is read next, by its age.
absl::Time NextStatusRead(const ProtocolRules& rules, absl::Time accept_time, absl::Time now);

// When UNKNOWN_ERROR is read next: after 5 and 15 minutes, then hourly, at the review time,
// and every 6 h for ever; scaled by unknown_review_after / 24 h, never within poll_interval.
absl::Time NextUnknownRead(const ProtocolRules& rules, absl::Time unknown_since, absl::Time now);

// When a top-up that was settled after a POST without an acceptance is looked at again: after
// 1, 10 and 60 minutes, then every 6 h for 7 days; InfiniteFuture after that.
absl::Time NextSettledRead(absl::Time settle_time, absl::Time now);

// How long to wait after the n-th proven-unsent POST in a row (n from 1): 1 s doubling to 30 s.
absl::Duration UnsentBackoff(int unsent);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_PROTOCOL_RULES_H_
