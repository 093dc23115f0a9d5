// Explores the send protocol's model and says whether our rules are safe in it and each wrong
// variant is not.
//
//   model [--workers N]
//
// N (2 to 6) workers act at the same time. Prints one line for each variant, and the
// shortest way to what is wrong. The exit status is 0 where all is as it has to be, 1 where not, 2
// for arguments that mean nothing.
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/numbers.h"
#include "tests/server/core/protocol_model.h"
#include "tests/support/figures.h"

namespace topup::core {
namespace {

int Run(int workers) {
  int64_t states = 0;
  int violations = 0;
  int wrong = 0;
  int found = 0;
  for (Variant variant : ModelVariants()) {
    variant.workers = workers;
    const Exploration explored = Explore(variant);
    const bool is_safe = explored.violation.empty();
    const bool is_right = variant.wrong_how.empty();
    std::printf("%-40s %9d states, %s\n", variant.name.c_str(), explored.states,
                is_safe ? "safe" : explored.violation.c_str());
    for (const std::string& step : explored.steps) std::printf("    %s\n", step.c_str());
    std::fflush(stdout);
    if (is_right) {
      states += explored.states;
      violations += is_safe ? 0 : 1;
      if (explored.stuck_states > 0) {
        ++violations;
        std::printf("    %d states lead to no end\n", explored.stuck_states);
      }
    } else {
      ++wrong;
      found += explored.violation == variant.wrong_how ? 1 : 0;
    }
  }
  std::printf("model: %s states with %d workers, %d violations, %d wrong variants of %d found\n",
              support::Grouped(states).c_str(), workers, violations, found, wrong);
  return violations == 0 && found == wrong && states > 0 ? 0 : 1;
}

}  // namespace
}  // namespace topup::core

int main(int argc, char** argv) {
  int workers = 2;
  const bool given = argc == 3 && std::string(argv[1]) == "--workers";
  if (argc != 1 && (!given || !absl::SimpleAtoi(argv[2], &workers) || workers < 2 || workers > 6)) {
    std::fputs("usage: model [--workers N]\n", stderr);
    return 2;
  }
  return topup::core::Run(workers);
}
