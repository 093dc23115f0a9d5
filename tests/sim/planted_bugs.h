// Bugs that payment systems are known to have had, put into the engine's surroundings on
// purpose: the proof that the checkers would notice them.
//
// Nothing of the product changes. A decoration stands between the engine and its store or
// provider, and does what the bug would have made the engine do.
#ifndef TOPUP_TESTS_SIM_PLANTED_BUGS_H_
#define TOPUP_TESTS_SIM_PLANTED_BUGS_H_

#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace topup::sim {

struct PlantedBug {
  std::string name;
  // A checker that has to object.
  std::string checker;
  Decorations decorations;
  // Faults that the bug needs to show; the seed's own come on top.
  std::map<Fault, int> faults;
  bool liveness = false;
};

const std::vector<PlantedBug>& PlantedBugs();

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_PLANTED_BUGS_H_
