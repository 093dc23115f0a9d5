// A sample of what tools/simulate does for hours: some seeds in each mode, and the proof that a
// seed can be replayed.
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "tests/sim/campaign.h"
#include "tests/sim/run_many.h"

namespace topup::sim {
namespace {

constexpr uint64_t kSeeds = 20;  // no long one: those take a second each

void ExpectClean(bool liveness) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const SimOptions options = OptionsOfSeed(seed, liveness);
    const Outcome outcome = RunOnce(options);
    EXPECT_TRUE(outcome.violations.empty()) << Report(options, outcome);
  }
}

TEST(SimulationTest, NothingThatMustNotBeIsWhileFaultsLast) { ExpectClean(/*liveness=*/false); }

TEST(SimulationTest, EverythingComesToAnEndOnceFaultsStop) { ExpectClean(/*liveness=*/true); }

// The sweep reads beside the batches, so that what was asked first may be answered last: the
// checker took the order of the answers for that of the questions.
TEST(SimulationTest, TwoReadsThatAnswerInTheOtherOrderConfirmARefund) {
  const SimOptions options = OptionsOfSeed(525, /*liveness=*/true);
  const Outcome outcome = RunOnce(options);
  EXPECT_TRUE(outcome.violations.empty()) << Report(options, outcome);
}

TEST(SimulationTest, TheSameSeedGivesTheSameRun) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    const SimOptions options = OptionsOfSeed(seed, /*liveness=*/seed % 2 == 0);
    const uint64_t hash = RunOnce(options).trace_hash;
    EXPECT_EQ(RunOnce(options).trace_hash, hash) << Describe(options);
    hashes.insert(hash);
  }
  EXPECT_EQ(hashes.size(), 4u);
}

TEST(SimulationTest, NothingComesTooEarlyOrGetsStuckHoweverTheClocksAreSet) {
  int jumps = 0;
  // Every third one lasts longer than a day.
  for (const uint64_t seed : {1, 2}) {
    const SimOptions options = OptionsOfClockSeed(seed);
    const Outcome outcome = RunOnce(options);
    EXPECT_TRUE(outcome.violations.empty()) << Report(options, outcome);
    jumps += outcome.jumps;
  }
  EXPECT_GT(jumps, 40);
}

TEST(SimulationTest, SeveralAtATimeAreToldInTheirOrder) {
  ManyRuns runs{.count = 4, .jobs = 2};
  runs.options = [](int64_t number) { return OptionsOfSeed(number + 1, number % 2 == 1); };
  runs.twice = [](int64_t number) { return number == 2; };
  std::vector<uint64_t> seeds;
  int twice = 0;
  EXPECT_EQ(RunMany(runs,
                    [&](const OneOfMany& one) {
                      seeds.push_back(one.options.seed);
                      EXPECT_TRUE(one.equal);
                      twice += one.ran_twice ? 1 : 0;
                    }),
            4);
  EXPECT_EQ(seeds, (std::vector<uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(twice, 1);
}

// A sample that never left the quiet way would prove nothing.
TEST(SimulationTest, TheSampleGetsToTheUnusual) {
  std::map<std::string, int> reached;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    for (const auto& [name, count] : RunOnce(OptionsOfSeed(seed, false)).reached) {
      reached[name] += count;
    }
  }
  for (const char* name :
       {"status FULFILLED", "status REFUNDED", "status CANCELLED", "status SUBMITTING",
        "POST sent again", "POST copied on the way", "claim taken over", "call never answered",
        "call replayed", "call REF_REUSED", "call STORAGE_UNAVAILABLE", "event delivered"}) {
    EXPECT_GT(reached[name], 0) << name;
  }
}

TEST(SimulationTest, ShrinkingKeepsTheBreachAndLeavesOutTheRest) {
  Decorations broken;
  broken.options = [](engine::EngineOptions& options) { options.submit_concurrency = 20; };
  SimOptions options = OptionsOfSeed(3, /*liveness=*/false);
  options.topups = 60;
  options.fault_time = absl::Minutes(2);
  options.settle_time = absl::Minutes(1);
  options.faults = {{Fault::kLostAfter, 950}, {Fault::kCopies, 100}, {Fault::kUnknownWords, 10}};
  const std::string checker = "bounded_blast_radius";
  ASSERT_FALSE(RunOnce(options, broken).violations.empty());
  const SimOptions shrunk = Shrink(options, checker, broken);
  EXPECT_LT(shrunk.faults.size(), options.faults.size());
  ASSERT_FALSE(RunOnce(shrunk, broken).violations.empty());
  EXPECT_EQ(RunOnce(shrunk, broken).violations[0].checker, checker);
}

}  // namespace
}  // namespace topup::sim
