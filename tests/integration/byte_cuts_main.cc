// byte_cuts [--every=1] [--offset=0] [--on_retry] [--tls] [--long]
//
// Cuts the POST of a top-up after each of its bytes and its answer after each of its own, by FIN
// and by RST. --every=N takes every N-th byte from the --offset-th; --on_retry cuts the second
// POST, after a first one that was lost; --tls does it inside TLS; --long does all four. Prints
// each violation and a line for each run; exits with 0 where nothing was violated and every cut
// was made, 1 otherwise, 2 for arguments that mean nothing.
#include <cstdio>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/run_byte_cuts.h"
#include "tests/support/proof_flags.h"

int main(int argc, char** argv) {
  using topup::integration::ByteCutReport;
  using topup::integration::ByteCutRun;
  topup::support::ProofFlags flags(argc, argv);
  ByteCutRun run;
  run.every = flags.Number("every", 1, 1, 1000);
  run.offset = flags.Number("offset", 0, 0, run.every - 1);
  run.on_retry = flags.Switch("on_retry");
  run.tls = flags.Switch("tls");
  std::vector<ByteCutRun> runs = {run};
  if (flags.Switch("long")) {
    runs.clear();
    for (const bool tls : {false, true}) {
      for (const bool on_retry : {false, true}) {
        runs.push_back(
            {.every = run.every, .offset = run.offset, .on_retry = on_retry, .tls = tls});
      }
    }
  }
  if (!flags.problem().empty()) {
    std::fprintf(stderr, "%s: not understood\n", flags.problem().c_str());
    return 2;
  }
  int cuts = 0;
  size_t violations = 0;
  bool well = true;
  topup::integration::WorldCounts counts;
  for (const ByteCutRun& one : runs) {
    const ByteCutReport report = topup::integration::RunByteCuts(one);
    for (const std::string& violation : report.violations) std::printf("%s\n", violation.c_str());
    const std::string name =
        absl::StrCat(one.tls ? "TLS" : "TCP", one.on_retry ? ", second POST" : ", first POST");
    std::printf("%s\n", topup::integration::Figures(name, report).c_str());
    cuts += report.cuts();
    violations += report.violations.size();
    counts.Add(report.counts);
    well = well && report.violations.empty() && report.cuts() > 0;
  }
  std::printf("%s\n",
              absl::StrCat("byte_cuts: ", cuts, " cuts, ", counts.topups, " top-ups, ",
                           counts.may_have_left, " attempts that may have left = ", counts.posts,
                           " POSTs that arrived, ", counts.cut_posts, " in part and ",
                           counts.vanished, " unseen, ", violations, " violations")
                  .c_str());
  return well ? 0 : 1;
}
