#include "tests/sim/planted_bugs.h"

#include <set>
#include <utility>

#include "tests/sim/planted_decorations.h"

namespace topup::sim {
namespace {

using core::Attempt;
using core::RefundAdvice;
using core::RejectionReason;
using core::TopupStatus;
using store::UpdateRequest;

// The row as a wrong rule would have it: released, and done with.
void Release(core::Topup& topup) {
  topup.status = TopupStatus::kRejected;
  topup.advice = RefundAdvice::kRefund;
  topup.rejection_reason = RejectionReason::kProviderRefused;
  topup.progress.next_action = core::NextAction::kNone;
  topup.progress.next_action_time = absl::InfiniteFuture();
}

void MakeVisible(UpdateRequest& update) {
  if (!update.visible) ++update.topup.revision;
  update.visible = true;
}

// A rule that releases wherever `matches`.
Decorations ReleaseWhere(std::function<bool(const UpdateRequest&)> matches) {
  return WithMutatedUpdates([matches = std::move(matches)](UpdateRequest& update) {
    if (core::IsSettled(update.topup.status) || !matches(update)) return;
    Release(update.topup);
    MakeVisible(update);
  });
}

PlantedBug NewRefOnRetry() {
  return {.name = "new ref on retry",
          .known_as = "new ref on retry",
          .checker = "no_orphans",
          .decorations = WithMutatedSends(
              [posts = std::map<std::string, int>()](upstream::SendRequest& request) mutable {
                if (++posts[request.provider_ref] > 1) request.provider_ref += "R";
              }),
          .faults = {{Fault::kLostBefore, 400}}};
}

PlantedBug RefusedAfterDoubt() {
  static const auto& kRefusals = *new std::set<std::string>{
      "INSUFFICIENT_BALANCE", "NO_BALANCE", "ERR_VALIDATION", "ERR_PHONE", "SOMETHING_NEW"};
  return {.name = "a refusal after doubt is believed",
          .checker = "truth_converges",
          .decorations = ReleaseWhere([](const UpdateRequest& update) {
            return update.attempt.has_value() && update.topup.progress.doubtful &&
                   update.attempt->evidence == Attempt::Evidence::kAnswered &&
                   kRefusals.count(update.attempt->error_code) > 0;
          }),
          .faults = {{Fault::kRefused, 500},
                     {Fault::kLostAfter, 600},
                     {Fault::kLaggingReads, 1000},
                     {Fault::kBalanceFirst, 1},
                     {Fault::kLowBalance, 6}}};
}

PlantedBug EarlyRefund() {
  return {.name = "refund while UNKNOWN_ERROR",
          .known_as = "early refund",
          .checker = "refund_only_when_allowed",
          .decorations = WithMutatedUpdates([](UpdateRequest& update) {
            if (update.topup.status == TopupStatus::kUnknownError) {
              update.topup.advice = RefundAdvice::kRefund;
            }
          }),
          .faults = {{Fault::kUnknownError, 400}}};
}

PlantedBug EarlyReview() {
  return {.name = "review as soon as UNKNOWN_ERROR is seen",
          .checker = "refund_only_when_allowed",
          .decorations = WithMutatedUpdates([](UpdateRequest& update) {
            if (update.topup.status == TopupStatus::kUnknownError &&
                update.topup.advice == RefundAdvice::kWait) {
              update.topup.advice = RefundAdvice::kReview;
              MakeVisible(update);
            }
          }),
          .faults = {{Fault::kUnknownError, 400}}};
}

PlantedBug RefundedAtFirstSight() {
  return {.name = "REFUNDED believed at first sight",
          .checker = "refund_only_when_allowed",
          .decorations = WithMutatedUpdates([](UpdateRequest& update) {
            if (!update.topup.progress.refund_seen_time.has_value() ||
                core::IsSettled(update.topup.status)) {
              return;
            }
            Release(update.topup);
            update.topup.status = TopupStatus::kRefunded;
            update.topup.rejection_reason = RejectionReason::kNone;
            MakeVisible(update);
          }),
          .faults = {{Fault::kRefundedFlap, 500}}};
}

PlantedBug EnvironmentIgnored() {
  return {.name = "the key's environment is not looked at",
          .checker = "environment_purity",
          .decorations = WithMutatedKeys([](core::ValidateAnswer& answer) {
            if (answer.decoded) answer.key_type = SimProvider::kEnvironment;
          }),
          .faults = {{Fault::kWrongKey, 5}}};
}

PlantedBug WithoutGrace() {
  return {.name = "no grace before a resend",
          .checker = "at_most_one_acceptance",
          .decorations = {.options =
                              [](engine::EngineOptions& options) {
                                options.rules.resend_grace = absl::Seconds(1);
                              }},
          .faults = {{Fault::kQueueing, 900}, {Fault::kLostAfter, 600}}};
}

PlantedBug WithoutFence() {
  return {.name = "an answer is applied to a later claim",
          .known_as = "no fence",
          .checker = "refund_only_when_allowed",
          .decorations = WithAnswersOfEarlierClaims(),
          .faults = {{Fault::kUnsent, 500}, {Fault::kLostAfter, 700}}};
}

PlantedBug PastItsWatchdog() {
  return {.name = "a worker sends past its watchdog",
          .checker = "at_most_one_acceptance",
          .decorations = WithSleepyWorkers(),
          .faults = {{Fault::kQueueing, 900}}};
}

PlantedBug TooManyAtOnce() {
  return {
      .name = "twice the POSTs at once",
      .checker = "bounded_blast_radius",
      .decorations = {.options =
                          [](engine::EngineOptions& options) { options.submit_concurrency *= 2; }},
      .faults = {{Fault::kLostAfter, 900}, {Fault::kDown, 4}}};
}

}  // namespace

const std::vector<PlantedBug>& PlantedBugs() {
  static const auto& bugs = *new std::vector<PlantedBug>{
      NewRefOnRetry(),
      {.name = "acknowledged before the commit",
       .known_as = "ack before commit",
       .checker = "acked_survives",
       .decorations = WithEarlyAcknowledgement(),
       .faults = {{Fault::kCrashes, 8}, {Fault::kStoreRefused, 60}}},
      {.name = "POST before the claim is on disk",
       .checker = "write_ahead",
       .decorations = WithEarlyClaims(),
       .faults = {{Fault::kStoreUnknown, 60}}},
      {.name = "500 is a refusal",
       .known_as = "500 = rejected",
       .checker = "truth_converges",
       .decorations = ReleaseWhere([](const UpdateRequest& update) {
         return update.attempt.has_value() && update.attempt->http_status >= 500;
       }),
       .faults = {{Fault::kServerError, 300}}},
      {.name = "a duplicate ref is a failure",
       .known_as = "dup = failed",
       .checker = "truth_converges",
       .decorations = ReleaseWhere([](const UpdateRequest& update) {
         return update.attempt.has_value() && update.attempt->error_code == "DUPLICATED_REF";
       }),
       .faults = {{Fault::kCopies, 400}}},
      {.name = "not found releases",
       .known_as = "release on not-found",
       .checker = "truth_converges",
       .decorations = ReleaseWhere([](const UpdateRequest& update) {
         return update.check.has_value() && update.check->valid_not_found;
       }),
       .faults = {{Fault::kLostAfter, 400}, {Fault::kLaggingReads, 700}}},
      RefusedAfterDoubt(),
      {.name = "the library repeats a POST",
       .known_as = "curl reuse",
       .checker = "write_ahead",
       .decorations = WithHiddenResend(),
       .faults = {{Fault::kLostAfter, 300}}},
      {.name = "a stale read wins",
       .known_as = "stale poll wins",
       .checker = "settled_is_final",
       .decorations = WithStaleWrites(/*after_settled=*/true),
       .faults = {}},
      {.name = "a status goes back",
       .known_as = "backward status",
       .checker = "settled_is_final",
       .decorations = WithStaleWrites(/*after_settled=*/false),
       .faults = {{Fault::kUnknownError, 400}}},
      {.name = "the settling event is dropped",
       .known_as = "dropped terminal event",
       .checker = "streams_monotone_complete",
       .decorations = WithDroppedEvents(),
       .faults = {}},
      {.name = "told before the commit",
       .checker = "event_before_effect",
       .decorations = WithEarlyAcknowledgement(),
       .faults = {}},
      EarlyRefund(),
      EarlyReview(),
      RefundedAtFirstSight(),
      {.name = "price computed again at the send",
       .known_as = "price recomputed at send",
       .checker = "charged_is_quoted",
       .decorations = WithRecomputedPrices(),
       .faults = {}},
      {.name = "a known ref is acknowledged as new",
       .known_as = "ON CONFLICT ack",
       .checker = "same_request_same_topup",
       .decorations = WithAcknowledgedConflicts(),
       .faults = {}},
      {.name = "another amount is sent",
       .checker = "sent_is_ordered",
       .decorations = WithMutatedSends(
           [](upstream::SendRequest& request) { request.amount_dzd += request.amount_dzd % 2; }),
       .faults = {}},
      EnvironmentIgnored(),
      WithoutGrace(),
      WithoutFence(),
      PastItsWatchdog(),
      TooManyAtOnce(),
      {.name = "the number is logged",
       .known_as = "phone in log",
       .checker = "quiet_logs",
       .decorations = WithLoggedNumbers(),
       .faults = {}},
      {.name = "refused, and recorded nevertheless",
       .checker = "no_means_no",
       .decorations = WithFalseRefusals(),
       .faults = {}},
      {.name = "a ref is denied while its send is being recorded",
       .checker = "no_means_no",
       .decorations = WithLateWrites(),
       .faults = {}},
      {.name = "open top-ups are not read any more",
       .checker = "truth_converges",
       .decorations = WithForgottenReads(),
       .faults = {},
       .liveness = true},
      {.name = "the recorded cost is not what is taken",
       .checker = "conservation",
       .decorations = WithWrongCost(),
       .faults = {},
       .liveness = true},
  };
  return bugs;
}

}  // namespace topup::sim
