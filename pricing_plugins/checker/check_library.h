// All checks of one library.
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_CHECK_LIBRARY_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_CHECK_LIBRARY_H_

#include "pricing_plugins/checker/checks.h"
#include "pricing_plugins/checker/verdict.h"

namespace topup::checker {

// Makes each check in a process of its own, in order, until one is bad behind which nothing can
// be checked. This process runs no code of the library, and must have no other thread.
LibraryReport CheckLibrary(Context context, int patience_seconds);

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_CHECK_LIBRARY_H_
