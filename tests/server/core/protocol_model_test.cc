// The send protocol against every interleaving of a small world: our rules are safe in it, and
// each well-known shortcut is not. A model that could not find the wrong ones would prove
// nothing about the right ones.
#include "tests/server/core/protocol_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace topup::core {
namespace {

class ProtocolModelTest : public testing::TestWithParam<Variant> {};

TEST_P(ProtocolModelTest, IsSafeWhereItIsOursAndWrongWhereItIsAShortcut) {
  const Variant& variant = GetParam();
  const Exploration found = Explore(variant);
  std::printf("%s: %d states, %d ended, %s\n", variant.name.c_str(), found.states,
              found.ended_states, found.violation.empty() ? "safe" : found.violation.c_str());
  for (const std::string& step : found.steps) std::printf("    %s\n", step.c_str());
  EXPECT_EQ(found.violation, variant.wrong_how);
  if (!variant.wrong_how.empty()) return;
  EXPECT_EQ(found.stuck_states, 0) << "some way has to lead to an end from everywhere";
  EXPECT_GT(found.ended_states, 0);
  EXPECT_GT(found.states, 1000) << "the model explores next to nothing";
}

std::string TestName(const testing::TestParamInfo<Variant>& info) {
  std::string name;
  for (const char c : info.param.name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, ProtocolModelTest, testing::ValuesIn(ModelVariants()), TestName);

TEST(ProtocolModelVariantsTest, TwoAreOursAndEightAreShortcuts) {
  const std::vector<Variant> variants = ModelVariants();
  EXPECT_EQ(std::count_if(variants.begin(), variants.end(),
                          [](const Variant& variant) { return variant.wrong_how.empty(); }),
            2);
  EXPECT_EQ(variants.size(), 10u);
}

}  // namespace
}  // namespace topup::core
