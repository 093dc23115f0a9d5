// Whatever bytes a caller sends as a request: a command within its limits, or INVALID_ARGUMENT.
#include "server/api/request_checks.h"
#include "server/base/error.h"
#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

constexpr char kCaller[] = "shop";

void CheckRefusal(const absl::Status& status) {
  Promise(status.code() == absl::StatusCode::kInvalidArgument, "a form is wrong by its own fault");
  Promise(status.message().size() < 16384, "a refusal is short");
}

template <typename Request, typename Check>
void Feed(const std::string& bytes, Check check) {
  Request request;
  if (!request.ParseFromString(bytes)) return;
  const auto command = check(request);
  if (!command.ok()) CheckRefusal(command.status());
}

void FeedSend(const std::string& bytes) {
  Feed<v1::SendTopupRequest>(bytes, [](const v1::SendTopupRequest& request) {
    auto command = api::CheckSendTopup(request, kCaller);
    if (command.ok()) {
      Promise(!command->ref.empty() && command->ref.size() <= 64, "a send has a ref");
      Promise(!command->phone.empty(), "a send has a number");
      Promise(command->caller == kCaller, "a send is its caller's");
    }
    return command;
  });
}

void FeedLists(const std::string& bytes) {
  Feed<v1::ListTopupsRequest>(bytes, [](const auto& request) {
    auto filter = api::CheckListTopups(request, kCaller);
    if (filter.ok()) {
      Promise(filter->limit > 0 && filter->limit <= api::kPageSizeMax, "a page has an end");
      Promise(filter->caller == kCaller, "a list is its caller's");
    }
    return filter;
  });
  Feed<v1::ListPlansRequest>(bytes, [](const auto& request) {
    auto command = api::CheckListPlans(request, kCaller);
    if (command.ok()) {
      Promise(command->page_size > 0 && command->page_size <= api::kPageSizeMax, "a page ends");
    }
    return command;
  });
}

void FeedWatches(const std::string& bytes) {
  Feed<v1::WatchTopupRequest>(
      bytes, [](const auto& request) { return api::CheckWatchTopup(request, kCaller); });
  Feed<v1::WatchTopupsRequest>(bytes, [](const auto& request) {
    auto command = api::CheckWatchTopups(request);
    if (command.ok()) {
      Promise(command->heartbeat_interval > absl::ZeroDuration(), "a heartbeat has a pace");
    }
    return command;
  });
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  std::string bytes = TextOf(data, size);
  switch (TakeByte(bytes) % 6) {
    case 0:
      FeedSend(bytes);
      break;
    case 1:
      FeedLists(bytes);
      break;
    case 2:
      FeedWatches(bytes);
      break;
    case 3:
      Feed<topup::v1::QuoteTopupRequest>(
          bytes, [](const auto& request) { return topup::api::CheckQuoteTopup(request, kCaller); });
      break;
    case 4:
      Feed<topup::v1::ListOffersRequest>(
          bytes, [](const auto& request) { return topup::api::CheckListOffers(request, kCaller); });
      break;
    default:
      Feed<topup::v1::GetTopupRequest>(
          bytes, [](const auto& request) { return topup::api::CheckGetTopup(request, kCaller); });
      Feed<topup::v1::CancelTopupRequest>(bytes, [](const auto& request) {
        return topup::api::CheckCancelTopup(request, kCaller);
      });
  }
  return 0;
}
