#include "tests/process/price_calls.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace topup::process {
namespace {

constexpr absl::Duration kCallLimit = absl::Seconds(60);
constexpr int kShops = 4;

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  // Otherwise all channels to one address would share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

PriceCalls::PriceCalls(const std::string& address, std::string token, const base::Clock& clock)
    : token_(std::move(token)),
      clock_(clock),
      admin_(admin::v1::AdminService::NewStub(Connect(address))) {
  for (int i = 0; i < kShops; ++i) shops_.push_back(v1::TopupService::NewStub(Connect(address)));
}

std::unique_ptr<grpc::ClientContext> PriceCalls::MakeContext() const {
  auto context = std::make_unique<grpc::ClientContext>();
  context->AddMetadata("authorization", "Bearer " + token_);
  context->set_deadline(absl::ToChronoTime(clock_.Now() + kCallLimit));
  return context;
}

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (!details.ParseFromString(status.error_details())) return "";
  for (const google::protobuf::Any& detail : details.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

std::string Describe(const grpc::Status& status) {
  return absl::StrCat("code ", static_cast<int>(status.error_code()), ", ", ReasonOf(status), ": ",
                      status.error_message());
}

}  // namespace topup::process
