// What a price costs the service: time, and memory that does not come back.
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "pricing_plugins/checker/checks.h"
#include "server/base/clock.h"

namespace topup::checker {
namespace {

// Far from "microseconds", as the contract has it: no busy machine makes a good one fail.
constexpr absl::Duration kMedianMax = absl::Milliseconds(2);
constexpr absl::Duration kMedianUsual = absl::Microseconds(100);

constexpr int kRounds = 5;
constexpr int kRoundMax = 40;  // before growth is called one

// Bytes that are allocated in this process; 0 where an allocator is in use that does not tell.
int64_t AllocatedBytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<int64_t>(info.uordblks + info.hblkhd);
}

// Runs `work` some times and returns by how much the memory grew in the round in which it grew
// least: a leak grows in each, what an allocator keeps for later does not. That it keeps more and
// more can go on for some rounds, so that growth beyond `growth_max` has to last.
template <typename Work>
int64_t SmallestGrowth(int64_t growth_max, const Work& work) {
  int64_t smallest = INT64_MAX;
  for (int round = 0; round < (smallest > growth_max ? kRoundMax : kRounds); ++round) {
    const int64_t before = AllocatedBytes();
    work();
    smallest = std::min(smallest, AllocatedBytes() - before);
  }
  return smallest;
}

}  // namespace

void CheckTime(const Context& context, Report& report) {
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  const std::vector<RequestDraft> drafts = OrdinaryRequests();
  std::vector<absl::Duration> times;
  topup_pricing_answer_t answer;
  const base::Clock& clock = base::RealClock();
  for (int i = 0; i < context.calls; ++i) {
    const topup_pricing_request_t request = drafts[i % drafts.size()].Record();
    if (i % 1024 == 0) report.Doing("price was called to see how long it takes");
    const absl::Duration begin = clock.Elapsed();
    opened.instance->QuickPrice(request, answer);
    times.push_back(clock.Elapsed() - begin);
  }
  std::sort(times.begin(), times.end());
  const absl::Duration median = times[times.size() / 2];
  const std::string found =
      absl::StrCat("median ", absl::FormatDuration(median), ", 99 of 100 within ",
                   absl::FormatDuration(times[times.size() * 99 / 100]), ", worst ",
                   absl::FormatDuration(times.back()), " of ", times.size(), " calls");
  if (median > kMedianMax) {
    return report.Bad(found, "answer in microseconds: no lock, no file, no sleep");
  }
  if (median > kMedianUsual) {
    return report.Look(found, "see what it does in that time: rules take microseconds");
  }
  report.Good(found);
}

void CheckMemory(const Context& context, Report& report) {
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  std::vector<RequestDraft> drafts = OrdinaryRequests();
  for (RequestDraft& draft : ExtremeRequests()) drafts.push_back(std::move(draft));
  if (AllocatedBytes() == 0) {
    return report.Skipped("this build's allocator does not say what is allocated",
                          "use a build without sanitizers");
  }
  const int calls = context.calls / kRounds + 1;
  topup_pricing_answer_t answer;
  const int64_t grown_max = calls;  // a byte each
  const int64_t grown = SmallestGrowth(grown_max, [&] {
    for (int i = 0; i < calls; ++i) {
      opened.instance->QuickPrice(drafts[i % drafts.size()].Record(), answer);
    }
  });
  if (grown > grown_max) {
    return report.Bad(
        absl::StrCat(grown, " bytes more are allocated after each ", calls, " prices"),
        "free in price what price allocates, also where it fails");
  }
  const int strategies = std::min(calls / 10 + 1, 300);
  const int64_t kept_max = strategies * int64_t{8};
  const int64_t kept = SmallestGrowth(kept_max, [&] {
    for (int i = 0; i < strategies; ++i) opened.subject->Make();
  });
  if (kept > kept_max) {
    return report.Bad(absl::StrCat(kept, " bytes more are allocated after each ", strategies,
                                   " strategies that were made and destroyed"),
                      "free in destroy what create allocates");
  }
  report.Good(absl::StrCat(grown, " bytes with each ", calls, " prices, ", kept,
                           " bytes with each ", strategies, " strategies"));
}

}  // namespace topup::checker
