// How rpc_calls' inputs are changed: mostly one field of one request at a time, sometimes the
// order of the calls, one time in five the bytes. For libFuzzer only.
#include "tests/fuzz/call_sequence.h"
#include "tests/fuzz/message_mutator.h"
#include "topup/admin/v1/admin_service.pb.h"
#include "topup/v1/topup_service.pb.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace topup::fuzz {
namespace {

using google::protobuf::Message;

// In the order of api::Method.
const std::vector<const Message*>& RequestTypes() {
  static const auto& types = *new std::vector<const Message*>{
      &v1::ListPlansRequest::default_instance(),
      &v1::ListOffersRequest::default_instance(),
      &v1::QuoteTopupRequest::default_instance(),
      &v1::SendTopupRequest::default_instance(),
      &v1::CancelTopupRequest::default_instance(),
      &v1::GetTopupRequest::default_instance(),
      &v1::ListTopupsRequest::default_instance(),
      &v1::WatchTopupRequest::default_instance(),
      &v1::WatchTopupsRequest::default_instance(),
      &admin::v1::ListStrategiesRequest::default_instance(),
      &admin::v1::ActivatePricingRequest::default_instance(),
      &admin::v1::RollbackPricingRequest::default_instance(),
      &admin::v1::SimulatePricingRequest::default_instance(),
      &admin::v1::ExplainPriceRequest::default_instance(),
      &admin::v1::ListUnsettledRequest::default_instance(),
      &admin::v1::ResolveTopupRequest::default_instance(),
      &admin::v1::ListIncidentsRequest::default_instance(),
      &admin::v1::CloseIncidentRequest::default_instance(),
      &admin::v1::GetProviderRequest::default_instance(),
      &admin::v1::RefreshPlansRequest::default_instance(),
  };
  return types;
}

std::string MutateText(const std::string& before) {
  constexpr size_t kGrowth = 24;
  std::string text = before;
  text.resize(before.size() + kGrowth);
  text.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(text.data()), before.size(),
                               before.size() + kGrowth));
  return text;
}

void MutateRequest(EncodedCall& call, uint64_t seed) {
  const size_t method = call.method % RequestTypes().size();
  const std::unique_ptr<Message> request(RequestTypes()[method]->New());
  // What does not parse starts anew, from its own front.
  if (!request->ParsePartialFromString(call.request)) request->Clear();
  MessageMutator mutator(
      seed,
      {"sent-1", "sent-2", "r", "0661234567", "+213771234567", "0551234567", "PREPAID_MOBILIS",
       "PREPAID_DJEZZY", "PIXX_500", "GETMENU_Mobilis", "GROS_MOBILIS", "DZD", "é"},
      MutateText);
  mutator.Mutate(*request);
  call.request = request->SerializePartialAsString();
}

void MutateCalls(std::vector<EncodedCall>& calls, std::mt19937_64& random) {
  if (calls.empty()) calls.push_back({.method = static_cast<uint8_t>(random())});
  EncodedCall& call = calls[random() % calls.size()];
  switch (random() % 8) {
    case 0:
      if (calls.size() < kCallsMax) calls.push_back({.method = static_cast<uint8_t>(random())});
      break;
    case 1:
      if (calls.size() < kCallsMax) calls.push_back(EncodedCall(call));
      break;
    case 2:
      if (calls.size() > 1) std::swap(call, calls.back());
      if (calls.size() > 2) calls.pop_back();
      break;
    default:
      MutateRequest(call, random());
  }
}

}  // namespace
}  // namespace topup::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  std::mt19937_64 random(seed);
  if (random() % 5 == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::vector<EncodedCall> calls =
      DecodeCalls(absl::string_view(reinterpret_cast<const char*>(data), size));
  MutateCalls(calls, random);
  const std::string mutated = EncodeCalls(calls);
  // Too large: the change is given up.
  if (mutated.size() > max_size) return size;
  std::copy(mutated.begin(), mutated.end(), data);
  return mutated.size();
}
