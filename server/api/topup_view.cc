#include "server/api/topup_view.h"

#include <vector>

#include "server/api/proto_convert.h"

namespace topup::api {

void ShowTopup(engine::Engine& engine, const core::Topup& topup, bool see_cost,
               v1::Topup& message) {
  std::vector<engine::PricedOffer> offers;
  if (!topup.suggested_offers.empty()) offers = engine.PriceOffers(topup);
  FillTopup(topup, offers, see_cost, message);
}

std::shared_ptr<const v1::WatchTopupsResponse> EventMessages::For(const core::Event& event,
                                                                  bool see_cost,
                                                                  StatusSet statuses) {
  const Key key(event.sequence, see_cost, statuses);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = messages_.find(key);
    if (found != messages_.end()) return found->second;
  }
  // Made without the lock: a second thread may make it too, and one of the two is kept.
  auto message = std::make_shared<v1::WatchTopupsResponse>();
  ShowTopup(engine_, event.topup, see_cost, *message->mutable_topup());
  message->set_resume_token(tokens_.Make(event.topup.caller, event.sequence, statuses));
  std::lock_guard<std::mutex> lock(mutex_);
  const auto [kept, added] = messages_.emplace(key, std::move(message));
  std::shared_ptr<const v1::WatchTopupsResponse> result = kept->second;
  if (added) order_.push_back(key);
  if (order_.size() > kKept) {
    messages_.erase(order_.front());
    order_.pop_front();
  }
  return result;
}

}  // namespace topup::api
