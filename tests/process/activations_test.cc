// A short soak over the built program; the long one is tests/process:activations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/process/activation_soak.h"
#include "tests/support/temp_dir.h"

namespace topup::process {
namespace {

TEST(ActivationsTest, WhileTheyGoOnNoQuoteFailsOrIsAMixtureAndTheProcessDoesNotGrow) {
  const support::TempDir folder;
  SoakOptions options;
  options.topupd = std::filesystem::absolute("server/main/topupd");
  options.libraries = std::filesystem::absolute("pricing_plugins");
  options.folder = folder.path();
  options.activations = 200;
  options.counting = std::filesystem::absolute("tests/process/libholds_a_file.so");
  options.quotes_per_change = 3;
  options.warm_up = 50;
  options.quotes.quotes_per_second = 300;
  options.quotes.clients = 4;
  options.quotes.send_every = 10;
#ifdef __SANITIZE_ADDRESS__
  options.more_growth_kib = 1'000'000;
#endif
  const SoakResult result = RunActivationSoak(options);
  EXPECT_THAT(result.problems, testing::IsEmpty());
  EXPECT_EQ(result.owner.changes, options.activations);
  EXPECT_EQ(result.owner.rollbacks, 20);
  EXPECT_EQ(result.owner.refused, 10);
  EXPECT_GE(result.quotes, 600);
  EXPECT_GT(result.crowd.sends, 10);
  EXPECT_EQ(result.crowd.failed + result.crowd.mixtures + result.misdated, 0);
  EXPECT_EQ(result.end.process.libraries, 4);
}

}  // namespace
}  // namespace topup::process
