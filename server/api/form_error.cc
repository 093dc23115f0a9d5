#include "server/api/form_error.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace topup::api {

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
