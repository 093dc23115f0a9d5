#include "server/engine/list_walk.h"

#include "server/core/answer_table.h"

namespace topup::engine {
namespace {

constexpr absl::Duration kSmallFor = absl::Minutes(10);

}  // namespace

PageOutcome JudgePage(const core::ListAnswer& answer) {
  const core::Exchange& exchange = answer.exchange;
  if (exchange.response_complete && exchange.http_status == 404) return PageOutcome::kAbsent;
  switch (core::JudgeExchange(exchange)) {
    case core::ReadMeaning::kFound:
      return answer.decoded ? PageOutcome::kRead : PageOutcome::kFailed;
    case core::ReadMeaning::kThrottled:
    case core::ReadMeaning::kConfiguration:
      return PageOutcome::kUnanswered;
    default:
      return exchange.request_left ? PageOutcome::kFailed : PageOutcome::kUnanswered;
  }
}

void ListWalk::Begin(absl::Duration elapsed) {
  page_ = 1;
  page_size_ = kSmallPage;
  GrowWherePossible(elapsed);
}

void ListWalk::GoOn(absl::Duration elapsed) {
  ++page_;
  GrowWherePossible(elapsed);
}

bool ListWalk::Shrink(absl::Duration elapsed) {
  if (page_size_ == kSmallPage) return false;
  large_from_ = elapsed + kSmallFor;
  page_ = (page_ - 1) * (kLargePage / kSmallPage) + 1;
  page_size_ = kSmallPage;
  return true;
}

void ListWalk::GrowWherePossible(absl::Duration elapsed) {
  constexpr int kSmallInLarge = kLargePage / kSmallPage;
  if (page_size_ == kLargePage || elapsed < large_from_ || (page_ - 1) % kSmallInLarge != 0) return;
  page_ = (page_ - 1) / kSmallInLarge + 1;
  page_size_ = kLargePage;
}

}  // namespace topup::engine
