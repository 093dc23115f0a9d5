#include "pricing_plugins/lua_rules/environment.h"

#include <cstring>

#include "pricing_plugins/abi/types.h"
#include "pricing_plugins/lua_rules/number_functions.h"
#include "pricing_plugins/lua_rules/sandbox.h"
#include "pricing_plugins/lua_rules/text_functions.h"

namespace topup {
namespace {

// --- what Lua's own would let a script get away with -------------------------------------------

// A limit that was passed is not the script's to catch.
int PCall(lua_State* state) {
  luaL_checkany(state, 1);
  const int status = lua_pcall(state, lua_gettop(state) - 1, LUA_MULTRET, 0);
  Budget& budget = BudgetOf(state);
  if (status == LUA_ERRMEM) budget.memory_spent = true;
  if (budget.memory_spent || budget.instructions_spent) {
    lua_pushliteral(state, "limit");
    return lua_error(state);
  }
  lua_pushboolean(state, status == LUA_OK ? 1 : 0);
  lua_insert(state, 1);
  return lua_gettop(state);
}

void RefuseKey(lua_State* state, const char* key, const char* why) {
  lua_pushstring(state, key);
  if (lua_rawget(state, 2) != LUA_TNIL) luaL_error(state, "%s is not available: %s", key, why);
  lua_pop(state, 1);
}

int SetMetatable(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  luaL_argexpected(state, lua_isnil(state, 2) || lua_istable(state, 2), 2, "nil or table");
  if (luaL_getmetafield(state, 1, "__metatable") != LUA_TNIL) {
    return luaL_error(state, "this table keeps the metatable that it has");
  }
  if (++BudgetOf(state).metatables > kMetatableMax) {
    return luaL_error(state, "more than %d metatables", kMetatableMax);
  }
  if (lua_istable(state, 2)) {
    // Lua runs finalizers without counting their instructions.
    RefuseKey(state, "__gc", "what runs at a time that nobody knows decides no price");
    RefuseKey(state, "__mode", "what vanishes at a time that nobody knows decides no price");
  }
  lua_settop(state, 2);
  lua_setmetatable(state, 1);
  return 1;
}

int Missing(lua_State* state) {
  static constexpr struct {
    const char* name;
    const char* why;
  } kKnown[] = {
      {"pairs", "its order changes from run to run; use a list and ipairs"},
      {"next", "its order changes from run to run; use a list and ipairs"},
      {"os", "a price follows from the request alone, which has the time"},
      {"io", "a price follows from the request alone"},
      {"require", "a script is one text"},
      {"math", "use //, %, max, min, scale_up, scale_down, round_up"},
      {"load", "a script is one text"},
  };
  const char* const name = lua_type(state, 2) == LUA_TSTRING ? lua_tostring(state, 2) : "?";
  for (const auto& known : kKnown) {
    if (std::strcmp(known.name, name) == 0) {
      return luaL_error(state, "'%s' is not available: %s", name, known.why);
    }
  }
  return luaL_error(state, "'%s' is not available (is it misspelt?)", name);
}

// --- the tables --------------------------------------------------------------------------------

// Lua's own functions that can do no harm: none that works long without running instructions. They
// are no symbols, so that they are asked for by opening their library once, in a state that is
// thrown away.
struct LuaFunctions {
  lua_CFunction assert_ = nullptr, error = nullptr, ipairs = nullptr, select = nullptr,
                type = nullptr;
  lua_CFunction sub = nullptr;
};

lua_CFunction Take(lua_State* state, const char* name) {
  lua_getfield(state, -1, name);
  const lua_CFunction function = lua_tocfunction(state, -1);
  lua_pop(state, 1);
  return function;
}

int TakeLuaFunctions(lua_State* state) {
  auto* const functions = static_cast<LuaFunctions*>(lua_touserdata(state, 1));
  luaL_requiref(state, "_G", &luaopen_base, 0);
  functions->assert_ = Take(state, "assert");
  functions->error = Take(state, "error");
  functions->ipairs = Take(state, "ipairs");
  functions->select = Take(state, "select");
  functions->type = Take(state, "type");
  luaL_requiref(state, "string", &luaopen_string, 0);
  functions->sub = Take(state, "sub");
  return 0;
}

const LuaFunctions& FunctionsOfLua() {
  static const LuaFunctions kFunctions = [] {
    LuaFunctions functions;
    Sandbox(kCompileBudget).Run(&TakeLuaFunctions, &functions);
    return functions;
  }();
  return kFunctions;
}

// Below the table on the stack: `__index` for its missing names.
void MakeStrict(lua_State* state) {
  lua_createtable(state, 0, 2);
  lua_pushcfunction(state, &Missing);
  lua_setfield(state, -2, "__index");
  lua_pushboolean(state, 0);
  lua_setfield(state, -2, "__metatable");
  lua_setmetatable(state, -2);
}

void PushStrings(lua_State* state, const LuaFunctions& lua) {
  const luaL_Reg functions[] = {
      {"byte", &Byte}, {"rep", &Rep}, {"sub", lua.sub}, {nullptr, nullptr}};
  lua_createtable(state, 0, 4);
  luaL_setfuncs(state, functions, 0);
  MakeStrict(state);
  // The methods of texts: ("x"):rep(3). Kept out of reach, for it is one for all texts.
  lua_pushliteral(state, "");
  lua_createtable(state, 0, 2);
  lua_pushvalue(state, -3);
  lua_setfield(state, -2, "__index");
  lua_pushboolean(state, 0);
  lua_setfield(state, -2, "__metatable");
  lua_setmetatable(state, -2);
  lua_pop(state, 1);
}

}  // namespace

void PrepareEnvironments() { FunctionsOfLua(); }

void PushEnvironment(lua_State* state) {
  const LuaFunctions& lua = FunctionsOfLua();
  const luaL_Reg functions[] = {{"assert", lua.assert_},
                                {"error", lua.error},
                                {"ipairs", lua.ipairs},
                                {"select", lua.select},
                                {"type", lua.type},
                                {"pcall", &PCall},
                                {"setmetatable", &SetMetatable},
                                {"tonumber", &ToNumber},
                                {"tostring", &ToString},
                                {"scale_up", &ScaleUp},
                                {"scale_down", &ScaleDown},
                                {"round_up", &RoundUp},
                                {"max", &Max},
                                {"min", &Min},
                                {"dinars", &Dinars},
                                {"percent", &Percent},
                                {nullptr, nullptr}};
  lua_createtable(state, 0, 32);
  luaL_setfuncs(state, functions, 0);
  PushStrings(state, lua);
  lua_setfield(state, -2, "string");
  const luaL_Reg tables[] = {{"concat", &Concat}, {nullptr, nullptr}};
  lua_createtable(state, 0, 2);
  luaL_setfuncs(state, tables, 0);
  MakeStrict(state);
  lua_setfield(state, -2, "table");
  lua_pushinteger(state, TOPUP_PRICING_PPM);
  lua_setfield(state, -2, "PPM");
  MakeStrict(state);
}

}  // namespace topup
