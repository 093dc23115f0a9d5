// Which prices are in force after what: an owner's word is kept over a restart, a broken file
// stops nobody, and a way back is always there.
#include "server/engine/pricing_activations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>

#include "tests/server/engine/pricing_world.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace topup::engine {
namespace {

using support::HasMetadata;
using support::HasReason;
using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using Cause = store::PricingActivation::Cause;

constexpr int64_t kFivePercent = 102900;
constexpr int64_t kSixPercent = 103880;
constexpr int64_t kSevenPercent = 104860;

class PricingActivationsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(world_.activations->Start(), IsOk()); }

  PricingWorld world_;
};

TEST(PricingChoiceTest, TheFileCountsWhereItHasChangedOrNothingElseIsThere) {
  const store::PricingActivation latest = {.file_digest = "old"};
  EXPECT_TRUE(TakesFile({}, "old"));
  EXPECT_TRUE(TakesFile({}, {}));
  EXPECT_TRUE(TakesFile(latest, "new"));
  EXPECT_FALSE(TakesFile(latest, "old"));
  EXPECT_FALSE(TakesFile(latest, {}));
}

TEST_F(PricingActivationsTest, TheFirstStartTakesTheFileAndRecordsIt) {
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
  const store::PricingActivation first = world_.Latest();
  EXPECT_EQ(first.number, 1);
  EXPECT_EQ(first.previous, 0);
  EXPECT_EQ(first.cause, Cause::kFile);
  EXPECT_EQ(first.activated_by, "");
  EXPECT_EQ(first.config, world_.file);
  EXPECT_EQ(first.config_digest, base::Sha256Hex(world_.file));
  EXPECT_EQ(first.file_digest, first.config_digest);
  ASSERT_EQ(first.libraries.size(), 1u);
  EXPECT_EQ(first.libraries[0].file, "libpercentage_markup.so");
  EXPECT_EQ(first.libraries[0].digest, world_.Price()->strategies[0].library_digest);
}

TEST_F(PricingActivationsTest, APriceNamesTheConfigurationThatMadeIt) {
  EXPECT_EQ(world_.Price()->basis.config_digest, base::Sha256Hex(world_.file));
  const std::string six = PercentText("6");
  EXPECT_THAT(world_.Activate(six), IsOkAndHolds(base::Sha256Hex(six)));
  EXPECT_EQ(world_.Price()->basis.config_digest, base::Sha256Hex(six));
  EXPECT_EQ(world_.activations->config_digest(), base::Sha256Hex(six));
}

TEST_F(PricingActivationsTest, ARestartKeepsWhatAnOwnerActivatedUntilTheFileChanges) {
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kSixPercent);
  EXPECT_EQ(world_.Latest().number, 2) << "a restart activates nothing";

  world_.file = PercentText("7");
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kSevenPercent);
  EXPECT_EQ(world_.Latest().cause, Cause::kFile);
}

TEST_F(PricingActivationsTest, AFileThatHadChangedBeforeTheOwnersWordIsOlderThanIt) {
  world_.file = PercentText("7");
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kSixPercent);
}

TEST_F(PricingActivationsTest, ABrokenFileLeavesTheLastGoodConfigurationOverARestart) {
  for (const std::string& broken :
       {std::string("chain {"), PercentText("five"),
        std::string("chain { name: \"all\" strategy { library: \"libgone.so\" } }")}) {
    world_.file = broken;
    ASSERT_THAT(world_.RestartAndStart(), IsOk()) << broken;
    EXPECT_EQ(world_.PriceCentimes(), kFivePercent) << broken;
  }
  world_.file_is_there = false;
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
  EXPECT_EQ(world_.log.CountWith("pricing.file_refused"), 4);
}

TEST_F(PricingActivationsTest, AFileThatWasRefusedIsTriedAgainAtTheNextStart) {
  world_.file = PercentText("five");
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  world_.file = PercentText("6");
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kSixPercent);
}

