// A request as a script sees it.
#ifndef TOPUP_PRICING_PLUGINS_LUA_RULES_REQUEST_TABLE_H_
#define TOPUP_PRICING_PLUGINS_LUA_RULES_REQUEST_TABLE_H_

#include <lua.hpp>

#include "pricing_plugins/abi/request.h"

namespace topup {

// Pushes a table with the request's fields under their names in the contract's request.h; the
// operator and the kind are words ("DJEZZY", "MENU"; "UNKNOWN" for numbers that are not listed),
// the flag is has_usage, the facts are a table by name. A field that does not exist raises an
// error, but for facts. May raise an error: for protected code only.
void PushRequest(lua_State* state, const topup_pricing_request_t& request);

}  // namespace topup

#endif  // TOPUP_PRICING_PLUGINS_LUA_RULES_REQUEST_TABLE_H_
