#include "server/sandbox/world/catalogue.h"

#include <utility>

namespace topup::sandbox {
namespace {

CataloguePlan Dynamic(absl::string_view code, absl::string_view name,
                      absl::string_view operator_name, int64_t cost_ppm, int64_t min_dzd,
                      int64_t max_dzd) {
  CataloguePlan plan;
  plan.code = std::string(code);
  plan.name = std::string(name);
  plan.operator_name = std::string(operator_name);
  plan.cost_ppm = cost_ppm;
  plan.min_amount_dzd = min_dzd;
  plan.max_amount_dzd = max_dzd;
  return plan;
}

CataloguePlan Fixed(absl::string_view code, absl::string_view name, absl::string_view operator_name,
                    int64_t cost_ppm, int64_t amount_dzd) {
  CataloguePlan plan = Dynamic(code, name, operator_name, cost_ppm, 0, 0);
  plan.is_dynamic = false;
  plan.amount_dzd = amount_dzd;
  return plan;
}

CataloguePlan Menu(absl::string_view code, absl::string_view operator_name) {
  CataloguePlan plan = Dynamic(code, "📜 MENU | عروض الرقم", operator_name, 980'000, 50, 5000);
  plan.is_menu = true;
  return plan;
}

}  // namespace

std::vector<CataloguePlan> MakeCatalogue(CatalogueChoice choice) {
  const bool guide = choice == CatalogueChoice::kGuide;
  std::vector<CataloguePlan> plans;
  plans.push_back(Dynamic("PREPAID_MOBILIS", "📱 PREPAID | عادي", "Mobilis", 960'000, 40, 3999));
  plans.push_back(Dynamic("PREPAID_DJEZZY", "📱 PREPAID | عادي", "Djezzy", guide ? 980'000 : 992'500,
                          guide ? 50 : 100, guide ? 5000 : 10000));
  plans.push_back(Dynamic("PREPAID_OOREDOO", "📱 PREPAID | عادي", "Ooredoo", 980'000, 50, 5000));
  plans.push_back(Dynamic("FACTURE_DJEZZY", "📋 FACTURE | فاتورة", "Djezzy", 990'000, 100, 20000));
  CataloguePlan wholesale =
      Dynamic("GROS_MOBILIS", "📱 GROS MOBILIS | جملة", "GMobilis", 985'000, 5000, 300000);
  wholesale.shows_cost = false;
  plans.push_back(std::move(wholesale));
  plans.push_back(Menu("GETMENU_Mobilis", "Mobilis"));
  plans.push_back(Menu("GETMENU_Djezzy", "Djezzy"));
  plans.push_back(Menu("GETMENU_Ooredoo", "Ooredoo"));
  plans.push_back(Fixed("PIXX_500", "🎮 PIXX 500 | بيكس", "Pixx", 970'000, 500));
  plans.push_back(Fixed("MIX500_MOBILIS", "📱🌐 AUTO | MIX 500", "Mobilis", 970'000, 500));
  plans.push_back(Fixed("MIX1000_OOREDOO", "📱🌐 AUTO | MIX 1000", "Ooredoo", 975'000, 1000));
  CataloguePlan disabled =
      Fixed("SPECIAL2000_DJEZZY", "⭐ SPECIAL 2000 | عرض خاص", "Djezzy", 985'000, 2000);
  disabled.is_enabled = false;
  plans.push_back(std::move(disabled));
  return plans;
}

int64_t ChargeCentimes(const CataloguePlan& plan, int64_t amount_dzd) {
  if (plan.is_menu) return 0;
  // dinars x 100 centimes x ppm / 10^6: the hundreds cancel out. Amounts are at most 10^9.
  return (amount_dzd * plan.cost_ppm + 9'999) / 10'000;
}

bool OperatorServesNumber(absl::string_view operator_name, absl::string_view phone) {
  if (phone.size() < 2) return false;
  switch (phone[1]) {
    case '5':
      return operator_name == "Ooredoo";
    case '6':
      return operator_name == "Mobilis" || operator_name == "GMobilis" || operator_name == "Pixx";
    case '7':
      return operator_name == "Djezzy";
    default:
      return false;
  }
}

}  // namespace topup::sandbox
