#include "server/engine/send_answers.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace topup::engine {
namespace {

// Whether a repeat asks for what the ref already names. An amount left out is the fixed
// plan's own, as it was when the top-up was recorded.
bool SameRequest(const core::Topup& topup, const SendCommand& command) {
  const bool same_amount = command.amount_dzd.has_value()
                               ? *command.amount_dzd == topup.amount_dzd
                               : topup.plan_kind == core::PlanKind::kFixed;
  return same_amount && topup.phone == command.phone && topup.plan_code == command.plan_code;
}

}  // namespace

absl::StatusOr<SendResult> ReplayOf(const core::Topup& topup, const SendCommand& command) {
  if (SameRequest(topup, command)) {
    return SendResult{.topup = topup, .replayed = true};
  }
  return base::MakeError(
      absl::StatusCode::kAlreadyExists,
      absl::StrCat("Ref ", command.ref, " names top-up ", topup.id,
                   ", which is for another number, plan or amount: use a new ref."),
      {.reason = "REF_REUSED", .metadata = {{"ref", command.ref}, {"topup_id", topup.id}}});
}

absl::Status QueueFullError() {
  return base::OverloadedError("queue_limit", "Too many top-ups wait to be sent: try again later.");
}

absl::Status DuplicateError(const core::Topup& first, absl::Duration window) {
  const std::string seconds = absl::StrCat(absl::ToInt64Seconds(window));
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("Top-up ", first.id, " (ref ", first.ref,
                   ") sold the same plan and amount to this number within ", seconds,
                   " s: set allow_repeat to sell it again."),
      {.reason = "DUPLICATE_TOPUP",
       .metadata = {{"ref", first.ref}, {"topup_id", first.id}, {"window_seconds", seconds}}});
}

}  // namespace topup::engine
