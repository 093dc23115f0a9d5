// Top-ups as their callers see them, made once for all who watch the same change.
#ifndef TOPUP_SERVER_API_TOPUP_VIEW_H_
#define TOPUP_SERVER_API_TOPUP_VIEW_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "server/api/page_token.h"
#include "server/core/topup.h"
#include "server/engine/engine.h"
#include "topup/v1/topup_service.pb.h"

namespace topup::api {

// `topup` with the offers that it carries, priced for its caller.
void ShowTopup(engine::Engine& engine, const core::Topup& topup, bool see_cost, v1::Topup& message);

// The messages of WatchTopups. All watchers of a caller who keep the same states get equal
// ones, so a change is converted and its token signed once, not ten thousand times.
// Thread-safe.
class EventMessages {
 public:
  // Both are borrowed.
  EventMessages(engine::Engine& engine, const ResumeTokens& tokens)
      : engine_(engine), tokens_(tokens) {}

  std::shared_ptr<const v1::WatchTopupsResponse> For(const core::Event& event, bool see_cost,
                                                     StatusSet statuses);

  // Messages kept, the newest; about 2 KiB each.
  static constexpr size_t kKept = 256;

 private:
  using Key = std::tuple<int64_t, bool, StatusSet>;

  engine::Engine& engine_;
  const ResumeTokens& tokens_;
  std::mutex mutex_;  // guards what follows
  std::map<Key, std::shared_ptr<const v1::WatchTopupsResponse>> messages_;
  std::deque<Key> order_;
};

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_TOPUP_VIEW_H_
