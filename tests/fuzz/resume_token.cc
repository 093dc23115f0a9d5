// A resume token opens to its own place for its own caller, and only for a watch that shows no
// state that the first one left out. One byte more, less or other, and it is not ours.
#include "server/api/page_token.h"
#include "server/base/error.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

const base::Signer& Key() {
  static const base::Signer& key = *new base::Signer(base::Secret("a key of tests only"));
  return key;
}

std::string Alter(std::string token, FuzzInput& input) {
  const size_t at = input.Number(2) % token.size();
  switch (input.Byte() % 4) {
    case 0:
      token.erase(at, 1 + input.Byte() % 8);
      break;
    case 1:
      token.insert(at, 1, static_cast<char>(input.Byte()));
      break;
    case 2:
      token[at] = static_cast<char>(input.Byte());
      break;
    default:
      token = input.Rest();
  }
  return token;
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  using topup::api::StatusSet;
  FuzzInput input(data, size);
  const topup::api::ResumeTokens tokens(Key());
  const auto sequence = static_cast<int64_t>(input.Number(8));
  const auto shown = static_cast<StatusSet>(input.Number(2));
  const auto asked = static_cast<StatusSet>(input.Number(2));
  const std::string caller = input.Text(input.Byte() % 65);
  const std::string token = tokens.Make(caller, sequence, shown);

  const absl::StatusOr<int64_t> place = tokens.Open(caller, token, asked);
  const bool leaves_out = shown != 0 && (asked == 0 || (asked | shown) != shown);
  Promise(place.ok() != leaves_out, "a token is good for what its watch has shown");
  Promise(!place.ok() || *place == sequence, "and opens to its place");
  Promise(place.ok() || topup::base::ErrorReason(place.status()) == "RESUME_TOKEN_INVALID",
          "or is refused as what it is");
  Promise(!tokens.Open(caller + "x", token, 0).ok(), "it is its caller's");
  Promise(token.size() < 512, "a token fits into metadata");
  for (const char c : token) Promise(c > ' ' && c < 0x7f, "and is made of its characters");

  const topup::api::PageTokens pages(Key());
  Promise(!pages.OpenForCases(caller, token).ok(), "it is no page token");
  const std::string altered = Alter(token, input);
  Promise(altered == token || !tokens.Open(caller, altered, asked).ok(),
          "an altered token does not open");
  return 0;
}
