#include "pricing_plugins/lua_rules/text_functions.h"

#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "pricing_plugins/abi/types.h"
#include "pricing_plugins/lua_rules/number_functions.h"
#include "pricing_plugins/lua_rules/sandbox.h"

namespace topup {

// "2.50 DZD", "5 DZD".
int Dinars(lua_State* state) {
  const int64_t centimes = CheckRange(state, 1, TOPUP_PRICING_AMOUNT_MAX);
  char text[40];
  if (centimes % 100 == 0) {
    std::snprintf(text, sizeof(text), "%" PRId64 " DZD", centimes / 100);
  } else {
    std::snprintf(text, sizeof(text), "%" PRId64 ".%02" PRId64 " DZD", centimes / 100,
                  centimes % 100);
  }
  lua_pushstring(state, text);
  return 1;
}

// "5 %", "2.5 %".
int Percent(lua_State* state) {
  const int64_t ppm = CheckRange(state, 1, TOPUP_PRICING_RATIO_MAX);
  char text[40];
  std::snprintf(text, sizeof(text), "%" PRId64 ".%04" PRId64, ppm / 10000, ppm % 10000);
  size_t size = std::strlen(text);
  while (text[size - 1] == '0') --size;
  if (text[size - 1] == '.') --size;
  std::snprintf(text + size, sizeof(text) - size, " %%");
  lua_pushstring(state, text);
  return 1;
}

// Lua's own would tell the address of a table, which is another one in each run.
int ToString(lua_State* state) {
  luaL_checkany(state, 1);
  if (lua_type(state, 1) == LUA_TBOOLEAN) {
    lua_pushstring(state, lua_toboolean(state, 1) != 0 ? "true" : "false");
  } else if (lua_type(state, 1) == LUA_TSTRING || lua_isinteger(state, 1) != 0) {
    lua_pushvalue(state, 1);
    lua_tolstring(state, -1, nullptr);  // makes a text of the copy
  } else {
    lua_pushstring(state, luaL_typename(state, 1));
  }
  return 1;
}

// One byte of a text, by its place; nil where there is none.
int Byte(lua_State* state) {
  size_t size = 0;
  const char* const text = luaL_checklstring(state, 1, &size);
  const lua_Integer place = luaL_optinteger(state, 2, 1);
  if (place < 1 || place > static_cast<lua_Integer>(size)) return 0;
  lua_pushinteger(state, static_cast<unsigned char>(text[place - 1]));
  return 1;
}

// Lua's own would count to any number for an empty text.
int Rep(lua_State* state) {
  size_t size = 0;
  const char* const text = luaL_checklstring(state, 1, &size);
  const lua_Integer count = std::max<lua_Integer>(luaL_checkinteger(state, 2), 0);
  Budget& budget = BudgetOf(state);
  if (size > 0 && static_cast<uint64_t>(count) > budget.text_max / size) {
    budget.memory_spent = true;  // like any text that is too long
    lua_pushliteral(state, "text limit");
    return lua_error(state);
  }
  luaL_Buffer buffer;
  luaL_buffinit(state, &buffer);
  for (lua_Integer i = 0; size > 0 && i < count; ++i) luaL_addlstring(&buffer, text, size);
  luaL_pushresult(&buffer);
  return 1;
}

// Of the first entries up to the first that is nil, as texts; Lua's own asks for each by __index.
int Concat(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  size_t size = 0;
  const char* const separator = luaL_optlstring(state, 2, "", &size);
  luaL_Buffer buffer;
  luaL_buffinit(state, &buffer);
  for (int i = 1; lua_rawgeti(state, 1, i) != LUA_TNIL; ++i) {
    if (i > kListMax) return luaL_error(state, "more than %d entries to concatenate", kListMax);
    if (lua_type(state, -1) != LUA_TSTRING && lua_isinteger(state, -1) == 0) {
      return luaL_error(state, "entry %d is a %s and cannot be concatenated", i,
                        luaL_typename(state, -1));
    }
    if (i > 1) {
      // The entry lies above the buffer's place on the stack: it goes in last.
      lua_pushlstring(state, separator, size);
      lua_insert(state, -2);
      lua_concat(state, 2);
    }
    luaL_addvalue(&buffer);
  }
  lua_pop(state, 1);
  luaL_pushresult(&buffer);
  return 1;
}

// A whole number, or nil: "1.5" is none.
int ToNumber(lua_State* state) {
  luaL_checkany(state, 1);
  if (lua_type(state, 1) == LUA_TSTRING) {
    size_t size = 0;
    const char* const text = lua_tolstring(state, 1, &size);
    if (lua_stringtonumber(state, text) != size + 1) {
      lua_pushnil(state);
      return 1;
    }
  } else {
    lua_pushvalue(state, 1);
  }
  if (lua_isinteger(state, -1) == 0) lua_pushnil(state);
  return 1;
}

}  // namespace topup
