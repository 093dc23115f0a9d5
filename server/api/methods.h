// Every method of our services and the role that it takes to call it.
#ifndef TOPUP_SERVER_API_METHODS_H_
#define TOPUP_SERVER_API_METHODS_H_

#include <array>

#include "absl/strings/string_view.h"
#include "server/core/caller.h"

namespace topup::api {

// In the order of kMethods.
enum class Method {
  kListPlans,
  kListOffers,
  kQuoteTopup,
  kSendTopup,
  kCancelTopup,
  kGetTopup,
  kListTopups,
  kWatchTopup,
  kWatchTopups,
  kListStrategies,
  kActivatePricing,
  kRollbackPricing,
  kSimulatePricing,
  kExplainPrice,
  kListUnsettled,
  kResolveTopup,
  kListIncidents,
  kCloseIncident,
  kGetProvider,
  kRefreshPlans,
};

struct MethodRule {
  absl::string_view name;  // service and method, as errors and metrics give it
  bool core::Roles::*role;
};

// A method that is not in this table cannot be called: whoever adds one has to say here who
// may.
inline constexpr std::array<MethodRule, 20> kMethods = {{
    {"topup.v1.TopupService/ListPlans", &core::Roles::read},
    {"topup.v1.TopupService/ListOffers", &core::Roles::read},
    {"topup.v1.TopupService/QuoteTopup", &core::Roles::read},
    {"topup.v1.TopupService/SendTopup", &core::Roles::send},
    {"topup.v1.TopupService/CancelTopup", &core::Roles::send},
    {"topup.v1.TopupService/GetTopup", &core::Roles::read},
    {"topup.v1.TopupService/ListTopups", &core::Roles::read},
    {"topup.v1.TopupService/WatchTopup", &core::Roles::read},
    {"topup.v1.TopupService/WatchTopups", &core::Roles::read},
    {"topup.admin.v1.AdminService/ListStrategies", &core::Roles::admin},
    {"topup.admin.v1.AdminService/ActivatePricing", &core::Roles::admin},
    {"topup.admin.v1.AdminService/RollbackPricing", &core::Roles::admin},
    {"topup.admin.v1.AdminService/SimulatePricing", &core::Roles::admin},
    {"topup.admin.v1.AdminService/ExplainPrice", &core::Roles::admin},
    {"topup.admin.v1.AdminService/ListUnsettled", &core::Roles::admin},
    {"topup.admin.v1.AdminService/ResolveTopup", &core::Roles::admin},
    {"topup.admin.v1.AdminService/ListIncidents", &core::Roles::admin},
    {"topup.admin.v1.AdminService/CloseIncident", &core::Roles::admin},
    {"topup.admin.v1.AdminService/GetProvider", &core::Roles::admin},
    {"topup.admin.v1.AdminService/RefreshPlans", &core::Roles::admin},
}};

inline constexpr const MethodRule& RuleOf(Method method) {
  return kMethods[static_cast<size_t>(method)];
}

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_METHODS_H_
