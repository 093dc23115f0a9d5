// What comes between a quote and its send: other prices, other costs, time, a crash.
#ifndef TOPUP_TESTS_INTEGRATION_QUOTE_INTERRUPTIONS_H_
#define TOPUP_TESTS_INTEGRATION_QUOTE_INTERRUPTIONS_H_

#include <string>

#include "tests/integration/quote_figures.h"
#include "tests/integration/quote_world.h"
#include "tests/sim/dice.h"

namespace topup::integration {

// A pricing configuration of one chain of one to four strategies.
std::string MakePricing(sim::Dice& dice);

// Everything is borrowed.
class Interruptions {
 public:
  Interruptions(QuoteWorld& world, sim::Dice& dice, QuoteFigures& figures)
      : world_(world), dice_(dice), figures_(figures) {}

  // Some time passes, and now and then something happens.
  void Happen();

  // Another configuration in force: by a call, by the file, or back to an earlier one.
  void SwapPricing();

 private:
  void Activate();
  void RollBack();
  void ReloadFile();
  void RefusePricing();
  void ChangePlans();
  void Restart();
  void Breach(const std::string& text) { figures_.AddBreach(world_.seed(), text); }

  QuoteWorld& world_;
  sim::Dice& dice_;
  QuoteFigures& figures_;
};

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_QUOTE_INTERRUPTIONS_H_
