#include "tests/process/quote_crowd.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace topup::process {
namespace {

constexpr int64_t kSecond = 1'000'000'000;  // in steps
// A quote is used after one to so many changes of prices.
constexpr int64_t kChangesBetween = 40;

struct Product {
  const char* plan_code;
  char prefix;
};
constexpr Product kProducts[] = {
    {"PREPAID_MOBILIS", '6'}, {"PREPAID_DJEZZY", '7'}, {"PREPAID_OOREDOO", '5'}};

v1::QuoteTopupRequest MakeRequest(int64_t number) {
  const Product& product = kProducts[number % 3];
  v1::QuoteTopupRequest request;
  request.set_phone_number(absl::StrFormat("0%c61%06d", product.prefix, number % 1'000'000));
  request.set_plan_code(product.plan_code);
  request.set_amount_dzd(PricingVariants::kAmountMinDzd + number * 7 % 2900);
  return request;
}

}  // namespace

QuoteCrowd::QuoteCrowd(QuoteCrowdOptions options, const PricingVariants& variants,
                       const StepClock& clock, std::function<int64_t()> changes_made,
                       Problems& problems)
    : options_(options),
      variants_(variants),
      clock_(clock),
      changes_made_(std::move(changes_made)),
      problems_(problems) {}

QuoteCrowd::~QuoteCrowd() { Stop(); }

void QuoteCrowd::Start(const PriceCalls& calls) {
  start_step_ = clock_.Step();
  for (int i = 0; i < options_.clients; ++i) {
    threads_.emplace_back([this, &calls] { Run(calls); });
  }
}

void QuoteCrowd::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    stopping_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool QuoteCrowd::WaitUntil(int64_t step) {
  std::unique_lock<std::mutex> lock(mutex_);
  const absl::Duration left = absl::Nanoseconds(step - clock_.Step());
  return !stopping_.wait_for(lock, absl::ToChronoNanoseconds(left), [this] { return stopped_; });
}

void QuoteCrowd::WaitForQuotes(int64_t count) {
  std::unique_lock<std::mutex> lock(mutex_);
  quote_ended_.wait(lock, [this, count] { return ended_ >= count; });
}

void QuoteCrowd::Run(const PriceCalls& calls) {
  std::vector<SeenQuote> seen;
  for (;;) {
    const int64_t number = next_++;
    if (!WaitUntil(start_step_ + number * kSecond / options_.quotes_per_second)) break;
    QuoteOnce(number, calls, seen);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++ended_;
      quote_ended_.notify_all();
    }
    if (const std::optional<Kept> ripe = TakeRipe()) Send(*ripe, calls);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  seen_.insert(seen_.end(), seen.begin(), seen.end());
}

void QuoteCrowd::QuoteOnce(int64_t number, const PriceCalls& calls, std::vector<SeenQuote>& seen) {
  Kept kept = {.request = MakeRequest(number)};
  v1::QuoteTopupResponse response;
  SeenQuote quote;
  quote.start_step = clock_.Step();
  const grpc::Status status = calls.shop(static_cast<size_t>(number))
                                  .QuoteTopup(calls.MakeContext().get(), kept.request, &response);
  quote.end_step = clock_.Step();
  if (!status.ok()) return Failed("a quote", status);
  ++quotes_;
  const std::string mixture = variants_.Mixture(response.quote().price());
  if (!mixture.empty()) {
    problems_.Add(absl::StrCat("MIXTURE in quote ", number, ": ", mixture));
    const std::lock_guard<std::mutex> lock(mutex_);
    ++figures_.mixtures;
    return;
  }
  quote.variant = variants_.Find(response.quote().price().inputs().config_digest());
  seen.push_back(quote);
  if (number % options_.send_every != 0) return;
  kept.quote = *response.mutable_quote();
  const std::lock_guard<std::mutex> lock(mutex_);
  kept.sent_after_changes = changes_made_() + 1 + number % kChangesBetween;
  kept_.push_back(std::move(kept));
}

std::optional<QuoteCrowd::Kept> QuoteCrowd::TakeRipe() {
  const int64_t changes = changes_made_();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (kept_.empty() || kept_.front().sent_after_changes > changes) return std::nullopt;
  Kept kept = std::move(kept_.front());
  kept_.pop_front();
  return kept;
}

void QuoteCrowd::Send(const Kept& kept, const PriceCalls& calls) {
  v1::SendTopupRequest request;
  size_t number = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    number = sold_.size();
    request.set_ref(absl::StrCat("order-", number));
    sold_[request.ref()] = kept.quote.price().SerializeAsString();
  }
  request.set_phone_number(kept.request.phone_number());
  request.set_plan_code(kept.request.plan_code());
  request.set_amount_dzd(kept.request.amount_dzd());
  request.set_quote_id(kept.quote.quote_id());
  request.set_allow_repeat(true);
  v1::SendTopupResponse response;
  const grpc::Status status =
      calls.shop(number).SendTopup(calls.MakeContext().get(), request, &response);
  if (!status.ok()) return Failed("a send", status);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (response.topup().price().SerializeAsString() == kept.quote.price().SerializeAsString()) {
    ++figures_.sends;
    return;
  }
  problems_.Add(absl::StrCat(request.ref(), " is charged ",
                             response.topup().price().ShortDebugString(), " and was quoted ",
                             kept.quote.price().ShortDebugString()));
}

void QuoteCrowd::Failed(const char* what, const grpc::Status& status) {
  problems_.Add(absl::StrCat(what, " failed: ", Describe(status)));
  const std::lock_guard<std::mutex> lock(mutex_);
  ++figures_.failed;
}

void QuoteCrowd::ExpectQuoteOf(const PriceCalls& calls, int variant) {
  v1::QuoteTopupResponse response;
  const grpc::Status status =
      calls.shop(0).QuoteTopup(calls.MakeContext().get(), MakeRequest(next_++), &response);
  if (!status.ok()) return Failed("a quote", status);
  const v1::PriceBreakdown& price = response.quote().price();
  const std::string mixture = variants_.Mixture(price);
  if (mixture.empty() && variants_.Find(price.inputs().config_digest()) == variant) return;
  problems_.Add(absl::StrCat("a quote is not of variant ", variant, ": ", mixture, " ",
                             price.ShortDebugString()));
  const std::lock_guard<std::mutex> lock(mutex_);
  ++figures_.mixtures;
}

void QuoteCrowd::SendTheRest(const PriceCalls& calls) {
  for (const Kept& kept : kept_) Send(kept, calls);
  kept_.clear();
}

void QuoteCrowd::CheckSold(const PriceCalls& calls) {
  for (const auto& [ref, price] : sold_) {
    v1::GetTopupRequest request;
    request.set_ref(ref);
    v1::GetTopupResponse response;
    const grpc::Status status =
        calls.shop(0).GetTopup(calls.MakeContext().get(), request, &response);
    if (!status.ok()) {
      Failed("a read", status);
    } else if (response.topup().price().SerializeAsString() != price) {
      problems_.Add(absl::StrCat(
          ref, " is not recorded as it was quoted: ", response.topup().price().ShortDebugString()));
    }
  }
}

}  // namespace topup::process
