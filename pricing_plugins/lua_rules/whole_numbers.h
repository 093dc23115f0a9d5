// Finds floating point in a script's text, before it is ever run.
#ifndef TOPUP_PRICING_PLUGINS_LUA_RULES_WHOLE_NUMBERS_H_
#define TOPUP_PRICING_PLUGINS_LUA_RULES_WHOLE_NUMBERS_H_

#include <optional>
#include <string>

namespace topup {

// The first place in a Lua text that makes a floating-point number, with its line and a remedy:
// the operators / and ^, a number with a point or an exponent, and one that is too large for an
// integer (Lua would quietly make it a floating-point one). Nothing where there is none. Comments
// and texts are skipped; a text that is no Lua is left to the compiler. Pure.
std::optional<std::string> FindFloatingPoint(const std::string& source);

}  // namespace topup

#endif  // TOPUP_PRICING_PLUGINS_LUA_RULES_WHOLE_NUMBERS_H_
