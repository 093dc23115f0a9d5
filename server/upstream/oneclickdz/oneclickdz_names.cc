#include "server/upstream/oneclickdz/oneclickdz_names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace topup::upstream::oneclickdz {
namespace {

using Status = core::ProviderTopup::Status;

constexpr size_t kErrorCodeMax = 64;

struct StatusWord {
  const char* word;
  Status status;
};

constexpr StatusWord kStatusWords[] = {
    {"PENDING", Status::kPending},
    {"HANDLING", Status::kHandling},
    {"FULFILLED", Status::kFulfilled},
    {"SUCCESS", Status::kFulfilled},
    {"REFUNDED", Status::kRefunded},
    {"FAILED", Status::kRefunded},
    {"UNKNOWN_ERROR", Status::kUnknownError},
};

}  // namespace

Status StatusFromWord(absl::string_view word) {
  for (const StatusWord& known : kStatusWords) {
    if (absl::EqualsIgnoreCase(word, known.word)) return known.status;
  }
  return Status::kUnrecognised;
}

std::string NormaliseErrorCode(absl::string_view code) {
  if (code.size() > kErrorCodeMax) return "";
  std::string normal;
  for (char c : code) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_') return "";
    normal.push_back(c == '-' ? '_' : absl::ascii_toupper(c));
  }
  return normal;
}

core::PlanKind KindOfPlan(absl::string_view plan_code, core::PlanKind listed) {
  return absl::StartsWithIgnoreCase(plan_code, "GETMENU_") ? core::PlanKind::kMenu : listed;
}

bool IsUpWord(absl::string_view word) {
  return absl::EqualsIgnoreCase(word, "up") || absl::EqualsIgnoreCase(word, "ok");
}

}  // namespace topup::upstream::oneclickdz
