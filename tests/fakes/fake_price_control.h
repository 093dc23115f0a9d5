// Useful for: tests of the gRPC edge. Answers what the test says, and remembers what it was asked.
#ifndef TOPUP_TESTS_FAKES_FAKE_PRICE_CONTROL_H_
#define TOPUP_TESTS_FAKES_FAKE_PRICE_CONTROL_H_

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/price_control.h"

namespace topup::fakes {

// Answers at once, on the caller's thread, but for simulations that are held. What the test sets
// is set before the first call.
class FakePriceControl : public engine::PriceControl {
 public:
  // The answers; an error is every method's answer.
  absl::Status error;
  engine::StrategyDirectory directory;
  std::string digest;
  engine::Simulation simulation;
  engine::Explanation explanation;

  // What was asked.
  std::vector<engine::ActivateCommand> activations;
  std::vector<engine::RollbackCommand> rollbacks;
  std::vector<std::string> explained;

  // Simulations are not answered until the test does.
  bool hold_simulations = false;

  void ListStrategies(Done<engine::StrategyDirectory> done) override { Answer(directory, done); }
  void Activate(engine::ActivateCommand command, Done<std::string> done) override {
    activations.push_back(std::move(command));
    Answer(digest, done);
  }
  void Rollback(engine::RollbackCommand command, Done<std::string> done) override {
    rollbacks.push_back(std::move(command));
    Answer(digest, done);
  }
  void Simulate(engine::SimulateCommand command, Done<engine::Simulation> done) override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      simulations_.emplace_back(std::move(command), done);
    }
    if (!hold_simulations) Answer(simulation, done);
  }
  void Explain(std::string topup_id, Done<engine::Explanation> done) override {
    explained.push_back(std::move(topup_id));
    Answer(explanation, done);
  }

  // Every simulation that was asked for, and what answers it.
  std::vector<std::pair<engine::SimulateCommand, Done<engine::Simulation>>> simulations() {
    std::lock_guard<std::mutex> lock(mutex_);
    return simulations_;
  }

 private:
  template <typename T>
  void Answer(const T& answer, const Done<T>& done) {
    if (error.ok()) {
      done(answer);
    } else {
      done(error);
    }
  }

  std::mutex mutex_;  // guards simulations_
  std::vector<std::pair<engine::SimulateCommand, Done<engine::Simulation>>> simulations_;
};

}  // namespace topup::fakes

#endif  // TOPUP_TESTS_FAKES_FAKE_PRICE_CONTROL_H_
