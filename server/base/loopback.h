// Which hosts are this machine and nobody else: what may be reached, or listened on, in the
// clear.
#ifndef TOPUP_SERVER_BASE_LOOPBACK_H_
#define TOPUP_SERVER_BASE_LOOPBACK_H_

#include "absl/strings/string_view.h"

namespace topup::base {

// True for "localhost", "::1" and the addresses of 127.0.0.0/8 in full dotted form. A name that
// only begins like one ("127.evil.example") is a name, and looked up like any other.
bool IsLoopback(absl::string_view host);

}  // namespace topup::base

#endif  // TOPUP_SERVER_BASE_LOOPBACK_H_
