// Waiting for a store's answers in tests.
#ifndef TOPUP_TESTS_CONFORMANCE_TOPUP_STORE_AWAIT_H_
#define TOPUP_TESTS_CONFORMANCE_TOPUP_STORE_AWAIT_H_

#include <functional>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/topup_store.h"

namespace topup::conformance {

// Writes down what it is told, in order.
class RecordingListener : public store::StoreListener {
 public:
  void OnCommitted(const std::vector<core::Event>& events) override {
    for (const core::Event& event : events) {
      this->events.push_back(event);
      log.push_back(absl::StrCat("event ", event.sequence));
    }
  }
  void OnFatal(const absl::Status& reason) override { fatal.push_back(reason); }

  std::vector<core::Event> events;
  std::vector<std::string> log;
  std::vector<absl::Status> fatal;
};

// Starts an asynchronous write and waits for its answer.
template <typename Result>
Result Await(const std::function<void(std::function<void(Result)>)>& start) {
  std::promise<Result> answer;
  std::future<Result> answered = answer.get_future();
  start([&answer](Result result) { answer.set_value(std::move(result)); });
  return answered.get();
}

inline absl::StatusOr<store::CreateResult> CreateAndWait(store::TopupStore& store,
                                                         store::CreateRequest request) {
  return Await<absl::StatusOr<store::CreateResult>>(
      [&](auto done) { store.Create(std::move(request), std::move(done)); });
}

inline absl::StatusOr<store::UpdateResult> TryUpdateAndWait(store::TopupStore& store,
                                                            store::UpdateRequest request) {
  return Await<absl::StatusOr<store::UpdateResult>>(
      [&](auto done) { store.Update(std::move(request), std::move(done)); });
}

inline absl::Status UpdateAndWait(store::TopupStore& store, store::UpdateRequest request) {
  return TryUpdateAndWait(store, std::move(request)).status();
}

}  // namespace topup::conformance

#endif  // TOPUP_TESTS_CONFORMANCE_TOPUP_STORE_AWAIT_H_
