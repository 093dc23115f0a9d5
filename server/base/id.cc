#include "server/base/id.h"

#include <algorithm>
#include <cstdint>

namespace topup::base {
namespace {

constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kTimeDigits = 10;
constexpr int kRandomDigits = 16;
constexpr int64_t kMillisecondsMax = (int64_t{1} << 48) - 1;  // the year 10889

bool IsDigit(char c) { return absl::string_view(kAlphabet).find(c) != absl::string_view::npos; }

}  // namespace

std::string TimePrefixOfId(absl::Time time) {
  int64_t rest = std::clamp<int64_t>(absl::ToUnixMillis(time), 0, kMillisecondsMax);
  std::string prefix(kTimeDigits, '0');
  for (int i = kTimeDigits - 1; i >= 0; --i) {
    prefix[i] = kAlphabet[rest % 32];
    rest /= 32;
  }
  return prefix;
}

std::string MakeTimeOrderedId(absl::Time now, RandomSource& random) {
  return TimePrefixOfId(now) + MakeRandomName(kRandomDigits, random);
}

bool IsTimeOrderedId(absl::string_view text) {
  // Ten digits hold 50 bits, and the time has 48: the first digit stays below 8.
  return text.size() == kTimeDigits + kRandomDigits && text[0] <= '7' &&
         std::all_of(text.begin(), text.end(), IsDigit);
}

std::string MakeRandomName(int size, RandomSource& random) {
  std::string name = random.Bytes(size);
  for (char& c : name) {
    // 256 is a multiple of 32, so that every digit is equally likely.
    c = kAlphabet[static_cast<unsigned char>(c) % 32];
  }
  return name;
}

}  // namespace topup::base
