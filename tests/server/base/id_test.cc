#include "server/base/id.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/fakes/seeded_random.h"

namespace topup::base {
namespace {

constexpr absl::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

TEST(IdTest, HoldsTheMillisecondsInItsFirstTenDigits) {
  fakes::SeededRandom random;
  EXPECT_EQ(MakeTimeOrderedId(absl::UnixEpoch(), random).substr(0, 10), "0000000000");
  EXPECT_EQ(MakeTimeOrderedId(absl::FromUnixMillis(31), random).substr(0, 10), "000000000Z");
  EXPECT_EQ(MakeTimeOrderedId(absl::FromUnixMillis(1'469'918'176'385), random).substr(0, 10),
            "01ARYZ6S41");
}

TEST(IdTest, SortsByTheTimeItWasMade) {
  fakes::SeededRandom random;
  std::string last;
  absl::Time time = absl::FromUnixMillis(1'790'000'000'000);
  for (int i = 0; i < 200; ++i) {
    const std::string id = MakeTimeOrderedId(time, random);
    EXPECT_LT(last, id);
    last = id;
    time += absl::Milliseconds(1 + i * i * i);
  }
}

TEST(IdTest, DiffersWithinOneMillisecond) {
  fakes::SeededRandom random;
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(MakeTimeOrderedId(absl::FromUnixSeconds(1), random));
  EXPECT_EQ(ids.size(), 1000u);
}

TEST(IdTest, ClampsTimesThatItCannotHold) {
  fakes::SeededRandom random;
  EXPECT_EQ(MakeTimeOrderedId(absl::InfinitePast(), random).substr(0, 10), "0000000000");
  EXPECT_EQ(MakeTimeOrderedId(absl::InfiniteFuture(), random).substr(0, 10), "7ZZZZZZZZZ");
}

TEST(IdTest, ThePrefixOfATimePartsTheIdsMadeBeforeItFromAllOthers) {
  fakes::SeededRandom random;
  const absl::Time time = absl::FromUnixMillis(1'790'000'000'000);
  const std::string prefix = TimePrefixOfId(time + absl::Microseconds(999));
  for (int i = 0; i < 200; ++i) {
    EXPECT_LT(MakeTimeOrderedId(time - absl::Microseconds(1), random), prefix);
    EXPECT_GT(MakeTimeOrderedId(time, random), prefix);
    EXPECT_GT(MakeTimeOrderedId(time + absl::Milliseconds(1), random), prefix);
  }
  EXPECT_EQ(TimePrefixOfId(absl::InfinitePast()), "0000000000");
  EXPECT_EQ(TimePrefixOfId(absl::InfiniteFuture()), "7ZZZZZZZZZ");
}

TEST(IdTest, RecognisesWhatItMakesAndNothingElse) {
  fakes::SeededRandom random;
  const std::string id = MakeTimeOrderedId(absl::FromUnixSeconds(1'790'000'000), random);
  ASSERT_EQ(id.size(), 26u);
  EXPECT_TRUE(IsTimeOrderedId(id));
  EXPECT_TRUE(IsTimeOrderedId(MakeTimeOrderedId(absl::InfiniteFuture(), random)));

  EXPECT_FALSE(IsTimeOrderedId(""));
  EXPECT_FALSE(IsTimeOrderedId(id.substr(1)));
  EXPECT_FALSE(IsTimeOrderedId(id + "0"));
  EXPECT_FALSE(IsTimeOrderedId("8" + id.substr(1)));  // more than 48 bits of time
  for (char wrong : {'I', 'L', 'O', 'U', 'a', '-', ' ', '\0', '\xff'}) {
    std::string altered = id;
    altered[20] = wrong;
    EXPECT_FALSE(IsTimeOrderedId(altered)) << altered;
  }
}

TEST(RandomNameTest, UsesTheWholeAlphabetAndOnlyThat) {
  fakes::SeededRandom random;
  const std::string name = MakeRandomName(2000, random);
  EXPECT_EQ(name.size(), 2000u);
  const std::set<char> used(name.begin(), name.end());
  EXPECT_EQ(used, std::set<char>(kAlphabet.begin(), kAlphabet.end()));
}

}  // namespace
}  // namespace topup::base
