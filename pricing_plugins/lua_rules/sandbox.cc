#include "pricing_plugins/lua_rules/sandbox.h"

#include <cstdlib>
#include <new>

namespace topup {
namespace {

// As lua_Alloc wants it. Lua collects garbage and asks once more before it gives up.
void* Allocate(void* data, void* block, size_t old_size, size_t new_size) {
  auto* const budget = static_cast<Budget*>(data);
  if (block == nullptr) old_size = 0;  // it is then a kind of object
  if (new_size == 0) {
    std::free(block);
    budget->memory -= old_size;
    return nullptr;
  }
  if (new_size > old_size) {
    const size_t more = new_size - old_size;
    if (more > budget->memory_max - budget->memory ||
        more > budget->allocated_max - budget->allocated) {
      return nullptr;
    }
  }
  void* const grown = std::realloc(block, new_size);
  if (grown == nullptr) return nullptr;
  if (new_size > old_size) budget->allocated += new_size - old_size;
  budget->memory += new_size - old_size;  // wraps for less, and back
  return grown;
}

void OnLimit(lua_State* state, lua_Debug* /*where*/) {
  BudgetOf(state).instructions_spent = true;
  // Whatever runs while the error goes up (a __close, say) is ended after one more instruction.
  lua_sethook(state, &OnLimit, LUA_MASKCOUNT, 1);
  lua_pushliteral(state, "instruction limit");
  lua_error(state);
}

}  // namespace

Sandbox::Sandbox(const Budget& budget)
    : budget_(budget), state_(lua_newstate(&Allocate, &budget_)) {
  if (state_ == nullptr) throw std::bad_alloc();
}

Sandbox::~Sandbox() { lua_close(state_); }

std::string Sandbox::Run(lua_CFunction body, void* job) {
  lua_pushcfunction(state_, body);  // neither allocates
  lua_pushlightuserdata(state_, job);
  const int status = lua_pcall(state_, 1, 0, 0);
  if (budget_.instructions_spent) {
    return "it ran for more than " + std::to_string(budget_.instruction_max) + " instructions";
  }
  if (status == LUA_ERRMEM || budget_.memory_spent) {
    return "it wanted more than " + std::to_string(budget_.memory_max >> 10) +
           " KiB of memory, or moved more than " + std::to_string(budget_.allocated_max >> 20) +
           " MiB of it about";
  }
  if (status == LUA_OK) return "";
  // No conversion: it would allocate, or run a __tostring of the script's, unprotected.
  if (lua_type(state_, -1) != LUA_TSTRING) {
    return std::string("it raised an error that is no text but a ") + luaL_typename(state_, -1);
  }
  const std::string message = lua_tostring(state_, -1);
  return message.empty() ? "it raised an error without a text" : message;
}

void StartCounting(lua_State* state) {
  lua_sethook(state, &OnLimit, LUA_MASKCOUNT, BudgetOf(state).instruction_max);
}

Budget& BudgetOf(lua_State* state) {
  void* data = nullptr;
  lua_getallocf(state, &data);
  return *static_cast<Budget*>(data);
}

}  // namespace topup