TEST_F(PricingActivationsTest, WithNothingActivatedBeforeABrokenFileIsAnError) {
  PricingWorld fresh;
  fresh.file = PercentText("five");
  EXPECT_THAT(fresh.activations->Start(), HasReason("CONFIG_INVALID"));
  EXPECT_EQ(fresh.PriceCentimes(), -1);
  EXPECT_FALSE(fresh.store.LatestActivation()->has_value());
}

TEST_F(PricingActivationsTest, WhatIsRefusedChangesAndRecordsNothing) {
  EXPECT_THAT(world_.Activate("chain {"), HasReason("CONFIG_INVALID"));
  EXPECT_THAT(world_.Activate(PercentText("five")), HasReason("CONFIG_INVALID"));
  EXPECT_THAT(world_.Activate("chain { name: \"all\" strategy { library: \"libgone.so\" } }"),
              HasReason("STRATEGY_LOAD_FAILED"));
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
  EXPECT_EQ(world_.Latest().number, 1);
}

TEST_F(PricingActivationsTest, WhatCannotBeRecordedIsNotInForce) {
  world_.store.FailNextWrite(absl::ResourceExhaustedError("no room"));
  EXPECT_THAT(world_.Activate(PercentText("6")), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
}

TEST_F(PricingActivationsTest, ACheckAloneChangesNothing) {
  const std::string six = PercentText("6");
  EXPECT_THAT(world_.activations->Activate({.config = six, .validate_only = true}),
              IsOkAndHolds(base::Sha256Hex(six)));
  EXPECT_THAT(world_.activations->Activate({.config = PercentText("five"), .validate_only = true}),
              HasReason("CONFIG_INVALID"));
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
  EXPECT_EQ(world_.Latest().number, 1);
}

TEST_F(PricingActivationsTest, OfTwoOwnersWhoSawTheSameTheSecondIsTold) {
  const std::string seen = world_.activations->config_digest();
  ASSERT_THAT(world_.Activate(PercentText("6"), seen), IsOk());
  EXPECT_THAT(world_.Activate(PercentText("7"), seen),
              testing::AllOf(StatusIs(absl::StatusCode::kAborted), HasReason("CONFIG_CHANGED"),
                             HasMetadata("config_digest", base::Sha256Hex(PercentText("6")))));
  EXPECT_THAT(world_.Rollback(seen), HasReason("CONFIG_CHANGED"));
  EXPECT_EQ(world_.PriceCentimes(), kSixPercent);
}

TEST_F(PricingActivationsTest, TheFileIsReadAgainWhereNoTextIsGiven) {
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  ASSERT_THAT(world_.activations->Activate({.caller = "owner"}), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
  world_.file_is_there = false;
  EXPECT_THAT(world_.activations->Activate({.caller = "owner"}), HasReason("CONFIG_INVALID"));
}

TEST_F(PricingActivationsTest, ActivatingWhatIsInForceIsNothingNew) {
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  EXPECT_EQ(world_.Latest().number, 2);
  ASSERT_THAT(world_.Rollback(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
}

TEST_F(PricingActivationsTest, EachRollbackGoesBackOneFurtherUntilNothingIsLeft) {
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  ASSERT_THAT(world_.Activate(PercentText("7")), IsOk());
  EXPECT_THAT(world_.Rollback(), IsOkAndHolds(base::Sha256Hex(PercentText("6"))));
  EXPECT_EQ(world_.PriceCentimes(), kSixPercent);
  EXPECT_EQ(world_.Latest().cause, Cause::kRollback);
  EXPECT_EQ(world_.Latest().activated_by, "owner");
  EXPECT_THAT(world_.Rollback(), IsOkAndHolds(base::Sha256Hex(PercentText("5"))));
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
  EXPECT_THAT(world_.Rollback(), testing::AllOf(StatusIs(absl::StatusCode::kFailedPrecondition),
                                                HasReason("NOTHING_TO_ROLL_BACK")));
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
}

TEST_F(PricingActivationsTest, AfterARollbackANewActivationLeadsBackToWhatWasRolledBackTo) {
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  ASSERT_THAT(world_.Rollback(), IsOk());
  ASSERT_THAT(world_.Activate(PercentText("7")), IsOk());
  ASSERT_THAT(world_.Rollback(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
}

TEST_F(PricingActivationsTest, ARollbackOutlivesARestartAndSoDoesTheWayBack) {
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  ASSERT_THAT(world_.Activate(PercentText("7")), IsOk());
  ASSERT_THAT(world_.Rollback(), IsOk());
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kSixPercent);
  ASSERT_THAT(world_.Rollback(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
}

TEST_F(PricingActivationsTest, ARestartDoesNotLiftTheLimitOnChanges) {
  const std::string limited = "guardrails { max_change_percent: \"0.5\" }";
  ASSERT_THAT(world_.Activate(PercentText("7", limited)), IsOk());
  EXPECT_THAT(world_.Price(), HasReason("MARGIN_GUARDRAIL"));
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_THAT(world_.Price(), HasReason("MARGIN_GUARDRAIL"));
  world_.file = PercentText("8", limited);
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_THAT(world_.Price(), HasReason("MARGIN_GUARDRAIL"))
      << "a file that changed between two starts is compared with what was in force";
}

// Each of these is within its own limit of the one before, and none has sold anything.
void CreepTo(PricingWorld& world, std::initializer_list<const char*> percents) {
  for (const char* percent : percents) {
    ASSERT_THAT(world.Activate(PercentText(percent, "guardrails { max_change_percent: \"1\" }")),
                IsOk());
  }
}

TEST_F(PricingActivationsTest, NoNumberOfUnsoldActivationsAndNoRestartLiftTheLimit) {
  ASSERT_THAT(world_.Sell(), IsOk());
  CreepTo(world_, {"6.5", "7", "8", "9"});
  EXPECT_THAT(world_.Price(), HasReason("MARGIN_GUARDRAIL"));
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_THAT(world_.Price(), HasReason("MARGIN_GUARDRAIL"));
  CreepTo(world_, {"10", "11", "12", "13"});
  EXPECT_THAT(world_.Price(), HasReason("MARGIN_GUARDRAIL"));
}

TEST_F(PricingActivationsTest, WhatWasSoldBeforeARestartIsWhatLaterPricesAreHeldAgainst) {
  ASSERT_THAT(world_.Sell(), IsOk());
  for (const char* percent : {"6.5", "7", "8", "9", "10"}) {
    ASSERT_THAT(world_.RestartAndStart(), IsOk());
    CreepTo(world_, {percent});
    EXPECT_THAT(world_.Price(), HasReason("MARGIN_GUARDRAIL")) << percent;
  }
}

TEST_F(PricingActivationsTest, NoWayBackIsBlockedHoweverFarItIs) {
  world_.file = PercentText("5", "guardrails { max_change_percent: \"1.5\" }");
  ASSERT_THAT(world_.activations->Reload(), IsOk());
  ASSERT_THAT(world_.Sell(), IsOk());
  for (const char* percent : {"15", "16", "17", "18"}) {
    ASSERT_THAT(world_.Activate(PercentText(percent, "guardrails { max_change_percent: \"50\" }")),
                IsOk());
    ASSERT_THAT(world_.Sell(), IsOk()) << percent;
  }
  for (int back = 1; back <= 4; ++back) {
    ASSERT_THAT(world_.Rollback(), IsOk());
    EXPECT_THAT(world_.Price(), IsOk()) << back;
  }
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
}

TEST_F(PricingActivationsTest, AConfigurationOfBeforeThatIsGoneIsTold) {
  ASSERT_THAT(
      world_.Activate("chain { name: \"all\" strategy { library: \"libround_up.so\" config: "
                      "\"{\\\"step_dzd\\\": 5}\" } }"),
      IsOk());
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  const support::TempDir folder;
  std::filesystem::copy_file(world_.plugin_directory + "/percentage_markup/libpercentage_markup.so",
                             folder.File("libpercentage_markup.so"));
  world_.plugin_directory = folder.path();
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kSixPercent);
  EXPECT_EQ(world_.log.CountWith("pricing.before_not_restored"), 1);
}

TEST_F(PricingActivationsTest, WhatWasActivatedAndIsGoneStopsTheStartByItsName) {
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  const support::TempDir nothing;
  world_.plugin_directory = nothing.path();
  const absl::Status started = world_.RestartAndStart();
  EXPECT_THAT(started, HasReason("STRATEGY_LOAD_FAILED"));
  EXPECT_THAT(started.message(), testing::HasSubstr("What was last activated (number 2, digest "));
}

TEST_F(PricingActivationsTest, ALibraryThatChangedIsTakenRecordedAndTold) {
  const support::TempDir folder;
  const std::string library = folder.File("libpercentage_markup.so");
  std::filesystem::copy_file(world_.plugin_directory + "/percentage_markup/libpercentage_markup.so",
                             library);
  world_.plugin_directory = folder.path();
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(world_.Latest().number, 1);
  std::filesystem::permissions(library, std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add);
  std::ofstream(library, std::ios::app) << "x";
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(world_.Latest().number, 2);
  EXPECT_EQ(world_.Latest().cause, Cause::kLibraries);
  EXPECT_EQ(world_.log.CountWith("pricing.libraries_changed"), 1);
  EXPECT_EQ(world_.PriceCentimes(), kFivePercent);
  EXPECT_THAT(world_.Rollback(), HasReason("NOTHING_TO_ROLL_BACK"));
}

TEST_F(PricingActivationsTest, ALibraryThatChangedIsHeldAgainstWhatWasSoldBeforeItsConfiguration) {
  const support::TempDir folder;
  const std::string library = folder.File("libpercentage_markup.so");
  std::filesystem::copy_file(world_.plugin_directory + "/percentage_markup/libpercentage_markup.so",
                             library);
  world_.plugin_directory = folder.path();
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  ASSERT_THAT(world_.Sell(), IsOk());
  CreepTo(world_, {"7"});
  EXPECT_THAT(world_.Price(), HasReason("MARGIN_GUARDRAIL"));
  std::filesystem::permissions(library, std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add);
  std::ofstream(library, std::ios::app) << "x";
  ASSERT_THAT(world_.activations->Reload(), IsOk());
  EXPECT_EQ(world_.Latest().cause, Cause::kLibraries);
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_THAT(world_.Price(), HasReason("MARGIN_GUARDRAIL"));
}

TEST_F(PricingActivationsTest, WhatTheFileAtTheStartWasRefusedForIsListed) {
  const auto refused = [this] {
    int count = 0;
    for (const auto& listing : world_.host->ListStrategies()) count += listing.loaded ? 0 : 1;
    return count;
  };
  world_.file = "chain { name: \"all\" strategy { library: \"libgone.so\" } }";
  ASSERT_THAT(world_.RestartAndStart(), IsOk());
  EXPECT_EQ(refused(), 1);
  EXPECT_THAT(world_.activations->Activate({.config = PercentText("6"), .validate_only = true}),
              IsOk());
  EXPECT_EQ(refused(), 1) << "a check alone changes no list";
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  EXPECT_EQ(refused(), 0);
}

TEST_F(PricingActivationsTest, AStoreThatFailsAtTheStartIsNoRefusedFile) {
  world_.file = PercentText("6");
  world_.Restart();
  world_.store.FailNextWrite(absl::ResourceExhaustedError("no room"));
  EXPECT_THAT(world_.activations->Start(), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(world_.log.CountWith("pricing.file_refused"), 0);
}

TEST_F(PricingActivationsTest, AReloadTakesAFileThatChangedAndLeavesOneThatDidNot) {
  ASSERT_THAT(world_.Activate(PercentText("6")), IsOk());
  EXPECT_THAT(world_.activations->Reload(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kSixPercent);
  world_.file = PercentText("7");
  EXPECT_THAT(world_.activations->Reload(), IsOk());
  EXPECT_EQ(world_.PriceCentimes(), kSevenPercent);
  EXPECT_EQ(world_.log.CountWith("pricing.reloaded"), 2);
  world_.file = "chain {";
  EXPECT_THAT(world_.activations->Reload(), HasReason("CONFIG_INVALID"));
  EXPECT_EQ(world_.PriceCentimes(), kSevenPercent);
  EXPECT_EQ(world_.log.CountWith("pricing.not_reloaded"), 1);
}

}  // namespace
}  // namespace topup::engine
