// Many threads at once, on one strategy and on two.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "pricing_plugins/checker/checks.h"

namespace topup::checker {
namespace {

constexpr size_t kThreads = 4;

}  // namespace

void CheckConcurrency(const Context& context, Report& report) {
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  const auto second = opened.subject->Make();
  if (!second->creation().ok()) return report.Bad("a second create failed", "see instances");
  const std::vector<RequestDraft> drafts = OrdinaryRequests();
  std::vector<std::string> alone;
  for (const RequestDraft& draft : drafts) alone.push_back(opened.instance->Price(draft).Summary());

  const size_t rounds = context.calls / (kThreads * drafts.size()) + 1;
  std::atomic<size_t> waiting = kThreads;
  std::vector<std::string> differences(kThreads);
  std::vector<std::thread> threads;
  report.Doing("four threads called price");
  for (size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      const Instance& asked = thread % 2 == 0 ? *opened.instance : *second;
      waiting.fetch_sub(1);
      while (waiting.load() > 0) std::this_thread::yield();  // all at once
      for (size_t i = 0; i < rounds * drafts.size() && differences[thread].empty(); ++i) {
        const size_t which = (i + thread * 7) % drafts.size();
        const std::string answer = asked.Price(drafts[which]).Summary();
        if (answer == alone[which]) continue;
        differences[thread] =
            absl::StrCat("alone it answered ", alone[which], ", among four threads ", answer,
                         "; asked for ", drafts[which].Describe());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& difference : differences) {
    if (difference.empty()) continue;
    return report.Bad(difference, "keep nothing in the strategy or the library that price changes");
  }
  report.Good(absl::StrCat(
      kThreads * rounds * drafts.size(),
      " answers, all as those of one thread; that shows no data race, and does not exclude one: "
      "build it with -fsanitize=thread to look for them"));
}

}  // namespace topup::checker
