#include "client/cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/command_table.h"

namespace topup::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ParsedArguments Parse(const std::vector<std::string>& words) {
  return ParseArguments(words, Commands(), GlobalFlags());
}

TEST(ArgumentsTest, TakesFlagsInBothFormsAndAnywhere) {
  const ParsedArguments parsed =
      Parse({"--output", "json", "send", "--ref=r1", "0770000000", "--watch", "PLAN", "500",
             "--label", "a=1", "--label=b=2=3", "--server=localhost:1"});
  EXPECT_THAT(parsed.problems, IsEmpty());
  const Arguments& arguments = parsed.arguments;
  EXPECT_EQ(arguments.command, "send");
  EXPECT_THAT(arguments.positionals, ElementsAre("0770000000", "PLAN", "500"));
  EXPECT_EQ(arguments.Text("output"), "json");
  EXPECT_EQ(arguments.Text("ref"), "r1");
  EXPECT_EQ(arguments.Text("server"), "localhost:1");
  EXPECT_TRUE(arguments.Switch("watch"));
  EXPECT_FALSE(arguments.Switch("allow_repeat"));
  EXPECT_THAT(arguments.Texts("label"), ElementsAre("a=1", "b=2=3"));
}

TEST(ArgumentsTest, KnowsTheDefaults) {
  const ParsedArguments parsed = Parse({"plans"});
  EXPECT_EQ(parsed.arguments.Text("server"), "127.0.0.1:50051");
  EXPECT_EQ(parsed.arguments.Text("output"), "table");
  EXPECT_FALSE(parsed.arguments.Has("server"));
}

TEST(ArgumentsTest, NamesEveryProblemAtOnce) {
  const ParsedArguments parsed = Parse({"send", "0770000000", "--max_price=1.234", "--wait=soon",
                                        "--label=x", "--ref", "--watch", "--timeout=5"});
  EXPECT_THAT(parsed.problems,
              ElementsAre(AllOf(HasSubstr("--max_price"), HasSubstr("1.234")),
                          AllOf(HasSubstr("--wait"), HasSubstr("recorded, submitted, settled")),
                          AllOf(HasSubstr("--label"), HasSubstr("name=value")),
                          HasSubstr("--ref needs a value"), HasSubstr("--timeout is a duration"),
                          "PLAN is missing."));
}

TEST(ArgumentsTest, SuggestsTheNearestFlagAndCommand) {
  EXPECT_THAT(Parse({"send", "N", "P", "--wacth"}).problems,
              ElementsAre(HasSubstr("Did you mean --watch?")));
  EXPECT_THAT(Parse({"sned", "N", "P"}).problems, ElementsAre(HasSubstr("Did you mean send?")));
  EXPECT_THAT(Parse({"admin", "providr"}).problems,
              ElementsAre(HasSubstr("Did you mean admin provider?")));
  EXPECT_THAT(Parse({"frobnicate"}).problems, ElementsAre("\"frobnicate\" is not a command."));
}

TEST(ArgumentsTest, RefusesAFlagOfAnotherCommand) {
  EXPECT_THAT(Parse({"plans", "--watch"}).problems, SizeIs(1));
}

TEST(ArgumentsTest, WantsExactlyOneNameOfATopup) {
  EXPECT_THAT(Parse({"get"}).problems, ElementsAre(HasSubstr("one of ID, --ref=R")));
  EXPECT_THAT(Parse({"get", "id", "--ref=r"}).problems, SizeIs(1));
  EXPECT_THAT(Parse({"get", "id"}).problems, IsEmpty());
  EXPECT_THAT(Parse({"watch", "--all"}).problems, IsEmpty());
  EXPECT_THAT(Parse({"watch", "--all", "--ref=r"}).problems, SizeIs(1));
}

TEST(ArgumentsTest, RefusesAFlagThatIsGivenTwice) {
  EXPECT_THAT(Parse({"send", "N", "P", "--ref=a", "--ref=b"}).problems,
              ElementsAre("--ref was given twice."));
}

TEST(ArgumentsTest, RefusesAnAmountThatIsNoWholeNumber) {
  for (const char* amount : {"5.5", "1e3", "", "99999999999999999999", "five"}) {
    EXPECT_THAT(Parse({"quote", "N", "P", amount}).problems, SizeIs(1)) << amount;
  }
}

TEST(ArgumentsTest, TakesWordsAfterTwoDashesAsTheyAre) {
  const ParsedArguments parsed = Parse({"get", "--", "--odd-id"});
  EXPECT_THAT(parsed.problems, IsEmpty());
  EXPECT_THAT(parsed.arguments.positionals, ElementsAre("--odd-id"));
}

TEST(ArgumentsTest, ReadsDinarsWithoutRounding) {
  EXPECT_EQ(ParseDinars("521.07"), 52107);
  EXPECT_EQ(ParseDinars("521.7"), 52170);
  EXPECT_EQ(ParseDinars("500"), 50000);
  EXPECT_EQ(ParseDinars("0.01"), 1);
  for (const char* text :
       {"", ".", "5.", ".5", "1.234", "-1", "+1", "1,5", "1e3", "1.2.3", " 5", "9999999999999"}) {
    EXPECT_EQ(ParseDinars(text), std::nullopt) << text;
  }
}

TEST(ArgumentsTest, EveryCommandAndFlagIsInTheHelp) {
  for (const CommandSpec& command : Commands()) {
    EXPECT_THAT(HelpText(""), HasSubstr("topup " + command.name));
    for (const FlagSpec& flag : command.flags) {
      EXPECT_THAT(HelpText(command.name), HasSubstr("--" + flag.name));
    }
  }
}

TEST(ArgumentsTest, OneFlagNameTakesAValueInAllCommandsOrInNone) {
  std::map<std::string, bool> takes_value;
  for (const CommandSpec& command : Commands()) {
    for (const FlagSpec& flag : command.flags) {
      const bool takes = flag.kind != ValueKind::kSwitch;
      EXPECT_EQ(takes_value.emplace(flag.name, takes).first->second, takes) << flag.name;
    }
  }
}

}  // namespace
}  // namespace topup::cli
