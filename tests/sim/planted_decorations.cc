#include "tests/sim/planted_decorations.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/storage_errors.h"
#include "tests/sim/forwarding_provider.h"
#include "tests/sim/forwarding_store.h"

namespace topup::sim {
namespace {

using store::CreateRequest;
using store::CreateResult;
using store::UpdateRequest;
using Created = std::function<void(absl::StatusOr<CreateResult>)>;
using Updated = std::function<void(absl::StatusOr<store::UpdateResult>)>;

template <typename Decoration, typename... Arguments>
Decorations OfStore(Arguments... arguments) {
  return {.store = [arguments...](store::TopupStore& inner, RunContext&) {
    return std::unique_ptr<store::TopupStore>(new Decoration(inner, arguments...));
  }};
}

template <typename Decoration, typename... Arguments>
Decorations OfProvider(Arguments... arguments) {
  return {.provider = [arguments...](upstream::Provider& inner, RunContext& run) {
    return std::unique_ptr<upstream::Provider>(new Decoration(inner, run, arguments...));
  }};
}

// --- the store

class UpdateMutator : public ForwardingStore {
 public:
  UpdateMutator(store::TopupStore& inner, std::function<void(UpdateRequest&)> mutate)
      : ForwardingStore(inner), mutate_(std::move(mutate)) {}
  void Update(UpdateRequest request, Updated done) override {
    mutate_(request);
    inner().Update(std::move(request), std::move(done));
  }

 private:
  const std::function<void(UpdateRequest&)> mutate_;
};

class EarlyAcknowledger : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  void Create(CreateRequest request, Created done) override {
    const core::Topup topup = request.topup;
    inner().Create(std::move(request), [](const absl::StatusOr<CreateResult>&) {});
    done(CreateResult{CreateResult::Kind::kCreated, topup});
  }
};

class EarlyClaimer : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  void Update(UpdateRequest request, Updated done) override {
    if (!request.topup.progress.in_flight) {
      inner().Update(std::move(request), std::move(done));
      return;
    }
    inner().Update(std::move(request), [](const auto&) {});
    done(store::UpdateResult());
  }
};

class StaleWriter : public ForwardingStore {
 public:
  StaleWriter(store::TopupStore& inner, bool after_settled)
      : ForwardingStore(inner), after_settled_(after_settled) {}
  void Update(UpdateRequest request, Updated done) override {
    const absl::StatusOr<core::Topup> before = inner().FindById(request.topup.id);
    const core::Topup after = request.topup;
    inner().Update(std::move(request), std::move(done));
    const bool hit = before.ok() && before->status >= core::TopupStatus::kPending &&
                     core::Rank(after.status) > core::Rank(before->status) &&
                     core::IsSettled(after.status) == after_settled_;
    if (!hit) return;
    core::Topup stale = *before;
    stale.version = after.version + 1;
    stale.revision = after.revision + 1;
    inner().Update({.topup = stale, .visible = true}, [](const auto&) {});
  }

 private:
  const bool after_settled_;
};

class EventDropper : public ForwardingStore, private store::StoreListener {
 public:
  using ForwardingStore::ForwardingStore;
  void SetListener(store::StoreListener* listener) override {
    listener_ = listener;
    inner().SetListener(this);
  }

 private:
  void OnCommitted(const std::vector<core::Event>& events) override {
    std::vector<core::Event> told;
    for (const core::Event& event : events) {
      if (!core::IsSettled(event.topup.status)) told.push_back(event);
    }
    if (listener_ != nullptr && !told.empty()) listener_->OnCommitted(told);
  }
  void OnFatal(const absl::Status& reason) override {
    if (listener_ != nullptr) listener_->OnFatal(reason);
  }

  store::StoreListener* listener_ = nullptr;
};

class CreateMutator : public ForwardingStore {
 public:
  CreateMutator(store::TopupStore& inner, std::function<void(core::Topup&)> mutate)
      : ForwardingStore(inner), mutate_(std::move(mutate)) {}
  void Create(CreateRequest request, Created done) override {
    mutate_(request.topup);
    inner().Create(std::move(request), std::move(done));
  }

