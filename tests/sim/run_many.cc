#include "tests/sim/run_many.h"

#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace topup::sim {
namespace {

OneOfMany RunNumber(const ManyRuns& runs, int64_t number) {
  OneOfMany one{.options = runs.options(number)};
  one.outcome = RunOnce(one.options);
  one.ran_twice = runs.twice && runs.twice(number);
  if (one.ran_twice) {
    const Outcome again = RunOnce(one.options);
    one.equal = again.trace_hash == one.outcome.trace_hash && again.posts == one.outcome.posts &&
                again.reached == one.outcome.reached;
  }
  return one;
}

}  // namespace

int64_t RunMany(const ManyRuns& runs, const std::function<void(const OneOfMany&)>& tell) {
  std::mutex mutex;  // guards everything below
  int64_t next = 0;
  int64_t told = 0;
  std::map<int64_t, OneOfMany> waiting;  // done before one that comes earlier
  const auto work = [&] {
    std::unique_lock<std::mutex> lock(mutex);
    while (next < runs.count && (!runs.go_on || runs.go_on())) {
      const int64_t number = next++;
      lock.unlock();
      OneOfMany one = RunNumber(runs, number);
      lock.lock();
      waiting.emplace(number, std::move(one));
      for (auto first = waiting.find(told); first != waiting.end(); first = waiting.find(told)) {
        tell(first->second);
        waiting.erase(first);
        ++told;
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < runs.jobs; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return told;
}

}  // namespace topup::sim
