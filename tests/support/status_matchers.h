// Matchers for errors as values: EXPECT_THAT(store.Get("x"), StatusIs(kNotFound)).
//
// Each takes an absl::Status or an absl::StatusOr and, where it does not match, prints the
// error's code, message and reason.
#ifndef TOPUP_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define TOPUP_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/error.h"

namespace topup::support {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

inline std::string Describe(const absl::Status& status) {
  const std::string reason = base::ErrorReason(status);
  return "which is " + std::string(absl::StatusCodeToString(status.code())) + " \"" +
         std::string(status.message()) + "\"" + (reason.empty() ? "" : ", reason " + reason);
}

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << Describe(StatusOf(arg));
  return StatusOf(arg).ok();
}

// The error's code; its message does not matter.
MATCHER_P(StatusIs, code,
          std::string(negation ? "has not" : "has") + " the code " +
              absl::StatusCodeToString(code)) {
  *result_listener << Describe(StatusOf(arg));
  return StatusOf(arg).code() == code;
}

// The reason that base::MakeError was given, for example "REF_REUSED".
MATCHER_P(HasReason, reason,
          std::string(negation ? "has not" : "has") + " the reason " +
              testing::PrintToString(reason)) {
  *result_listener << Describe(StatusOf(arg));
  return base::ErrorReason(StatusOf(arg)) == reason;
}

// The value under `name` in the error's metadata matches `value_matcher`.
MATCHER_P2(HasMetadata, name, value_matcher,
           std::string(negation ? "has not" : "has") + " the metadata " +
               testing::PrintToString(name) + " that was asked for") {
  *result_listener << Describe(StatusOf(arg));
  const auto details = base::GetErrorDetails(StatusOf(arg));
  if (!details.has_value()) return false;
  for (const auto& [key, value] : details->metadata) {
    if (key != name) continue;
    *result_listener << ", with " << key << " ";
    return testing::ExplainMatchResult(value_matcher, value, result_listener);
  }
  return false;
}

// A StatusOr that holds a value which matches `value_matcher` (or equals it).
MATCHER_P(IsOkAndHolds, value_matcher,
          std::string(negation ? "is an error or does not hold" : "is OK and holds") +
              " the value that was asked for") {
  if (!arg.ok()) {
    *result_listener << Describe(arg.status());
    return false;
  }
  return testing::ExplainMatchResult(value_matcher, *arg, result_listener);
}

}  // namespace topup::support

#endif  // TOPUP_TESTS_SUPPORT_STATUS_MATCHERS_H_
