// Shows that what is charged is what was quoted.
//
//   charged_is_quoted [--quotes N] [--seed S]
//
// The exit status is 0 where N quotes (100,000) were given and none was charged otherwise, 1
// where one was or something that has to happen never did, 2 for arguments that mean nothing.
#include <cstdio>
#include <limits>
#include <string>

#include "tests/integration/quote_campaign.h"
#include "tests/integration/quote_world.h"
#include "tests/support/figures.h"
#include "tests/support/proof_flags.h"

namespace topup::integration {
namespace {

using support::Grouped;

struct Arguments {
  int64_t quotes = 0;
  uint64_t seed = 0;
};

bool Parse(int argc, char** argv, Arguments& arguments) {
  support::ProofFlags flags(argc, argv);
  arguments.quotes = flags.Number("quotes", 100'000, 1, std::numeric_limits<int>::max());
  arguments.seed = flags.Seed("seed", 1);
  return flags.problem().empty();
}

int Run(const Arguments& arguments) {
  const QuoteFigures figures = RunQuotes(arguments.quotes, arguments.seed, PricingOfThisBuild());
  for (const std::string& breach : figures.breaches) std::printf("MISMATCH %s\n", breach.c_str());
  for (const auto& [what, count] : figures.reached) {
    std::printf("%10s  %s\n", Grouped(count).c_str(), what.c_str());
  }
  std::printf("quotes: %s quotes, %s swaps, %s restarts, %s explained, %s mismatches\n",
              Grouped(figures.quotes).c_str(), Grouped(figures.swaps).c_str(),
              Grouped(figures.restarts).c_str(), Grouped(figures.explained).c_str(),
              Grouped(figures.mismatches).c_str());
  const bool was_tried = figures.swaps > 0 && figures.explained > 0 &&
                         (figures.restarts > 0 || arguments.quotes < 5000);
  return figures.mismatches == 0 && figures.quotes >= arguments.quotes && was_tried ? 0 : 1;
}

}  // namespace
}  // namespace topup::integration

int main(int argc, char** argv) {
  topup::integration::Arguments arguments;
  if (!topup::integration::Parse(argc, argv, arguments)) {
    std::fputs("usage: charged_is_quoted [--quotes N] [--seed S]\n", stderr);
    return 2;
  }
  return topup::integration::Run(arguments);
}
