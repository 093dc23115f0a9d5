#include "server/api/grpc_status.h"

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
  const grpc::Status status = ToGrpcStatus(base::MakeError(
      absl::StatusCode::kAlreadyExists, "Ref order-0661972583 names another.", details));
  EXPECT_EQ(status.error_message(), "Ref order-06******83 names another.");
  EXPECT_EQ(status.error_details().find("0661972583"), std::string::npos);
  google::rpc::Status rich;
  ASSERT_TRUE(rich.ParseFromString(status.error_details()));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(rich.details(0).UnpackTo(&info));
  EXPECT_EQ(info.metadata().at("topup_id"), "01M8CNAHEAYSVNWX8NRMJN95FQ");
}

}  // namespace
}  // namespace topup::api