 private:
  const std::function<void(core::Topup&)> mutate_;
};

class ConflictAcknowledger : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  void Create(CreateRequest request, Created done) override {
    const core::Topup topup = request.topup;
    inner().Create(std::move(request), [topup, done](absl::StatusOr<CreateResult> result) {
      if (result.ok() && result->kind == CreateResult::Kind::kExists) {
        result = CreateResult{CreateResult::Kind::kCreated, topup};
      }
      done(std::move(result));
    });
  }
};

class FalseRefuser : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  void Create(CreateRequest request, Created done) override {
    inner().Create(std::move(request), [this, done](absl::StatusOr<CreateResult> result) {
      const bool refuse = result.ok() && ++count_ % 4 == 0;
      if (refuse) result = store::StorageFullError();
      done(std::move(result));
    });
  }
  // Otherwise the engine finds it, and answers with it.
  absl::StatusOr<core::Topup> FindByRef(absl::string_view, absl::string_view) override {
    return store::TopupNotFoundError();
  }

 private:
  int count_ = 0;
};

class LateWriter : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  void Create(CreateRequest request, Created done) override {
    inner().Create(std::move(request), [](const absl::StatusOr<CreateResult>&) {});
    done(store::StorageUnavailableError("not waited for"));
  }
};

// --- the provider

class SendMutator : public ForwardingProvider {
 public:
  SendMutator(upstream::Provider& inner, RunContext&,
              std::function<void(upstream::SendRequest&)> mutate)
      : ForwardingProvider(inner), mutate_(std::move(mutate)) {}
  void Send(const upstream::SendRequest& request, absl::Duration watchdog_end,
            Done<core::SendAnswer> done) override {
    upstream::SendRequest changed = request;
    mutate_(changed);
    inner().Send(changed, watchdog_end, std::move(done));
  }

 private:
  std::function<void(upstream::SendRequest&)> mutate_;
};

class KeyMutator : public ForwardingProvider {
 public:
  KeyMutator(upstream::Provider& inner, RunContext&,
             std::function<void(core::ValidateAnswer&)> mutate)
      : ForwardingProvider(inner), mutate_(std::move(mutate)) {}
  void Validate(Done<core::ValidateAnswer> done) override {
    inner().Validate([mutate = mutate_, done](core::ValidateAnswer answer) {
      mutate(answer);
      done(std::move(answer));
    });
  }

 private:
  const std::function<void(core::ValidateAnswer&)> mutate_;
};

bool IsSilent(const core::Exchange& exchange) {
  return exchange.request_left && !exchange.response_complete;
}

class HiddenResender : public ForwardingProvider {
 public:
  HiddenResender(upstream::Provider& inner, RunContext& run)
      : ForwardingProvider(inner), run_(run) {}
  void Send(const upstream::SendRequest& request, absl::Duration watchdog_end,
            Done<core::SendAnswer> done) override {
    inner().Send(request, watchdog_end, [this, request, done](core::SendAnswer answer) {
      if (!IsSilent(answer.exchange)) return done(std::move(answer));
      inner().Send(request, run_.clock.Elapsed() + absl::Seconds(20), done);
    });
  }

 private:
  RunContext& run_;
};

class AnswerMixer : public ForwardingProvider {
 public:
  AnswerMixer(upstream::Provider& inner, RunContext&) : ForwardingProvider(inner) {}
  void Send(const upstream::SendRequest& request, absl::Duration watchdog_end,
            Done<core::SendAnswer> done) override {
    inner().Send(request, watchdog_end,
                 [this, ref = request.provider_ref, done](core::SendAnswer answer) {
                   const auto earlier = unsent_.find(ref);
                   if (!answer.exchange.request_left) unsent_.emplace(ref, answer);
                   if (IsSilent(answer.exchange) && earlier != unsent_.end()) {
                     answer = earlier->second;
                   }
                   done(std::move(answer));
                 });
  }

 private:
  std::map<std::string, core::SendAnswer> unsent_;  // by ref
};

