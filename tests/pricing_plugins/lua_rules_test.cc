// What a rule in Lua may do and what it may not, through the library itself: it prices in whole
// numbers, stays within its limits whatever it catches, reaches nothing outside, and says what is
// wrong with it in words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "pricing_plugins/lua_rules/whole_numbers.h"
#include "tests/pricing_plugins/loaded_plugin.h"

namespace topup {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string ConfigOf(const std::string& script) {
  return nlohmann::json{{"script", script}}.dump();
}

std::string PriceOf(const std::string& body) {
  return ConfigOf("function price(r) " + body + " end");
}

class LuaRulesTest : public testing::Test {
 protected:
  // The message of the failure that `body` of a price function ends in.
  std::string FailureOf(const std::string& body) {
    EXPECT_EQ(plugin_.Configure(PriceOf(body)), "");
    EXPECT_EQ(plugin_.Price(98000), -TOPUP_PRICING_FAILED) << body;
    return plugin_.Error();
  }

  LoadedPlugin plugin_{"lua_rules"};
};

TEST_F(LuaRulesTest, PricesInWholeCentimes) {
  ASSERT_EQ(plugin_.Configure(PriceOf("return scale_up(r.price_so_far_centimes, PPM + 50000), "
                                      "'markup ' .. percent(50000)")),
            "");
  EXPECT_EQ(plugin_.Price(98000), 102900);
  EXPECT_EQ(plugin_.LastStep(), "markup 5 %");
  EXPECT_EQ(plugin_.Price(49625), 52107);
}

TEST_F(LuaRulesTest, KnowsTheWholeRequest) {
  ASSERT_EQ(plugin_.Configure(PriceOf(
                "local u, a = r.utc, r.algiers "
                "return r.cost_centimes + 2 * r.price_so_far_centimes + 3 * r.face_value_centimes, "
                "table.concat({r.plan_code, r.caller, r.plan_operator, r.plan_kind, "
                "r.unix_seconds, u.hour, a.weekday, tostring(r.has_usage), r.caller_count_today, "
                "r.facts.colour, tostring(r.facts.size), tostring(r.facts.none)}, ' ')")),
            "");
  topup_pricing_request_t request = LoadedPlugin::Request(7, 11);
  request.cost_centimes = 5;
  request.unix_seconds = 12345;
  request.utc.hour = 22;
  request.algiers.weekday = 7;
  request.flags = TOPUP_PRICING_HAS_USAGE | (UINT64_C(1) << 40);
  request.caller_count_today = 3;
  const topup_pricing_fact_t facts[] = {{{"colour", 6}, {"red", 3}, 0}, {{"size", 4}, {"", 0}, 9}};
  request.facts = facts;
  request.fact_count = 2;
  EXPECT_EQ(plugin_.Price(request), 5 + 2 * 7 + 3 * 11);
  EXPECT_EQ(plugin_.LastStep(), "PREPAID_DJEZZY shop DJEZZY DYNAMIC 12345 22 7 true 3 red 9 nil");
  request.plan_operator = 99;
  request.plan_kind = -1;
  plugin_.Price(request);
  EXPECT_THAT(plugin_.LastStep(), HasSubstr(" UNKNOWN UNKNOWN "));
}

TEST_F(LuaRulesTest, SaysWhereAFieldOrANameIsMisspelt) {
  EXPECT_THAT(FailureOf("return r.face_value, 'x'"),
              AllOf(HasSubstr("script:1"), HasSubstr("no field 'face_value'")));
  EXPECT_THAT(FailureOf("return scaleup(1, 2), 'x'"), HasSubstr("'scaleup' is not available"));
  EXPECT_THAT(FailureOf("return r.algiers.hours, 'x'"), HasSubstr("no field 'hours'"));
}

TEST_F(LuaRulesTest, HasNoPriceOnPurposeWhereItReturnsNilAndAReason) {
  ASSERT_EQ(plugin_.Configure(PriceOf("return nil, 'not at night'")), "");
  EXPECT_EQ(plugin_.Price(98000), -TOPUP_PRICING_NOT_COVERED);
  EXPECT_THAT(plugin_.Error(), HasSubstr("not at night"));
}

TEST_F(LuaRulesTest, TakesNothingElseForAPrice) {
  EXPECT_THAT(FailureOf("return nil"), HasSubstr("its price is a nil"));
  EXPECT_THAT(FailureOf("return"), HasSubstr("its price is a nil"));
  EXPECT_THAT(FailureOf("return '98000', 'x'"), HasSubstr("its price is a string"));
  EXPECT_THAT(FailureOf("return {98000}, 'x'"), HasSubstr("its price is a table"));
  EXPECT_THAT(FailureOf("return 98000"), HasSubstr("its description is a nil"));
  EXPECT_THAT(FailureOf("return 98000, ''"), HasSubstr("0 bytes"));
  EXPECT_THAT(FailureOf("return 98000, ('x'):rep(80)"), HasSubstr("80 bytes"));
  EXPECT_THAT(FailureOf("return 98000, 'a\\nb'"), HasSubstr("one line"));
  EXPECT_THAT(FailureOf("return 98000, '\\xff'"), HasSubstr("one line"));
  // The only way to a floating-point number that its text does not show.
  EXPECT_THAT(FailureOf("for i = tonumber('2'), 2 do end "
                        "for i = '1.5', 2 do return i, 'x' end return 1, 'x'"),
              testing::AnyOf(HasSubstr("floating-point"), HasSubstr("'for' initial value")));
}

TEST_F(LuaRulesTest, RefusesAPriceBeyondTheContract) {
  for (const char* price : {"-1", "100000000001", "9223372036854775807", "1 << 63"}) {
    ASSERT_EQ(plugin_.Configure(PriceOf(std::string("return ") + price + ", 'x'")), "");
    EXPECT_EQ(plugin_.Price(98000), -TOPUP_PRICING_OUT_OF_RANGE) << price;
  }
  ASSERT_EQ(plugin_.Configure(PriceOf("return 100000000000, 'x'")), "");
  EXPECT_EQ(plugin_.Price(98000), TOPUP_PRICING_AMOUNT_MAX);
}

TEST_F(LuaRulesTest, RefusesFloatingPointInTheConfigurationByLine) {
  for (const char* body : {"return r.cost_centimes / 2, 'x'", "return 2 ^ 3, 'x'",
                           "return 1.5, 'x'", "return 1e3, 'x'", "return 0x1p4, 'x'",
                           "return .5, 'x'", "return 9223372036854775808, 'x'"}) {
    EXPECT_THAT(plugin_.Configure(PriceOf(std::string("\n") + body)),
                AllOf(HasSubstr("\"script\""), HasSubstr("line 2")))
        << body;
  }
}

TEST(FindFloatingPointTest, IsNotMisledByCommentsTextsAndNames) {
  for (const char* source :
       {"a = b // 2 -- 1.5 / 2", "--[[ 1.5 / ]] a = 1", "--[==[ ]] 1.5 ]==] a = 1",
        "a = '1.5 / \\' ^'", "a = \"2^3\"", "a = [[ 1/2 ]]", "a = e1 .. 'x'", "a = x2e3",
        "a = 0xe3", "a = t[1] .. 2 .. 3", "a = 9223372036854775807", "a = 007", "f(...)", ""}) {
    EXPECT_EQ(FindFloatingPoint(source), std::nullopt) << source;
  }
  for (const char* source : {"a = 'x' / 2", "a = [[x]] ^ 2", "--[[ ]] a = 1.0", "a = 1..2",
                             "a = 3e0", "a = 0x.8", "--\n a = 1/2"}) {
    EXPECT_NE(FindFloatingPoint(source), std::nullopt) << source;
  }
}

TEST_F(LuaRulesTest, RefusesAScriptThatCannotBeUsed) {
  EXPECT_THAT(plugin_.Configure(ConfigOf("function price(r")), HasSubstr("script:1"));
  EXPECT_THAT(plugin_.Configure(ConfigOf("x = 1")), HasSubstr("no function price"));
  EXPECT_THAT(plugin_.Configure(ConfigOf("price = 5")), HasSubstr("no function price"));
  EXPECT_THAT(plugin_.Configure(ConfigOf("error('no')")), HasSubstr("no"));
  EXPECT_THAT(plugin_.Configure(ConfigOf("while true do end")), HasSubstr("instructions"));
  EXPECT_THAT(plugin_.Configure(ConfigOf("")), HasSubstr("0 bytes"));
  EXPECT_THAT(plugin_.Configure(ConfigOf(std::string(4097, ' '))), HasSubstr("4096"));
  EXPECT_THAT(plugin_.Configure(ConfigOf("\x1bLua")), HasSubstr("script"));  // no compiled ones
  EXPECT_THAT(plugin_.Configure(ConfigOf(std::string(4000, '('))), HasSubstr("script"));
  EXPECT_THAT(plugin_.Configure(R"({"script": "x", "more": 1})"), HasSubstr("\"more\""));
  EXPECT_THAT(plugin_.Configure(""), HasSubstr("\"script\" is missing"));
}

TEST_F(LuaRulesTest, EndsAnEndlessLoopWhateverItCatches) {
  for (const char* body :
       {"while true do end", "repeat until false", "::again:: goto again",
        "local function f() return f() end return f()",
        "while true do pcall(function() while true do end end) end",
        "pcall(pcall, function() while true do end end) return 98000, 'swallowed'",
        "local ok = pcall(function() while true do end end) return 98000, 'swallowed'",
        "local x <close> = setmetatable({}, {__close = function() while true do end end}) "
        "while true do end",
        "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) "
        "pcall(function() return t[1] end) while true do end",
        "for i = 1, 1 << 62 do end",
        "return ipairs(setmetatable({}, {__index = function(_, i) "
        "return i end}))(({}), 0) or (function() while true do end end)(), 'x'"}) {
    ASSERT_EQ(plugin_.Configure(PriceOf(body)), "") << body;
    EXPECT_EQ(plugin_.Price(98000), -TOPUP_PRICING_FAILED) << body;
    EXPECT_THAT(plugin_.Error(),
                testing::AnyOf(HasSubstr("more than 100000 instructions"), HasSubstr("nil")))
        << body;
  }
}

TEST_F(LuaRulesTest, EndsAMemoryBombWhateverItCatches) {
  for (const char* body :
       {"return 1, ('x'):rep(1 << 40)", "return 1, ('x'):rep(300000)",
        "local t = {} while true do t[#t + 1] = {} end",
        "local s = 'x' while true do s = s .. s end",
        "pcall(string.rep, 'x', 1 << 30) return 98000, 'swallowed'",
        "local s = ('x'):rep(100000) local t = {} for i = 1, 99 do pcall(function() "
        "t[i] = s .. i end) end return 98000, 'swallowed'",
        "local s = ('x'):rep(60000) while true do local t = s .. 'y' end",
        "return 1, ('x'):rep(5000)"}) {
    ASSERT_EQ(plugin_.Configure(PriceOf(body)), "") << body;
    EXPECT_EQ(plugin_.Price(98000), -TOPUP_PRICING_FAILED) << body;
    EXPECT_THAT(plugin_.Error(), HasSubstr("KiB of memory")) << body;
  }
}

// Work that is done between two instructions: none of these may take seconds, or for ever.
TEST_F(LuaRulesTest, EndsWorkThatNoInstructionCounts) {
  for (const char* body :
       {"return #(''):rep(1 << 62), 'x'",
        "local t = {} for i = 1, 5000 do t[i] = i end while true do table.concat(t) end",
        "local t = setmetatable({}, {__len = function() return 1 << 60 end}) "
        "return #table.concat(t), 'x'",
        "local s = ('x'):rep(4000) while true do local b = s < s end",
        "local t = {} for i = 1, 2000 do t = setmetatable({}, {__index = t}) end return 1, 'x'",
        "local t = {} for i = 1, 3000 do t[i] = {i} end while true do local u = {1} end",
        "local function f(...) return f(0, ...) end return f()"}) {
    ASSERT_EQ(plugin_.Configure(PriceOf(body)), "") << body;
    const int64_t price = plugin_.Price(98000);
    EXPECT_THAT(price, testing::AnyOf(0, -TOPUP_PRICING_FAILED)) << body;
  }
}

TEST_F(LuaRulesTest, EndsDeepRecursion) {
  EXPECT_THAT(FailureOf("local function f() return 1 + f() end return f(), 'x'"),
              testing::AnyOf(HasSubstr("overflow"), HasSubstr("KiB of memory")));
  EXPECT_THAT(FailureOf("local function f() return pcall(f) end f() error('deep')"),
              testing::AnyOf(HasSubstr("deep"), HasSubstr("limit"), HasSubstr("instructions")));
}

TEST_F(LuaRulesTest, ReachesNothingOutside) {
  for (const char* name :
       {"os",         "io",     "debug",    "package", "require",        "load",
        "loadstring", "dofile", "loadfile", "print",   "collectgarbage", "coroutine",
        "pairs",      "next",   "rawset",   "rawget",  "getmetatable",   "xpcall",
        "math",       "utf8",   "_G",       "warn"}) {
    EXPECT_THAT(FailureOf(std::string("return 1, type(") + name + ")"),
                HasSubstr(std::string("'") + name + "' is not available"));
  }
  for (const char* name : {"find", "gsub", "gmatch", "match", "dump", "format", "char"}) {
    EXPECT_THAT(FailureOf(std::string("return 1, type(string.") + name + ")"),
                HasSubstr("is not available"));
    EXPECT_THAT(FailureOf(std::string("return 1, (''):") + name + "('x')"),
                HasSubstr("is not available"));
  }
}

TEST_F(LuaRulesTest, IsNotTrickedByMetatables) {
  // Finalizers would run without a count of instructions.
  EXPECT_THAT(FailureOf("setmetatable({}, {__gc = function() while true do end end}) "
                        "return 98000, 'x'"),
              HasSubstr("__gc is not available"));
  EXPECT_THAT(FailureOf("setmetatable({}, {__mode = 'k'}) return 98000, 'x'"),
              HasSubstr("__mode is not available"));
  EXPECT_THAT(FailureOf("setmetatable(string, {}) return 98000, 'x'"), HasSubstr("keeps"));
  EXPECT_THAT(FailureOf("setmetatable(r, {}) return 98000, 'x'"), HasSubstr("keeps"));
  EXPECT_THAT(FailureOf("setmetatable('', {}) return 98000, 'x'"), HasSubstr("table expected"));
  // Added later, a __gc is one key among others: Lua marks what it finalizes when it gets its
  // metatable.
  ASSERT_EQ(plugin_.Configure(PriceOf("local m = {} local t = setmetatable({}, m) "
                                      "m.__gc = function() while true do end end t = nil "
                                      "return 98000, 'kept'")),
            "");
  EXPECT_EQ(plugin_.Price(98000), 98000);
}

TEST_F(LuaRulesTest, RemembersNothing) {
  ASSERT_EQ(plugin_.Configure(
                ConfigOf("count = 0 function price(r) count = count + 1 string.count = count "
                         "return r.price_so_far_centimes + count, tostring(count) end")),
            "");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(plugin_.Price(98000), 98001);
}

TEST_F(LuaRulesTest, TellsNoAddressesAndNoFractions) {
  ASSERT_EQ(plugin_.Configure(PriceOf("return 1, tostring({}) .. ' ' .. tostring(price) .. ' ' .. "
                                      "tostring(-5) .. ' ' .. tostring(tonumber('1.5')) .. ' ' .. "
                                      "tostring(tonumber('0x10')) .. ' ' .. dinars(250)")),
            "");
  EXPECT_EQ(plugin_.Price(98000), 1);
  EXPECT_EQ(plugin_.LastStep(), "table function -5 nil 16 2.50 DZD");
}

TEST_F(LuaRulesTest, CountsExactly) {
  ASSERT_EQ(plugin_.Configure(PriceOf("return round_up(scale_down(99999, 1000099), 500) "
                                      "+ max(3, 5) + min(-1, 2) + -7 // 2, 'x'")),
            "");
  EXPECT_EQ(plugin_.Price(98000), 100500 + 5 - 1 - 4);
  EXPECT_THAT(FailureOf("return scale_up(-1, PPM), 'x'"), HasSubstr("-1, which is not within"));
  EXPECT_THAT(FailureOf("return scale_up(100000000000, 1000001), 'x'"), HasSubstr("more than"));
  EXPECT_THAT(FailureOf("return round_up(5, 0), 'x'"), HasSubstr("rounds nothing"));
  EXPECT_THAT(FailureOf("return 5 // 0, 'x'"), HasSubstr("zero"));
}

TEST_F(LuaRulesTest, SaysItsErrorsInOneLineThatFits) {
  EXPECT_THAT(FailureOf("error('two\\nlines \\xff')"), HasSubstr("two?lines ?"));
  EXPECT_THAT(FailureOf("error({})"), HasSubstr("no text but a table"));
  EXPECT_THAT(FailureOf("error(setmetatable({}, {__tostring = function() while true do end end}))"),
              HasSubstr("no text but a table"));
  EXPECT_THAT(FailureOf("error(nil)"), HasSubstr("no text but a nil"));
  EXPECT_LT(FailureOf("error(('x'):rep(5000))").size(), size_t{TOPUP_PRICING_ERROR_SIZE});
}

TEST_F(LuaRulesTest, AnswersManyThreadsAtOnce) {
  ASSERT_EQ(plugin_.Configure(PriceOf("local n = 0 for i = 1, 100 do n = n + i end "
                                      "return r.price_so_far_centimes + n, 'sum'")),
            "");
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread, &wrong] {
      for (int64_t i = 0; i < 300; ++i) {
        const topup_pricing_request_t request = LoadedPlugin::Request(98000 + thread * 1000 + i);
        topup_pricing_answer_t answer = {.struct_size = sizeof(answer)};
        topup_pricing_error_t error = {.struct_size = sizeof(error)};
        const bool is_right = plugin_.strategy()->price(plugin_.strategy(), &request, &answer,
                                                        &error) == TOPUP_PRICING_OK &&
                              answer.price_centimes == 98000 + thread * 1000 + i + 5050;
        wrong[thread] += is_right ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, testing::Each(0));
}

}  // namespace
}  // namespace topup
