#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {
namespace {

using core::RefundAdvice;
using core::TopupStatus;
using Shown = core::ProviderTopup::Status;

using ReadsByRef = std::map<std::string, std::vector<const LedgerRead*>>;

// Two reads that were answered before `step` and asked a poll interval apart said REFUNDED. What
// was asked first may be answered last.
bool WasRefundedTwice(const History& history, const std::vector<const LedgerRead*>& reads,
                      int64_t step) {
  absl::Duration first = absl::InfiniteDuration();
  absl::Duration last = -absl::InfiniteDuration();
  for (const LedgerRead* read : reads) {
    if (read->step > step || read->status != Shown::kRefunded) continue;
    first = std::min(first, read->begin);
    last = std::max(last, read->begin);
  }
  return last - first >= history.poll_interval;
}

// When it was asked for with that answer, for people.
std::string TellRefunded(const std::vector<const LedgerRead*>& reads, int64_t step) {
  std::string told;
  for (const LedgerRead* read : reads) {
    if (read->step > step || read->status != Shown::kRefunded) continue;
    absl::StrAppend(&told, told.empty() ? "" : ", ", absl::FormatDuration(read->begin));
  }
  return told.empty() ? "never" : told;
}

// Some read before `step` said UNKNOWN_ERROR, and another one so much later.
bool WasUnknownLongEnough(const History& history, const std::vector<const LedgerRead*>& reads,
                          const LoggedEvent& event) {
  for (const LedgerRead* read : reads) {
    if (read->step > event.step || read->status != Shown::kUnknownError) continue;
    if (event.elapsed - read->begin < history.unknown_review_after) return false;
    for (const LedgerRead* last : reads) {
      if (last->step <= event.step && last->status == Shown::kUnknownError &&
          last->provider_time - read->provider_time >= history.unknown_review_after) {
        return true;
      }
    }
    return false;
  }
  return false;
}

}  // namespace

void CheckRefundOnlyWhenAllowed(const History& history, Breaches& breaches) {
  ReadsByRef reads;
  for (const LedgerRead& read : history.reads) reads[read.provider_ref].push_back(&read);
  std::map<std::string, int> accepted;
  for (const LedgerTopup& entry : history.accepted) ++accepted[entry.provider_ref];

  for (const LoggedEvent& logged : history.events) {
    const core::Topup& topup = logged.event.topup;
    const std::string says = absl::StrCat(topup.id, " is ", core::StatusName(topup.status));
    if (topup.advice == RefundAdvice::kRefund) {
      switch (topup.status) {
        case TopupStatus::kRefunded:
          if (!WasRefundedTwice(history, reads[topup.provider_ref], logged.step)) {
            breaches.push_back(
                absl::StrCat(says, " at ", absl::FormatDuration(logged.elapsed),
                             " though no second read confirmed it; asked for when REFUNDED: ",
                             TellRefunded(reads[topup.provider_ref], logged.step)));
          }
          break;
        case TopupStatus::kRejected:
          if (accepted[topup.provider_ref] > 0) {
            breaches.push_back(absl::StrCat(says, " with REFUND though the provider took it"));
          }
          break;
        case TopupStatus::kCancelled:
          if (accepted[topup.provider_ref] > 0) {
            breaches.push_back(absl::StrCat(says, " though it was taken"));
          }
          break;
        default:
          breaches.push_back(absl::StrCat(says, " and advises REFUND"));
      }
    } else if (topup.advice == RefundAdvice::kReview &&
               !WasUnknownLongEnough(history, reads[topup.provider_ref], logged)) {
      breaches.push_back(absl::StrCat(says, " and advises REVIEW too early"));
    }
  }
}

}  // namespace topup::sim
