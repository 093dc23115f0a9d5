// A program for the whole engine in virtual time: the bytes say what callers send, quote, cancel
// and watch, what the provider and the network do with each request, when the process dies and
// when somebody sets the clock. Afterwards no invariant of tests/sim/checkers may be broken.
#include <cstdio>

#include "tests/fuzz/fuzz_target.h"
#include "tests/sim/campaign.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using topup::fuzz::Promise;
  const auto options = topup::sim::OptionsOfProgram(topup::fuzz::TextOf(data, size));
  const auto outcome = topup::sim::RunOnce(options);
  if (!outcome.violations.empty()) {
    std::fprintf(stderr, "%s", topup::sim::Report(options, outcome).c_str());
    Promise(false, outcome.violations[0].checker.c_str());
  }
  return 0;
}
