// Whatever answers a POST: taken for an acceptance only where another reader of JSON sees success
// and our ref, and for "not taken" only where nobody can see a success in it.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/upstream/oneclickdz/oneclickdz_topups.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/provider_reply.h"

namespace topup::fuzz {
namespace {

using core::SendMeaning;
using core::TopupStatus;

bool ShowsOurRef(const SecondOpinion& opinion) {
  for (const char* name : {"topupRef", "ref"}) {
    const std::string shown = opinion.DataText(name);
    if (shown == kOurRef || absl::EndsWith(shown, absl::StrCat("-", kOurRef))) return true;
  }
  return false;
}

void CheckMeaning(SendMeaning meaning, const upstream::http::HttpReply& reply,
                  const SecondOpinion& opinion) {
  const bool says_success = opinion.enveloped() && opinion.success();
  switch (meaning) {
    case SendMeaning::kAccepted:
      Promise(reply.complete && reply.status >= 200 && reply.status < 300, "accepted by a 2xx");
      Promise(says_success && ShowsOurRef(opinion), "accepted by success and our ref");
      return;
    case SendMeaning::kUnsent:
      Promise(!reply.request_left && !reply.complete, "unsent is what never left");
      return;
    case SendMeaning::kInDoubt:
      return;
    case SendMeaning::kRefused:
    case SendMeaning::kNoMoney:
    case SendMeaning::kDuplicate:
    case SendMeaning::kThrottled:
    case SendMeaning::kConfiguration:
      Promise(reply.complete && reply.status >= 300, "half an answer refuses nothing");
      Promise(!says_success, "what says success refuses nothing");
  }
}

void CheckDecision(SendMeaning meaning, const core::SendAnswer& answer) {
  const core::Topup claimed = ClaimedTopup();
  const core::Decision decision =
      core::ApplySendAnswer(claimed, {}, claimed.progress.fence, answer, Now());
  const core::Topup& after = decision.topup;
  Promise((after.status == TopupStatus::kPending) == (meaning == SendMeaning::kAccepted),
          "PENDING is what was accepted");
  if (after.status == TopupStatus::kQueued) {
    Promise(meaning == SendMeaning::kUnsent || meaning == SendMeaning::kConfiguration,
            "QUEUED again is what was not taken");
  } else if (after.status != TopupStatus::kPending) {
    Promise(after.status == TopupStatus::kSubmitting, "no answer to a POST settles anything");
  }
  Promise(after.advice == core::RefundAdvice::kWait, "no answer to a POST gives money back");
  Promise(after.progress.next_action != core::NextAction::kNone, "what is open has a next step");
  Promise(decision.attempt.has_value(), "the attempt says how it ended");
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  const auto reply = MakeReply(TextOf(data, size));
  const SecondOpinion opinion(reply.body);
  auto answer = topup::upstream::oneclickdz::DecodeSend(reply);
  CheckExchange(answer.exchange, reply, opinion);
  Promise(answer.provider_topup_id.size() <= 100, "an id is short");
  const auto meaning = topup::core::JudgeSend(answer, kOurRef);
  CheckMeaning(meaning, reply, opinion);
  answer.exchange.start_time = Now().now - absl::Seconds(2);
  answer.exchange.end_time = Now().now;
  CheckDecision(meaning, answer);
  return 0;
}
