// Memory holds the provider's key and customers' numbers: it is never written to a file.
#ifndef TOPUP_SERVER_OPS_CORE_DUMPS_H_
#define TOPUP_SERVER_OPS_CORE_DUMPS_H_

namespace topup::ops {

// From now on a crash of this process, and of what it starts, leaves no core file. A collector
// that takes dumps through a pipe is asked not to; whether it obeys is the machine's affair.
void DisableCoreDumps();

}  // namespace topup::ops

#endif  // TOPUP_SERVER_OPS_CORE_DUMPS_H_
