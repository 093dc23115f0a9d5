#include "tests/process/storm_checks.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace topup::process {
namespace {

using sim::Call;
using Evidence = core::Attempt::Evidence;

// What the caller of each ref was told first: by its quote, or by the answer to its send.
std::map<std::pair<std::string, std::string>, core::Money> PricesTold(const sim::History& history) {
  std::map<std::string, core::Money> quotes;
  std::map<std::pair<std::string, std::string>, core::Money> told;
  for (const Call& call : history.calls) {
    if (call.kind == Call::Kind::kQuote && call.quoted.has_value()) {
      quotes.emplace(call.quote_id, call.quoted->price);
    }
    if (call.kind != Call::Kind::kSend || !call.topup.has_value()) continue;
    const auto quote = quotes.find(call.quote_id);
    told.emplace(std::pair(call.caller, call.ref),
                 quote != quotes.end() ? quote->second : call.topup->price.price);
  }
  return told;
}

template <typename Items, typename Predicate>
int64_t Count(const Items& items, const Predicate& predicate) {
  return std::count_if(items.begin(), items.end(), predicate);
}

}  // namespace

void CheckOnePostForEachAttempt(const sim::History& history, sim::Breaches& breaches) {
  std::map<std::string, int64_t> posts;
  for (const sim::LedgerPost& post : history.posts) ++posts[post.provider_ref];
  for (const core::Topup& topup : history.topups) {
    const auto found = history.attempts.find(topup.id);
    if (found == history.attempts.end()) continue;
    const std::vector<core::Attempt>& attempts = found->second;
    const int64_t most = Count(attempts, [](const core::Attempt& attempt) {
      return attempt.evidence != Evidence::kUnsent;
    });
    const int64_t least = Count(attempts, [](const core::Attempt& attempt) {
      return attempt.evidence == Evidence::kAnswered;
    });
    const int64_t arrived = posts[topup.provider_ref];
    if (arrived < least || arrived > most) {
      breaches.push_back(absl::StrCat(topup.provider_ref, ": ", arrived, " POSTs arrived, of ",
                                      attempts.size(), " attempts ", least, " were answered and ",
                                      most, " may have left"));
    }
  }
}

void CheckNoPostAfterAcceptance(const sim::History& history, sim::Breaches& breaches) {
  const auto accepted = history.AcceptedByProviderRef();
  for (const sim::LedgerPost& post : history.posts) {
    const auto entry = accepted.find(post.provider_ref);
    if (entry != accepted.end() && entry->second->step < post.step) {
      breaches.push_back(absl::StrCat(post.provider_ref, " was accepted, and sent again"));
    }
  }
}

Sums AddUp(const sim::History& history) {
  Sums sums;
  sums.balance_drop =
      core::Money::Centimes(history.balance_before.centimes() - history.balance_after.centimes());
  const auto told = PricesTold(history);
  int64_t costs = 0;
  int64_t charged = 0;
  int64_t quoted = 0;
  for (const core::Topup& topup : history.topups) {
    if (topup.status != core::TopupStatus::kFulfilled) continue;
    costs += topup.price.cost.centimes();
    charged += topup.price.price.centimes();
    const auto found = told.find({topup.caller, topup.ref});
    if (found != told.end()) quoted += found->second.centimes();
  }
  sums.costs = core::Money::Centimes(costs);
  sums.charged = core::Money::Centimes(charged);
  sums.quoted = core::Money::Centimes(quoted);
  return sums;
}

void CheckChargedSum(const sim::History& history, sim::Breaches& breaches) {
  const Sums sums = AddUp(history);
  if (sums.charged != sums.quoted) {
    breaches.push_back(absl::StrCat("charged are ", sums.charged.ToString(),
                                    ", and callers were told ", sums.quoted.ToString()));
  }
}

const std::vector<sim::Checker>& StormCheckers() {
  static const auto& checkers = *[] {
    auto* all = new std::vector<sim::Checker>(sim::AllCheckers());
    // It judges only runs whose reads are all answered.
    all->erase(std::remove_if(all->begin(), all->end(),
                              [](const sim::Checker& checker) {
                                return absl::string_view(checker.name) == "no_read_stuck";
                              }),
               all->end());
    all->push_back({"one_post_for_each_attempt", CheckOnePostForEachAttempt});
    all->push_back({"no_post_after_acceptance", CheckNoPostAfterAcceptance});
    all->push_back({"charged_sum", CheckChargedSum});
    return all;
  }();
  return checkers;
}

std::vector<sim::Violation> CheckStorm(const sim::History& history) {
  std::vector<sim::Violation> violations;
  for (const sim::Checker& checker : StormCheckers()) {
    sim::Breaches breaches;
    checker.check(history, breaches);
    for (std::string& breach : breaches) violations.push_back({checker.name, std::move(breach)});
  }
  return violations;
}

std::vector<Sight> CountSights(const sim::History& history) {
  const auto sends = [&](const auto& predicate) {
    return Count(history.calls, [&](const Call& call) {
      return call.kind == Call::Kind::kSend && predicate(call);
    });
  };
  const auto rows = [&](core::TopupStatus status) {
    return Count(history.topups,
                 [status](const core::Topup& topup) { return topup.status == status; });
  };
  int64_t attempts = 0;
  for (const auto& [id, of_topup] : history.attempts) {
    attempts += static_cast<int64_t>(of_topup.size());
  }
  int64_t deliveries = 0;
  for (const sim::WatcherSession& session : history.watchers) {
    deliveries += static_cast<int64_t>(session.deliveries.size());
  }
  const auto size = [](const auto& items) { return static_cast<int64_t>(items.size()); };
  return {
      {"sends answered OK", sends([](const Call& c) { return c.result == Call::Result::kOk; })},
      {"sends refused", sends([](const Call& c) { return c.result == Call::Result::kRefused; })},
      {"sends not answered", sends([](const Call& c) { return c.result == Call::Result::kMaybe; }),
       true},
      {"sends answered as known", sends([](const Call& c) { return c.replayed; })},
      {"sends with a quote",
       sends([](const Call& c) { return c.topup.has_value() && !c.quote_id.empty(); })},
      {"POSTs", size(history.posts)},
      {"acceptances", size(history.accepted)},
      {"charges given back",
       Count(history.accepted, [](const sim::LedgerTopup& entry) { return entry.given_back; })},
      {"top-ups shown by reads", size(history.reads)},
      {"events", size(history.events)},
      {"attempts", attempts},
      {"top-ups FULFILLED", rows(core::TopupStatus::kFulfilled)},
      {"top-ups REFUNDED", rows(core::TopupStatus::kRefunded)},
      {"top-ups REJECTED", rows(core::TopupStatus::kRejected), true},
      {"top-ups CANCELLED", rows(core::TopupStatus::kCancelled), true},
      {"incidents", size(history.incidents), true},
      {"watched parts", size(history.watchers)},
      {"deliveries to watchers", deliveries},
      {"log lines", size(history.log_lines)},
      {"secrets", size(history.secrets)},
  };
}

}  // namespace topup::process
