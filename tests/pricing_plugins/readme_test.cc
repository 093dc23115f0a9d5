// A manual that has drifted from the code is worse than none: each configuration that a strategy's
// README shows is taken by its library, and the code in the main README is the code in the tree.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/pricing_plugins/loaded_plugin.h"

namespace topup {
namespace {

std::string Contents(const std::string& path) {
  std::ifstream file("pricing_plugins/" + path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The blocks of `language` in a document, in order.
std::vector<std::string> Blocks(const std::string& document, const std::string& language) {
  std::vector<std::string> blocks;
  const std::string opening = "```" + language + "\n";
  size_t at = 0;
  while ((at = document.find(opening, at)) != std::string::npos) {
    at += opening.size();
    blocks.push_back(document.substr(at, document.find("```", at) - at));
  }
  return blocks;
}

TEST(ReadmeTest, ShowsConfigurationsThatTheStrategiesTake) {
  for (const char* name : {"cap", "face_value", "fixed_fee", "lua_rules", "percentage_markup",
                           "round_up", "template", "tiered", "time_window"}) {
    LoadedPlugin plugin(name);
    const std::vector<std::string> configs =
        Blocks(Contents(std::string(name) + "/README.md"), "json");
    EXPECT_FALSE(configs.empty()) << name;
    for (const std::string& config : configs) EXPECT_EQ(plugin.Configure(config), "") << config;
  }
}

TEST(ReadmeTest, ShowsScriptsThatLuaRulesTakes) {
  LoadedPlugin plugin("lua_rules");
  const std::vector<std::string> scripts = Blocks(Contents("lua_rules/README.md"), "lua");
  EXPECT_GE(scripts.size(), 3u);
  for (const std::string& script : scripts) {
    EXPECT_EQ(plugin.Configure(nlohmann::json{{"script", script}}.dump()), "") << script;
  }
}

void ExpectEveryLineIn(const std::string& source, const std::string& block) {
  std::istringstream lines(block);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_NE(("\n" + source).find("\n" + line + "\n"), std::string::npos) << line;
  }
}

TEST(ReadmeTest, ShowsCodeThatIsInTheTree) {
  const std::string readme = Contents("README.md");
  const std::vector<std::string> rules = Blocks(readme, "cpp");
  const std::vector<std::string> builds = Blocks(readme, "python");
  ASSERT_EQ(rules.size(), 1u);
  ASSERT_EQ(builds.size(), 1u);
  ExpectEveryLineIn(Contents("round_up/round_up.cc"), rules[0]);
  ExpectEveryLineIn(Contents("round_up/BUILD.bazel"), builds[0]);
}

}  // namespace
}  // namespace topup
