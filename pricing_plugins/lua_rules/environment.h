// What a script finds around it: a short list of functions, and an error for everything else.
#ifndef TOPUP_PRICING_PLUGINS_LUA_RULES_ENVIRONMENT_H_
#define TOPUP_PRICING_PLUGINS_LUA_RULES_ENVIRONMENT_H_

#include <lua.hpp>

namespace topup {

// To be called before anything else here, outside of any state. Throws std::bad_alloc.
void PrepareEnvironments();

// Pushes the table that is a script's _ENV, and gives texts their methods. README.md of this
// folder lists what is in it. A name that is not raises an error that says so, and for what people
// look for most, why. May raise an error: for protected code only.
void PushEnvironment(lua_State* state);

}  // namespace topup

#endif  // TOPUP_PRICING_PLUGINS_LUA_RULES_ENVIRONMENT_H_
