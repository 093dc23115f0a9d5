#include "server/base/error.h"

#include <gtest/gtest.h>

#include "absl/status/statusor.h"
#include "tests/support/status_matchers.h"

namespace topup::base {
namespace {

using support::HasMetadata;
using support::HasReason;
using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::Not;

ErrorDetails EveryDetail() {
  ErrorDetails details;
  details.reason = "REF_REUSED";
  details.metadata = {{"ref", "order-7"}, {"topup_id", "01ARYZ6S41"}, {"ref", "again"}};
  details.field_violations = {{"amount_dzd", "0 is less than 50"}, {"phone_number", "is empty"}};
  details.retry_after = absl::Milliseconds(1500);
  return details;
}

void ExpectSame(const ErrorDetails& a, const ErrorDetails& b) {
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.metadata, b.metadata);
  EXPECT_EQ(a.retry_after, b.retry_after);
  ASSERT_EQ(a.field_violations.size(), b.field_violations.size());
  for (size_t i = 0; i < a.field_violations.size(); ++i) {
    EXPECT_EQ(a.field_violations[i].field, b.field_violations[i].field);
    EXPECT_EQ(a.field_violations[i].description, b.field_violations[i].description);
  }
}

TEST(ErrorTest, CarriesEveryDetailInOrder) {
  const absl::Status status =
      MakeError(absl::StatusCode::kAlreadyExists, "The ref is taken.", EveryDetail());
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(status.message(), "The ref is taken.");
  const std::optional<ErrorDetails> details = GetErrorDetails(status);
  ASSERT_TRUE(details.has_value());
  ExpectSame(*details, EveryDetail());
}

TEST(ErrorTest, CarriesNothingThatWasNotGiven) {
  const auto details = GetErrorDetails(MakeError(absl::StatusCode::kInternal, "Oh.", {}));
  ASSERT_TRUE(details.has_value());
  ExpectSame(*details, ErrorDetails{});
}

// A caller's text must not be able to write a detail of its own.
TEST(ErrorTest, KeepsTextThatLooksLikeItsOwnEncoding) {
  const std::string hostile[] = {"a\nrFORGED",   "tab\there",    "\\", "\\n",
                                 "\\\\n\n\t\\t", "ends with \\", "",   std::string("\0\xff", 2)};
  for (const std::string& text : hostile) {
    ErrorDetails details;
    details.reason = text;
    details.metadata = {{text, text}, {"", text}, {text, ""}};
    details.field_violations = {{text, text}};
    const auto read = GetErrorDetails(MakeError(absl::StatusCode::kInternal, "Oh.", details));
    ASSERT_TRUE(read.has_value());
    ExpectSame(*read, details);
  }
}

TEST(ErrorTest, KeepsEveryWaitingTime) {
  for (absl::Duration wait : {absl::ZeroDuration(), absl::Nanoseconds(1), absl::Hours(24 * 365)}) {
    ErrorDetails details;
    details.retry_after = wait;
    const auto read = GetErrorDetails(MakeError(absl::StatusCode::kUnavailable, "Oh.", details));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->retry_after, wait);
  }
}

TEST(ErrorTest, SurvivesCopyingAndAStatusOr) {
  const absl::StatusOr<int> result =
      MakeError(absl::StatusCode::kNotFound, "No.", {.reason = "TOPUP_NOT_FOUND"});
  absl::Status copy = result.status();
  copy.Update(absl::InternalError("a later error changes nothing"));
  EXPECT_EQ(ErrorReason(copy), "TOPUP_NOT_FOUND");
}

TEST(ErrorTest, HasNoReasonWhereNobodyGaveOne) {
  EXPECT_EQ(ErrorReason(absl::OkStatus()), "");
  EXPECT_EQ(ErrorReason(absl::InternalError("x")), "");
  EXPECT_EQ(GetErrorDetails(absl::InternalError("x")), std::nullopt);
}

TEST(ErrorTest, AReachedLimitIsNamedAndWorthARepeat) {
  const absl::Status status = OverloadedError("reads", "Too many reads wait: try again later.");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(status, HasReason("OVERLOADED"));
  EXPECT_THAT(status, HasMetadata("limit", "reads"));
  EXPECT_EQ(GetErrorDetails(status)->retry_after, absl::Seconds(1));
}

TEST(ErrorTest, AnErrorIsNeverOk) {
  const absl::Status status = MakeError(absl::StatusCode::kOk, "Our bug.", {.reason = "X"});
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ErrorReason(status), "X");
}

TEST(StatusMatchersTest, TellErrorsFromSuccessAndOneErrorFromAnother) {
  const absl::Status error =
      MakeError(absl::StatusCode::kAlreadyExists, "The ref is taken.", EveryDetail());
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(error, Not(IsOk()));
  EXPECT_THAT(error, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(error, Not(StatusIs(absl::StatusCode::kNotFound)));
  EXPECT_THAT(error, HasReason("REF_REUSED"));
  EXPECT_THAT(error, Not(HasReason("REF")));
  EXPECT_THAT(error, HasMetadata("topup_id", "01ARYZ6S41"));
  EXPECT_THAT(error, Not(HasMetadata("topup_id", "other")));
  EXPECT_THAT(error, Not(HasMetadata("nothing", testing::_)));
}

TEST(StatusMatchersTest, LookIntoAStatusOr) {
  const absl::StatusOr<int> seven = 7;
  const absl::StatusOr<int> error = MakeError(absl::StatusCode::kAborted, "No.", {.reason = "X"});
  EXPECT_THAT(seven, IsOk());
  EXPECT_THAT(seven, IsOkAndHolds(7));
  EXPECT_THAT(seven, Not(IsOkAndHolds(8)));
  EXPECT_THAT(seven, IsOkAndHolds(testing::Gt(6)));
  EXPECT_THAT(error, Not(IsOkAndHolds(7)));
  EXPECT_THAT(error, HasReason("X"));
}

}  // namespace
}  // namespace topup::base
