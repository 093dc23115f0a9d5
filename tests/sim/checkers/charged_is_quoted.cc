#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

void CheckChargedIsQuoted(const History& history, Breaches& breaches) {
  std::map<std::string, const core::PriceBreakdown*> quotes;
  for (const Call& call : history.calls) {
    if (call.kind == Call::Kind::kQuote && call.quoted.has_value()) {
      quotes.emplace(call.quote_id, &*call.quoted);
    }
  }
  std::map<std::string, const core::PriceBreakdown*> recorded;
  for (const LoggedEvent& logged : history.events) {
    const core::Topup& topup = logged.event.topup;
    const auto [first, is_first] = recorded.emplace(topup.id, &topup.price);
    if (!(*first->second == topup.price)) {
      breaches.push_back(absl::StrCat(topup.id, " changed its price at revision ", topup.revision));
    }
  }
  for (const core::Topup& topup : history.topups) {
    const auto first = recorded.find(topup.id);
    if (first != recorded.end() && !(*first->second == topup.price)) {
      breaches.push_back(absl::StrCat(topup.id, " is not priced as it was recorded"));
    }
  }
  for (const Call& call : history.calls) {
    // A repeat is answered with what was recorded, whatever quote it brings.
    if (call.kind != Call::Kind::kSend || !call.topup.has_value() || call.replayed ||
        call.quote_id.empty()) {
      continue;
    }
    const auto quote = quotes.find(call.quote_id);
    if (quote == quotes.end()) {
      breaches.push_back(absl::StrCat(call.topup->id, " was sent with a quote of nobody's"));
    } else if (!(*quote->second == call.topup->price)) {
      breaches.push_back(absl::StrCat(call.topup->id, " costs ", call.topup->price.price.ToString(),
                                      ", and the quote said ", quote->second->price.ToString()));
    }
  }
}

}  // namespace topup::sim
