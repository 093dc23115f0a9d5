// The POST of a top-up, cut off after each of its bytes, and its answer after each of its own.
//
// A proxy stands between the real client and the stand-in. Each top-up's POST meets the next cut
// of the list: k bytes of the request go on, or k bytes of the answer come back, then both ends
// see FIN or RST. Some exchanges travel whole, one byte a segment. Whatever is cut is in doubt,
// and is settled by asking; what arrived in part was never a POST.
#ifndef TOPUP_TESTS_INTEGRATION_RUN_BYTE_CUTS_H_
#define TOPUP_TESTS_INTEGRATION_RUN_BYTE_CUTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/integration/fault_world.h"

namespace topup::integration {

struct ByteCutRun {
  // Only every n-th byte, beginning with the `offset`-th.
  int every = 1;
  int offset = 0;
  // Also at the second POST of a top-up, whose first one was lost on its way.
  bool on_retry = false;
  // Over TLS: the bytes are those inside, and an end comes without TLS's good-bye.
  bool tls = false;
};

// Cuts that were made, by where and how.
struct ByteCutReport {
  int request_fin = 0;
  int request_rst = 0;
  int reply_fin = 0;
  int reply_rst = 0;
  int in_segments = 0;  // exchanges that travelled byte by byte
  size_t request_size = 0;
  size_t reply_size = 0;  // the longest
  WorldCounts counts;
  // One line each. A byte after which nothing was cut is one.
  std::vector<std::string> violations;

  int cuts() const { return request_fin + request_rst + reply_fin + reply_rst; }
};

// Everything in one world, a few at a time; returns when all is settled.
ByteCutReport RunByteCuts(const ByteCutRun& run);

// One line. `name`: of the run.
std::string Figures(absl::string_view name, const ByteCutReport& report);

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_RUN_BYTE_CUTS_H_
