#include "server/ops/core_dumps.h"

#include <sys/resource.h>

namespace topup::ops {

void DisableCoreDumps() {
  const rlimit none{};
  // Lowering a limit is always allowed.
  static_cast<void>(setrlimit(RLIMIT_CORE, &none));
}

}  // namespace topup::ops
