#include "pricing_plugins/lua_rules/number_functions.h"

#include <algorithm>
#include <cstdint>

#include "pricing_plugins/abi/types.h"

namespace topup {
namespace {

int ReturnAmount(lua_State* state, int64_t centimes) {
  if (centimes > TOPUP_PRICING_AMOUNT_MAX) {
    return luaL_error(state, "%I centimes are more than the contract's %I",
                      static_cast<LUAI_UACINT>(centimes),
                      static_cast<LUAI_UACINT>(TOPUP_PRICING_AMOUNT_MAX));
  }
  lua_pushinteger(state, centimes);
  return 1;
}

}  // namespace

int64_t CheckRange(lua_State* state, int argument, int64_t max) {
  const int64_t value = luaL_checkinteger(state, argument);
  if (value < 0 || value > max) {
    luaL_error(state, "argument %d is %I, which is not within 0..%I", argument,
               static_cast<LUAI_UACINT>(value), static_cast<LUAI_UACINT>(max));
  }
  return value;
}

// The product fits: that is what the contract's limits are for.
int ScaleUp(lua_State* state) {
  const int64_t product = CheckRange(state, 1, TOPUP_PRICING_AMOUNT_MAX) *
                          CheckRange(state, 2, TOPUP_PRICING_RATIO_MAX);
  return ReturnAmount(state,
                      product / TOPUP_PRICING_PPM + (product % TOPUP_PRICING_PPM == 0 ? 0 : 1));
}

int ScaleDown(lua_State* state) {
  const int64_t product = CheckRange(state, 1, TOPUP_PRICING_AMOUNT_MAX) *
                          CheckRange(state, 2, TOPUP_PRICING_RATIO_MAX);
  return ReturnAmount(state, product / TOPUP_PRICING_PPM);
}

int RoundUp(lua_State* state) {
  const int64_t amount = CheckRange(state, 1, TOPUP_PRICING_AMOUNT_MAX);
  const int64_t step = CheckRange(state, 2, TOPUP_PRICING_AMOUNT_MAX);
  if (step == 0) return luaL_error(state, "a step of 0 centimes rounds nothing");
  return ReturnAmount(state, (amount + step - 1) / step * step);
}

int Max(lua_State* state) {
  lua_pushinteger(state, std::max(luaL_checkinteger(state, 1), luaL_checkinteger(state, 2)));
  return 1;
}

int Min(lua_State* state) {
  lua_pushinteger(state, std::min(luaL_checkinteger(state, 1), luaL_checkinteger(state, 2)));
  return 1;
}

}  // namespace topup
