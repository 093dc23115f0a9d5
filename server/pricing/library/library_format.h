// What a library is, told from its bytes.
//
// Opening a library runs its constructors, and makes the dynamic linker search for whatever it
// needs. Both are looked at here first, without running anything.
#ifndef TOPUP_SERVER_PRICING_LIBRARY_LIBRARY_FORMAT_H_
#define TOPUP_SERVER_PRICING_LIBRARY_LIBRARY_FORMAT_H_

#include "absl/status/status.h"
#include "server/pricing/library/library_file.h"

namespace topup::pricing {

// OK for an ELF shared library of this machine that needs the system's C and C++ libraries
// only, and brings no search path of its own. Otherwise STRATEGY_LOAD_FAILED, step "format".
// Pure; copes with any bytes.
absl::Status CheckLibraryFormat(const LibraryFile& file);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_LIBRARY_LIBRARY_FORMAT_H_
