// fault_matrix [--top_ups_per_cell=5] [--worlds_at_once=24] [--cells=TEXT] [--list]
//
// Every fault on every request of the money path. Runs the cells whose name contains TEXT (all),
// several worlds at once; prints each violation with its cell, which --cells takes to run it
// again. Exits with 0 where nothing was violated and every fault struck as often as it had to, 1
// otherwise, 2 for arguments that mean nothing. --list only names the cells.
#include <algorithm>
#include <cstdio>

#include "absl/strings/match.h"
#include "tests/integration/run_fault_cells.h"
#include "tests/support/proof_flags.h"

int main(int argc, char** argv) {
  using topup::integration::FaultCell;
  topup::support::ProofFlags flags(argc, argv);
  topup::integration::FaultRun run;
  run.topups_per_cell = flags.Number("top_ups_per_cell", 5, 1, 500);
  run.worlds_at_once = flags.Number("worlds_at_once", 24, 1, 100);
  const std::string wanted = flags.Text("cells", "");
  const bool list = flags.Switch("list");
  if (!flags.problem().empty()) {
    std::fprintf(stderr, "%s: not understood\n", flags.problem().c_str());
    return 2;
  }
  std::vector<FaultCell> cells = topup::integration::AllFaultCells();
  cells.erase(
      std::remove_if(cells.begin(), cells.end(),
                     [&](const FaultCell& cell) { return !absl::StrContains(cell.name, wanted); }),
      cells.end());
  if (list) {
    for (const FaultCell& cell : cells) std::printf("%s\n", cell.name.c_str());
    return 0;
  }
  const topup::integration::FaultReport report = topup::integration::RunFaultCells(cells, run);
  for (const std::string& violation : report.violations) std::printf("%s\n", violation.c_str());
  std::printf("%s\n", topup::integration::Figures(report, run).c_str());
  return report.violations.empty() && report.cells > 0 ? 0 : 1;
}
