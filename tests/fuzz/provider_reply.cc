#include "tests/fuzz/provider_reply.h"

#include <nlohmann/json.hpp>

#include "server/core/observation.h"
#include "server/upstream/oneclickdz/oneclickdz_names.h"
#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

constexpr int kStatuses[] = {200, 201, 400, 403, 404, 408, 409, 429, 500, 503, 302, 401};
const absl::Time kClaimTime = absl::FromUnixSeconds(1'790'000'000);

nlohmann::json MemberOf(const nlohmann::json& object, absl::string_view name) {
  const auto found = object.is_object() ? object.find(std::string(name)) : object.end();
  return object.is_object() && found != object.end() ? *found : nlohmann::json();
}

std::string TextAt(const nlohmann::json& object, absl::string_view name) {
  const nlohmann::json value = MemberOf(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

}  // namespace

upstream::http::HttpReply MakeReply(std::string input) {
  const uint8_t choice = TakeByte(input);
  upstream::http::HttpReply reply;
  reply.complete = choice < 240;
  reply.request_left = reply.complete || choice < 250;
  if (!reply.complete) return reply;
  reply.status = kStatuses[choice % std::size(kStatuses)];
  reply.retry_after = input.substr(0, 12);
  reply.date = input.substr(0, 40);
  reply.request_id = input.substr(0, 100);
  reply.body = std::move(input);
  return reply;
}

SecondOpinion::SecondOpinion(const std::string& body) : body_(body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return;
  const nlohmann::json success = MemberOf(json, "success");
  enveloped_ = success.is_boolean();
  success_ = enveloped_ && success.get<bool>();
  error_code_ = TextAt(MemberOf(json, "error"), "code");
  const nlohmann::json items = MemberOf(MemberOf(json, "data"), "items");
  for (const nlohmann::json& item : items) items_ += item.is_object() ? 1 : 0;
}

std::string SecondOpinion::DataText(absl::string_view name) const {
  return TextAt(MemberOf(nlohmann::json::parse(body_, nullptr, false), "data"), name);
}

void CheckExchange(const core::Exchange& exchange, const upstream::http::HttpReply& reply,
                   const SecondOpinion& opinion) {
  Promise(exchange.response_complete == reply.complete, "the framing is the transport's to say");
  Promise(exchange.request_left == reply.request_left, "and so is what left");
  Promise(reply.complete || !exchange.enveloped, "no envelope in half an answer");
  Promise(exchange.enveloped || !exchange.success, "success is only an envelope's");
  Promise(!exchange.enveloped || opinion.enveloped(), "an envelope is one for everybody");
  Promise(!exchange.enveloped || exchange.success == opinion.success(), "and says the same");
  Promise(exchange.enveloped || exchange.error_code.empty(), "a code is an envelope's");
  Promise(exchange.error_message.size() <= 500, "the provider's text is cut to 500 bytes");
  Promise(exchange.request_id.size() <= 100, "an id is short");
  Promise(exchange.error_code == upstream::oneclickdz::NormaliseErrorCode(exchange.error_code),
          "one spelling a code");
  Promise(!exchange.retry_after.has_value() || *exchange.retry_after >= absl::ZeroDuration(),
          "nobody waits a negative time");
}

core::Situation Now() { return {.now = kClaimTime + absl::Seconds(30), .key_proven = true}; }

core::Topup ClaimedTopup() {
  core::Topup topup;
  topup.id = "01M85S5R2Y3WBDR7SES8M3KPGR";
  topup.ref = "order-1";
  topup.caller = "shop";
  topup.phone = *core::PhoneNumber::Parse("0612345678");
  topup.op = core::Operator::kMobilis;
  topup.plan_code = "PREPAID_MOBILIS";
  topup.plan_kind = core::PlanKind::kDynamic;
  topup.amount_dzd = 500;
  topup.price.cost = core::Money::Centimes(48000);
  topup.provider_ref = kOurRef;
  topup.create_time = kClaimTime - absl::Seconds(1);
  topup.send_before = kClaimTime + absl::Minutes(30);
  return core::Claim(core::MakeQueued(topup), {}, "main", "SANDBOX", {.now = kClaimTime}).topup;
}

core::Topup AcceptedTopup() {
  core::SendAnswer answer;
  answer.exchange.response_complete = answer.exchange.enveloped = answer.exchange.success = true;
  answer.exchange.http_status = 200;
  answer.exchange.start_time = kClaimTime;
  answer.exchange.end_time = kClaimTime + absl::Seconds(1);
  answer.echoed_ref = kOurRef;
  answer.provider_topup_id = "6b0502c86dd3566e5900001a";
  const core::Topup claimed = ClaimedTopup();
  return core::ApplySendAnswer(claimed, {}, claimed.progress.fence, answer,
                               {.now = kClaimTime + absl::Seconds(1)})
      .topup;
}

void CheckReadDecision(const core::Topup& before, const core::ReadAnswer& answer,
                       const core::Decision& decision) {
  const core::Topup& after = decision.topup;
  Promise(core::Rank(after.status) >= core::Rank(before.status), "no rank ever falls");
  Promise(after.status != core::TopupStatus::kRefunded, "REFUNDED is not believed at once");
  Promise(after.status != core::TopupStatus::kRejected, "one read rejects nothing");
  Promise(
      after.advice != core::RefundAdvice::kRefund && after.advice != core::RefundAdvice::kReview,
      "one read gives no money back");
  Promise(
      core::IsSettled(after.status) || (after.progress.next_action != core::NextAction::kNone &&
                                        after.progress.next_action_time < absl::InfiniteFuture()),
      "what is open has a next step");
  if (after.status == before.status) return;
  Promise(core::JudgeRead(answer) == core::ReadMeaning::kFound, "only what was shown changes it");
  Promise(core::FieldMismatch(before, *answer.topup).empty(), "and only as the top-up of ours");
  if (after.status == core::TopupStatus::kFulfilled) {
    Promise(answer.topup->status == core::ProviderTopup::Status::kFulfilled,
            "FULFILLED is what the provider said");
  }
}

}  // namespace topup::fuzz
