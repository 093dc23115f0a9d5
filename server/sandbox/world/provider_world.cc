#include "server/sandbox/world/provider_world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/sandbox/world/test_numbers.h"

namespace topup::sandbox {
namespace {

// The items of `all` (oldest first) that lie on a page counted from the newest.
template <typename Item, typename TimeOf, typename Take>
int64_t Paginate(const Item& all, const PageRequest& request, TimeOf time_of, Take take) {
  auto begin = all.begin();
  auto end = all.end();
  using Value = typename Item::value_type;
  if (request.from) {
    begin = std::lower_bound(begin, end, *request.from, [&](const Value& item, absl::Time time) {
      return time_of(item) < time;
    });
  }
  if (request.to) {
    end = std::upper_bound(begin, end, *request.to, [&](absl::Time time, const Value& item) {
      return time < time_of(item);
    });
  }
  const int64_t count = end - begin;
  const int64_t skipped = (request.page - 1) * request.page_size;
  for (int64_t i = skipped; i < count && i < skipped + request.page_size; ++i) {
    take(*(end - 1 - i));
  }
  return count;
}

}  // namespace

ProviderWorld::ProviderWorld(std::vector<CataloguePlan> catalogue, int64_t balance_centimes,
                             double time_scale, std::string id_salt)
    : catalogue_(std::move(catalogue)),
      time_scale_(time_scale),
      id_salt_(std::move(id_salt)),
      balance_centimes_(balance_centimes) {}

absl::Time ProviderWorld::Observe(absl::Time now) {
  // Whole milliseconds, as the provider shows them: a filter by a shown time finds its item.
  latest_ = std::max(latest_, absl::FromUnixMillis(absl::ToUnixMillis(now)));
  while (!refunds_.empty() && refunds_.top().first <= latest_) {
    const auto [time, index] = refunds_.top();
    refunds_.pop();
    const TopupRecord& record = topups_[index];
    if (refunded_[index] || RefundTime(record) != time) continue;
    refunded_[index] = true;
    Move("REFUND-FLEXY", record.charge_centimes, record.id, record.ref, time);
  }
  return latest_;
}

std::variant<TopupRecord, Refusal> ProviderWorld::PrepareSend(const SendRequest& request,
                                                              const ProviderRules& rules,
                                                              absl::Time now) {
  now = Observe(now);
  SendContext context;
  context.plan = request.plan_code ? FindPlan(*request.plan_code) : nullptr;
  context.ref_known = request.ref && by_ref_.count(*request.ref) > 0;
  context.balance_centimes = balance_centimes_;
  if (auto refusal = CheckSend(request, context, rules)) return *std::move(refusal);

  TopupRecord record;
  record.id = NextId(now);
  record.ref = request.ref ? *request.ref : absl::StrCat("auto-", record.id);
  record.phone = *request.phone;
  record.plan_code = *request.plan_code;
  record.amount_dzd = EffectiveAmount(request, *context.plan);
  record.charge_centimes = ChargeCentimes(*context.plan, record.amount_dzd);
  record.accept_time = now;
  ShapeCourse(record, context.plan->is_menu, rules, time_scale_);
  return record;
}

void ProviderWorld::Accept(TopupRecord record) {
  Observe(record.accept_time);
  const size_t index = topups_.size();
  by_id_[record.id] = index;
  by_ref_[record.ref] = index;
  const absl::Time refund_time = RefundTime(record);
  if (record.charge_centimes > 0) {
    Move("FLEXY", -record.charge_centimes, record.id, record.ref, record.accept_time);
    if (refund_time != absl::InfiniteFuture()) refunds_.emplace(refund_time, index);
  }
  topups_.push_back(std::move(record));
  refunded_.push_back(false);
}

const TopupRecord* ProviderWorld::FindById(absl::string_view id) const {
  const auto found = by_id_.find(std::string(id));
  return found == by_id_.end() ? nullptr : &topups_[found->second];
}

const TopupRecord* ProviderWorld::FindByRef(absl::string_view ref) const {
  const auto found = by_ref_.find(std::string(ref));
  return found == by_ref_.end() ? nullptr : &topups_[found->second];
}

const TopupRecord* ProviderWorld::NewestOtherThan(absl::string_view id) const {
  const auto other = std::find_if(topups_.rbegin(), topups_.rend(),
                                  [id](const TopupRecord& record) { return record.id != id; });
  return other == topups_.rend() ? nullptr : &*other;
}

Page<TopupView> ProviderWorld::ListTopups(const PageRequest& request, absl::Time now) {
  now = Observe(now);
  Page<TopupView> page;
  page.total_results = Paginate(
      topups_, request, [](const TopupRecord& record) { return record.accept_time; },
      [&](const TopupRecord& record) {
        if (IsVisibleAt(record, now)) page.items.push_back(ViewAt(record, now));
      });
  return page;
}

Page<Transaction> ProviderWorld::ListTransactions(const PageRequest& request, absl::Time now) {
  Observe(now);
  Page<Transaction> page;
  page.total_results = Paginate(
      transactions_, request, [](const Transaction& transaction) { return transaction.time; },
      [&](const Transaction& transaction) { page.items.push_back(transaction); });
  return page;
}

int64_t ProviderWorld::BalanceCentimes(absl::Time now) {
  Observe(now);
  return balance_centimes_;
}

void ProviderWorld::SetBalance(int64_t centimes, absl::Time now) {
  now = Observe(now);
  const int64_t delta = centimes - balance_centimes_;
  if (delta != 0) Move(delta > 0 ? "DEPOSIT" : "WITHDRAW", delta, "", "sandbox", now);
}

bool ProviderWorld::ForceState(absl::string_view ref, TopupState state, absl::Time now) {
  now = Observe(now);
  const auto found = by_ref_.find(std::string(ref));
  if (found == by_ref_.end() || refunded_[found->second]) return false;
  TopupRecord& record = topups_[found->second];
  const absl::Duration age = now - record.accept_time;
  Course& course = record.course;
  course.later.reset();
  course.end = state;
  course.pending = std::min(course.pending, age);
  course.handling = age - course.pending;
  if (state == TopupState::kPending) course.pending = absl::InfiniteDuration();
  if (state == TopupState::kHandling) course.handling = absl::InfiniteDuration();
  if (state == TopupState::kRefunded && record.charge_centimes > 0) {
    refunds_.emplace(RefundTime(record), found->second);
    Observe(now);
  }
  return true;
}

const CataloguePlan* ProviderWorld::FindPlan(absl::string_view code) const {
  for (const CataloguePlan& plan : catalogue_) {
    if (plan.code == code) return &plan;
  }
  return nullptr;
}

void ProviderWorld::PutPlan(CataloguePlan plan) {
  for (CataloguePlan& known : catalogue_) {
    if (known.code == plan.code) {
      known = std::move(plan);
      return;
    }
  }
  catalogue_.push_back(std::move(plan));
}

void ProviderWorld::Move(absl::string_view type, int64_t delta_centimes, absl::string_view topup_id,
                         absl::string_view note, absl::Time time) {
  Transaction transaction;
  transaction.id = NextId(time);
  transaction.type = std::string(type);
  transaction.amount_centimes = delta_centimes < 0 ? -delta_centimes : delta_centimes;
  transaction.old_balance_centimes = balance_centimes_;
  balance_centimes_ += delta_centimes;
  transaction.new_balance_centimes = balance_centimes_;
  transaction.topup_id = std::string(topup_id);
  transaction.note = std::string(note);
  transaction.time = time;
  transactions_.push_back(std::move(transaction));
}

std::string ProviderWorld::NextId(absl::Time now) {
  return absl::StrFormat("%08x%s%06x", absl::ToUnixSeconds(now) & 0xffffffff, id_salt_,
                         ++id_count_ & 0xffffff);
}

}  // namespace topup::sandbox
