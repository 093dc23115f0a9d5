// Whatever answers a read of a page: no more top-ups than another reader of JSON sees, each within
// bounds, and each moves a record only as a read of its own would.
#include "server/upstream/oneclickdz/oneclickdz_topups.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/provider_reply.h"

namespace topup::fuzz {
namespace {

void CheckTopup(const core::ProviderTopup& shown) {
  Promise(!shown.amount_dzd.has_value() || *shown.amount_dzd >= 0, "no negative amount");
  Promise(!shown.charge.has_value() || shown.charge->centimes() >= 0, "no negative charge");
  Promise(shown.phone.size() <= 100 && shown.id.size() <= 100, "names are short");
  Promise(shown.status_word.size() <= 200, "a status is a word");
  Promise(shown.refund_message.size() <= 2000, "a text for the customer is cut");
  Promise(shown.suggested_offers.size() <= 50, "there are not many offers");
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  const auto reply = MakeReply(TextOf(data, size));
  const SecondOpinion opinion(reply.body);
  const auto list = topup::upstream::oneclickdz::DecodeList(reply);
  CheckExchange(list.exchange, reply, opinion);
  Promise(list.decoded || list.topups.empty(), "a page that was not understood shows nothing");
  Promise(list.topups.size() <= opinion.items(), "what is shown is in the page");
  Promise(list.topups.empty() || (reply.status >= 200 && reply.status < 300 && opinion.success()),
          "shown by a success only");
  Promise(list.total_pages >= 0, "no negative number of pages");
  const topup::core::Topup accepted = AcceptedTopup();
  for (const auto& shown : list.topups) {
    CheckTopup(shown);
    topup::core::ReadAnswer answer{.exchange = list.exchange, .topup = shown};
    answer.exchange.start_time = Now().now - absl::Seconds(1);
    CheckReadDecision(accepted, answer, ApplyStatusRead(accepted, {}, answer, Now()));
  }
  return 0;
}
