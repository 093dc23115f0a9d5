// Whatever the provider answers is decoded into bounded values, or into nothing.
#include <algorithm>

#include "server/upstream/oneclickdz/oneclickdz_account.h"
#include "server/upstream/oneclickdz/oneclickdz_names.h"
#include "server/upstream/oneclickdz/oneclickdz_topups.h"
#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

using namespace upstream::oneclickdz;  // NOLINT(google-build-using-namespace)

constexpr int kStatuses[] = {200, 201, 400, 403, 404, 408, 409, 429, 500, 503, 302, 0};

void CheckExchange(const core::Exchange& exchange, bool complete) {
  Promise(exchange.response_complete == complete, "the framing is the transport's to say");
  Promise(complete || !exchange.enveloped, "no envelope in half an answer");
  Promise(exchange.enveloped || !exchange.success, "success is only an envelope's");
  Promise(exchange.error_message.size() <= 500, "the provider's text is cut to 500 bytes");
  Promise(exchange.error_code == NormaliseErrorCode(exchange.error_code), "one spelling a code");
  Promise(!exchange.retry_after.has_value() || *exchange.retry_after >= absl::ZeroDuration(),
          "nobody waits a negative time");
}

void CheckTopup(const core::ProviderTopup& topup) {
  Promise(!topup.amount_dzd.has_value() || *topup.amount_dzd >= 0, "no negative amount");
  Promise(topup.phone.empty() || topup.phone.size() <= 64, "a number is short");
}

void CheckPlans(const core::PlansAnswer& answer) {
  for (size_t i = 0; i < answer.plans.size(); ++i) {
    const core::Plan& plan = answer.plans[i];
    Promise(!plan.code.empty(), "a plan has a code");
    Promise(i == 0 || answer.plans[i - 1].code < plan.code, "plans are sorted, each code once");
    Promise(plan.min_amount_dzd >= 0 && plan.min_amount_dzd <= plan.max_amount_dzd,
            "a plan's amounts are a range");
    Promise(!plan.cost_ppm.has_value() || *plan.cost_ppm >= 0, "no negative cost");
  }
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  std::string body = TextOf(data, size);
  const uint8_t choice = TakeByte(body);
  topup::upstream::http::HttpReply reply;
  reply.complete = choice < 240;
  reply.status = kStatuses[choice % std::size(kStatuses)];
  reply.body = body;
  // Header fields are the provider's too.
  reply.retry_after = body.substr(0, 12);
  reply.date = body.substr(0, 40);
  reply.request_id = body.substr(0, 100);

  const auto send = DecodeSend(reply);
  CheckExchange(send.exchange, reply.complete);
  const auto read = DecodeRead(reply);
  CheckExchange(read.exchange, reply.complete);
  if (read.topup.has_value()) CheckTopup(*read.topup);
  Promise(!read.topup.has_value() || read.exchange.success, "shown by a success only");
  const auto list = DecodeList(reply);
  for (const auto& topup : list.topups) CheckTopup(topup);
  Promise(list.decoded || list.topups.empty(), "a page that was not understood shows nothing");
  Promise(list.total_pages >= 0, "no negative number of pages");
  CheckPlans(DecodePlans(reply));
  const auto balance = DecodeBalance(reply);
  Promise(!balance.balance.has_value() || balance.exchange.success, "a balance is a success");
  Promise(DecodePing(reply).exchange.response_complete == reply.complete, "ping as the rest");
  const auto validate = DecodeValidate(reply);
  Promise(validate.decoded || !validate.key_enabled, "a key is proven by an answer only");
  return 0;
}
