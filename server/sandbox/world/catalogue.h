// The plans that the stand-in sells: the documented codes, with their documented numbers where
// the documentation gives some, and plausible ones elsewhere.
#ifndef TOPUP_SERVER_SANDBOX_WORLD_CATALOGUE_H_
#define TOPUP_SERVER_SANDBOX_WORLD_CATALOGUE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace topup::sandbox {

struct CataloguePlan {
  std::string code;
  std::string name;  // emoji, French and Arabic mixed, as the provider shows it
  std::string operator_name;
  // What the account pays, in millionths of the face value. Charged even where it is not shown.
  int64_t cost_ppm = 1'000'000;
  bool shows_cost = true;
  bool is_enabled = true;
  // Asks for a number's personal offers: charges nothing and ends refunded, with offers.
  bool is_menu = false;
  // Dynamic plans have a range, fixed plans an amount. Whole dinars.
  bool is_dynamic = true;
  int64_t min_amount_dzd = 0;
  int64_t max_amount_dzd = 0;
  int64_t amount_dzd = 0;
};

// The documentation contradicts itself about PREPAID_DJEZZY.
enum class CatalogueChoice {
  kReference,  // 0.9925, 100 to 10000
  kGuide,      // 0.98, 50 to 5000
};

std::vector<CataloguePlan> MakeCatalogue(CatalogueChoice choice);

// What `amount_dzd` of `plan` costs the account, in centimes, rounded up.
int64_t ChargeCentimes(const CataloguePlan& plan, int64_t amount_dzd);

// Whether a plan of this operator can top up a number with this prefix.
bool OperatorServesNumber(absl::string_view operator_name, absl::string_view phone);

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_WORLD_CATALOGUE_H_
