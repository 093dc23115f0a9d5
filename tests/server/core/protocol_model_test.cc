// The send protocol against every interleaving of a small world: our rules are safe in it, and
// each well-known shortcut is not. A model that could not find the wrong ones would prove
// nothing about the right ones.
#include "tests/server/core/protocol_model.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace topup::core {
namespace {

// Longer than a request can wait in the provider's queue.
constexpr int kGrace = 2;

constexpr char kAcceptedTwice[] = "accepted twice";
constexpr char kReleased[] = "released though accepted";

Exploration ExploreAndPrint(const Variant& variant) {
  Exploration found = Explore(variant);
  std::printf("%s: %d states, %d ended, %s\n", variant.name.c_str(), found.states,
              found.ended_states, found.violation.empty() ? "safe" : found.violation.c_str());
  for (const std::string& step : found.steps) std::printf("    %s\n", step.c_str());
  return found;
}

void ExpectSafe(const Variant& variant) {
  const Exploration found = ExploreAndPrint(variant);
  EXPECT_EQ(found.violation, "");
  EXPECT_EQ(found.stuck_states, 0) << "some way has to lead to an end from everywhere";
  EXPECT_GT(found.ended_states, 0);
  EXPECT_GT(found.states, 1000) << "the model explores next to nothing";
}

void ExpectWrong(const Variant& variant, const char* violation) {
  EXPECT_EQ(ExploreAndPrint(variant).violation, violation);
}

TEST(ProtocolModelTest, OurRulesAreSafeWithAtomicUniquenessEvenWithoutAGrace) {
  ExpectSafe({.name = "our rules, atomic uniqueness, no grace"});
}

TEST(ProtocolModelTest, OurRulesAreSafeWithoutAtomicUniquenessWhereTheGraceOutlastsTheQueue) {
  ExpectSafe({.name = "our rules, grace", .atomic_uniqueness = false, .grace_ticks = kGrace});
}

TEST(ProtocolModelTest, WithoutAGraceTwoCopiesPassTheLookTogether) {
  ExpectWrong({.name = "no grace, uniqueness not atomic", .atomic_uniqueness = false},
              kAcceptedTwice);
}

TEST(ProtocolModelTest, ANewRefForEachPostSellsTwice) {
  ExpectWrong(
      {.name = "new ref for each POST", .grace_ticks = kGrace, .new_ref_for_each_post = true},
      kAcceptedTwice);
}

TEST(ProtocolModelTest, AnIntentThatIsNotStoredSellsTwice) {
  ExpectWrong({.name = "intent not stored", .grace_ticks = kGrace, .intent_not_stored = true},
              kAcceptedTwice);
}

TEST(ProtocolModelTest, ReleasingOnTheFirstNotFoundGivesAwayWhatTheProviderHas) {
  ExpectWrong(
      {.name = "release on not-found", .grace_ticks = kGrace, .release_on_first_not_found = true},
      kReleased);
}

TEST(ProtocolModelTest, ARefusalAfterDoubtAtFaceValueGivesAwayWhatTheProviderHas) {
  ExpectWrong({.name = "refusal after doubt believed",
               .grace_ticks = kGrace,
               .believe_refusal_after_doubt = true},
              kReleased);
}

TEST(ProtocolModelTest, ADuplicateTakenAsAFailureGivesAwayWhatTheProviderHas) {
  ExpectWrong({.name = "duplicate is failure", .grace_ticks = kGrace, .duplicate_is_failure = true},
              kReleased);
}

TEST(ProtocolModelTest, AGraceThatDoesNotBeginAnewWithEachPostSellsTwice) {
  ExpectWrong({.name = "grace from the first POST",
               .atomic_uniqueness = false,
               .grace_ticks = kGrace,
               .grace_from_first_post = true},
              kAcceptedTwice);
}

TEST(ProtocolModelTest, ATakeOverThatSendsWithoutAskingSellsTwice) {
  ExpectWrong({.name = "take-over sends without asking",
               .atomic_uniqueness = false,
               .grace_ticks = kGrace,
               .take_over_sends_without_asking = true},
              kAcceptedTwice);
}

}  // namespace
}  // namespace topup::core
