// The cells of the fault matrix: every fault, on every request of the money path, for a top-up
// that the provider has taken or has not, at the first such request or at the one that is made
// because the first was lost.
#ifndef TOPUP_TESTS_INTEGRATION_FAULT_CELLS_H_
#define TOPUP_TESTS_INTEGRATION_FAULT_CELLS_H_

#include <string>
#include <vector>

#include "tests/integration/detour_provider.h"

namespace topup::integration {

// What goes wrong below HTTP, where the stand-in has no say.
enum class TlsFault {
  kNone,
  kExpiredCertificate,
  kHandshakeAlert,
  kAlertAsReply,
};

struct FaultCell {
  std::string name;  // as "send, not taken, first: HANG"
  Call call = Call::kSend;
  bool taken = false;  // the top-up, by the time that the fault strikes
  bool retry = false;
  // Rules of the stand-in, in its words.
  std::string rules;
  // Two ordinary top-ups come first, to prove the key with; the rules are in force after them.
  bool after_ordinary_ones = false;
  // A person may have to decide: something else is there under our ref, or is said to be.
  bool may_be_held = false;
  // What the stand-in counts: the fault's kind, and how often it has to have struck: this often,
  // and this often for each top-up.
  std::string kind;
  int strikes = 0;
  int strikes_each = 0;
  // Where this is set, the fault strikes on a way of its own, as often as said above.
  TlsFault tls = TlsFault::kNone;
};

// All of them, in a fixed order.
std::vector<FaultCell> AllFaultCells();

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_FAULT_CELLS_H_
