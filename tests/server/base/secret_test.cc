#include "server/base/secret.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <new>
#include <ostream>
#include <type_traits>

namespace topup::base {
namespace {

template <typename T, typename = void>
struct IsPrintable : std::false_type {};
template <typename T>
struct IsPrintable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<T>())>>
    : std::true_type {};

static_assert(IsPrintable<int>::value);
static_assert(!IsPrintable<Secret>::value);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, absl::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);

TEST(SecretTest, EqualsOnlyTheSameBytes) {
  const Secret key("correct horse battery staple");
  EXPECT_TRUE(key.Equals(Secret("correct horse battery staple")));
  EXPECT_FALSE(key.Equals(Secret("correct horse battery stapl")));
  EXPECT_FALSE(key.Equals(Secret("correct horse battery staplf")));
  EXPECT_FALSE(key.Equals(Secret()));
  EXPECT_TRUE(Secret().Equals(Secret()));
  EXPECT_FALSE(Secret(std::string("a\0b", 3)).Equals(Secret(std::string("a\0c", 3))));
}

TEST(SecretTest, IsEmptyUntilItHoldsSomething) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_FALSE(Secret("k").empty());
}

TEST(SecretTest, CopiesAreSecretsOfTheirOwn) {
  Secret first("first");
  const Secret copy = first;
  first = Secret("second");
  EXPECT_EQ(copy.Reveal(), "first");
  EXPECT_EQ(first.Reveal(), "second");
}

TEST(SecretTest, SurvivesAssignmentToItself) {
  Secret key("a key that is longer than a short string");
  Secret& same = key;
  key = same;
  EXPECT_EQ(key.Reveal(), "a key that is longer than a short string");
  key = std::move(same);
  EXPECT_EQ(key.Reveal(), "a key that is longer than a short string");
}

TEST(SecretTest, LeavesNothingBehindWhenMoved) {
  Secret source("a key that is longer than a short string");
  const Secret target = std::move(source);
  EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move): what this test is about
  EXPECT_EQ(target.Reveal(), "a key that is longer than a short string");
}

// Reads the memory of a destroyed short secret, whose bytes lie inside the object.
TEST(SecretTest, WipesItsBytesWhenDestroyed) {
  alignas(Secret) unsigned char memory[sizeof(Secret)] = {};
  auto* const secret = new (memory) Secret("0123456");
  const std::string before(reinterpret_cast<char*>(memory), sizeof(memory));
  ASSERT_NE(before.find("123456"), std::string::npos);
  secret->~Secret();
  std::string after;
  for (volatile unsigned char* byte = memory; byte != memory + sizeof(memory); ++byte) {
    after.push_back(static_cast<char>(*byte));
  }
  EXPECT_EQ(after.find("123456"), std::string::npos);
}

}  // namespace
}  // namespace topup::base
