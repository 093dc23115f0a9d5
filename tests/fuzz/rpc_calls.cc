// Requests of every method, from bytes through checks and handler to answer: each is answered,
// with a message that is one or an error of the catalogue; what was refused leaves no trace.
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <set>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/fuzz/call_sequence.h"
#include "tests/fuzz/call_world.h"
#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

using api::AdminService;
using api::Method;
using api::TopupService;

// docs/errors.md. Nothing here can make the store or the process fail, so that STORAGE_... and
// INTERNAL are none that a request may cause.
const std::set<std::string>& Reasons() {
  static const auto& reasons = *new std::set<std::string>{
      "INVALID_ARGUMENT",     "INVALID_PHONE_NUMBER", "AMOUNT_REQUIRED",    "AMOUNT_OUT_OF_RANGE",
      "OPERATOR_MISMATCH",    "PLAN_NOT_FOUND",       "PLAN_DISABLED",      "PLAN_NOT_SELLABLE",
      "PLAN_COST_UNKNOWN",    "SEND_BEFORE_PASSED",   "PAGE_TOKEN_INVALID", "RESUME_TOKEN_INVALID",
      "RESUME_TOKEN_TOO_OLD", "REF_REUSED",           "DUPLICATE_TOPUP",    "QUOTE_EXPIRED",
      "QUOTE_INVALID",        "QUOTE_MISMATCH",       "PRICE_ABOVE_CAP",    "PROVIDER_BALANCE_LOW",
      "NOT_CANCELLABLE",      "TOPUP_NOT_FOUND",      "OFFERS_TIMEOUT",     "NOT_RESOLVABLE",
      "REVISION_CHANGED",     "INCIDENT_NOT_FOUND"};
  return reasons;
}

void CheckError(const grpc::Status& status) {
  if (status.ok()) return;
  google::rpc::Status rich;
  google::rpc::ErrorInfo info;
  Promise(rich.ParseFromString(status.error_details()) && rich.details_size() > 0 &&
              rich.details(0).UnpackTo(&info),
          "an error says its reason");
  Promise(rich.code() == status.error_code() && rich.message() == status.error_message(),
          "an error says the same twice");
  Promise(Reasons().count(info.reason()) > 0, "a request leads to errors of requests only");
  Promise(status.error_message().size() <= 4096, "an error is short");
}

template <typename Message>
void CheckMessage(const Message& message) {
  Message again;
  // Text that is not UTF-8 does not read back.
  Promise(again.ParseFromString(message.SerializeAsString()), "an answer reads back");
}

struct Answer {
  bool called = false;
  grpc::Status status;
};

template <typename Service, typename Request, typename Response>
Answer Unary(CallWorld& world, Service& service,
             grpc::ServerUnaryReactor* (Service::*method)(grpc::CallbackServerContext*,
                                                          const Request*, Response*),
             const std::string& bytes) {
  Request request;
  if (!request.ParseFromString(bytes)) return {};
  Response response;
  const grpc::Status status = world.Unary(service, method, request, response);
  CheckError(status);
  if (status.ok()) CheckMessage(response);
  return {true, status};
}

template <typename Service, typename Request, typename Response>
void Stream(CallWorld& world, Service& service,
            grpc::ServerWriteReactor<Response>* (Service::*method)(grpc::CallbackServerContext*,
                                                                   const Request*),
            const std::string& bytes) {
  Request request;
  if (!request.ParseFromString(bytes)) return;
  std::vector<Response> written;
  const grpc::Status status = world.Stream(service, method, request, written);
  if (status.error_code() != grpc::StatusCode::CANCELLED) CheckError(status);
  for (const Response& message : written) CheckMessage(message);
}

