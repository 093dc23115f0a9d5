#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/sim/campaign.h"
#include "tests/sim/planted_bugs.h"

namespace topup::sim {

Hunt HuntBug(const PlantedBug& bug, int seeds_max) {
  Hunt hunt;
  while (hunt.seeds < seeds_max && !hunt.found) {
    ++hunt.seeds;
    SimOptions options = OptionsOfSeed(static_cast<uint64_t>(hunt.seeds), bug.liveness);
    if (options.fault_time > absl::Hours(1)) continue;
    for (const auto& [fault, rate] : bug.faults) options.faults[fault] = rate;
    for (const Violation& violation : RunOnce(options, bug.decorations).violations) {
      if (violation.checker == bug.checker) {
        hunt.found = true;
      } else {
        hunt.others.insert(violation.checker);
      }
    }
  }
  return hunt;
}

std::string HuntTableHead() {
  return "| planted bug | one of the fourteen | seeds | checker | also noticed by |\n"
         "| --- | --- | --- | --- | --- |\n";
}

std::string HuntTableRow(const PlantedBug& bug, const Hunt& hunt) {
  return absl::StrCat(
      "| ", bug.name, " | ", bug.known_as, " | ",
      hunt.found ? absl::StrCat(hunt.seeds) : absl::StrCat("NOT FOUND in ", hunt.seeds), " | ",
      bug.checker, " | ", absl::StrJoin(hunt.others, ", "), " |\n");
}

}  // namespace topup::sim
