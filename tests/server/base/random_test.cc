#include "server/base/random.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <set>

#include "tests/fakes/seeded_random.h"

namespace topup::base {
namespace {

// Gives prepared numbers, as the machine lays them out.
class ScriptedRandom : public RandomSource {
 public:
  explicit ScriptedRandom(std::deque<uint64_t> numbers) : numbers_(std::move(numbers)) {}

  std::string Bytes(int size) override {
    EXPECT_EQ(size, static_cast<int>(sizeof(uint64_t)));
    EXPECT_FALSE(numbers_.empty());
    const uint64_t number = numbers_.empty() ? ~uint64_t{0} : numbers_.front();
    if (!numbers_.empty()) numbers_.pop_front();
    return std::string(reinterpret_cast<const char*>(&number), sizeof(number));
  }

 private:
  std::deque<uint64_t> numbers_;
};

TEST(RandomTest, GivesAsManyBytesAsAskedFor) {
  for (int size : {0, 1, 16, 255, 256, 257, 5000}) {
    EXPECT_EQ(SystemRandom().Bytes(size).size(), static_cast<size_t>(size));
  }
  EXPECT_EQ(SystemRandom().Bytes(-1), "");
}

TEST(RandomTest, DoesNotRepeatItself) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(SystemRandom().Bytes(16)).second);
}

// A buffer whose end is left unfilled would show as zeros.
TEST(RandomTest, FillsLongAnswersToTheEnd) {
  const std::string bytes = SystemRandom().Bytes(100'000);
  EXPECT_NE(bytes.substr(bytes.size() - 32), std::string(32, '\0'));
}

TEST(UniformBelowTest, StaysBelowItsBoundAndReachesAllOfIt) {
  fakes::SeededRandom random;
  std::map<uint64_t, int> counts;
  for (int i = 0; i < 6000; ++i) ++counts[UniformBelow(random, 6)];
  ASSERT_EQ(counts.size(), 6u);
  EXPECT_EQ(counts.rbegin()->first, 5u);
  for (const auto& [value, count] : counts) EXPECT_NEAR(count, 1000, 200) << value;
}

TEST(UniformBelowTest, DrawsAgainWhereAValueWouldMakeLowResultsLikelier) {
  // 2^64 is 1 more than a multiple of 3: the value 0 has no fair place.
  ScriptedRandom random({0, 5});
  EXPECT_EQ(UniformBelow(random, 3), 2u);
}

TEST(UniformBelowTest, TakesBoundsThatFillTheWholeRange) {
  const uint64_t most = ~uint64_t{0};
  ScriptedRandom random({most, most - 1});
  EXPECT_EQ(UniformBelow(random, most), 0u);  // `most` modulo itself
  EXPECT_EQ(UniformBelow(random, uint64_t{1} << 63), (uint64_t{1} << 63) - 2);
}

TEST(UniformBelowTest, HasOneAnswerBelowOne) {
  ScriptedRandom random({});
  EXPECT_EQ(UniformBelow(random, 1), 0u);
}

}  // namespace
}  // namespace topup::base
