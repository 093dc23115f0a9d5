// The same request has the same price: again, in another order, from another instance, in another
// process. What was priced cannot be explained otherwise.
#include <sys/mman.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "pricing_plugins/checker/checks.h"
#include "server/base/clock.h"
#include "server/base/signer.h"

namespace topup::checker {
namespace {

constexpr char kRemedy[] =
    "let the price follow from request and configuration alone: no clock, no random number, no "
    "counter, no uninitialised memory";

std::vector<std::string> Summaries(const Instance& instance,
                                   const std::vector<RequestDraft>& drafts) {
  std::vector<std::string> summaries;
  summaries.reserve(drafts.size());
  for (const RequestDraft& draft : drafts) summaries.push_back(instance.Price(draft).Summary());
  return summaries;
}

bool Compare(const std::string& first, const std::string& other, const RequestDraft& draft,
             const std::string& when, Report& report) {
  if (first == other) return true;
  report.Bad(absl::StrCat("it answered ", first, " and, ", when, ", ", other, "; asked for ",
                          draft.Describe()),
             kRemedy);
  return false;
}

// Forked from the same parent, this process would lay out its memory as the others did: what is
// mapped and allocated from here on gets other addresses. Holes between mappings are filled too.
void DisplaceEverything() {
  constexpr size_t kPage = 4096;
  for (const size_t pages : {1237, 256, 64, 32, 16, 8, 4, 2, 1}) {
    for (int i = 0; i < 16; ++i) {
      // Where it lies is of no interest, and where there is no room nothing is displaced.
      static_cast<void>(mmap(nullptr, pages * kPage, PROT_NONE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    }
  }
  static std::string heap(10007, 'x');  // as long as the process
}

std::string DigestOf(const std::vector<std::string>& summaries) {
  std::string all;
  for (const std::string& summary : summaries) absl::StrAppend(&all, summary, "\n");
  return base::Sha256Hex(all);
}

// A clock that is read moves on in the meantime. How often it was asked; -1 for a difference.
int64_t RepeatForAWhile(const Instance& instance, const RequestDraft& draft, absl::Duration time,
                        Report& report) {
  const std::string first = instance.Price(draft).Summary();
  const absl::Duration end = base::RealClock().Elapsed() + time;
  int64_t count = 0;
  while (base::RealClock().Elapsed() < end) {
    ++count;
    if (!Compare(first, instance.Price(draft).Summary(), draft, "a while later", report)) return -1;
  }
  return count;
}

}  // namespace

void CheckDeterminism(const Context& context, Report& report) {
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  const Instance& instance = *opened.instance;
  const std::vector<RequestDraft> drafts = OrdinaryRequests();
  const std::vector<std::string> first = Summaries(instance, drafts);
  const std::vector<std::string> again = Summaries(instance, drafts);
  for (size_t i = 0; i < drafts.size(); ++i) {
    if (!Compare(first[i], again[i], drafts[i], "asked again", report)) return;
  }
  for (size_t i = drafts.size(); i > 0; --i) {
    const std::string backwards = instance.Price(drafts[i - 1]).Summary();
    if (!Compare(first[i - 1], backwards, drafts[i - 1], "asked in another order", report)) return;
  }
  // Just over a second for the usual number of calls: the smallest step that clocks are read in.
  const absl::Duration time = absl::Milliseconds(std::min(1100, context.calls * 11 / 200));
  report.Doing("one request was asked for a while");
  const int64_t count = RepeatForAWhile(instance, drafts[0], time, report);
  if (count < 0) return;
  report.Keep("answers", DigestOf(first));
  report.Good(absl::StrCat(drafts.size(), " requests three times, one of them ", count,
                           " times within ", absl::FormatDuration(time),
                           "; a clock that is read by the minute or the day is not seen this way"));
}

void CheckProcesses(const Context& context, Report& report) {
  DisplaceEverything();
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  const auto before = context.kept.find("answers");
  if (before == context.kept.end()) {
    return report.Skipped("there is nothing to compare with", "see determinism");
  }
  const std::vector<std::string> here = Summaries(*opened.instance, OrdinaryRequests());
  if (DigestOf(here) != before->second) {
    return report.Bad("another process got other answers",
                      "look for addresses, hash orders, process ids and clocks in the rule");
  }
  report.Good("the same answers, with everything at other addresses");
}

void CheckInstances(const Context& context, Report& report) {
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  const std::vector<RequestDraft> drafts = OrdinaryRequests();
  const std::vector<std::string> first = Summaries(*opened.instance, drafts);
  auto second = opened.subject->Make();
  if (!second->creation().ok()) {
    return report.Bad(absl::StrCat("a second create: ", second->creation().Summary()),
                      "keep nothing that allows one strategy only: old and new live side by side");
  }
  for (size_t i = 0; i < drafts.size(); ++i) {  // in turns
    const std::string other = second->Price(drafts[i]).Summary();
    if (!Compare(first[i], other, drafts[i], "from a second strategy", report)) return;
    const std::string same = opened.instance->Price(drafts[i]).Summary();
    if (!Compare(first[i], same, drafts[i], "beside a second strategy", report)) return;
  }
  report.Doing("a second strategy was destroyed");
  second.reset();
  report.Doing("price was called after another strategy was destroyed");
  for (size_t i = 0; i < drafts.size(); ++i) {
    const std::string after = opened.instance->Price(drafts[i]).Summary();
    if (!Compare(first[i], after, drafts[i], "after another was destroyed", report)) return;
  }
  // A process with several hosts initialises a library for each.
  report.Doing("init and deinit were called for a second host");
  const topup_pricing_entry_t& entry = opened.subject->library().entry();
  topup_pricing_error_t error = {.struct_size = sizeof(error),
                                 .abi_version = TOPUP_PRICING_ABI_VERSION};
  if (entry.init(opened.subject->host(), &error) != TOPUP_PRICING_OK) {
    return report.Bad("init refused a second host", "allow init once for each host");
  }
  entry.deinit();
  const std::string after = opened.instance->Price(drafts[0]).Summary();
  if (!Compare(first[0], after, drafts[0], "after another host was gone", report)) return;
  report.Good("the same answers, also after the other strategy and a second host were gone");
}

}  // namespace topup::checker
