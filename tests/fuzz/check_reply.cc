// Whatever answers a read of one top-up: a not-found is one for another reader of JSON too, and
// one read moves a record only forward, only by what it shows of ours, and never to a refund.
#include "server/upstream/oneclickdz/oneclickdz_names.h"
#include "server/upstream/oneclickdz/oneclickdz_topups.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/provider_reply.h"

namespace topup::fuzz {
namespace {

using core::ReadMeaning;

void CheckMeaning(const core::ReadAnswer& answer, const upstream::http::HttpReply& reply,
                  const SecondOpinion& opinion) {
  const ReadMeaning meaning = core::JudgeRead(answer);
  if (meaning == ReadMeaning::kFound) {
    Promise(reply.complete && reply.status >= 200 && reply.status < 300, "found by a 2xx");
    Promise(opinion.success() && answer.topup.has_value(), "found by a success that shows it");
    Promise(
        answer.topup->status == upstream::oneclickdz::StatusFromWord(opinion.DataText("status")),
        "its status is the word that is shown");
  } else if (meaning == ReadMeaning::kNotFound) {
    Promise(reply.complete && reply.status == 404, "not found by a 404");
    Promise(opinion.enveloped() && !opinion.success(), "in the provider's envelope");
    Promise(upstream::oneclickdz::NormaliseErrorCode(opinion.error_code()) == "NOT_FOUND",
            "with the code for it");
  }
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  const auto reply = MakeReply(TextOf(data, size));
  const SecondOpinion opinion(reply.body);
  auto answer = topup::upstream::oneclickdz::DecodeRead(reply);
  CheckExchange(answer.exchange, reply, opinion);
  CheckMeaning(answer, reply, opinion);
  answer.exchange.start_time = Now().now - absl::Seconds(1);
  answer.exchange.end_time = Now().now;

  const topup::core::Topup accepted = AcceptedTopup();
  CheckReadDecision(accepted, answer, ApplyStatusRead(accepted, {}, answer, Now()));
  const topup::core::Topup claimed = ClaimedTopup();
  const topup::core::Topup in_doubt =
      topup::core::TakeOver(claimed, std::nullopt, Now().now - absl::Seconds(5)).topup;
  const auto decision = ApplyDoubtRead(in_doubt, {}, answer, Now());
  CheckReadDecision(in_doubt, answer, decision);
  Promise(decision.topup.status != topup::core::TopupStatus::kQueued, "doubt is never unsaid");
  return 0;
}
