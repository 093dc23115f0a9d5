#include "tests/integration/quote_campaign.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/base/metrics.h"
#include "tests/integration/quote_interruptions.h"
#include "tests/integration/quote_world.h"
#include "tests/sim/dice.h"

namespace topup::integration {
namespace {

// Small worlds: what a world remembers is looked through with every read.
constexpr int64_t kQuotesOfWorld = 500;
constexpr size_t kOpenQuotes = 20;
// Of a thousand top-ups, how many are priced again.
constexpr int kExplained = 100;
constexpr const char* kCallers[] = {"shop", "till", "app"};

// A quote that was given, and what for.
struct GivenQuote {
  engine::QuoteCommand command;
  engine::Quote quote;
  int64_t amount_dzd = 0;
};

// For people: what most differences show in.
std::string Text(const core::PriceBreakdown& price) {
  return absl::StrCat(price.price.ToString(), " at a cost of ", price.cost.ToString(), " by ",
                      price.steps.size(), " steps of ", price.basis.route, "/", price.basis.chain,
                      " of ", price.basis.config_digest, " at ",
                      absl::FormatTime(price.basis.time, absl::UTCTimeZone()));
}
std::string Text(const absl::StatusOr<core::PriceBreakdown>& price) {
  return price.ok() ? Text(*price) : price.status().ToString();
}

class Campaign {
 public:
  Campaign(uint64_t seed, const pricing::PricingOptions& pricing, pricing::PluginHost& reference,
           QuoteFigures& figures)
      : dice_(seed), figures_(figures), world_(seed, pricing, reference, MakePricing(dice_)) {}

  void Run(int64_t quotes) {
    while (given_ < quotes) {
      between_.Happen();
      GiveQuote();
      if (open_.size() >= kOpenQuotes) UseOne();
    }
    while (!open_.empty()) {
      between_.Happen();
      UseOne();
    }
    world_.Advance(absl::Minutes(10));
    CheckRecords();
  }

 private:
  // --- quotes and their uses
  engine::QuoteCommand MakeCommand();
  void GiveQuote();
  void UseOne();
  engine::SendCommand SendOf(const GivenQuote& given);
  void SendAsQuoted(const GivenQuote& given);
  void SendAnother(const GivenQuote& given);
  void SendAltered(const GivenQuote& given);
  void SendAboveCap(const GivenQuote& given);
  void SendUnquoted(const GivenQuote& given);
  void WaitForTheEnd(const GivenQuote& given);

  // --- what has to be
  void ExpectSold(const engine::SendCommand& command, const core::PriceBreakdown& price,
                  const char* what);
  void ExpectRefused(const engine::SendCommand& command, const std::string& reason);
  void CheckRecords();
  void Explain(const core::Topup& topup);
  void Breach(const std::string& text) { figures_.AddBreach(world_.seed(), text); }

