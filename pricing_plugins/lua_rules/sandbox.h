// One Lua state with a budget: memory, work and instructions, and no way past them.
#ifndef TOPUP_PRICING_PLUGINS_LUA_RULES_SANDBOX_H_
#define TOPUP_PRICING_PLUGINS_LUA_RULES_SANDBOX_H_

#include <cstddef>
#include <lua.hpp>
#include <string>

namespace topup {

// What one use of a script may take.
struct Budget {
  size_t memory_max;     // bytes at one time
  size_t allocated_max;  // bytes in sum: copying texts about is work that no instruction counts
  size_t text_max;       // bytes of one text: comparing long ones is such work too
  int instruction_max;   // of Lua's machine

  // How far it is.
  size_t memory = 0;
  size_t allocated = 0;
  int refusals = 0;    // each makes Lua collect garbage, which takes its time
  int metatables = 0;  // a long chain of them is walked for every index
  bool instructions_spent = false;
  bool memory_spent = false;
};

inline constexpr int kRefusalMax = 16;
inline constexpr int kMetatableMax = 32;
inline constexpr int kListMax = 100;  // entries that one call of table.concat takes

// For reading and compiling a script, once; for every price.
inline constexpr Budget kCompileBudget = {.memory_max = size_t{4} << 20,
                                          .allocated_max = size_t{16} << 20,
                                          .text_max = size_t{64} << 10,
                                          .instruction_max = 1};
inline constexpr Budget kPriceBudget = {.memory_max = size_t{256} << 10,
                                        .allocated_max = size_t{4} << 20,
                                        .text_max = size_t{4} << 10,
                                        .instruction_max = 100'000};

// Not thread-safe, and for one use: made, run once, destroyed. Nothing of it outlives the use,
// so that no price can depend on an earlier one.
class Sandbox {
 public:
  // Throws std::bad_alloc.
  explicit Sandbox(const Budget& budget);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // Runs `body` with `job` as its only argument, a light userdata. Empty where it returned;
  // otherwise what went wrong: the limit that was passed, or the script's own words.
  //
  // `body` is left by longjmp where Lua raises an error: it and what it calls may hold nothing
  // that wants to be destroyed.
  std::string Run(lua_CFunction body, void* job);

 private:
  Budget budget_;
  lua_State* state_;
};

// From here on, instructions are counted. For use in a body.
void StartCounting(lua_State* state);

// The budget of a state.
Budget& BudgetOf(lua_State* state);

}  // namespace topup

#endif  // TOPUP_PRICING_PLUGINS_LUA_RULES_SANDBOX_H_
