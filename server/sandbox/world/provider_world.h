// The provider's books: plans, top-ups by id and ref, the balance and its movements.
//
// No I/O, no locks, no clock: every call says what time it is. Time never goes back in here;
// an earlier `now` than one seen before counts as that one.
#ifndef TOPUP_SERVER_SANDBOX_WORLD_PROVIDER_WORLD_H_
#define TOPUP_SERVER_SANDBOX_WORLD_PROVIDER_WORLD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/sandbox/world/catalogue.h"
#include "server/sandbox/world/provider_rules.h"
#include "server/sandbox/world/send_checks.h"
#include "server/sandbox/world/topup_record.h"

namespace topup::sandbox {

struct Transaction {
  std::string id;
  std::string type;  // "DEPOSIT", "WITHDRAW", "FLEXY", "REFUND-FLEXY"
  int64_t amount_centimes = 0;
  int64_t old_balance_centimes = 0;
  int64_t new_balance_centimes = 0;
  std::string topup_id;
  std::string note;
  absl::Time time;
};

// A page of something that is listed newest first.
struct PageRequest {
  int64_t page = 1;
  int64_t page_size = 20;
  std::optional<absl::Time> from;
  std::optional<absl::Time> to;
};

template <typename Item>
struct Page {
  std::vector<Item> items;
  int64_t total_results = 0;
};

// Not thread-safe.
class ProviderWorld {
 public:
  // `id_salt`: 10 hex digits that keep the ids of two runs apart.
  ProviderWorld(std::vector<CataloguePlan> catalogue, int64_t balance_centimes, double time_scale,
                std::string id_salt);

  // Checks a send and gives the record that it would become; nothing changes.
  std::variant<TopupRecord, Refusal> PrepareSend(const SendRequest& request,
                                                 const ProviderRules& rules, absl::Time now);

  // Takes the record, and its charge from the balance. Also used to read a ledger back.
  void Accept(TopupRecord record);

  const TopupRecord* FindById(absl::string_view id) const;
  const TopupRecord* FindByRef(absl::string_view ref) const;

  // The newest accepted top-up other than `id`; null where there is none.
  const TopupRecord* NewestOtherThan(absl::string_view id) const;

  Page<TopupView> ListTopups(const PageRequest& request, absl::Time now);
  Page<Transaction> ListTransactions(const PageRequest& request, absl::Time now);

  int64_t BalanceCentimes(absl::Time now);
  void SetBalance(int64_t centimes, absl::Time now);

  // Makes a top-up read `state` from now on. False: no such ref, or its money went back already.
  bool ForceState(absl::string_view ref, TopupState state, absl::Time now);

  const std::vector<CataloguePlan>& catalogue() const { return catalogue_; }
  const CataloguePlan* FindPlan(absl::string_view code) const;
  // Replaces the plan of the same code, or adds it.
  void PutPlan(CataloguePlan plan);

  // Accepted top-ups, oldest first.
  const std::deque<TopupRecord>& topups() const { return topups_; }

  // The time that counts: the latest seen, in whole milliseconds.
  absl::Time Observe(absl::Time now);

 private:
  using Due = std::pair<absl::Time, size_t>;  // when, and which of topups_

  void Move(absl::string_view type, int64_t delta_centimes, absl::string_view topup_id,
            absl::string_view note, absl::Time time);
  std::string NextId(absl::Time now);

  std::vector<CataloguePlan> catalogue_;
  const double time_scale_;
  const std::string id_salt_;
  int64_t balance_centimes_ = 0;
  absl::Time latest_ = absl::InfinitePast();
  uint32_t id_count_ = 0;
  std::deque<TopupRecord> topups_;  // a deque: pointers into it stay valid
  std::unordered_map<std::string, size_t> by_id_;
  std::unordered_map<std::string, size_t> by_ref_;
  std::vector<Transaction> transactions_;
  // Refunds to come, the earliest on top. Entries whose time was changed are skipped.
  std::priority_queue<Due, std::vector<Due>, std::greater<Due>> refunds_;
  std::vector<bool> refunded_;  // as topups_
};

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_WORLD_PROVIDER_WORLD_H_
