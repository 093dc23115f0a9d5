// Where the strategies are that were built with a benchmark.
#ifndef TOPUP_TESTS_BENCH_STRATEGIES_OF_THIS_BUILD_H_
#define TOPUP_TESTS_BENCH_STRATEGIES_OF_THIS_BUILD_H_

#include <filesystem>
#include <string>

namespace topup::bench {

// Beside the program, wherever it is run from: out/bin/tests/bench/x has them in
// out/bin/pricing_plugins.
inline std::string StrategiesOfThisBuild() {
  return (std::filesystem::read_symlink("/proc/self/exe")
              .parent_path()
              .parent_path()
              .parent_path() /
          "pricing_plugins")
      .string();
}

}  // namespace topup::bench

#endif  // TOPUP_TESTS_BENCH_STRATEGIES_OF_THIS_BUILD_H_
