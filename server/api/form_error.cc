#include "server/api/form_error.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace topup::api {
namespace {

constexpr size_t kIdSizeMax = 64;

}  // namespace

void CheckId(absl::string_view field, const std::string& id,
             std::vector<base::FieldViolation>& wrong) {
  if (id.empty() || id.size() > kIdSizeMax) {
    wrong.push_back({std::string(field), "must be 1 to 64 bytes"});
  }
}

absl::Status FormError(const std::vector<base::FieldViolation>& wrong) {
  if (wrong.empty()) return absl::OkStatus();
  const std::string message =
      absl::StrJoin(wrong, "; ", [](std::string* out, const base::FieldViolation& violation) {
        absl::StrAppend(out, violation.field, " ", violation.description);
      });
  return base::MakeError(absl::StatusCode::kInvalidArgument, absl::StrCat(message, "."),
                         {.reason = "INVALID_ARGUMENT", .field_violations = wrong});
}

}  // namespace topup::api
