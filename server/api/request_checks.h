// The form of requests: a request becomes a command, or one error that lists everything that
// is wrong with it.
//
// Looked at here is only what can never change: presence, length, characters, ranges of type.
// Whether a plan exists or an amount suits it is for the engine to say.
//
// Every function answers INVALID_ARGUMENT with all violations, or INVALID_PHONE_NUMBER where
// the number is the only one. Pure.
#ifndef TOPUP_SERVER_API_REQUEST_CHECKS_H_
#define TOPUP_SERVER_API_REQUEST_CHECKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/engine/engine.h"
#include "topup/v1/topup_service.pb.h"

namespace topup::api {

struct PlansCommand {
  engine::PlanQuery query;
  int page_size = 0;
};

struct WatchTopupCommand {
  engine::TopupKey key;
  int64_t after_revision = 0;
};

struct WatchTopupsCommand {
  std::string resume_token;
  std::vector<core::TopupStatus> statuses;  // sorted, each once
  absl::Duration heartbeat_interval;
  bool from_oldest = false;
};

// Items in a page at most; more are given as so many.
inline constexpr int kPageSizeMax = 1000;

absl::StatusOr<PlansCommand> CheckListPlans(const v1::ListPlansRequest& request,
                                            const std::string& caller);
// `answer_by` is left to whoever knows the call's deadline.
absl::StatusOr<engine::OffersCommand> CheckListOffers(const v1::ListOffersRequest& request,
                                                      const std::string& caller);
absl::StatusOr<engine::QuoteCommand> CheckQuoteTopup(const v1::QuoteTopupRequest& request,
                                                     const std::string& caller);
absl::StatusOr<engine::SendCommand> CheckSendTopup(const v1::SendTopupRequest& request,
                                                   const std::string& caller);
absl::StatusOr<engine::TopupKey> CheckCancelTopup(const v1::CancelTopupRequest& request,
                                                  const std::string& caller);
absl::StatusOr<engine::TopupKey> CheckGetTopup(const v1::GetTopupRequest& request,
                                               const std::string& caller);
// Without the page token.
absl::StatusOr<store::ListFilter> CheckListTopups(const v1::ListTopupsRequest& request,
                                                  const std::string& caller);
absl::StatusOr<WatchTopupCommand> CheckWatchTopup(const v1::WatchTopupRequest& request,
                                                  const std::string& caller);
absl::StatusOr<WatchTopupsCommand> CheckWatchTopups(const v1::WatchTopupsRequest& request);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_REQUEST_CHECKS_H_
