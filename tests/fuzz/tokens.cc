// A token of ours opens to what it was made of; nothing else opens.
#include "server/api/page_token.h"
#include "server/base/signer.h"
#include "server/engine/quote_book.h"
#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

const base::Signer& Key() {
  static const base::Signer& key = *new base::Signer(base::Secret("a key of tests only"));
  return key;
}

engine::QuoteSubject Subject() {
  return {"shop", *core::PhoneNumber::Parse("0612345678"), "MOBILIS_PREPAID", 500};
}

void CheckForged(const std::string& text) {
  Promise(!Key().Open("page", text).has_value(), "a forged token does not open");
  Promise(!Key().Unseal("quote", text).has_value(), "a forged seal does not open");
  store::ListFilter filter;
  filter.caller = "shop";
  const auto page = api::PageTokens(Key()).OpenForTopups(filter, text);
  Promise(!page.ok() || text.empty(), "a forged page token does not open");
  Promise(!api::ResumeTokens(Key()).Open("shop", text, 0).ok(), "nor a resume token");
  const engine::QuoteBook book(Key());
  Promise(!book.Redeem(text, Subject(), absl::UnixEpoch()).ok(), "nor a quote");
}

// `token` with one character changed never opens to something else.
void CheckAltered(std::string token, const std::string& payload, bool sealed, uint8_t choice) {
  const size_t at = choice % token.size();
  const char before = token[at];
  token[at] = before == 'A' ? 'B' : 'A';
  const auto opened = sealed ? Key().Unseal("x", token) : Key().Open("x", token);
  Promise(!opened.has_value() || *opened == payload, "an altered token says nothing new");
  Promise(!opened.has_value(), "an altered token does not open");
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  std::string text = TextOf(data, size);
  CheckForged(text);
  const uint8_t choice = TakeByte(text);
  const std::string token = Key().Sign("x", text);
  Promise(Key().Open("x", token) == text, "a token opens to its payload");
  Promise(!Key().Open("y", token).has_value(), "for its purpose only");
  CheckAltered(token, text, false, choice);
  const std::string sealed = Key().Seal("x", text);
  Promise(Key().Unseal("x", sealed) == text, "a seal opens to its payload");
  Promise(!Key().Unseal("y", sealed).has_value(), "for its purpose only");
  CheckAltered(sealed, text, true, choice);
  return 0;
}
