// The stand-in's own paths, outside /v3, for tests in another process and for people:
//
//   GET  /sandbox/ledger              every line, as text; ?from=N leaves the first N out
//   GET  /sandbox/help                the numbers and these paths
//   PUT  /sandbox/faults              text of faults.proto; replaces rules and behaviour
//   PUT  /sandbox/balance             {"balance_centimes": 100000}
//   PUT  /sandbox/plans               {"code": "PIXX_500", "isEnabled": false}; also "cost_ppm",
//                                     "shows_cost", "min_amount", "max_amount", "amount"
//   PUT  /sandbox/topups              {"ref": "...", "status": "FULFILLED"}: from now on
//   PUT  /sandbox/down                {"down": true}: every request under /v3 is cut off
//
// No key is asked for: the stand-in listens on loopback. Answers 204, or 400 with text.
#ifndef TOPUP_SERVER_SANDBOX_HTTP_CONTROL_HANDLER_H_
#define TOPUP_SERVER_SANDBOX_HTTP_CONTROL_HANDLER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/sandbox/http/http_message.h"
#include "server/sandbox/http/simulated_provider.h"

namespace topup::sandbox {

inline constexpr char kControlPrefix[] = "/sandbox/";

// Answers a request whose path starts with kControlPrefix. Thread-safe.
HttpReply HandleControl(const HttpRequest& request, SimulatedProvider& provider);

// Numbers, faults and paths, in words: for --help.
std::string DescribeSandbox();

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_HTTP_CONTROL_HANDLER_H_
