#include "server/sandbox/faults/fault_book.h"

#include <algorithm>
#include <utility>

namespace topup::sandbox {
namespace {

template <typename Value>
bool Lists(const std::vector<Value>& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool Fits(const FaultRule& rule, const RequestTraits& traits) {
  if (rule.endpoints.empty() ? traits.endpoint == Endpoint::kOther
                             : !Lists(rule.endpoints, traits.endpoint)) {
    return false;
  }
  if (!rule.numbers.empty() && !Lists(rule.numbers, traits.phone)) return false;
  if (!rule.refs.empty() && !Lists(rule.refs, traits.ref)) return false;
  switch (rule.attempts) {
    case Attempts::kAny:
      return true;
    case Attempts::kFirst:
      return traits.posts_of_ref == 1;
    case Attempts::kRetry:
      return traits.posts_of_ref > 1;
  }
  return false;
}

}  // namespace

FaultBook::FaultBook(base::RandomSource& random)
    : random_(random), number_rules_(TestNumberRules()) {
  SetRules({});
}

void FaultBook::SetRules(std::vector<FaultRule> rules) {
  entries_.clear();
  for (FaultRule& rule : rules) entries_.push_back({std::move(rule), {}});
  for (const FaultRule& rule : number_rules_) entries_.push_back({rule, {}});
}

std::optional<Fault> FaultBook::Choose(const RequestTraits& traits) {
  for (Entry& entry : entries_) {
    const FaultRule& rule = entry.rule;
    if (!Fits(rule, traits)) continue;
    Count& count = entry.counts[rule.each_ref ? traits.ref : ""];
    if (rule.first > 0 && count.hits >= rule.first) continue;
    if (++count.fitting <= rule.skip) continue;
    if (rule.per_mille < 1000 && base::UniformBelow(random_, 1000) >= rule.per_mille) continue;
    ++count.hits;
    return rule.fault;
  }
  return std::nullopt;
}

}  // namespace topup::sandbox