class SleepyWorker : public ForwardingProvider {
 public:
  SleepyWorker(upstream::Provider& inner, RunContext& run) : ForwardingProvider(inner), run_(run) {}
  void Send(const upstream::SendRequest& request, absl::Duration watchdog_end,
            Done<core::SendAnswer> done) override {
    if (++count_[request.provider_ref] > 1) {
      inner().Send(request, watchdog_end, std::move(done));
      return;
    }
    asleep_.emplace(watchdog_end + absl::Seconds(65), request);
    core::SendAnswer silence;
    silence.exchange.transport_error = "no answer in time";
    silence.exchange.start_time = silence.exchange.end_time = run_.clock.Now();
    silence.exchange.start_elapsed = run_.clock.Elapsed();
    done(silence);
  }
  void ReadByRef(const std::string& provider_ref, Done<core::ReadAnswer> done) override {
    const absl::Duration now = run_.clock.Elapsed();
    while (!asleep_.empty() && asleep_.begin()->first <= now) {
      inner().Send(asleep_.begin()->second, now + absl::Seconds(20), [](core::SendAnswer) {});
      asleep_.erase(asleep_.begin());
    }
    inner().ReadByRef(provider_ref, std::move(done));
  }

 private:
  RunContext& run_;
  std::map<std::string, int> count_;
  std::multimap<absl::Duration, upstream::SendRequest> asleep_;  // by when they wake up
};

class NumberLogger : public ForwardingProvider {
 public:
  NumberLogger(upstream::Provider& inner, RunContext& run) : ForwardingProvider(inner), run_(run) {}
  void Send(const upstream::SendRequest& request, absl::Duration watchdog_end,
            Done<core::SendAnswer> done) override {
    // Past the log, which would mask it.
    run_.history.log_lines.push_back(absl::StrCat("POST for ", request.phone.National()));
    inner().Send(request, watchdog_end, std::move(done));
  }

 private:
  RunContext& run_;
};

}  // namespace

Decorations WithMutatedUpdates(std::function<void(UpdateRequest&)> mutate) {
  return OfStore<UpdateMutator>(std::move(mutate));
}

Decorations WithMutatedSends(std::function<void(upstream::SendRequest&)> mutate) {
  return OfProvider<SendMutator>(std::move(mutate));
}

Decorations WithMutatedKeys(std::function<void(core::ValidateAnswer&)> mutate) {
  return OfProvider<KeyMutator>(std::move(mutate));
}

Decorations WithEarlyAcknowledgement() { return OfStore<EarlyAcknowledger>(); }

Decorations WithEarlyClaims() { return OfStore<EarlyClaimer>(); }

Decorations WithHiddenResend() { return OfProvider<HiddenResender>(); }

Decorations WithStaleWrites(bool after_settled) { return OfStore<StaleWriter>(after_settled); }

Decorations WithDroppedEvents() { return OfStore<EventDropper>(); }

Decorations WithRecomputedPrices() {
  return OfStore<CreateMutator>(std::function<void(core::Topup&)>([](core::Topup& topup) {
    const core::Money price =
        core::MultiplyRoundedUp(topup.price.cost, 1'100'000).value_or(topup.price.price);
    topup.price.price = price;
  }));
}

Decorations WithAcknowledgedConflicts() { return OfStore<ConflictAcknowledger>(); }

Decorations WithAnswersOfEarlierClaims() { return OfProvider<AnswerMixer>(); }

Decorations WithSleepyWorkers() { return OfProvider<SleepyWorker>(); }

Decorations WithLoggedNumbers() { return OfProvider<NumberLogger>(); }

Decorations WithFalseRefusals() { return OfStore<FalseRefuser>(); }

Decorations WithLateWrites() { return OfStore<LateWriter>(); }

Decorations WithForgottenReads() {
  return WithMutatedUpdates([](UpdateRequest& update) {
    if (update.topup.progress.next_action == core::NextAction::kReadStatus) {
      update.topup.progress.next_action_time += absl::Hours(1000);
    }
  });
}

Decorations WithWrongCost() {
  return OfStore<CreateMutator>(std::function<void(core::Topup&)>([](core::Topup& topup) {
    topup.price.cost = core::Money::Centimes(topup.price.cost.centimes() + 1);
  }));
}

}  // namespace topup::sim
