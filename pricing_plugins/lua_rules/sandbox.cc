#include "pricing_plugins/lua_rules/sandbox.h"

#include <cstdlib>
#include <new>

namespace topup {
namespace {

constexpr size_t kTextHeader = 64;  // more than Lua puts before a text

// Whether a block may grow by `more` bytes. After some refusals there is no more: a script that
// lives at its limit would have the garbage collected for each allocation.
bool MayGrow(Budget& budget, size_t more, bool is_long_text) {
  const bool may = budget.refusals < kRefusalMax && !is_long_text &&
                   more <= budget.memory_max - budget.memory &&
                   more <= budget.allocated_max - budget.allocated;
  budget.refusals += may ? 0 : 1;
  return may;
}

// As lua_Alloc wants it. Lua collects garbage and asks once more before it gives up.
void* Allocate(void* data, void* block, size_t old_size, size_t new_size) {
  auto& budget = *static_cast<Budget*>(data);
  // Of a new block, old_size is the kind of object that it is for.
  const bool is_long_text =
      block == nullptr && old_size == LUA_TSTRING && new_size > budget.text_max + kTextHeader;
  if (block == nullptr) old_size = 0;
  if (new_size == 0) {
    std::free(block);
    budget.memory -= old_size;
    return nullptr;
  }
  const size_t more = new_size > old_size ? new_size - old_size : 0;
  if (more > 0 && !MayGrow(budget, more, is_long_text)) return nullptr;
  void* const resized = std::realloc(block, new_size);
  if (resized == nullptr) return nullptr;
  budget.allocated += more;
  budget.memory += new_size - old_size;  // wraps for less, and back
  return resized;
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
           " KiB of memory, or a text of more than " + std::to_string(budget_.text_max >> 10) +
           " KiB, or moved more than " + std::to_string(budget_.allocated_max >> 20) + " MiB about";
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
