// What is wrong with a request's form, every field at once.
#ifndef TOPUP_SERVER_API_FORM_ERROR_H_
#define TOPUP_SERVER_API_FORM_ERROR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/base/error.h"

namespace topup::api {

// Appends that `field` is no id: 1 to 64 bytes.
void CheckId(absl::string_view field, const std::string& id,
             std::vector<base::FieldViolation>& wrong);

// INVALID_ARGUMENT, with a sentence of all `wrong`; OK where there are none.
absl::Status FormError(const std::vector<base::FieldViolation>& wrong);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_FORM_ERROR_H_
