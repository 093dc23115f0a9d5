// Text for scripts. Where Lua has a function of that name, its own tells addresses or locales,
// makes fractions, or can work for hours without running an instruction.
//
// All of these are functions as Lua calls them: arguments from the stack, results to it.
#ifndef TOPUP_PRICING_PLUGINS_LUA_RULES_TEXT_FUNCTIONS_H_
#define TOPUP_PRICING_PLUGINS_LUA_RULES_TEXT_FUNCTIONS_H_

#include <lua.hpp>

namespace topup {

int Dinars(lua_State* state);    // (centimes): "2.50 DZD"
int Percent(lua_State* state);   // (ppm): "2.5 %"
int Byte(lua_State* state);      // (text, place): one byte, or nothing
int Rep(lua_State* state);       // (text, count)
int Concat(lua_State* state);    // (list, separator)
int ToString(lua_State* state);  // (value)
int ToNumber(lua_State* state);  // (value): a whole number, or nil

}  // namespace topup

#endif  // TOPUP_PRICING_PLUGINS_LUA_RULES_TEXT_FUNCTIONS_H_
