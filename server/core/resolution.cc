#include "server/core/resolution.h"

#include <utility>

#include "server/core/row_change.h"

namespace topup::core {
namespace {

// Since when the provider has had it; or we have, where no acceptance was seen.
absl::Time OpenSince(const Topup& topup) {
  return topup.progress.accept_time.value_or(topup.create_time);
}

// How long the provider has already had for an answer that it still owes.
bool MayStillAnswer(const Topup& topup, const ProtocolRules& rules, const Situation& situation) {
  const Progress& progress = topup.progress;
  const auto lasts = [&situation](absl::Time since, absl::Duration time) {
    return situation.now < situation.clock.Redate(since) + time;
  };
  switch (topup.status) {
    case TopupStatus::kSubmitting:
      return lasts(progress.last_transmission_end.value_or(topup.create_time),
                   rules.never_accepted_after);
    case TopupStatus::kUnknownError:
      return lasts(progress.unknown_since.value_or(OpenSince(topup)), rules.unknown_review_after);
    default:
      return lasts(OpenSince(topup), rules.unknown_review_after);
  }
}

bool IsDecidable(TopupStatus status) {
  return status == TopupStatus::kFulfilled || status == TopupStatus::kRefunded ||
         status == TopupStatus::kRejected;
}

}  // namespace

UnsettledSince UnsettledBefore(const ProtocolRules& rules, absl::Time now) {
  return {.open = now - rules.unknown_review_after, .missing = now - kMissingIncidentAfter};
}

UnsettledReason WhyUnsettled(const Topup& topup, const UnsettledSince& since) {
  const Progress& progress = topup.progress;
  if (topup.status == TopupStatus::kQueued || IsSettled(topup.status)) {
    return UnsettledReason::kNone;
  }
  if (IsInDoubt(topup)) {
    return progress.duplicate_seen ? UnsettledReason::kHeldBack : UnsettledReason::kInDoubt;
  }
  if (topup.status == TopupStatus::kUnknownError) return UnsettledReason::kUnknownError;
  if (progress.missing_since.has_value() && *progress.missing_since <= since.missing) {
    return UnsettledReason::kAcceptedNotFound;
  }
  return OpenSince(topup) <= since.open ? UnsettledReason::kOpenTooLong : UnsettledReason::kNone;
}

absl::string_view UnsettledReasonName(UnsettledReason reason) {
  switch (reason) {
    case UnsettledReason::kNone:
      return "";
    case UnsettledReason::kInDoubt:
      return "IN_DOUBT";
    case UnsettledReason::kHeldBack:
      return "HELD_BACK";
    case UnsettledReason::kUnknownError:
      return "UNKNOWN_ERROR";
    case UnsettledReason::kAcceptedNotFound:
      return "ACCEPTED_NOT_FOUND";
    case UnsettledReason::kOpenTooLong:
      return "OPEN_TOO_LONG";
  }
  return "";
}

absl::string_view WhyNotResolvable(const Topup& topup, const ProtocolRules& rules, bool override,
                                   const Situation& situation) {
  if (IsSettled(topup.status)) return "it is settled, and settled is final";
  if (topup.status == TopupStatus::kQueued) {
    return "nothing has been sent: it is sent soon, or expires, or its caller cancels it";
  }
  if (override) return "";
  if (topup.progress.in_flight) return "a request to the provider is under way";
  if (MayStillAnswer(topup, rules, situation)) return "the provider may still answer";
  return "";
}

Decision Resolve(const Topup& topup, const ProtocolRules& rules, const Resolution& resolution,
                 const Situation& situation) {
  const absl::Time now = situation.now;
  if (!IsDecidable(resolution.status) ||
      !WhyNotResolvable(topup, rules, resolution.override, situation).empty()) {
    return Unchanged(topup);
  }
  Decision decision{.topup = topup};
  Topup& after = decision.topup;
  after.status = resolution.status;
  after.advice =
      resolution.status == TopupStatus::kFulfilled ? RefundAdvice::kNone : RefundAdvice::kRefund;
  if (resolution.status == TopupStatus::kRejected) {
    after.rejection_reason = RejectionReason::kResolvedByPerson;
  }
  after.settle_time = now;
  after.review_time.reset();
  // What the provider said while the fate was unknown is no reason and no advice any more.
  after.rejection_detail.clear();
  after.refund_message.clear();
  after.progress.in_flight = false;
  after.progress.provisional_rejection = RejectionReason::kNone;
  Schedule(after, NextAction::kReadSettled, NextSettledRead(now, now));
  decision.resolution = resolution;
  decision.resolution->topup_id = topup.id;
  decision.resolution->time = now;
  return Finish(topup, std::move(decision), now);
}

}  // namespace topup::core
