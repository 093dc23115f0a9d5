#include "server/config/load_settings.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/settings_table.h"
#include "tests/support/temp_dir.h"

namespace topup::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Loads with a file of this content behind --config=settings.
LoadedSettings Load(std::vector<std::string> arguments, const std::string& file = "") {
  if (!file.empty()) arguments.push_back("--config=settings");
  return LoadSettings(arguments,
                      [&](const std::string&) -> absl::StatusOr<std::string> { return file; });
}

TEST(LoadSettingsTest, DefaultsComeFromTheTableAndSatisfyItsRanges) {
  const LoadedSettings loaded = Load({});
  EXPECT_THAT(loaded.problems, IsEmpty());
  EXPECT_EQ(loaded.settings.listen(), "127.0.0.1:50051");
  EXPECT_EQ(loaded.settings.poll_interval(), "5s");
  EXPECT_EQ(loaded.settings.queue_limit(), 100000);
  EXPECT_TRUE(loaded.settings.reflection());
  EXPECT_FALSE(loaded.settings.sandbox());
  EXPECT_FALSE(loaded.settings.has_provider_url());
}

TEST(LoadSettingsTest, EverySettingHasAFieldAndEveryFieldARow) {
  const auto* descriptor = Settings::descriptor();
  for (const SettingRow& row : SettingsTable()) {
    EXPECT_NE(descriptor->FindFieldByName(std::string(row.name)), nullptr) << row.name;
  }
  EXPECT_EQ(descriptor->field_count(), static_cast<int>(SettingsTable().size()) + 1);  // plan_cost
}

TEST(LoadSettingsTest, AFlagWinsOverTheFileAndTheFileOverTheDefault) {
  const LoadedSettings loaded = Load({"--poll_interval=7s", "--reflection=off"},
                                     "poll_interval: \"9s\" max_attempts: 2 reflection: true "
                                     "plan_cost { plan_code: \"GROS_MOBILIS\" cost_ppm: 985000 }");
  EXPECT_THAT(loaded.problems, IsEmpty());
  EXPECT_EQ(loaded.settings.poll_interval(), "7s");
  EXPECT_EQ(loaded.settings.max_attempts(), 2);
  EXPECT_FALSE(loaded.settings.reflection());
  EXPECT_EQ(loaded.settings.send_window(), "30m");
  EXPECT_EQ(loaded.settings.plan_cost(0).cost_ppm(), 985000);
}

TEST(LoadSettingsTest, ASwitchAloneIsOn) {
  EXPECT_TRUE(Load({"--sandbox"}).settings.sandbox());
  for (const std::string on : {"on", "true", "yes", "1"}) {
    EXPECT_TRUE(Load({"--sandbox=" + on}).settings.sandbox());
  }
  for (const std::string off : {"off", "false", "no", "0"}) {
    EXPECT_FALSE(Load({"--sandbox=" + off}).settings.sandbox());
  }
  EXPECT_THAT(Load({"--sandbox=maybe"}).problems, ElementsAre(HasSubstr("neither on nor off")));
}

TEST(LoadSettingsTest, EveryProblemIsListedAndNotOnlyTheFirst) {
  const LoadedSettings loaded =
      Load({"--poll_intervall=5s", "stray", "--max_attempts=0", "--submit_concurrency=many",
            "--send_window=soon", "--listen", "--store=a", "--store=b"},
           "max_atempts: 3\nqueue_limit: 0");
  const std::string all = testing::PrintToString(loaded.problems);
  EXPECT_THAT(all, HasSubstr("did you mean --poll_interval?"));
  EXPECT_THAT(all, HasSubstr("stray"));
  EXPECT_THAT(all, HasSubstr("--max_attempts is 0: give a number from 1 to 100"));
  EXPECT_THAT(all, HasSubstr("--submit_concurrency=many is not a whole number"));
  EXPECT_THAT(all, HasSubstr("--send_window"));
  EXPECT_THAT(all, HasSubstr("--listen needs a value"));
  EXPECT_THAT(all, HasSubstr("--store is given twice"));
  EXPECT_THAT(all, HasSubstr("max_atempts"));
}

TEST(LoadSettingsTest, AnUnknownFlagIsNamedWithTheNearestOneOnlyWhereThereIsOne) {
  EXPECT_THAT(Load({"--provider_uri=x"}).problems,
              ElementsAre("--provider_uri is not a flag: did you mean --provider_url?"));
  EXPECT_THAT(Load({"--xyzzyxyzzy=1"}).problems, ElementsAre(HasSubstr("--help lists them all")));
  EXPECT_THAT(Load({"-listen=x"}).problems, ElementsAre(HasSubstr("is not a flag")));
}