  sim::Dice dice_;
  QuoteFigures& figures_;
  QuoteWorld world_;
  Interruptions between_{world_, dice_, figures_};
  int64_t given_ = 0;
  int refs_ = 0;
  std::vector<GivenQuote> open_;
  // By ref: what each was sold at.
  std::map<std::string, core::PriceBreakdown> sold_;
};

engine::QuoteCommand Campaign::MakeCommand() {
  struct Choice {
    const char* plan_code;
    char prefix;
    int64_t low;
    int64_t high;
  };
  static const Choice kChoices[] = {{"PREPAID_MOBILIS", '6', 40, 3999},
                                    {"PREPAID_DJEZZY", '7', 100, 10000},
                                    {"PREPAID_OOREDOO", '5', 50, 5000},
                                    {"PIXX_500", '6', 500, 500}};
  const Choice& choice = dice_.OneOf(kChoices);
  engine::QuoteCommand command;
  command.caller = dice_.OneOf(kCallers);
  command.phone = *core::PhoneNumber::Parse(
      absl::StrFormat("0%c%08d", choice.prefix, dice_.Between(int64_t{0}, int64_t{99'999'999})));
  command.plan_code = choice.plan_code;
  command.amount_dzd = dice_.Between(choice.low, choice.high);
  if (choice.low == choice.high && dice_.Chance(500)) command.amount_dzd.reset();
  return command;
}

void Campaign::GiveQuote() {
  GivenQuote given{.command = MakeCommand()};
  given.amount_dzd = given.command.amount_dzd.value_or(500);
  const auto expected =
      world_.PriceInForce(given.command.plan_code, given.amount_dzd, given.command.caller);
  absl::StatusOr<engine::Quote> quote = world_.Quote(given.command);
  if (quote.ok() != expected.ok() || (quote.ok() && !(quote->price == *expected))) {
    Breach(absl::StrCat("a quote is not what the configuration in force says: ",
                        quote.ok() ? Text(quote->price) : quote.status().ToString(), " instead of ",
                        Text(expected)));
  }
  if (!quote.ok()) {
    ++figures_.reached[absl::StrCat("no quote: ", base::ErrorReason(quote.status()))];
    return;
  }
  given.quote = *std::move(quote);
  open_.push_back(std::move(given));
  ++given_;
  ++figures_.quotes;
}

engine::SendCommand Campaign::SendOf(const GivenQuote& given) {
  engine::SendCommand command;
  command.caller = given.command.caller;
  command.ref = absl::StrCat("order-", ++refs_);
  command.phone = given.command.phone;
  command.plan_code = given.command.plan_code;
  command.amount_dzd = given.command.amount_dzd;
  command.quote_id = given.quote.quote_id;
  command.allow_repeat = true;
  return command;
}

void Campaign::UseOne() {
  std::swap(open_[dice_.Below(open_.size())], open_.back());
  const GivenQuote given = std::move(open_.back());
  open_.pop_back();
  switch (dice_.Below(40)) {
    case 0:
    case 1:
    case 2:
      SendAnother(given);
      break;
    case 3:
    case 4:
    case 5:
      SendAltered(given);
      break;
    case 6:
    case 7:
      SendAboveCap(given);
      break;
    case 8:
    case 9:
    case 10:
      SendUnquoted(given);
      break;
    case 11:
      WaitForTheEnd(given);
      break;
    default:
      break;
  }
  // Whatever was tried with it, it is still good for what it was given for.
  SendAsQuoted(given);
}

void Campaign::SendAsQuoted(const GivenQuote& given) {
  const engine::SendCommand command = SendOf(given);
  if (world_.Now() >= given.quote.expire_time) return ExpectRefused(command, "QUOTE_EXPIRED");
  ExpectSold(command, given.quote.price, "sold as quoted");
  if (dice_.Chance(150)) ExpectSold(SendOf(given), given.quote.price, "quote used for another ref");
  if (!dice_.Chance(200)) return;
  // A repeat is answered with what was recorded, whatever has changed and however late.
  if (dice_.Chance(500)) between_.SwapPricing();
  if (dice_.Chance(30)) world_.Advance(absl::Minutes(11));
  const absl::StatusOr<engine::SendResult> repeat = world_.Send(command);
  if (!repeat.ok() || !repeat->replayed || !(repeat->topup.price == given.quote.price)) {
    Breach(
        absl::StrCat(command.ref, ", repeated, is not what it was: ", repeat.status().ToString()));
  }
  ++figures_.reached["repeated"];
}

// The quote of one number, plan, amount or caller, used for another.
void Campaign::SendAnother(const GivenQuote& given) {
  engine::SendCommand command = SendOf(given);
  std::string reason = "QUOTE_MISMATCH";
  switch (dice_.Below(3)) {
    case 0: {
      std::string other = given.command.phone.National();
      other.back() = other.back() == '9' ? '0' : static_cast<char>(other.back() + 1);
      command.phone = *core::PhoneNumber::Parse(other);
      break;
    }
    case 1:
      if (!command.amount_dzd.has_value() || command.plan_code == "PIXX_500") return;
      *command.amount_dzd += *command.amount_dzd > 1000 ? -1 : 1;
      break;
    default:
      command.caller = given.command.caller == "shop" ? "till" : "shop";
      reason = "QUOTE_INVALID";
  }
  ExpectRefused(command, reason);
}

void Campaign::SendAltered(const GivenQuote& given) {
  engine::SendCommand command = SendOf(given);
  std::string& id = command.quote_id;
  const size_t at = dice_.Below(id.size());
  switch (dice_.Below(3)) {
    case 0:
      id[at] = id[at] == 'A' ? 'B' : 'A';
      break;
    case 1:
      id.resize(at);
      if (id.empty()) return;  // no quote at all
      break;
    default:
      id.insert(at, "A");
  }
  ExpectRefused(command, "QUOTE_INVALID");
}

void Campaign::SendAboveCap(const GivenQuote& given) {
  if (world_.Now() >= given.quote.expire_time) return;
  engine::SendCommand command = SendOf(given);
  command.max_price = core::Money::Centimes(given.quote.price.price.centimes() - 1);
  ExpectRefused(command, "PRICE_ABOVE_CAP");
}

void Campaign::SendUnquoted(const GivenQuote& given) {
  engine::SendCommand command = SendOf(given);
  command.quote_id.clear();
  const auto expected =
      world_.PriceInForce(given.command.plan_code, given.amount_dzd, given.command.caller);
  if (expected.ok()) {
    ExpectSold(command, *expected, "sold at the price in force");
  } else {
    ExpectRefused(command, base::ErrorReason(expected.status()));
  }
}

// To the last microsecond at which it is good, or to the first at which it is not.
void Campaign::WaitForTheEnd(const GivenQuote& given) {
  const absl::Duration left = given.quote.expire_time - world_.Now();
  if (left <= absl::Seconds(1)) return;
  world_.Advance(left - (dice_.Chance(500) ? absl::Microseconds(1) : absl::ZeroDuration()));
  ++figures_.reached["waited for the end of a quote"];
}

void Campaign::ExpectSold(const engine::SendCommand& command, const core::PriceBreakdown& price,
                          const char* what) {
  const absl::StatusOr<engine::SendResult> result = world_.Send(command);
  ++figures_.reached[what];
  if (!result.ok()) return Breach(absl::StrCat(command.ref, ": ", result.status().ToString()));
  sold_[absl::StrCat(command.caller, "/", command.ref)] = price;
  if (result->replayed || !(result->topup.price == price)) {
    Breach(absl::StrCat(command.ref, " (", what, ") costs ", Text(result->topup.price), ", not ",
                        Text(price)));
  }
}

void Campaign::ExpectRefused(const engine::SendCommand& command, const std::string& reason) {
  const absl::StatusOr<engine::SendResult> result = world_.Send(command);
  ++figures_.reached[reason];
  if (result.ok() || base::ErrorReason(result.status()) != reason) {
    Breach(absl::StrCat(command.ref, " was to be refused (", reason, "), and was answered ",
                        result.status().ToString()));
  }
  if (world_.store().FindByRef(command.caller, command.ref).ok()) {
    Breach(absl::StrCat(command.ref, " was refused, and is recorded"));
  }
}

// Whatever came after it, a record keeps its price; and there are no others.
void Campaign::CheckRecords() {
  size_t settled = 0;
  const std::vector<core::Topup> topups = world_.store().AllTopups();
  for (const core::Topup& topup : topups) {
    const auto sold = sold_.find(absl::StrCat(topup.caller, "/", topup.ref));
    if (sold == sold_.end() || !(sold->second == topup.price)) {
      Breach(absl::StrCat(topup.ref, " is not recorded as it was sold"));
    }
    settled += core::IsSettled(topup.status) ? 1 : 0;
    if (dice_.Chance(kExplained)) Explain(topup);
  }
  if (topups.size() != sold_.size()) Breach("what was sold is not what is recorded");
  figures_.reached["settled"] += static_cast<int64_t>(settled);
}

// Whatever has come into force since, it is priced by what it was priced by.
void Campaign::Explain(const core::Topup& topup) {
  const absl::StatusOr<engine::Explanation> explained = world_.Explain(topup.id);
  if (!explained.ok()) return Breach(absl::StrCat("explain: ", explained.status().ToString()));
  if (!(explained->recorded == topup.price)) Breach(topup.ref + " is explained as another");
  if (!explained->replayed.has_value() && !world_.HasOpened(topup.price.strategies)) {
    ++figures_.reached["not explained: a library is not open"];
    return;
  }
  ++figures_.explained;
  // Route and basis are recorded beside it; the rest is worked out again.
  if (!explained->replayed.has_value() || !explained->detail.empty() ||
      !(*explained->replayed == topup.price)) {
    Breach(absl::StrCat(topup.ref, ", priced again, differs: ", explained->detail));
  }
}

}  // namespace

QuoteFigures RunQuotes(int64_t quotes, uint64_t seed, const pricing::PricingOptions& pricing) {
  QuoteFigures figures;
  base::Log silent(base::RealClock(), [](absl::string_view) {});
  base::Metrics metrics;
  pricing::PluginHost reference(pricing, silent, metrics);
  for (uint64_t world = 0; figures.quotes < quotes; ++world) {
    Campaign(seed * 1'000'000 + world, pricing, reference, figures)
        .Run(std::min(kQuotesOfWorld, quotes - figures.quotes));
  }
  return figures;
}

}  // namespace topup::integration
