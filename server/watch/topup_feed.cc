#include "server/watch/topup_feed.h"

#include <utility>

#include "server/watch/feed_hub.h"

namespace topup::watch {

TopupFeed::TopupFeed(store::TopupStore& store, base::WorkExecutor& reads, FeedOptions options,
                     base::Metrics& metrics, std::function<void(const absl::Status&)> on_fatal)
    : hub_(std::make_shared<Hub>(store, reads, options, metrics, std::move(on_fatal))) {}

TopupFeed::~TopupFeed() { hub_->Stop(); }

absl::StatusOr<std::shared_ptr<Subscription>> TopupFeed::Subscribe(FeedFilter filter,
                                                                   int64_t after_sequence) {
  return hub_->Subscribe(std::move(filter), after_sequence);
}

int64_t TopupFeed::LatestSequence() const { return hub_->latest(); }

void TopupFeed::Stop() { hub_->Stop(); }

void TopupFeed::OnCommitted(const std::vector<core::Event>& events) { hub_->OnCommitted(events); }

void TopupFeed::OnFatal(const absl::Status& reason) { hub_->OnFatal(reason); }

}  // namespace topup::watch
