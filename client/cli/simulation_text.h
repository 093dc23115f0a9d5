// How a simulation of prices reads on a terminal. Pure, but for the printing.
#ifndef TOPUP_CLIENT_CLI_SIMULATION_TEXT_H_
#define TOPUP_CLIENT_CLI_SIMULATION_TEXT_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "client/cli/table.h"
#include "topup/admin/v1/admin_service.pb.h"

namespace topup::cli {

struct SimulationAnswer {
  std::vector<admin::v1::PriceMove> movers;    // the biggest first
  std::vector<admin::v1::PriceMove> failures;  // what could not be priced
  admin::v1::PricingTotals totals;
};

// Totals, movers, failures and a histogram; what there is nothing of is left out. Bars are drawn
// in ASCII unless `draws_blocks`.
void PrintSimulation(const SimulationAnswer& answer, const Style& style, bool draws_blocks,
                     std::ostream& out);

// "-5.00 to -2.00", in dinars; "below -100.00" and "100.00 and more" for the outermost buckets,
// which end at the ends of int64; "unchanged" for 0 to 0.01, which holds 0 alone.
std::string BucketText(const admin::v1::PriceMoveBucket& bucket);

// Columns of a bar of which `count_max` fills `width`: in proportion, rounded down, at least one
// for what is not empty. 0 for a count of 0 or less.
int BarLength(int64_t count, int64_t count_max, int width);

// What was added on the way from one amount to the other: "+10.00 DZD", "-0.50 DZD", "0.00 DZD".
std::string DifferenceText(const v1::Money& from, const v1::Money& to);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_SIMULATION_TEXT_H_
