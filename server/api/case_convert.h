// What operators are shown of cases, as messages; as proto_convert.h.
#ifndef TOPUP_SERVER_API_CASE_CONVERT_H_
#define TOPUP_SERVER_API_CASE_CONVERT_H_

#include <string>

#include "server/core/evidence.h"
#include "server/engine/cases.h"
#include "topup/admin/v1/admin_service.pb.h"

namespace topup::api {

// All but the top-up itself.
void FillCase(const engine::UnsettledTopup& unsettled, admin::v1::UnsettledTopup& message);
void FillResolution(const core::Resolution& resolution, admin::v1::Resolution& message);
// Without `see_cost`, what a charge was, and what it should have been, is left out.
void FillIncident(const core::Incident& incident, bool see_cost, admin::v1::Incident& message);

// A change of the plans ("P costs 985000 ppm instead of 980000"); without `see_cost` only that P
// changed, unless the change is one that says nothing of costs.
std::string DescribeChange(const std::string& change, bool see_cost);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_CASE_CONVERT_H_
