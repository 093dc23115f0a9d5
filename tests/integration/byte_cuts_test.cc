// A sample of what the program byte_cuts does as a whole.
#include <cstdio>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/run_byte_cuts.h"

namespace topup::integration {
namespace {

void ExpectNoViolation(const ByteCutRun& run) {
  const ByteCutReport report = RunByteCuts(run);
  std::printf("%s\n", Figures("byte_cuts", report).c_str());
  EXPECT_THAT(report.violations, testing::IsEmpty());
  EXPECT_GE(report.cuts(), 80);
  EXPECT_GT(report.counts.cut_posts, 0);
}

TEST(ByteCutsTest, APostThatIsCutOffAnywhereIsSoldOnceOrNotAtAll) {
  ExpectNoViolation({.every = 16, .offset = 5});
}

TEST(ByteCutsTest, SoIsASecondPostThatIsCutOffAnywhere) {
  ExpectNoViolation({.every = 16, .offset = 11, .on_retry = true});
}

TEST(ByteCutsTest, SoIsOneThatIsCutOffInsideTls) {
  ExpectNoViolation({.every = 16, .offset = 2, .tls = true});
}

}  // namespace
}  // namespace topup::integration
