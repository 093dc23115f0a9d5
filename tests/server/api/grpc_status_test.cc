#include "server/api/grpc_status.h"

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "server/base/error.h"

namespace topup::api {
namespace {

// What a caller wrote in the wrong place comes back in the text that says so.
TEST(GrpcStatusTest, NoPartOfAnErrorHoldsAWholeNumber) {
  base::ErrorDetails details{.reason = "REF_REUSED"};
  details.metadata = {{"ref", "order-0661972583"}, {"topup_id", "01M8CNAHEAYSVNWX8NRMJN95FQ"}};
  details.field_violations = {{"plan_code", "0661972583 is no plan"}};
  const grpc::Status status =
      ToGrpcStatus(base::MakeError(absl::StatusCode::kAlreadyExists,
                                   "Ref order-0661972583 names another.", details),
                   true);
  EXPECT_EQ(status.error_message(), "Ref order-06******83 names another.");
  EXPECT_EQ(status.error_details().find("0661972583"), std::string::npos);
  google::rpc::Status rich;
  ASSERT_TRUE(rich.ParseFromString(status.error_details()));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(rich.details(0).UnpackTo(&info));
  EXPECT_EQ(info.metadata().at("topup_id"), "01M8CNAHEAYSVNWX8NRMJN95FQ");
}

google::rpc::BadRequest ViolationsOf(const grpc::Status& status) {
  google::rpc::Status rich;
  google::rpc::BadRequest bad_request;
  EXPECT_TRUE(rich.ParseFromString(status.error_details()));
  for (const google::protobuf::Any& detail : rich.details()) detail.UnpackTo(&bad_request);
  return bad_request;
}

// A pricing configuration in which every pair of routes is ambiguous has tens of thousands of
// problems. A client with gRPC's own limits would have seen none of them, nor the reason.
TEST(GrpcStatusTest, AnErrorWithMoreProblemsThanAClientTakesSaysHowManyMore) {
  base::ErrorDetails details{.reason = "CONFIG_INVALID"};
  for (int i = 0; i < 30'000; ++i) {
    details.field_violations.push_back({absl::StrCat("route[", i, "]"), std::string(50, 'x')});
  }
  const grpc::Status status =
      ToGrpcStatus(base::MakeError(absl::StatusCode::kInvalidArgument, "Wrong.", details), true);
  EXPECT_LT(status.error_details().size(), 7U << 10);
  const google::rpc::BadRequest listed = ViolationsOf(status);
  const int count = listed.field_violations_size() - 1;
  EXPECT_GT(count, 50);
  EXPECT_EQ(listed.field_violations(0).field(), "route[0]");
  EXPECT_EQ(listed.field_violations(count).description(),
            absl::StrCat("and ", 30'000 - count, " more: there is no room for them in one answer"));
}

TEST(GrpcStatusTest, ProblemsInAWordEachTakeNoMoreRoomTogether) {
  base::ErrorDetails details{.reason = "CONFIG_INVALID"};
  details.field_violations.assign(30'000, {"a", "b"});
  const grpc::Status status =
      ToGrpcStatus(base::MakeError(absl::StatusCode::kInvalidArgument, "Wrong.", details), true);
  EXPECT_LT(status.error_details().size(), 7U << 10);
}

TEST(GrpcStatusTest, AProblemTooLongForAnAnswerIsCutBetweenCharactersAndHidesNoOther) {
  std::string arabic;
  while (arabic.size() < 100'000) arabic += "دج";
  base::ErrorDetails details{.reason = "CONFIG_INVALID"};
  details.field_violations = {{"chain[0].name", "x" + arabic}, {"route", "is wrong"}};
  const google::rpc::BadRequest listed = ViolationsOf(
      ToGrpcStatus(base::MakeError(absl::StatusCode::kInvalidArgument, "Wrong.", details), true));
  ASSERT_EQ(listed.field_violations_size(), 2);
  EXPECT_EQ(listed.field_violations(0).description(), "x" + arabic.substr(0, 1022) + "...");
  EXPECT_EQ(listed.field_violations(1).field(), "route");
}

TEST(GrpcStatusTest, WhichDirectoriesWereSearchedStaysHere) {
  base::ErrorDetails details{.reason = "STRATEGY_LOAD_FAILED"};
  details.metadata = {{"file", "libx.so"}, {"searched", "/srv/plugins/libx.so"}};
  const grpc::Status status = ToGrpcStatus(
      base::MakeError(absl::StatusCode::kFailedPrecondition, "It is not there.", details), true);
  EXPECT_EQ(status.error_details().find("/srv"), std::string::npos);
  EXPECT_NE(status.error_details().find("libx.so"), std::string::npos);
}

TEST(GrpcStatusTest, TheLimitOfAGuardrailStaysWithThoseWhoMaySeeCosts) {
  const absl::Status error = base::MakeError(
      absl::StatusCode::kFailedPrecondition, "The price breaks a rule.",
      {.reason = "MARGIN_GUARDRAIL",
       .metadata = {{"rule", "below_cost"}, {"price_centimes", "1"}, {"limit_centimes", "98000"}}});
  for (const bool see_cost : {true, false}) {
    google::rpc::Status rich;
    google::rpc::ErrorInfo info;
    ASSERT_TRUE(rich.ParseFromString(ToGrpcStatus(error, see_cost).error_details()));
    ASSERT_TRUE(rich.details(0).UnpackTo(&info));
    EXPECT_EQ(info.metadata().count("price_centimes"), 1u);
    EXPECT_EQ(info.metadata().count("limit_centimes"), see_cost ? 1u : 0u);
  }
}

TEST(GrpcStatusTest, AStrategysOwnWordsStayWithThoseWhoMaySeeCosts) {
  const absl::Status error = base::MakeError(
      absl::StatusCode::kUnavailable, "The pricing strategy a.b could not price this: cost 98000.",
      {.reason = "PRICING_UNAVAILABLE",
       .metadata = {{"strategy_id", "a.b"}, {"detail", "cost 98000"}}});
  EXPECT_NE(ToGrpcStatus(error, true).error_details().find("98000"), std::string::npos);
  const grpc::Status hidden = ToGrpcStatus(error, false);
  EXPECT_EQ(hidden.error_message().find("98000"), std::string::npos);
  EXPECT_EQ(hidden.error_details().find("98000"), std::string::npos);
  EXPECT_NE(hidden.error_details().find("a.b"), std::string::npos);
}

}  // namespace
}  // namespace topup::api
