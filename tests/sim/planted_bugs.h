// Bugs that payment systems are known to have had, put into the engine's surroundings on
// purpose: the proof that the checkers would notice them.
//
// Nothing of the product changes. A decoration stands between the engine and its store or
// provider, and does what the bug would have made the engine do.
#ifndef TOPUP_TESTS_SIM_PLANTED_BUGS_H_
#define TOPUP_TESTS_SIM_PLANTED_BUGS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace topup::sim {

struct PlantedBug {
  std::string name;
  // Its name among the fourteen that every payment system has had; empty for one of ours.
  std::string known_as;
  // A checker that has to object.
  std::string checker;
  Decorations decorations;
  // Faults that the bug needs to show; the seed's own come on top.
  std::map<Fault, int> faults;
  bool liveness = false;
};

const std::vector<PlantedBug>& PlantedBugs();

// How one was hunted with seeds from 1 on.
struct Hunt {
  int seeds = 0;  // tried, up to the one that found it
  bool found = false;
  std::set<std::string> others;  // checkers that objected too
};
// Ends at the first seed that its checker objects to, or after `seeds_max`. Seeds of many hours
// are left out.
Hunt HuntBug(const PlantedBug& bug, int seeds_max);

// "| 3 | a bug | ... |", under this head.
std::string HuntTableHead();
std::string HuntTableRow(const PlantedBug& bug, const Hunt& hunt);

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_PLANTED_BUGS_H_
