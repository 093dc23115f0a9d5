// Whatever envelope comes: read as another reader of JSON reads it, bounded, and its data is there
// for a success only. What pauses or slows the account down is never a success.
#include "server/core/answer_table.h"
#include "server/upstream/oneclickdz/oneclickdz_envelope.h"
#include "server/upstream/oneclickdz/oneclickdz_names.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/provider_reply.h"

namespace topup::fuzz {
namespace {

using upstream::oneclickdz::NormaliseErrorCode;

bool IsUtf8Boundary(absl::string_view whole, absl::string_view cut) {
  return cut.size() == whole.size() ||
         (static_cast<unsigned char>(whole[cut.size()]) & 0xc0) != 0x80;
}

void CheckCut(const std::string& text) {
  for (const size_t size : {0u, 1u, 7u, 500u}) {
    const std::string cut = upstream::oneclickdz::CutText(text, size);
    Promise(cut.size() <= size || cut.size() == 0, "a text is cut to its size");
    Promise(text.compare(0, cut.size(), cut) == 0, "a cut text is the front of it");
    Promise(cut.empty() || IsUtf8Boundary(text, cut), "between characters");
  }
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  const auto reply = MakeReply(TextOf(data, size));
  const SecondOpinion opinion(reply.body);
  const auto envelope = topup::upstream::oneclickdz::DecodeEnvelope(reply);
  const topup::core::Exchange& exchange = envelope.exchange;
  CheckExchange(exchange, reply, opinion);
  const bool is_success = exchange.success && reply.status >= 200 && reply.status < 300;
  Promise(envelope.data.IsNull() || is_success, "data is a success's");
  if (exchange.enveloped && !exchange.success && !opinion.error_code().empty()) {
    Promise(exchange.error_code == NormaliseErrorCode(opinion.error_code()),
            "the code is the one that is there");
  }
  const auto meaning = topup::core::JudgeExchange(exchange);
  using topup::core::ReadMeaning;
  Promise((meaning == ReadMeaning::kFound) == is_success, "a success is found, nothing else is");
  if (meaning == ReadMeaning::kConfiguration || meaning == ReadMeaning::kThrottled) {
    Promise(reply.complete && !exchange.success, "a success neither pauses nor slows down");
  }
  if (exchange.provider_time.has_value()) {
    Promise(*exchange.provider_time > absl::FromCivil(absl::CivilYear(1999), absl::UTCTimeZone()),
            "the provider's clock is of our time");
  }
  CheckCut(reply.body);
  const std::string encoded = topup::upstream::oneclickdz::PercentEncode(reply.body);
  Promise(encoded.find_first_of("/?#& \r\n") == std::string::npos, "a segment stays one");
  return 0;
}
