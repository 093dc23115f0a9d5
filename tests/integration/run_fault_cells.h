// Runs cells of the fault matrix, each in a world of its own: what one fault does to the account
// (a pause, an empty balance, a slower pace) does not disturb another cell.
#ifndef TOPUP_TESTS_INTEGRATION_RUN_FAULT_CELLS_H_
#define TOPUP_TESTS_INTEGRATION_RUN_FAULT_CELLS_H_

#include <string>
#include <vector>

#include "tests/integration/fault_cells.h"
#include "tests/integration/fault_world.h"

namespace topup::integration {

struct FaultRun {
  int topups_per_cell = 5;
  int worlds_at_once = 8;
};

struct FaultReport {
  int cells = 0;
  WorldCounts counts;
  // One line each: the cell, the top-up and what is wrong. A fault that did not strike as often
  // as it had to is one, where the cell was run three times in vain.
  std::vector<std::string> violations;
};

// Returns when all are done. Each world has a dozen threads and waits most of its time.
FaultReport RunFaultCells(const std::vector<FaultCell>& cells, const FaultRun& run);

// The last line of a program that ran them.
std::string Figures(const FaultReport& report, const FaultRun& run);

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_RUN_FAULT_CELLS_H_
