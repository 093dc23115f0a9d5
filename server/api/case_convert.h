// What operators are shown of cases, as messages; as proto_convert.h.
#ifndef TOPUP_SERVER_API_CASE_CONVERT_H_
#define TOPUP_SERVER_API_CASE_CONVERT_H_

#include "server/core/evidence.h"
#include "server/engine/cases.h"
#include "topup/admin/v1/admin_service.pb.h"

namespace topup::api {

// All but the top-up itself.
void FillCase(const engine::UnsettledTopup& unsettled, admin::v1::UnsettledTopup& message);
void FillResolution(const core::Resolution& resolution, admin::v1::Resolution& message);
void FillIncident(const core::Incident& incident, admin::v1::Incident& message);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_CASE_CONVERT_H_
