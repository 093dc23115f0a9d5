#include "server/core/protocol_rules.h"

#include <algorithm>

namespace topup::core {
namespace {

// The first of start + period, start + 2 periods, ... that is after `now`.
absl::Time NextPeriodic(absl::Time start, absl::Duration period, absl::Time now) {
  if (now < start) {
    return start + period;
  }
  absl::Duration rest;
  const int64_t done = absl::IDivDuration(now - start, period, &rest);
  return start + period * (done + 1);
}

}  // namespace

absl::Time NextDoubtRead(absl::Time last_transmission_end, absl::Time now) {
  if (now < last_transmission_end) {
    // A claim taken over early; or the clock was set back, which must not silence the questions.
    return std::min(last_transmission_end + absl::Seconds(2), now + absl::Minutes(1));
  }
  for (const int seconds : {2, 5, 15, 30, 60}) {
    const absl::Time step = last_transmission_end + absl::Seconds(seconds);
    if (step > now) return step;
  }
  const absl::Duration age = now - last_transmission_end;
  if (age < absl::Minutes(30)) {
    return NextPeriodic(last_transmission_end, absl::Minutes(1), now);
  }
  if (age < absl::Hours(24)) {
    return NextPeriodic(last_transmission_end, absl::Minutes(15), now);
  }
  return NextPeriodic(last_transmission_end, absl::Hours(6), now);
}

absl::Time NextStatusRead(const ProtocolRules& rules, absl::Time accept_time, absl::Time now) {
  const absl::Duration age = now - accept_time;
  absl::Duration pace = rules.poll_interval;
  if (age >= absl::Hours(1)) {
    pace = absl::Minutes(10);
  } else if (age >= absl::Minutes(5)) {
    pace = absl::Minutes(1);
  } else if (age >= absl::Minutes(2)) {
    pace = absl::Seconds(15);
  }
  return now + std::max(pace, rules.poll_interval);
}

absl::Time NextUnknownRead(const ProtocolRules& rules, absl::Time unknown_since, absl::Time now) {
  // Where the clock was set back, the steps begin anew instead of waiting for it to catch up.
  unknown_since = std::min(unknown_since, now);
  // The steps are written for 24 h and divide it. Rounded up, so that the last one before the
  // review does not fall a moment short of it.
  const auto scaled = [&rules](absl::Duration step) {
    const int64_t steps = absl::Hours(24) / step;
    const absl::Duration whole = rules.unknown_review_after / steps;
    return whole * steps < rules.unknown_review_after ? whole + absl::Nanoseconds(1) : whole;
  };
  const absl::Time earliest = now + rules.poll_interval;
  for (const absl::Duration step : {absl::Minutes(5), absl::Minutes(15)}) {
    if (unknown_since + scaled(step) > now) {
      return std::max(unknown_since + scaled(step), earliest);
    }
  }
  const absl::Time review = unknown_since + rules.unknown_review_after;
  const absl::Duration pace = now < review ? scaled(absl::Hours(1)) : scaled(absl::Hours(6));
  const absl::Time next = NextPeriodic(unknown_since, std::max(pace, absl::Nanoseconds(1)), now);
  // The review time itself is a step; going round it for politeness would delay the advice.
  if (now < review && std::max(next, earliest) > review) {
    return std::max(review, earliest);
  }
  return std::max(next, earliest);
}

absl::Time NextSettledRead(absl::Time settle_time, absl::Time now) {
  for (const int minutes : {1, 10, 60}) {
    const absl::Time step = settle_time + absl::Minutes(minutes);
    if (step > now) return step;
  }
  const absl::Time next = NextPeriodic(settle_time, absl::Hours(6), now);
  return next <= settle_time + absl::Hours(24 * 7) ? next : absl::InfiniteFuture();
}

absl::Duration UnsentBackoff(int unsent) {
  const int doublings = std::clamp(unsent - 1, 0, 5);
  return std::min(absl::Seconds(int64_t{1} << doublings), absl::Seconds(30));
}

}  // namespace topup::core
