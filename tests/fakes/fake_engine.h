// Useful for: tests of the gRPC edge. Keeps top-ups in a store, answers at once on the caller's
// thread, remembers what it was asked, and fails when told to. Prices and plans are what the
// test sets.
#ifndef TOPUP_TESTS_FAKES_FAKE_ENGINE_H_
#define TOPUP_TESTS_FAKES_FAKE_ENGINE_H_

#include <mutex>
#include <utility>
#include <vector>

#include "server/engine/engine.h"
#include "server/store/storage_errors.h"
#include "tests/support/topup_builder.h"

namespace topup::fakes {

// Thread-safe. What the test sets is set before the first call.
class FakeEngine : public engine::Engine {
 public:
  // `store` is borrowed.
  explicit FakeEngine(store::TopupStore& store) : store_(store) {}

  // Every call from now on answers `error`; OK ends that.
  void FailWith(absl::Status error) {
    std::lock_guard<std::mutex> lock(mutex_);
    error_ = std::move(error);
  }
  // Sends are not answered until Release, which answers all of them.
  void HoldSends() {
    std::lock_guard<std::mutex> lock(mutex_);
    holding_ = true;
  }
  void Release() {
    std::vector<std::function<void()>> held;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      holding_ = false;
      held.swap(held_);
    }
    for (const auto& answer : held) answer();
  }
  std::vector<engine::SendCommand> sends() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return sends_;
  }
  engine::OffersCommand last_offers() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return last_offers_;
  }

  engine::PlanListing listing;
  engine::Quote quote;
  std::vector<engine::PricedOffer> offers;
  engine::ProviderState provider;
  engine::RefreshResult refreshed;
  engine::UnsettledListing unsettled;
  engine::Resolved resolved;

  void Send(engine::SendCommand command, Done<engine::SendResult> done) override {
    std::unique_lock<std::mutex> lock(mutex_);
    sends_.push_back(command);
    auto answer = [this, command, done = std::move(done)] { Record(command, done); };
    if (holding_) return held_.push_back(std::move(answer));
    lock.unlock();
    answer();
  }
  void Cancel(engine::TopupKey key, Done<core::Topup> done) override { Get(key, done); }
  absl::StatusOr<engine::Quote> QuoteTopup(const engine::QuoteCommand&) override {
    if (absl::Status error = Error(); !error.ok()) return error;
    return quote;
  }
  absl::StatusOr<engine::PlanListing> ListPlans(const engine::PlanQuery&) override {
    if (absl::Status error = Error(); !error.ok()) return error;
    return listing;
  }
  void ListOffers(engine::OffersCommand command,
                  Done<std::vector<engine::PricedOffer>> done) override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      last_offers_ = command;
    }
    if (absl::Status error = Error(); !error.ok()) return done(error);
    done(offers);
  }
  void Get(engine::TopupKey key, Done<core::Topup> done) override {
    if (absl::Status error = Error(); !error.ok()) return done(error);
    absl::StatusOr<core::Topup> topup = key.topup_id.empty() ? store_.FindByRef(key.caller, key.ref)
                                                             : store_.FindById(key.topup_id);
    if (topup.ok() && topup->caller != key.caller) topup = store::TopupNotFoundError();
    done(std::move(topup));
  }
  void List(store::ListFilter filter, Done<store::ListResult> done) override {
    if (absl::Status error = Error(); !error.ok()) return done(error);
    done(store_.List(filter));
  }
  std::vector<engine::PricedOffer> PriceOffers(const core::Topup& topup) override {
    std::vector<engine::PricedOffer> priced;
    for (const core::SuggestedOffer& offer : topup.suggested_offers) {
      priced.push_back({offer, topup.price});
    }
    return priced;
  }
  engine::ProviderState GetProvider() override { return provider; }
  void RefreshPlans(Done<engine::RefreshResult> done) override {
    if (absl::Status error = Error(); !error.ok()) return done(error);
    done(refreshed);
  }
  void ListUnsettled(engine::CasePage page, Done<engine::UnsettledListing> done) override {
    if (absl::Status error = Note(page); !error.ok()) return done(error);
    done(unsettled);
  }
  void Resolve(engine::ResolveCommand command, Done<engine::Resolved> done) override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      last_resolve_ = command;
    }
    if (absl::Status error = Error(); !error.ok()) return done(error);
    done(resolved);
  }
  void ListIncidents(engine::CasePage page, bool include_closed,
                     Done<engine::IncidentListing> done) override {
    if (absl::Status error = Note(page); !error.ok()) return done(error);
    auto read = store_.Incidents(include_closed, page.after_id, page.limit + 1);
    engine::IncidentListing listing{.incidents = *std::move(read)};
    listing.more = static_cast<int>(listing.incidents.size()) > page.limit;
    if (listing.more) listing.incidents.pop_back();
    done(std::move(listing));
  }
  void CloseIncident(engine::CloseCommand command, Done<core::Incident> done) override {
    if (absl::Status error = Error(); !error.ok()) return done(error);
    store_.CloseIncident(
        {command.incident_id, command.closed_by, command.reason, support::TestTime()},
        std::move(done));
  }
  engine::CasePage last_page() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return last_page_;
  }
  engine::ResolveCommand last_resolve() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return last_resolve_;
  }

 private:
  absl::Status Note(const engine::CasePage& page) {
    std::lock_guard<std::mutex> lock(mutex_);
    last_page_ = page;
    return error_;
  }
  absl::Status Error() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return error_;
  }

  void Record(const engine::SendCommand& command, const Done<engine::SendResult>& done) {
    if (absl::Status error = Error(); !error.ok()) return done(error);
    core::Topup topup = support::MakeQueuedTopup(command.ref, command.caller);
    topup.ref = command.ref;
    topup.phone = command.phone;
    topup.labels = command.labels;
    store_.Create({.topup = topup}, [done](absl::StatusOr<store::CreateResult> result) {
      if (!result.ok()) return done(result.status());
      done(engine::SendResult{result->topup, result->kind == store::CreateResult::Kind::kExists});
    });
  }

  store::TopupStore& store_;
  mutable std::mutex mutex_;  // guards everything below
  absl::Status error_;
  bool holding_ = false;
  std::vector<std::function<void()>> held_;
  std::vector<engine::SendCommand> sends_;
  engine::OffersCommand last_offers_;
  engine::CasePage last_page_;
  engine::ResolveCommand last_resolve_;
};

}  // namespace topup::fakes

#endif  // TOPUP_TESTS_FAKES_FAKE_ENGINE_H_
