// Return early on an error. Shapes and names follow what later Abseil releases provide.
#ifndef TOPUP_SERVER_BASE_STATUS_MACROS_H_
#define TOPUP_SERVER_BASE_STATUS_MACROS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expr)                                             \
  do {                                                                    \
    if (absl::Status returned_status_ = (expr); !returned_status_.ok()) { \
      return returned_status_;                                            \
    }                                                                     \
  } while (false)

#define TOPUP_CONCAT_INNER_(a, b) a##b
#define TOPUP_CONCAT_(a, b) TOPUP_CONCAT_INNER_(a, b)

#define ASSIGN_OR_RETURN(lhs, expr) \
  TOPUP_ASSIGN_OR_RETURN_(TOPUP_CONCAT_(status_or_, __LINE__), lhs, expr)
#define TOPUP_ASSIGN_OR_RETURN_(result, lhs, expr) \
  auto result = (expr);                            \
  if (!result.ok()) {                              \
    return std::move(result).status();             \
  }                                                \
  lhs = std::move(result).value()

#endif  // TOPUP_SERVER_BASE_STATUS_MACROS_H_
