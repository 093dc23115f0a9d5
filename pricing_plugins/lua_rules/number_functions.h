// Exact arithmetic for scripts: whole numbers, and an error where the contract's range is left.
//
// All but CheckRange are functions as Lua calls them: arguments from the stack, results to it.
#ifndef TOPUP_PRICING_PLUGINS_LUA_RULES_NUMBER_FUNCTIONS_H_
#define TOPUP_PRICING_PLUGINS_LUA_RULES_NUMBER_FUNCTIONS_H_

#include <cstdint>
#include <lua.hpp>

namespace topup {

// The argument, a whole number from 0 to `max`; otherwise an error. Called by others here.
int64_t CheckRange(lua_State* state, int argument, int64_t max);

int ScaleUp(lua_State* state);    // (centimes, ppm): the product, rounded up to the centime
int ScaleDown(lua_State* state);  // likewise, rounded down
int RoundUp(lua_State* state);    // (centimes, step): the next multiple of the step
int Max(lua_State* state);        // (a, b)
int Min(lua_State* state);        // (a, b)

}  // namespace topup

#endif  // TOPUP_PRICING_PLUGINS_LUA_RULES_NUMBER_FUNCTIONS_H_
