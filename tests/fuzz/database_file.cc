// A store's file with anything in it: the store refuses it, or opens it and gives only top-ups
// that its own constraints would let in, and errors for the rest.
#include <future>

#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/store/sqlite/sqlite_topup_store.h"
#include "tests/fuzz/damaged_database.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/topup_builder.h"

namespace topup::fuzz {
namespace {

using store::sqlite::SqliteTopupStore;

template <typename Enum>
bool IsWithin(Enum value, Enum first, Enum last) {
  return value >= first && value <= last;
}

// What callers see of a row, and what of it the events repeat.
void CheckVisible(const core::Topup& topup) {
  Promise(IsWithin(topup.purpose, core::Purpose::kSale, core::Purpose::kMenu), "a purpose");
  Promise(topup.phone.National().size() == 10, "a number has ten digits");
  Promise(IsWithin(topup.op, core::Operator::kUnknown, core::Operator::kPixx), "an operator");
  Promise(IsWithin(topup.plan_kind, core::PlanKind::kUnknown, core::PlanKind::kMenu), "a kind");
  Promise(topup.amount_dzd >= 0, "no negative amount");
  Promise(IsWithin(topup.status, core::TopupStatus::kQueued, core::TopupStatus::kCancelled),
          "a status");
  Promise(IsWithin(topup.advice, core::RefundAdvice::kWait, core::RefundAdvice::kReview),
          "an advice");
  Promise(IsWithin(topup.rejection_reason, core::RejectionReason::kNone,
                   core::RejectionReason::kResolvedByPerson),
          "a reason");
  Promise(topup.revision >= 1, "revisions count from 1");
}

void CheckRow(const core::Topup& topup) {
  CheckVisible(topup);
  Promise(topup.version >= 1, "versions count from 1");
  Promise(IsWithin(topup.progress.next_action, core::NextAction::kNone, core::NextAction::kResend),
          "a next action");
  Promise(core::IsSettled(topup.status) || topup.progress.next_action != core::NextAction::kNone,
          "what is open has a next action");
  Promise(topup.progress.posts >= 0 && topup.progress.fence >= 0, "nothing is counted below 0");
}

void CheckError(const absl::Status& status) {
  Promise(status.ok() || absl::IsNotFound(status) || absl::IsUnavailable(status) ||
              absl::IsInternal(status) || absl::IsDataLoss(status) || absl::IsAborted(status) ||
              absl::IsResourceExhausted(status),
          "a store's error is one of its contract");
}

template <typename T, typename Check>
void CheckAll(const absl::StatusOr<std::vector<T>>& rows, Check check) {
  CheckError(rows.status());
  if (!rows.ok()) return;
  for (const T& row : *rows) check(row);
}

void CheckOne(const absl::StatusOr<core::Topup>& topup) {
  CheckError(topup.status());
  if (topup.ok()) CheckRow(*topup);
}

void ReadTopups(SqliteTopupStore& store) {
  CheckOne(store.FindByRef("shop", "ref-1"));
  CheckOne(store.FindByProviderRef("T-test-shop-2"));
  const auto list = store.List({.caller = "shop", .limit = 10});
  CheckError(list.status());
  if (list.ok()) {
    for (const core::Topup& topup : list->topups) CheckRow(topup);
  }
  for (const auto action : {core::NextAction::kPost, core::NextAction::kReadByRef,
                            core::NextAction::kReadStatus, core::NextAction::kAwaitAnswer}) {
    const auto due = store.ReadDue(action, absl::InfiniteFuture(), 10);
    CheckError(due.status());
    if (due.ok()) {
      for (const core::Topup& topup : due->topups) CheckRow(topup);
      for (const std::string& id : due->unreadable_ids) Promise(id.size() <= 64, "an id's length");
    }
    CheckError(store.NextDueTime(action).status());
  }
  const auto unsettled = store.ListUnsettled({.limit = 10});
  CheckError(unsettled.status());
  if (unsettled.ok()) {
    for (const core::Topup& topup : unsettled->topups) CheckRow(topup);
  }
  CheckError(store.CountByStatus(core::TopupStatus::kFulfilled).status());
}

void ReadEvidence(SqliteTopupStore& store) {
  const auto check_event = [](const core::Event& event) { CheckVisible(event.topup); };
  for (const char* id : {"id-0", "id-1", "id-2"}) {
    CheckOne(store.FindById(id));
    CheckAll(store.ReadRevisions(id, 0, 10), check_event);
    CheckAll(store.Attempts(id), [](const core::Attempt& attempt) {
      Promise(IsWithin(attempt.evidence, core::Attempt::Evidence::kInFlight,
                       core::Attempt::Evidence::kInDoubt),
              "an attempt's evidence");
    });
    CheckError(store.Checks(id).status());
    CheckError(store.FindResolution(id).status());
  }
  const auto events = store.ReadEvents({.caller = "shop", .limit = 20});
  CheckError(events.status());
  if (events.ok()) {
    for (const core::Event& event : events->events) check_event(event);
  }
  CheckError(store.Incidents(/*include_closed=*/true, "", 10).status());
  CheckError(store.OldestResumableSequence().status());
  CheckError(store.LatestSequence().status());
  const auto catalogue = store.LoadCatalogue();
  CheckError(catalogue.status());
}

void CheckActivation(const absl::StatusOr<std::optional<store::PricingActivation>>& found) {
  CheckError(found.status());
  if (!found.ok() || !found->has_value()) return;
  const store::PricingActivation& activation = **found;
  Promise(activation.number >= 1, "activations count from 1");
  Promise(activation.previous >= 0 && activation.previous < activation.number,
          "a rollback goes back");
  Promise(IsWithin(activation.cause, store::PricingActivation::Cause::kFile,
                   store::PricingActivation::Cause::kLibraries),
          "a cause");
}

void ReadPrices(SqliteTopupStore& store) {
  CheckActivation(store.LatestActivation());
  for (const int64_t number : {1, 2, 3}) CheckActivation(store.FindActivation(number));
  CheckError(store.FindPricingConfig("digest").status());
  store::PricedTopupQuery query{.limit = 2};
  while (true) {
    const auto page = store.ReadPricedTopups(query);
    CheckError(page.status());
    if (!page.ok()) break;
    for (const store::PricedTopup& topup : page->topups) {
      Promise(topup.amount_dzd >= 0, "no negative amount is priced");
    }
    if (page->last_id.empty()) break;
    Promise(page->last_id > query.after_id, "the reading goes on");
    query.after_id = page->last_id;
  }
  CheckAll(store.SumDelivered(absl::UnixEpoch(), absl::Hours(24)),
           [](const store::DeliveredVolume& sum) {
             Promise(sum.count >= 1 && sum.volume >= core::Money(), "what was sold is a sum");
           });
}

// Writes find the same rows on their way.
void Write(SqliteTopupStore& store) {
  std::promise<absl::StatusOr<store::CreateResult>> created;
  store.Create({.topup = support::MakeQueuedTopup("9"),
                .guard = store::DuplicateGuard{support::TestTime(-absl::Hours(1))}},
               [&](auto result) { created.set_value(std::move(result)); });
  const auto result = created.get_future().get();
  CheckError(result.status());
  if (result.ok()) CheckRow(result->topup);

  const auto stored = store.FindById("id-1");
  if (!stored.ok()) return;
  std::promise<absl::StatusOr<store::UpdateResult>> updated;
  store.Update({.topup = support::NextVersion(*stored),
                .visible = true,
                .check = core::Check{.topup_id = "id-1", .time = support::TestTime()}},
               [&](auto result) { updated.set_value(std::move(result)); });
  CheckError(updated.get_future().get().status());
  std::promise<absl::Status> activated;
  store.AppendActivation({.number = 3, .config_digest = "digest"},
                         [&](absl::Status status) { activated.set_value(std::move(status)); });
  CheckError(activated.get_future().get());
  std::promise<absl::Status> trimmed;
  store.TrimEvents(support::TestTime(absl::Hours(1)),
                   [&](absl::Status status) { trimmed.set_value(std::move(status)); });
  CheckError(trimmed.get_future().get());
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  static const std::string path = WorkFolder() + "/damaged.db";
  WriteDamaged(FuzzInput(data, size), path);
  topup::base::Metrics metrics;
  const auto store = topup::store::sqlite::SqliteTopupStore::Open(
      path, {.reader_count = 1}, topup::base::RealClock(), metrics);
  if (!store.ok()) {
    Promise(!store.status().message().empty(), "a file is refused with a reason");
    return 0;
  }
  ReadTopups(**store);
  ReadEvidence(**store);
  ReadPrices(**store);
  Write(**store);
  ReadTopups(**store);
  return 0;
}
