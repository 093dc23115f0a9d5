// Reports as people and programs read them. Pure.
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_PRINT_REPORT_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_PRINT_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pricing_plugins/checker/verdict.h"

namespace topup::checker {

// One block for each library, and a last line of figures. Whatever a library made up (its texts,
// what it printed) has no control characters.
std::string ReportAsText(const std::vector<LibraryReport>& reports, uint64_t seed);

// One object: seed, good, libraries with their verdicts. Ends in a line break.
std::string ReportAsJson(const std::vector<LibraryReport>& reports, uint64_t seed);

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_PRINT_REPORT_H_
