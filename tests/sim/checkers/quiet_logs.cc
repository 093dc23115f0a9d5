#include <array>
#include <map>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {
namespace {

// What no line may hold. Looked up by every window of a line that is as long as a secret, so
// that many lines and many secrets cost their sum and not their product.
class Needles {
 public:
  explicit Needles(const std::vector<std::string>& secrets) {
    for (absl::string_view secret : secrets) {
      // A number without its leading zero is the same number.
      if (secret.front() == '0') secret.remove_prefix(1);
      Sized& sized = by_size_[secret.size()];
      sized.needles.insert(secret);
      sized.begins_with[static_cast<unsigned char>(secret.front())] = true;
    }
  }

  bool AreIn(absl::string_view line) const {
    for (const auto& [size, sized] : by_size_) {
      for (size_t begin = 0; begin + size <= line.size(); ++begin) {
        if (sized.begins_with[static_cast<unsigned char>(line[begin])] &&
            sized.needles.contains(line.substr(begin, size))) {
          return true;
        }
      }
    }
    return false;
  }

 private:
  struct Sized {
    absl::flat_hash_set<absl::string_view> needles;
    std::array<bool, 256> begins_with{};
  };
  std::map<size_t, Sized> by_size_;
};

}  // namespace

void CheckQuietLogs(const History& history, Breaches& breaches) {
  const Needles needles(history.secrets);
  const auto check = [&](const std::string& line, const char* what) {
    if (needles.AreIn(line)) {
      breaches.push_back(absl::StrCat(what, " holds a number or key: ", line.substr(0, 60)));
    }
    if (absl::StrContains(line, "\n")) breaches.push_back(absl::StrCat(what, " has two lines"));
  };
  for (const std::string& line : history.log_lines) check(line, "a log line");
  for (const Call& call : history.calls) check(call.error_text, "an error text");
}

}  // namespace topup::sim