TEST(LoadSettingsTest, AnUnknownFieldInTheFileIsNamedWithItsLine) {
  EXPECT_THAT(Load({}, "listen: \"127.0.0.1:1\"\npoll: \"5s\"").problems,
              ElementsAre(AllOf(HasSubstr("settings:2:"), HasSubstr("poll"))));
  EXPECT_THAT(Load({}, "poll_interval: 5").problems, ElementsAre(HasSubstr("settings:1:")));
}

TEST(LoadSettingsTest, TheConfigFlagIsGivenOnceAndNamesAFileThatCanBeRead) {
  EXPECT_THAT(Load({"--config="}).problems, ElementsAre(HasSubstr("--config needs a value")));
  EXPECT_THAT(Load({"--config"}).problems, ElementsAre(HasSubstr("--config needs a value")));
  EXPECT_THAT(Load({"--config=a", "--config=b"}).problems,
              ElementsAre(HasSubstr("--config is given twice")));
  const LoadedSettings missing = LoadSettings({"--config=/no/such/file"}, ReadFile);
  EXPECT_THAT(missing.problems, ElementsAre(HasSubstr("/no/such/file")));
}

TEST(LoadSettingsTest, AnyPositiveDurationIsTakenForEachDurationFlag) {
  for (const SettingRow& row : SettingsTable()) {
    if (row.kind != SettingKind::kDuration) continue;
    for (const char* good : {"1ms", "100us", "1h30m", "1.5s", "700h"}) {
      EXPECT_THAT(Load({absl::StrCat("--", row.name, "=", good)}).problems, IsEmpty()) << row.name;
    }
    for (const char* wrong : {"-1s", "5", "inf", "", "1000000h"}) {
      EXPECT_THAT(Load({absl::StrCat("--", row.name, "=", wrong)}).problems,
                  ElementsAre(HasSubstr(absl::StrCat("--", row.name))))
          << wrong;
    }
    const bool zero_is_off = row.name == "repeat_window";
    EXPECT_EQ(Load({absl::StrCat("--", row.name, "=0s")}).problems.empty(), zero_is_off);
  }
}

TEST(LoadSettingsTest, CountsStayWithinTheirRanges) {
  EXPECT_THAT(Load({"--provider_requests_per_minute=0"}).problems, ElementsAre(HasSubstr("is 0")));
  EXPECT_THAT(Load({"--submit_concurrency=257"}).problems, ElementsAre(HasSubstr("1 to 256")));
  EXPECT_THAT(Load({"--max_attempts=99999999999999999999"}).problems,
              ElementsAre(HasSubstr("is not a whole number")));
  EXPECT_THAT(Load({}, "queue_limit: -1").problems, ElementsAre(HasSubstr("--queue_limit is -1")));
}

TEST(LoadSettingsTest, WhatIsPrintedIsAFileThatGivesTheSameSettings) {
  const LoadedSettings first =
      Load({"--sandbox", "--poll_interval=7s", "--provider_key_file=/k"},
           "plan_cost { plan_code: \"GROS_MOBILIS\" cost_ppm: 985000 } listen: \"[::1]:0\"");
  const LoadedSettings second = Load({}, PrintSettings(first.settings));
  EXPECT_THAT(second.problems, IsEmpty());
  EXPECT_EQ(second.settings.SerializeAsString(), first.settings.SerializeAsString());
}

TEST(LoadSettingsTest, HelpNamesEachSettingWithItsDefault) {
  const std::string help = SettingsHelp();
  for (const SettingRow& row : SettingsTable()) {
    EXPECT_THAT(help, HasSubstr(absl::StrCat("  --", row.name, "=")));
    EXPECT_THAT(help, HasSubstr(std::string(row.meaning)));
  }
  EXPECT_TRUE(Load({"--help"}).help);
  EXPECT_TRUE(Load({"--version"}).version);
  EXPECT_TRUE(Load({"--print_config"}).print_config);
}

TEST(LoadSettingsTest, AFileLargerThanAMebibyteIsRefused) {
  const support::TempDir dir;
  std::ofstream(dir.File("large")) << std::string((1 << 20) + 1, ' ');
  EXPECT_EQ(ReadFile(dir.File("large")).status().code(), absl::StatusCode::kOutOfRange);
  std::ofstream(dir.File("empty")) << "";
  EXPECT_EQ(ReadFile(dir.File("empty")).value(), "");
  EXPECT_EQ(ReadFile(dir.path()).ok(), false);
}

}  // namespace
}  // namespace topup::config
