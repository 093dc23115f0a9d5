// The error about a request's form: every wrong field at once.
#ifndef TOPUP_SERVER_API_FORM_ERROR_H_
#define TOPUP_SERVER_API_FORM_ERROR_H_

#include <vector>

#include "absl/status/status.h"
#include "server/base/error.h"

namespace topup::api {

// INVALID_ARGUMENT, with a sentence of all `wrong`; OK where there are none.
absl::Status FormError(const std::vector<base::FieldViolation>& wrong);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_FORM_ERROR_H_