void CheckSend(CallWorld& world, const std::string& bytes) {
  v1::SendTopupRequest request;
  if (!request.ParseFromString(bytes)) return;
  const size_t before = world.store().AllTopups().size();
  v1::SendTopupResponse response;
  const grpc::Status status =
      world.Unary(world.topups(), &TopupService::SendTopup, request, response);
  CheckError(status);
  const size_t recorded = world.store().AllTopups().size() - before;
  if (!status.ok()) {
    Promise(recorded == 0, "a refused send leaves no trace");
    return;
  }
  CheckMessage(response);
  const v1::Topup& topup = response.topup();
  const auto phone = core::PhoneNumber::Parse(request.phone_number());
  Promise(topup.ref() == request.ref() && topup.plan_code() == request.plan_code() &&
              phone.has_value() && topup.phone_number() == phone->National(),
          "what is answered is what was asked");
  Promise(!request.has_amount_dzd() ||
              topup.price().face_value().centimes() == request.amount_dzd() * 100,
          "and for the same amount");
  Promise(!request.has_max_price() || response.replayed() ||
              topup.price().price().centimes() <= request.max_price().centimes(),
          "nothing is sold above the cap");
  const bool is_new = !response.replayed() && !request.validate_only();
  Promise(recorded == (is_new ? 1u : 0u), "one send, one record");
}

void CallAdmin(CallWorld& world, const EncodedCall& call) {
  const auto unary = [&](auto method) { Unary(world, world.admin(), method, call.request); };
  switch (MethodOf(call)) {
    case Method::kListStrategies:
      return unary(&AdminService::ListStrategies);
    case Method::kActivatePricing:
      return unary(&AdminService::ActivatePricing);
    case Method::kRollbackPricing:
      return unary(&AdminService::RollbackPricing);
    case Method::kExplainPrice:
      return unary(&AdminService::ExplainPrice);
    case Method::kListUnsettled:
      return unary(&AdminService::ListUnsettled);
    case Method::kResolveTopup:
      return unary(&AdminService::ResolveTopup);
    case Method::kListIncidents:
      return unary(&AdminService::ListIncidents);
    case Method::kCloseIncident:
      return unary(&AdminService::CloseIncident);
    case Method::kGetProvider:
      return unary(&AdminService::GetProvider);
    case Method::kRefreshPlans:
      return unary(&AdminService::RefreshPlans);
    default:
      Stream(world, world.admin(), &AdminService::SimulatePricing, call.request);
      // Whatever its bytes are, they also let time pass.
      return world.Advance(absl::Seconds(call.request.size()));
  }
}

void Call(CallWorld& world, const EncodedCall& call) {
  const auto unary = [&](auto method) { Unary(world, world.topups(), method, call.request); };
  switch (MethodOf(call)) {
    case Method::kListPlans:
      return unary(&TopupService::ListPlans);
    case Method::kListOffers:
      return unary(&TopupService::ListOffers);
    case Method::kQuoteTopup:
      return unary(&TopupService::QuoteTopup);
    case Method::kSendTopup:
      return CheckSend(world, call.request);
    case Method::kCancelTopup:
      return unary(&TopupService::CancelTopup);
    case Method::kGetTopup:
      return unary(&TopupService::GetTopup);
    case Method::kListTopups:
      return unary(&TopupService::ListTopups);
    case Method::kWatchTopup:
      return Stream(world, world.topups(), &TopupService::WatchTopup, call.request);
    case Method::kWatchTopups:
      return Stream(world, world.topups(), &TopupService::WatchTopups, call.request);
    default:
      return CallAdmin(world, call);
  }
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  // protobuf complains of every text that is not UTF-8.
  static const auto quiet = google::protobuf::SetLogHandler(nullptr);
  static_cast<void>(quiet);
  // Most inputs are refused for their form, and leave the world as it was: it serves the next one.
  static std::unique_ptr<CallWorld> world;
  if (world == nullptr || !world->IsUntouched()) world = std::make_unique<CallWorld>();
  for (const EncodedCall& call : DecodeCalls(TextOf(data, size))) Call(*world, call);
  for (const std::string& line : world->log().lines()) {
    Promise(line.find("0661234567") == std::string::npos, "no number in a log line");
  }
  return 0;
}
