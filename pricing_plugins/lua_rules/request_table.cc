#include "pricing_plugins/lua_rules/request_table.h"

#include <cstddef>
#include <cstdint>

namespace topup {
namespace {

constexpr const char* kOperators[] = {"UNKNOWN", "MOBILIS", "DJEZZY", "OOREDOO", "PIXX"};
constexpr const char* kKinds[] = {"UNKNOWN", "DYNAMIC", "FIXED", "MENU"};
static_assert(TOPUP_PRICING_OPERATOR_MOBILIS == 1 && TOPUP_PRICING_OPERATOR_DJEZZY == 2 &&
              TOPUP_PRICING_OPERATOR_OOREDOO == 3 && TOPUP_PRICING_OPERATOR_PIXX == 4);
static_assert(TOPUP_PRICING_KIND_DYNAMIC == 1 && TOPUP_PRICING_KIND_FIXED == 2 &&
              TOPUP_PRICING_KIND_MENU == 3);

template <size_t size>
const char* WordFor(const char* const (&words)[size], int32_t number) {
  return number >= 0 && number < static_cast<int32_t>(size) ? words[number] : words[0];
}

int NoField(lua_State* state) {
  return luaL_error(state, "a request has no field '%s'",
                    lua_type(state, 2) == LUA_TSTRING ? lua_tostring(state, 2) : "?");
}

// Of the table on top of the stack.
void SetInteger(lua_State* state, const char* name, int64_t value) {
  lua_pushinteger(state, value);
  lua_setfield(state, -2, name);
}

void SetText(lua_State* state, const char* name, const topup_pricing_text_t& text) {
  lua_pushlstring(state, text.data, text.size);
  lua_setfield(state, -2, name);
}

void MakeStrict(lua_State* state) {
  lua_createtable(state, 0, 2);
  lua_pushcfunction(state, &NoField);
  lua_setfield(state, -2, "__index");
  lua_pushboolean(state, 0);
  lua_setfield(state, -2, "__metatable");
  lua_setmetatable(state, -2);
}

void SetCivilTime(lua_State* state, const char* name, const topup_pricing_civil_time_t& time) {
  lua_createtable(state, 0, 7);
  SetInteger(state, "year", time.year);
  SetInteger(state, "month", time.month);
  SetInteger(state, "day", time.day);
  SetInteger(state, "weekday", time.weekday);
  SetInteger(state, "hour", time.hour);
  SetInteger(state, "minute", time.minute);
  SetInteger(state, "second", time.second);
  MakeStrict(state);
  lua_setfield(state, -2, name);
}

// A fact that a host does not know is absent: nil, and no error.
void SetFacts(lua_State* state, const topup_pricing_request_t& request) {
  lua_createtable(state, 0, 0);
  for (uint64_t i = 0; i < request.fact_count; ++i) {
    const topup_pricing_fact_t& fact = request.facts[i];
    lua_pushlstring(state, fact.name.data, fact.name.size);
    if (fact.text.size > 0) {
      lua_pushlstring(state, fact.text.data, fact.text.size);
    } else {
      lua_pushinteger(state, fact.number);
    }
    lua_rawset(state, -3);
  }
  lua_setfield(state, -2, "facts");
}

}  // namespace

void PushRequest(lua_State* state, const topup_pricing_request_t& request) {
  lua_createtable(state, 0, 24);
  SetText(state, "plan_code", request.plan_code);
  SetText(state, "caller", request.caller);
  lua_pushstring(state, WordFor(kOperators, request.plan_operator));
  lua_setfield(state, -2, "plan_operator");
  lua_pushstring(state, WordFor(kKinds, request.plan_kind));
  lua_setfield(state, -2, "plan_kind");
  SetInteger(state, "face_value_centimes", request.face_value_centimes);
  SetInteger(state, "cost_centimes", request.cost_centimes);
  SetInteger(state, "price_so_far_centimes", request.price_so_far_centimes);
  SetInteger(state, "unix_seconds", request.unix_seconds);
  SetCivilTime(state, "utc", request.utc);
  SetCivilTime(state, "algiers", request.algiers);
  lua_pushboolean(state, (request.flags & TOPUP_PRICING_HAS_USAGE) != 0 ? 1 : 0);
  lua_setfield(state, -2, "has_usage");
  SetInteger(state, "caller_count_today", request.caller_count_today);
  SetInteger(state, "caller_volume_today_centimes", request.caller_volume_today_centimes);
  SetInteger(state, "caller_count_this_month", request.caller_count_this_month);
  SetInteger(state, "caller_volume_this_month_centimes", request.caller_volume_this_month_centimes);
  SetFacts(state, request);
  MakeStrict(state);
}

}  // namespace topup
